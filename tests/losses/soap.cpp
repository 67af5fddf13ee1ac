#include <softf1/losses/soap.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <softf1/losses/objective.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace soap_tests {

using namespace softf1_test;
using softf1::soap;
using ids = std::vector<std::uint64_t>;
using numbers = std::vector<double>;

double sigma(double z) { return 1 / (1 + std::exp(-z)); }

struct graded {
  double value;
  numbers gradient;
};

// The publication in plain loops: u1 and u2 of each row and label, and one batch after the other.
class reference {
 public:
  reference(soap const& loss, std::size_t labels)
      : loss_(loss), labels_(labels), memory_(size(loss.rows) * labels * 2) {}

  graded take(problem const& p, ids const& rows, bool advances) {
    graded all{0, numbers(p.scores.size())};
    numbers const old = memory_;
    double terms = 0;
    for (std::size_t l = 0; l < p.cols; ++l) {
      double positives = 0;
      for (std::size_t i = 0; i < p.rows; ++i) positives += p.present(i, l) ? p.weight(i) * p.targets[p.at(i, l)] : 0;
      if (positives > 0) terms += 1;
    }
    for (std::size_t l = 0; l < p.cols; ++l) add_label(p, rows, l, terms, old, all);
    if (!advances) memory_ = old;
    return all;
  }

  numbers const& memory() const { return memory_; }

 private:
  static std::size_t size(double rows) { return static_cast<std::size_t>(rows); }

  void add_label(problem const& p, ids const& rows, std::size_t l, double terms, numbers const& old, graded& all) {
    auto const w = [&](std::size_t i) { return p.present(i, l) ? p.weight(i) : 0.0; };
    auto const y = [&](std::size_t i) { return p.targets[p.at(i, l)]; };
    auto const s = [&](std::size_t i) { return sigma(p.scores[p.at(i, l)]); };
    double weight = 0, positives = 0;
    for (std::size_t i = 0; i < p.rows; ++i) weight += w(i), positives += w(i) * y(i);
    for (std::size_t i = 0; i < p.rows; ++i) {
      if (w(i) * y(i) == 0) continue;
      double u1 = 0, u2 = 0;
      for (std::size_t j = 0; j < p.rows; ++j) {
        double const h = std::fmax(0, loss_.margin - (s(i) - s(j)));
        u1 += w(j) * y(j) * h * h / weight;
        u2 += w(j) * h * h / weight;
      }
      if (!rows.empty() && loss_.rows > 0) {
        std::size_t const at = 2 * (rows[i] * labels_ + l);
        if (old[at + 1] > 0) {
          u1 = (1 - loss_.gamma) * old[at] + loss_.gamma * u1;
          u2 = (1 - loss_.gamma) * old[at + 1] + loss_.gamma * u2;
        }
        memory_[at] = u1;
        memory_[at + 1] = u2;
      }
      double const share = w(i) / positives / terms;
      all.value += share * (1 - u1 / u2);
      for (std::size_t j = 0; j < p.rows; ++j) {
        double const h = std::fmax(0, loss_.margin - (s(i) - s(j)));
        double const slope = share * w(j) / weight * (u1 - u2 * y(j)) / (u2 * u2) * 2 * h;
        all.gradient[p.at(i, l)] -= slope * s(i) * (1 - s(i));
        all.gradient[p.at(j, l)] += slope * s(j) * (1 - s(j));
      }
    }
  }

  soap loss_;
  std::size_t labels_;
  numbers memory_;
};

template <class B>
class steps {
 public:
  steps(soap const& loss, std::size_t labels) : all_(ctx_, loss, labels) {}

  graded take(problem const& p, ids const& rows, bool advances = true) {
    problem_on<B> const data(ctx_, p);
    matrix_on<double, B> gradient(ctx_, p.rows, p.cols);
    softf1::buffer<double, B> value(ctx_, 1);
    auto const there = upload(ctx_, rows);
    all_.value_and_gradient(ctx_, data.scores(), data.targets(), value.view(), gradient.view(), options(data, there));
    if (advances) all_.advance(ctx_);
    return {download(ctx_, value)[0], gradient.numbers(ctx_)};
  }

  // The same rows as micro-batches of one union.
  graded take_in_parts(std::vector<problem> const& parts, std::vector<ids> const& rows) {
    all_.reset(ctx_);
    for (std::size_t k = 0; k < parts.size(); ++k) {
      problem_on<B> const data(ctx_, parts[k]);
      auto const there = upload(ctx_, rows[k]);
      all_.add(ctx_, data.scores(), data.targets(), options(data, there));
    }
    graded got{all_.value(ctx_), {}};
    for (std::size_t k = 0; k < parts.size(); ++k) {
      problem_on<B> const data(ctx_, parts[k]);
      auto const there = upload(ctx_, rows[k]);
      matrix_on<double, B> gradient(ctx_, parts[k].rows, parts[k].cols);
      all_.gradient(ctx_, data.scores(), data.targets(), gradient.view(), options(data, there));
      for (double g : gradient.numbers(ctx_)) got.gradient.push_back(g);
    }
    all_.advance(ctx_);
    return got;
  }

  double exact(problem const& p, ids const& rows) {
    problem_on<B> const data(ctx_, p);
    softf1::buffer<double, B> value(ctx_, 1);
    auto const there = upload(ctx_, rows);
    all_.reset(ctx_);
    all_.add(ctx_, data.scores(), data.targets(), options(data, there));
    all_.exact_value(ctx_, value.view());
    return download(ctx_, value)[0];
  }

  numbers memory() {
    numbers all;
    all_.each_memory([&](std::string_view name, softf1::vector_view<double, B> view) {
      CHECK(name == "pair_averages");
      all.resize(view.size());
      copy(ctx_, softf1::vector_view<double const, B>(view), softf1::vector_view<double>(all.data(), all.size()));
    });
    return all;
  }
  void set_memory(numbers const& all) {
    all_.each_memory([&](std::string_view, softf1::vector_view<double, B> view) {
      copy(ctx_, softf1::vector_view<double const>(all.data(), all.size()), view);
    });
  }

 private:
  static softf1::loss_options<B> options(problem_on<B> const& data, softf1::buffer<std::uint64_t, B> const& rows) {
    softf1::loss_options<B> o{.mask = data.mask(), .row_weights = data.weights()};
    if (!rows.empty()) o.row_ids = rows.view();
    return o;
  }

  softf1::context<B> ctx_;
  softf1::loss_union<soap, B> all_;
};

void check_same(numbers const& a, numbers const& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    INFO("number " << k);
    CHECK(std::fabs(a[k] - b[k]) <= 1e-13 * std::fmax(1, std::fabs(b[k])));
  }
}
void check_same(graded const& a, graded const& b) {
  CHECK(a.value == Approx(b.value).epsilon(1e-13));
  check_same(a.gradient, b.gradient);
}

// Batches of 12 training rows: the second has rows of the first with other logits, and the third both.
struct batch {
  problem data;
  ids rows;
};
std::vector<batch> batches(bool weighted) {
  problem_options const o{.masked = weighted, .weighted = weighted};
  return {{random_problem(6, 3, 1, o), {0, 1, 2, 3, 4, 5}},
          {random_problem(7, 3, 2, o), {3, 11, 5, 7, 0, 8, 2}},
          {random_problem(5, 3, 3, o), {11, 3, 9, 1, 8}}};
}

ids pick_ids(ids const& rows, std::vector<std::size_t> const& order) {
  ids picked;
  for (std::size_t i : order) picked.push_back(rows[i]);
  return picked;
}

}  // namespace soap_tests

TEMPLATE_TEST_CASE("soap is the published formula, and its moving averages those of plain loops", "[losses][soap]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace soap_tests;
  for (double margin : {1.0, 0.4, 1.7})
    for (double gamma : {0.9, 0.3, 1.0})
      for (bool weighted : {false, true}) {
        soap const loss{.margin = margin, .gamma = gamma, .rows = 12};
        steps<TestType> got(loss, 3);
        reference expected(loss, 3);
        CHECK(got.memory() == numbers(12 * 3 * 2));
        for (auto const& [data, rows] : batches(weighted)) {
          INFO("margin " << margin << ", gamma " << gamma << ", weighted " << weighted);
          // An evaluation before leaves the averages as they were.
          check_same(got.take(data, rows, false), expected.take(data, rows, false));
          reference alone(soap{.margin = margin}, 3);
          CHECK(got.exact(data, rows) == Approx(alone.take(data, {}, false).value).epsilon(1e-13));
          check_same(got.take(data, rows), expected.take(data, rows, true));
          check_same(got.memory(), expected.memory());
        }
      }
}

TEMPLATE_TEST_CASE("soap by sums over labels, from margin 1 on, is that of walks over pairs", "[losses][soap]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace soap_tests;
  double const below = std::nextafter(1.0, 0.0);
  auto const near = [](double a, double b) { return std::fabs(a - b) <= 1e-12 * std::fmax(1, std::fabs(b)); };
  for (double spread : {0.1, 4.0, 60.0})
    for (bool weighted : {false, true}) {
      INFO("spread " << spread << ", weighted " << weighted);
      problem const p =
          random_problem(300, 3, 21, {.masked = weighted, .weighted = weighted, .prevalence = 0.1, .spread = spread});
      auto const all = indices(300), some = indices(170);
      batch const first{take_rows(p, some), {some.begin(), some.end()}}, second{p, {all.begin(), all.end()}};
      soap const loss{.gamma = 0.7, .rows = 300}, walks{.margin = below, .gamma = 0.7, .rows = 300};
      steps<TestType> by_sums(loss, 3), by_walks(walks, 3);
      reference expected(loss, 3);
      for (auto const& [data, names] : {first, second}) {
        auto const a = by_sums.take(data, names), b = by_walks.take(data, names), c = expected.take(data, names, true);
        CHECK(near(a.value, b.value));
        CHECK(near(a.value, c.value));
        CHECK(near(by_sums.exact(data, names), by_walks.exact(data, names)));
        for (std::size_t k = 0; k < a.gradient.size(); ++k)
          if (!near(a.gradient[k], b.gradient[k]) || !near(a.gradient[k], c.gradient[k]))
            FAIL_CHECK("gradient " << k << ": " << a.gradient[k] << ", " << b.gradient[k] << ", " << c.gradient[k]);
      }
      auto const a = by_sums.memory(), b = by_walks.memory(), c = expected.memory();
      for (std::size_t k = 0; k < a.size(); ++k)
        if (!near(a[k], b[k]) || !near(a[k], c[k])) FAIL_CHECK("memory " << k << ": " << a[k] << ", " << b[k]);
    }
}

TEMPLATE_TEST_CASE("without ids, or rows to remember, soap is that of the batch", "[losses][soap]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace soap_tests;
  auto const all = batches(true);
  steps<TestType> without_ids({.rows = 12}, 3), without_rows({}, 3);
  reference expected(soap{}, 3);
  CHECK(without_rows.memory().empty());
  for (auto const& [data, rows] : all) {
    check_same(without_ids.take(data, {}), expected.take(data, {}, false));
    check_same(without_rows.take(data, rows), expected.take(data, {}, false));
  }
  CHECK(without_ids.memory() == numbers(12 * 3 * 2));
}

TEMPLATE_TEST_CASE("the averages of soap go on from where they were saved", "[losses][soap]", SOFTF1_TEST_BACKENDS) {
  using namespace soap_tests;
  auto const all = batches(false);
  steps<TestType> first({.gamma = 0.5, .rows = 12}, 3), second({.gamma = 0.5, .rows = 12}, 3);
  for (std::size_t k : {0u, 1u}) first.take(all[k].data, all[k].rows);
  second.set_memory(first.memory());
  auto const a = first.take(all[2].data, all[2].rows), b = second.take(all[2].data, all[2].rows);
  CHECK(a.value == b.value);
  CHECK(a.gradient == b.gradient);
  CHECK(first.memory() == second.memory());
}

TEMPLATE_TEST_CASE("the order of a step's rows, and the batches they come in, do not matter to soap", "[losses][soap]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace soap_tests;
  soap const loss{.gamma = 0.5, .rows = 12};
  auto const all = batches(true);
  steps<TestType> whole(loss, 3), moved(loss, 3), in_parts(loss, 3);
  for (auto* one : {&whole, &moved, &in_parts}) one->take(all[0].data, all[0].rows);
  auto const& [data, rows] = all[1];
  auto const order = random_order(data.rows, 5);
  auto const expected = whole.take(data, rows);
  graded const reordered{expected.value, pick(data, expected.gradient, order, indices(3))};
  check_same(moved.take(take_rows(data, order), pick_ids(rows, order)), reordered);
  std::vector<std::size_t> const head(order.begin(), order.begin() + 3), tail(order.begin() + 3, order.end());
  check_same(in_parts.take_in_parts({take_rows(data, head), take_rows(data, tail)},
                                    {pick_ids(rows, head), pick_ids(rows, tail)}),
             reordered);
  check_same(moved.memory(), whole.memory());
  check_same(in_parts.memory(), whole.memory());
}

TEMPLATE_TEST_CASE("soap has a term for each label with positives, and remembers nothing of others", "[losses][soap]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace soap_tests;
  soap const loss{.rows = 4};
  // Label 0 has no positives, label 1 no negatives, label 2 both.
  problem const p{3, 3, {1, -1, 2, 0.5, 0, -2, -0.25, 3, 1}, {0, 1, 1, 0, 1, 0, 0, 1, 0}, {}, {}, {0, 1, 2}};
  steps<TestType> got(loss, 3);
  auto const all = got.take(p, {0, 1, 3});
  auto const last = steps<TestType>({}, 1).take(take_cols(p, {2}), {});
  CHECK(all.value == Approx(last.value / 2).epsilon(1e-14));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(all.gradient[p.at(i, 0)] == 0);
    CHECK(std::fabs(all.gradient[p.at(i, 1)]) <= 1e-16);
    CHECK(all.gradient[p.at(i, 2)] == Approx(last.gradient[i] / 2).epsilon(1e-13));
  }
  auto const memory = got.memory();
  for (std::size_t k = 0; k < memory.size(); ++k) {
    std::size_t const row = k / 6, label = k / 2 % 3;
    bool const remembered = (label == 1 && row != 2) || (label == 2 && row == 0);
    CHECK((memory[k] > 0) == remembered);
  }
  auto const none = steps<TestType>(loss, 1).take({2, 1, {1, 2}, {0, 0}, {}, {}, {0}}, {0, 1});
  CHECK(none.value == 0);
  CHECK(none.gradient == numbers(2));
  // Alone it is above all there is.
  auto const one = steps<TestType>(loss, 1).take({1, 1, {-3}, {1}, {}, {}, {0}}, {2});
  CHECK(one.value == 0);
  CHECK(one.gradient == numbers(1));
}

TEMPLATE_TEST_CASE("a row twice in a step is remembered as its last cell has it", "[losses][soap]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace soap_tests;
  problem p = random_problem(4, 2, 9);
  p.targets = {1, 1, 0, 0, 1, 1, 0, 1};
  p.mask = {1, 1, 1, 1, 1, 0, 1, 1};
  steps<TestType> got({.rows = 5}, 2), apart({.rows = 5}, 2);
  got.take(p, {3, 1, 3, 0});
  apart.take(p, {4, 1, 3, 0});
  auto expected = apart.memory();
  // Of label 1 the third row has no cell, so that the first is the last.
  for (std::size_t k : {0u, 1u}) {
    expected[(3 * 2 + 1) * 2 + k] = expected[(4 * 2 + 1) * 2 + k];
    expected[(4 * 2 + 0) * 2 + k] = expected[(4 * 2 + 1) * 2 + k] = 0;
  }
  CHECK(got.memory() == expected);
}

TEMPLATE_TEST_CASE("rows of a step that nobody named are not remembered", "[losses][soap]", SOFTF1_TEST_BACKENDS) {
  using namespace soap_tests;
  soap const loss{.gamma = 0.5, .rows = 3};
  problem const p{3, 1, {1, -0.5, 0.25}, {1, 0, 1}, {}, {}, {0, 1, 2}};
  steps<TestType> got(loss, 1), known(loss, 1);
  known.take(p, {0, 1, 2});
  got.take(p, {softf1::losses::cell_place::unknown, 1, 2});
  auto expected = known.memory();
  CHECK(expected[0] > 0);
  expected[0] = expected[1] = 0;
  CHECK(got.memory() == expected);
}

TEST_CASE("unions of pairs of rows take in themselves, and refuse what ranks of other labels have", "[losses][soap]") {
  using namespace soap_tests;
  softf1::context<softf1::cpu> ctx;
  softf1::loss_union<soap, softf1::cpu> one(ctx, {}, 2), wide(ctx, {}, 3);
  auto const p = random_problem(5, 2, 6);
  auto const add = [&](auto& to) {
    to.add(ctx, softf1::as_matrix(p.scores, 5, 2), softf1::as_matrix(p.targets, 5, 2));
  };
  add(one);
  double const value = one.value(ctx);
  one.merge(ctx, one);
  CHECK(one.value(ctx) == Approx(value).epsilon(1e-14));  // every row twice
  numbers sent;
  one.exchange(ctx, [&](numbers const& mine) {
    sent = mine;
    return mine;
  });
  CHECK(sent.size() == 2 + 10 * (1 + 2 * 4));
  std::string const why = ": all_gather must give the numbers of all ranks as they are, one after the other, of ";
  auto const refusal = [&](auto& of, numbers const& all) {
    return error_text<softf1::value_error>([&] { of.exchange(ctx, [&](numbers const&) { return all; }); });
  };
  CHECK(error_text<softf1::shape_error>([&] { one.merge(ctx, wide); }) ==
        "soap: merged union must have shape (2,), got (3,)");
  CHECK(refusal(wide, sent) == "soap" + why + "3 labels each");
  CHECK(refusal(wide, {0, 2}) == "soap" + why + "3 labels each");
  CHECK(refusal(one, {0}) == "soap" + why + "2 labels each");
  sent.pop_back();
  CHECK(refusal(one, sent) == "soap" + why + "2 labels each");
}

TEST_CASE("ids of rows that soap has no memory of are refused, as are options out of their range", "[losses][soap]") {
  using namespace soap_tests;
  auto const p = random_problem(3, 2, 4);
  auto const text = [&](soap const& loss, ids const& rows) {
    return error_text<softf1::error>([&] { steps<softf1::cpu>(loss, 2).take(p, rows); });
  };
  CHECK(text({.rows = 3}, {0, 3, 1}) == "soap: row_ids must be less than rows, which is 3, got 3 at row 1");
  CHECK(text({.rows = 3}, {0, 1}) == "soap: row_ids must have shape (3,), got (2,)");
  CHECK(text({.margin = 0}, {}) == "soap: margin must be finite and > 0, got 0");
  CHECK(text({.gamma = 0}, {}) == "soap: gamma must be in (0, 1], got 0");
  CHECK(text({.gamma = 1.5}, {}) == "soap: gamma must be in (0, 1], got 1.5");
  CHECK(text({.rows = 2.5}, {}) == "soap: rows must be a whole number >= 0, got 2.5");
}

TEST_CASE("an objective hands the ids of rows to the losses that remember them", "[losses][soap][objective]") {
  using namespace soap_tests;
  softf1::context<softf1::cpu> ctx;
  using two = softf1::type_list<softf1::binary_cross_entropy, soap>;
  auto const loss =
      softf1::losses::make_objective<double, two>(ctx, "bce:weight=0+soap:gamma=0.5,margin=0.6", 3, {.rows = 12});
  REQUIRE(loss->memory().size() == 1);
  reference expected({.margin = 0.6, .gamma = 0.5, .rows = 12}, 3);
  double value = 0;
  for (auto const& [data, rows] : batches(false)) {
    numbers gradient(data.scores.size());
    softf1::vector_view<double> const to(&value, 1);
    loss->value_and_gradient(
        ctx, softf1::as_matrix(data.scores, data.rows, 3), softf1::as_matrix(data.targets, data.rows, 3), to,
        softf1::matrix_view<double>(gradient.data(), data.rows, 3), {}, {rows.data(), rows.size()});
    loss->advance(ctx);
    check_same({value, gradient}, expected.take(data, rows, true));
    loss->value(ctx, softf1::as_matrix(data.scores, data.rows, 3), softf1::as_matrix(data.targets, data.rows, 3), to);
    CHECK(value == Approx(reference({.margin = 0.6}, 3).take(data, {}, false).value).epsilon(1e-13));
  }
  auto const memory = loss->memory()[0];
  check_same(numbers(memory.data(), memory.data() + memory.size()), expected.memory());
}
