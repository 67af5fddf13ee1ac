#include <softf1/training/evaluate_rows.hpp>

#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "training/toy.hpp"

namespace evaluate_rows_tests {

using namespace training_tests;

TEST_CASE("predict_rows gives the same logits in batches of any size") {
  context ctx;
  auto const t = separable(103, 1);
  auto net = head_for(ctx, t, {.hidden = 7});
  auto const whole = logits_of(ctx, net, t, 1000);
  std::vector<float> row(t.labels);
  predict_rows<float>(ctx, net, {&t.x[50 * t.inputs], 1, t.inputs}, {row.data(), 1, t.labels});
  CHECK(row == std::vector<float>{&whole[50 * t.labels], &whole[51 * t.labels]});
  for (std::size_t batch : {1u, 7u, 103u}) {
    auto const parts = logits_of(ctx, net, t, batch);
    for (std::size_t k = 0; k < whole.size(); ++k) CHECK(parts[k] == Approx(whole[k]).epsilon(1e-5));
  }
  CHECK(logits_of(ctx, net, separable(0, 1)).empty());
}

TEST_CASE("predict_rows refuses what does not fit") {
  context ctx;
  auto const t = separable(4, 1);
  auto net = head_for(ctx, t);
  std::vector<float> logits(40);
  auto const predict = [&](matrix_view<const float> x, std::size_t rows, std::size_t labels, std::size_t batch = 2) {
    predict_rows<float>(ctx, net, x, {logits.data(), rows, labels}, batch);
  };
  auto const x = t.view().features;
  CHECK_THROWS_AS(predict(x, 3, t.labels), softf1::shape_error);
  CHECK_THROWS_AS(predict(x, 4, t.labels + 1), softf1::shape_error);
  CHECK_THROWS_AS(predict({t.x.data(), 4, t.inputs - 1}, 4, t.labels), softf1::shape_error);
  CHECK_THROWS_AS(predict({t.x.data(), 2, t.inputs, 2 * static_cast<std::ptrdiff_t>(t.inputs), 1}, 2, t.labels),
                  softf1::shape_error);
  CHECK_THROWS_AS(predict(x, 4, t.labels, 0), softf1::value_error);
}

TEST_CASE("evaluations give what losses and metrics give of all rows at once") {
  context ctx;
  auto const t = noise(77, 3);
  auto net = head_for(ctx, t);
  auto const logits = logits_of(ctx, net, t);
  matrix_view<const float> const z(logits.data(), t.rows, t.labels), y = t.view().targets;
  auto const loss = make_loss(ctx, "soft_f1", t.labels);
  for (softf1::decision_rule const& rule :
       {softf1::decision_rule(softf1::probability_threshold{}), softf1::decision_rule(softf1::argmax{})}) {
    epoch_record record;
    evaluate_decisions(ctx, *loss, z, y, rule, record);
    evaluate_ranking(ctx, z, y, record);
    CHECK(record.loss == softf1::loss_value(softf1::soft_f1{}, z, y));
    CHECK(record.macro_f1 == softf1::macro(softf1::f1{}, z, y, {.decision = rule}));
    double trivial = 0;  // "yes" everywhere: 2 π / (1 + π)
    for (std::size_t j = 0; j < y.cols(); ++j) {
      double positives = 0;
      for (std::size_t i = 0; i < y.rows(); ++i) positives += static_cast<double>(y(i, j));
      double const share = positives / static_cast<double>(y.rows());
      trivial += 2 * share / (1 + share) / static_cast<double>(y.cols());
    }
    CHECK(record.lift == Approx(record.macro_f1 - trivial));
    CHECK(record.micro_f1 == softf1::micro(softf1::f1{}, z, y, {.decision = rule}));
    CHECK(record.map == softf1::average_precision(z, y));
    auto const tuned = softf1::best_thresholds(softf1::f1{}, z, y);
    CHECK(record.tuned_macro_f1 == softf1::macro(softf1::f1{}, z, y, {.decision = tuned}));
    CHECK(record.epoch == 0);
    CHECK(record.train_loss == 0);
  }
}

}  // namespace evaluate_rows_tests
