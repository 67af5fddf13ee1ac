#include <softf1/optimizers/all.hpp>

#include <utility>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace segment_tests {

using namespace softf1_test;

// The parameters {1, 2, 3, 4, 5, 6} after three steps.
template <class B>
std::vector<double> after(softf1::update_rule const& rule, std::vector<softf1::parameter_segment> const& segments,
                          double learning_rate) {
  softf1::context<B> ctx;
  auto parameters = upload(ctx, std::vector<double>{1, 2, 3, 4, 5, 6});
  auto const gradients = upload(ctx, std::vector<double>{1, -2, 3, -4, 5, -6});
  softf1::optimizer<double, B> optimizer(ctx, rule, 6);
  if (!segments.empty()) optimizer.set_segments(segments);
  for (int k = 0; k < 3; ++k) optimizer.step(ctx, parameters.view(), gradients.view(), learning_rate);
  return download(ctx, parameters);
}

}  // namespace segment_tests

TEMPLATE_TEST_CASE("segments are stepped each at its rate, with its decay, or not at all", "[optimizers]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace segment_tests;
  softf1::optimizers::all::for_each([]<class Rule>() {
    INFO(Rule::name);
    Rule rule;
    rule.weight_decay = 0.2;
    Rule without = rule;
    without.weight_decay = 0;
    auto const whole = after<TestType>(rule, {}, 0.1), slower = after<TestType>(rule, {}, 0.05),
               undecayed = after<TestType>(without, {}, 0.1);
    auto const mixed = after<TestType>(rule, {{0, 2, 1, 1}, {2, 1, 0.5, 1}, {4, 2, 1, 0}}, 0.1);
    CHECK(mixed == std::vector<double>{whole[0], whole[1], slower[2], 4, undecayed[4], undecayed[5]});
  });
}

TEST_CASE("segments that lie outside are refused", "[optimizers]") {
  softf1::context<> ctx;
  softf1::optimizer<float> optimizer(ctx, softf1::sgd{}, 4);
  CHECK(softf1_test::error_text<softf1::value_error>([&] { optimizer.set_segments({{2, 3}}); }) ==
        "optimizer: a segment must lie in 4 parameters, got 2 + 3");
  CHECK(softf1_test::error_text<softf1::value_error>([&] { optimizer.set_segments({{0, 4, -1}}); }) ==
        "optimizer: rate and decay of a segment must be finite and >= 0, got -1 and 1");
}

TEMPLATE_TEST_CASE("averages of weights follow the formula", "[optimizers]", SOFTF1_TEST_BACKENDS) {
  using namespace softf1_test;
  softf1::context<TestType> ctx;
  auto averages = upload(ctx, std::vector<double>{0, 8});
  auto const weights = upload(ctx, std::vector<double>{1, -4});
  auto const early = upload(ctx, std::vector<double>{2}), late = upload(ctx, std::vector<double>{1e6});
  softf1::average_weights<double>(ctx, 0.9, early.view(), weights.view(), averages.view());  // d = 3 / 12
  auto const once = download(ctx, averages);
  CHECK(once[0] == Approx(0.75));
  CHECK(once[1] == Approx(0.25 * 8 - 0.75 * 4));
  softf1::average_weights<double>(ctx, 0.9, late.view(), weights.view(), averages.view());
  CHECK(download(ctx, averages)[1] == Approx(0.9 * once[1] - 0.1 * 4));
  CHECK(error_text<softf1::value_error>([&] {
          softf1::average_weights<double>(ctx, 1.0, early.view(), weights.view(), averages.view());
        }) == "average_weights: decay must be in [0, 1), got 1");
}
