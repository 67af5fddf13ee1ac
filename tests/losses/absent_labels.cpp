#include <softf1/losses/absent_labels.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <softf1/losses/soft_f1.hpp>
#include <softf1/losses/value_and_gradient.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace absent_labels_tests {

using namespace softf1_test;
using softf1::absent_labels;
using softf1::as_matrix;

double sigma(double z) { return 1 / (1 + std::exp(-z)); }

struct graded {
  double value;
  std::vector<double> gradient;
};

graded of(softf1::losses::soft_options const& o, std::vector<double> const& z, std::vector<double> const& y) {
  auto const got = softf1::value_and_gradient(softf1::soft_f1(o), as_matrix(z, z.size(), 1), as_matrix(y, y.size(), 1));
  return {got.value, got.gradient};
}

// A union that takes steps, as a trainer does.
template <class B>
class steps {
 public:
  explicit steps(softf1::losses::soft_options const& o) : all_(ctx_, softf1::soft_f1(o), 1) {}

  graded take(std::vector<double> const& z, std::vector<double> const& y) {
    problem const p{z.size(), 1, z, y, {}, {}, {0}};
    problem_on<B> const data(ctx_, p);
    matrix_on<double, B> gradient(ctx_, p.rows, 1);
    softf1::buffer<double, B> value(ctx_, 1);
    all_.value_and_gradient(ctx_, data.scores(), data.targets(), value.view(), gradient.view());
    all_.advance(ctx_);
    return {download(ctx_, value)[0], gradient.numbers(ctx_)};
  }
  double exact(std::vector<double> const& z, std::vector<double> const& y) {
    problem const p{z.size(), 1, z, y, {}, {}, {0}};
    problem_on<B> const data(ctx_, p);
    softf1::buffer<double, B> value(ctx_, 1);
    all_.reset(ctx_);
    all_.add(ctx_, data.scores(), data.targets());
    all_.exact_value(ctx_, value.view());
    return download(ctx_, value)[0];
  }
  std::vector<double> memory() {
    std::vector<double> numbers;
    all_.each_memory([&](std::string_view name, softf1::vector_view<double, B> view) {
      CHECK(name == "running_counts");
      numbers.resize(view.size());
      copy(ctx_, softf1::vector_view<double const, B>(view),
           softf1::vector_view<double>(numbers.data(), numbers.size()));
    });
    return numbers;
  }

 private:
  softf1::context<B> ctx_;
  softf1::loss_union<softf1::soft_f1, B> all_;
};

// 1 − F1 of averaged counts, and its gradient by the logits of the batch at hand.
graded expected(std::vector<double> const& z, std::vector<double> const& y, double tp, double predicted,
                double support) {
  double const f1 = 2 * tp / (predicted + support);
  graded g{1 - f1, {}};
  for (std::size_t k = 0; k < z.size(); ++k) {
    double const p = sigma(z[k]);
    g.gradient.push_back(-(2 * y[k] - f1) / (predicted + support) * p * (1 - p));
  }
  return g;
}

void check_same(graded const& a, graded const& b) {
  CHECK(a.value == Approx(b.value).epsilon(1e-13));
  REQUIRE(a.gradient.size() == b.gradient.size());
  for (std::size_t k = 0; k < a.gradient.size(); ++k) CHECK(a.gradient[k] == Approx(b.gradient[k]).epsilon(1e-12));
}

}  // namespace absent_labels_tests

TEST_CASE("each policy for absent labels has the gradient that it states", "[losses][absent]") {
  using namespace absent_labels_tests;
  std::vector<double> const z{1, -2, 0.5}, none(3);
  double sum = 0, negatives = 0;
  for (double x : z) sum += sigma(x), negatives += 1 - sigma(x);
  for (auto absent : {absent_labels::zero, absent_labels::running}) {
    auto const got = of({.absent = absent}, z, none);
    CHECK(got.value == 1);
    CHECK(got.gradient == none);
  }
  CHECK(of({.absent = absent_labels::skip}, z, none).value == 0);
  double const s = 0.5;
  auto const smooth = of({.absent = absent_labels::smooth, .smoothing = s}, z, none);
  CHECK(smooth.value == Approx(1 - s / (sum + s)).epsilon(1e-14));
  auto const both = of({.absent = absent_labels::both_classes}, z, none);
  double const f1_of_negatives = 2 * negatives / (2 * negatives + sum);
  CHECK(both.value == Approx(1 - 0.5 * f1_of_negatives).epsilon(1e-14));
  for (std::size_t k = 0; k < 3; ++k) {
    double const slope = sigma(z[k]) * (1 - sigma(z[k]));
    CHECK(smooth.gradient[k] == Approx(s / ((sum + s) * (sum + s)) * slope).epsilon(1e-13));
    CHECK(both.gradient[k] > 0);
  }
  // Labels that are there do not feel the policy, but for the smoothing.
  std::vector<double> const some{1, 0, 0};
  auto const plain = of({}, z, some);
  for (auto absent : {absent_labels::skip, absent_labels::both_classes, absent_labels::running})
    CHECK(of({.absent = absent}, z, some).value == plain.value);
  CHECK(of({.absent = absent_labels::smooth}, z, some).value < plain.value);
}

TEMPLATE_TEST_CASE("running averages of counts give the slopes of what was seen before", "[losses][absent]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace absent_labels_tests;
  std::vector<double> const z{1, -2, 0.5, 0}, w{-1, 2, 0.25, 3}, y{1, 0, 0, 1}, none(4), one{0, 1, 0, 0};
  double const d = 0.75;
  for (bool streaming : {false, true}) {
    steps<TestType> loss({.absent = absent_labels::running, .decay = d, .streaming = streaming});
    CHECK(loss.memory() == std::vector<double>(5));
    double tp = 0, predicted = 0, support = 0, weight = 0;
    auto const average = [&](std::vector<double> const& logits, std::vector<double> const& targets) {
      double now_tp = 0, now_predicted = 0, now_support = 0;
      for (std::size_t k = 0; k < 4; ++k) {
        now_tp += sigma(logits[k]) * targets[k];
        now_predicted += sigma(logits[k]);
        now_support += targets[k];
      }
      tp = d * tp + (1 - d) * now_tp;
      predicted = d * predicted + (1 - d) * now_predicted;
      support = d * support + (1 - d) * now_support;
      weight = d * weight + (1 - d);
      return expected(logits, targets, tp / weight, predicted / weight, support / weight);
    };
    for (auto const& [logits, targets] : {std::pair{z, y}, {w, none}, {z, one}, {w, y}, {z, none}}) {
      auto const averaged = average(logits, targets);
      double alone_tp = 0, sum = 0, positives = 0;
      for (std::size_t k = 0; k < 4; ++k)
        alone_tp += sigma(logits[k]) * targets[k], sum += sigma(logits[k]), positives += targets[k];
      auto const alone = expected(logits, targets, alone_tp, sum, positives);
      INFO("streaming " << streaming);
      check_same(loss.take(logits, targets), streaming || positives == 0 ? averaged : alone);
      // Evaluation sees the rows at hand, and moves nothing.
      auto const before = loss.memory();
      CHECK(loss.exact(logits, targets) == Approx(alone.value).epsilon(1e-14));
      CHECK(loss.memory() == before);
    }
  }
}

TEST_CASE("the probability that a label is absent is that of independent rows", "[losses][absent]") {
  // The numbers of a label of prevalence .03 in batches of 16, 32, 64 and 128 rows.
  CHECK(softf1::absent_probability(0.03, 16) == Approx(0.614).margin(5e-4));
  CHECK(softf1::absent_probability(0.03, 128) == Approx(0.0203).margin(5e-5));
  CHECK(softf1::absent_probability(0, 5) == 1);
  CHECK(softf1::absent_probability(1, 5) == 0);
  CHECK(softf1::absent_probability(0.5, 0) == 1);
  CHECK(softf1_test::error_text<softf1::value_error>([] { softf1::absent_probability(1.5, 2); }) ==
        "absent_probability: prevalence must be in [0, 1], got 1.5");
}

TEST_CASE("options of absent labels out of their range are refused", "[losses][absent]") {
  using namespace absent_labels_tests;
  auto const text = [](softf1::losses::soft_options const& o) {
    return error_text<softf1::value_error>([&] { of(o, {1, 2}, {1, 0}); });
  };
  CHECK(text({.smoothing = 0}) == "soft_f1: smoothing must be finite and > 0, got 0");
  CHECK(text({.decay = 1}) == "soft_f1: decay must be in [0, 1), got 1");
  CHECK(text({.average = softf1::averaging::samples, .streaming = true}) ==
        "soft_f1: running averages of counts need average macro or micro, got samples");
}
