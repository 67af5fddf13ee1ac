// Losses that remember, asked in any order.
#include <softf1/losses/all.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <softf1/losses/objective.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace sequences_tests {

using namespace softf1_test;
using softf1::cpu;
using numbers = std::vector<double>;

template <class Loss>
class steps {
 public:
  explicit steps(Loss const& loss) : all_(ctx_, loss, 3) {}

  void add(problem const& p) { all_.add(ctx_, data(p).scores(), data(p).targets()); }
  void reset() { all_.reset(ctx_); }
  double value() { return all_.value(ctx_); }
  double exact_value() {
    double v = 0;
    all_.exact_value(ctx_, softf1::vector_view<double>(&v, 1));
    return v;
  }
  numbers gradient(problem const& p) {
    numbers g(p.scores.size());
    all_.gradient(ctx_, data(p).scores(), data(p).targets(), softf1::as_matrix(g, p.rows, p.cols));
    return g;
  }
  void advance() { all_.advance(ctx_); }
  numbers memory() {
    numbers there;
    all_.each_memory([&](std::string_view, softf1::vector_view<double> view) {
      for (std::size_t k = 0; k < view.size(); ++k) there.push_back(view(k));
    });
    return there;
  }

 private:
  problem_on<cpu> data(problem const& p) { return problem_on<cpu>(ctx_, p); }
  softf1::context<> ctx_;
  softf1::loss_union<Loss, cpu> all_;
};

template <class Loss>
void check_orders(Loss const& loss) {
  INFO(Loss::name);
  problem const first = random_problem(40, 3, 1), second = random_problem(30, 3, 2);
  steps<Loss> plain(loss), eager(loss), judged(loss);
  plain.add(first);
  plain.value();
  plain.advance();
  eager.add(first);
  eager.advance();  // nothing was asked before
  judged.add(first);
  judged.value();
  judged.exact_value();
  judged.advance();  // of the step, not of what was judged
  CHECK_FALSE(plain.memory().empty());
  CHECK((eager.memory() == plain.memory()));
  CHECK((judged.memory() == plain.memory()));
  for (auto* one : {&plain, &judged}) {
    one->reset();
    one->add(second);
  }
  plain.value();
  judged.value();
  judged.exact_value();
  CHECK((judged.gradient(second) == plain.gradient(second)));
}

}  // namespace sequences_tests

TEST_CASE("what a loss remembers does not depend on what else it is asked", "[losses]") {
  using namespace sequences_tests;
  using namespace softf1;
  check_orders(soft_f1({.streaming = true}));
  check_orders(soft_f1({.average = averaging::micro, .streaming = true}));
  check_orders(soft_f1({.absent = absent_labels::running}));
  aucm moments;
  moments.streaming = true;
  check_orders(moments);
  check_orders(constrained_recall{});
  maximum_f_beta pooled;
  pooled.average = averaging::micro;
  check_orders(pooled);
}

TEST_CASE("an objective takes steps of training, not of evaluation", "[losses]") {
  using namespace softf1_test;
  softf1::context<> ctx;
  auto const loss = softf1::losses::make_objective<double>(ctx, "constrained_recall", 3);
  problem const p = random_problem(20, 3, 4);
  problem_on<softf1::cpu> const data(ctx, p);
  softf1::buffer<double, softf1::cpu> value(ctx, 1);
  loss->value(ctx, data.scores(), data.targets(), value.view(), {});
  CHECK(error_text<softf1::value_error>([&] { loss->advance(ctx); }) ==
        "constrained_recall: advance follows value_and_gradient: the last call was for a value alone");
}

TEST_CASE("unlike unions are not merged", "[losses]") {
  using namespace softf1_test;
  softf1::context<> ctx;
  softf1::loss_union<softf1::soft_f1, softf1::cpu> macro(ctx, softf1::soft_f1{}, 3),
      samples(ctx, softf1::soft_f1({.average = softf1::averaging::samples}), 3);
  CHECK(error_text<softf1::value_error>([&] { macro.merge(ctx, samples); }) ==
        "soft_f1: merged unions must have the same average");
}

TEST_CASE("unbounded_f1 says where it has no value", "[losses]") {
  using namespace softf1_test;
  std::vector<double> const z{-3, -2, -1, 0.5}, y{1, 0, 0, 0};
  CHECK(error_text<softf1::value_error>([&] {
          softf1::value_and_gradient(softf1::unbounded_f1{}, softf1::as_matrix(z, 4, 1), softf1::as_matrix(y, 4, 1));
        }) == "unbounded_f1: logits are counted as they are: their sum over a label's cells, with the number of its "
              "positives, must be > 0");
}

namespace sequences_tests {

// A user's loss that reads its label, and says nothing of it.
struct weighted_square {
  static constexpr softf1::losses::loss_kind kind = softf1::losses::loss_kind::element_wise;
  static constexpr std::string_view name = "weighted_square";
  double const* weights;

  template <class T>
  SOFTF1_HD softf1::losses::value_and_slope<T> operator()(softf1::losses::cell<T> const& c) const {
    T const w = static_cast<T>(weights[c.label]), gap = c.logit - c.target;
    return {w * gap * gap, 2 * w * gap};
  }
};

}  // namespace sequences_tests

TEST_CASE("a loss of one's own that reads labels reads the right ones", "[losses]") {
  using namespace sequences_tests;
  numbers const weights{1, 10, 100};
  problem const p = random_problem(50, 3, 6);
  auto const got = softf1::value_and_gradient(weighted_square{weights.data()}, softf1::as_matrix(p.scores, 50, 3),
                                              softf1::as_matrix(p.targets, 50, 3));
  double sum = 0;
  for (std::size_t k = 0; k < p.scores.size(); ++k) {
    double const gap = p.scores[k] - p.targets[k];
    sum += weights[k % 3] * gap * gap / 150;
    CHECK(got.gradient[k] == Approx(2 * weights[k % 3] * gap / 150));
  }
  CHECK(got.value == Approx(sum));
}
