#include <softf1/training/fit_lbfgs.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "training/toy.hpp"

namespace fit_lbfgs_tests {

using namespace training_tests;
using softf1_test::error_text;

trained train_lbfgs(toy const& t, toy const& validation, lbfgs_training const& how = {},
                    fit_options const& options = {}, std::string const& loss = "bce",
                    head_options const& head = {.hidden = 0, .dropout = 0}, int threads = 1) {
  context ctx({.threads = threads});
  auto net = head_for(ctx, t, head);
  auto const objective = make_loss(ctx, loss, t.labels);
  auto result = fit_lbfgs(ctx, net, *objective, t.view(), validation.view(), how, options);
  return {std::move(net), std::move(result)};
}

std::vector<float> first_parameters(toy const& t) {
  context ctx;
  return trained{head_for(ctx, t), {}}.parameters();
}

/// Labels of other frequencies, which features say something of, but not all.
toy overlapping(std::size_t rows, std::uint64_t seed) {
  auto t = noise(rows, seed, 5);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < t.labels; ++j) {
      float const score = t.x[i * 5 + j] + .8f * t.x[i * 5 + 4] - .3f * static_cast<float>(j);
      if (std::abs(score) > .5f) t.y[i * t.labels + j] = static_cast<float>(score > 0);
    }
  return t;
}

/// d/dθ of Σ softplus(±z) / (N · L) + l2 / 2 · ‖W‖², θ = (W (D, L), b (L)), from the formula, in double.
std::vector<double> slopes_at(std::vector<double> const& theta, toy const& t, double l2) {
  std::size_t const weights = t.inputs * t.labels;
  std::vector<double> slopes(theta.size());
  for (std::size_t k = 0; k < weights; ++k) slopes[k] = l2 * theta[k];
  for (std::size_t i = 0; i < t.rows; ++i)
    for (std::size_t j = 0; j < t.labels; ++j) {
      double z = theta[weights + j];
      for (std::size_t d = 0; d < t.inputs; ++d)
        z += static_cast<double>(t.x[i * t.inputs + d]) * theta[d * t.labels + j];
      double const residual = (1 / (1 + std::exp(-z)) - static_cast<double>(t.y[i * t.labels + j])) /
                              static_cast<double>(t.rows * t.labels);
      slopes[weights + j] += residual;
      for (std::size_t d = 0; d < t.inputs; ++d)
        slopes[d * t.labels + j] += residual * static_cast<double>(t.x[i * t.inputs + d]);
    }
  return slopes;
}

std::vector<double> descend(toy const& t, double l2) {
  std::vector<double> theta((t.inputs + 1) * t.labels);
  for (int step = 0; step < 3000; ++step) {
    auto const slopes = slopes_at(theta, t, l2);
    for (std::size_t k = 0; k < theta.size(); ++k) theta[k] -= 3 * slopes[k];
  }
  return theta;
}

double norm_of_weights(trained const& model, toy const& t) {
  auto const theta = model.parameters();
  double squares = 0;
  for (std::size_t k = 0; k < t.inputs * t.labels; ++k) squares += static_cast<double>(theta[k] * theta[k]);
  return std::sqrt(squares);
}

TEST_CASE("fit_lbfgs reaches the minimum of loss and penalty") {
  auto const t = overlapping(200, 1), v = overlapping(50, 2);
  for (double l2 : {1e-3, 5e-3, 0.1}) {
    INFO("l2 " << l2);
    auto const model = train_lbfgs(t, v, {.l2 = l2});
    auto const found = model.parameters();
    INFO(model.result.sentence);
    // In float the loss no longer falls where slopes are some 1e-6.
    for (double slope : slopes_at({found.begin(), found.end()}, t, l2)) CHECK(std::abs(slope) < 1e-4);
    auto const expected = descend(t, l2);
    REQUIRE(found.size() == expected.size());
    for (double slope : slopes_at(expected, t, l2)) REQUIRE(std::abs(slope) < 1e-8);
    for (std::size_t k = 0; k < found.size(); ++k) CHECK(std::abs(static_cast<double>(found[k]) - expected[k]) < 1e-2);
    CHECK(model.result.end == fit_end::finished);
    CHECK(model.result.best_epoch == 1);
    CHECK(model.result.sentence.starts_with("L-BFGS ended after "));
  }
}

TEST_CASE("l2 shrinks the weights and leaves the biases free") {
  auto t = overlapping(200, 1);
  double before = std::numeric_limits<double>::infinity();
  for (double l2 : {0.0, 1e-3, 1e-2, 0.1, 20.0}) {
    double const norm = norm_of_weights(train_lbfgs(t, t, {.l2 = l2}), t);
    CHECK(norm < .9 * before);
    before = norm;
  }
  CHECK(before < .02);
  // What is left without weights is the logit of each label's share.
  auto const theta = train_lbfgs(t, t, {.l2 = 20}).parameters();
  auto const counts = count_positives(t.view().targets);
  for (std::size_t j = 0; j < t.labels; ++j) {
    auto const p = static_cast<double>(counts[j]), n = static_cast<double>(t.rows);
    CHECK(static_cast<double>(theta[t.inputs * t.labels + j]) == Approx(std::log(p / (n - p))).margin(.01));
  }
}

TEST_CASE("losses of all kinds learn what a line separates") {
  for (std::string const loss : {"bce", "softmax_cross_entropy", "bce:weight=0.3+soft_f1:weight=0.7"}) {
    bool const one_label = loss == "softmax_cross_entropy";
    fit_options options;
    if (one_label) options.decision = softf1::argmax{};
    auto const model =
        train_lbfgs(separable(200, 1, one_label), separable(100, 2, one_label), {.l2 = 1e-4}, options, loss);
    INFO(loss);
    REQUIRE(model.result.history.size() == 1);
    CHECK(model.result.history[0].macro_f1 == 1);
    CHECK(model.result.history[0].map == 1);
  }
}

TEST_CASE("dropout is left out") {
  auto const t = overlapping(60, 1);
  CHECK(train_lbfgs(t, t, {}, {}, "bce", {.hidden = 0, .dropout = 0.5}).parameters() == train_lbfgs(t, t).parameters());
}

TEST_CASE("fit_lbfgs gives the same bits at any number of threads") {
  auto const t = noise(600, 1, 64), v = noise(300, 2, 64);
  auto const with = [&](int threads) {
    return train_lbfgs(t, v, {.max_iterations = 20}, {}, "bce+soft_f1", {.hidden = 0, .dropout = 0}, threads);
  };
  auto const one = with(1);
  CHECK(one.parameters() != first_parameters(t));
  for (int threads : {1, 2, 3}) {
    auto const more = with(threads);
    CHECK(more.parameters() == one.parameters());
    CHECK(figures_of(more.result.history) == figures_of(one.result.history));
  }
}

TEST_CASE("the history of fit_lbfgs is one record of all rows") {
  context ctx;
  auto const t = overlapping(90, 3), v = overlapping(130, 4);
  for (softf1::decision_rule const& rule :
       {softf1::decision_rule(softf1::probability_threshold{.6f}), softf1::decision_rule(softf1::argmax{})}) {
    std::vector<std::vector<double>> heard;
    std::vector<std::size_t> evaluations;
    fit_options const options{.decision = rule,
                              .on_epoch = [&](epoch_record const& e) { heard.push_back(figures_of({e})[0]); },
                              .on_batch =
                                  [&](std::size_t epoch, std::size_t done, std::size_t of) {
                                    CHECK(epoch == 1);
                                    CHECK(of == 0);
                                    evaluations.push_back(done);
                                  }};
    auto model = train_lbfgs(t, v, {}, options);
    auto const loss = make_loss(ctx, "bce", t.labels);
    auto const measured = [&](toy const& rows) {
      epoch_record record;
      auto const logits = logits_of(ctx, model.net, rows);
      matrix_view<const float> const z(logits.data(), rows.rows, rows.labels);
      evaluate_decisions(ctx, *loss, z, rows.view().targets, rule, record);
      evaluate_ranking(ctx, z, rows.view().targets, record);
      return record;
    };
    auto expected = measured(v);
    auto const seen = measured(t);
    expected.epoch = 1;
    expected.train_loss = seen.loss;
    expected.train_macro_f1 = seen.macro_f1;
    CHECK(figures_of(model.result.history) == figures_of({expected}));
    CHECK(figures_of(model.result.history) == heard);
    CHECK(model.result.history.at(0).seconds > 0);
    REQUIRE(evaluations.size() > 3);
    for (std::size_t k = 0; k < evaluations.size(); ++k) CHECK(evaluations[k] == k + 1);
  }
}

TEST_CASE("a request to stop at once leaves the network as it was") {
  auto const t = overlapping(40, 1), v = overlapping(20, 2);
  auto const model = train_lbfgs(t, v, {}, {.stop_requested = [] { return true; }});
  CHECK(model.result.end == fit_end::interrupted);
  CHECK(model.result.best_epoch == 0);
  CHECK(model.result.history.empty());
  CHECK(model.result.sentence == "L-BFGS ended after 0 iterations: interrupted");
  CHECK(model.parameters() == first_parameters(t));
}

TEST_CASE("a request to stop later keeps what was reached") {
  auto const t = overlapping(40, 1), v = overlapping(20, 2);
  double before = std::numeric_limits<double>::infinity();
  for (std::size_t last : {4u, 8u}) {
    std::size_t asked = 0;
    auto const model = train_lbfgs(t, v, {}, {.stop_requested = [&] { return ++asked == last; }});
    CHECK(model.result.end == fit_end::interrupted);
    CHECK(model.result.sentence.ends_with(" iterations: interrupted"));
    CHECK(model.result.best_epoch == 1);
    CHECK(asked == last);
    REQUIRE(model.result.history.size() == 1);
    CHECK(model.result.history[0].train_loss < before);
    before = model.result.history[0].train_loss;
  }
  CHECK(train_lbfgs(t, v).result.history.at(0).train_loss < before);
  CHECK(train_lbfgs(t, v, {.max_iterations = 2}).result.sentence == "L-BFGS ended after 2 iterations: max_iterations");
}

TEST_CASE("fit_lbfgs says where the loss is not finite, and leaves the network as it was") {
  auto const t = overlapping(40, 1), v = overlapping(20, 2);
  auto broken = t, unseen = v;
  broken.x[17] = unseen.x[3] = std::numeric_limits<float>::quiet_NaN();
  auto const began = train_lbfgs(broken, v), ended = train_lbfgs(t, unseen);
  CHECK(began.result.sentence == "the loss is not finite where L-BFGS began");
  CHECK(ended.result.sentence == "the loss is not finite on the validation rows");
  for (auto const* model : {&began, &ended}) {
    CHECK(model->result.end == fit_end::diverged);
    CHECK(model->result.best_epoch == 0);
    CHECK(model->result.history.empty());
    CHECK(model->parameters() == first_parameters(t));
  }
}

TEST_CASE("fit_lbfgs refuses what does not fit together") {
  auto const t = overlapping(8, 1), v = overlapping(4, 2);
  auto const text = [&](toy const& rows, toy const& validation, lbfgs_training const& how = {},
                        std::size_t hidden = 0) {
    context ctx;
    auto net = head_for(ctx, t, {.hidden = hidden, .dropout = 0});
    auto const loss = make_loss(ctx, "bce", 3);
    return error_text<softf1::error>([&] { fit_lbfgs(ctx, net, *loss, rows.view(), validation.view(), how, {}); });
  };
  CHECK(text(t, v, {}, 4) == "fit_lbfgs: the head must be linear, got one with 2 dense layers");
  CHECK(text(separable(0, 1), v) == "fit: training rows: expected at least one row, got 0");
  CHECK(text(t, separable(0, 1)) == "fit: validation rows: expected at least one row, got 0");
  CHECK(text(separable(8, 1, false, 6), v) == "fit: training rows: features must have shape (8, 5), got (8, 6)");
  CHECK(text(t, separable(4, 1, false, 5, 2)) == "fit: validation rows: targets must have shape (4, 3), got (4, 2)");

  double const nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  CHECK(text(t, v, {.l2 = -1}) == "lbfgs: l2 must be finite and >= 0, got -1");
  CHECK(text(t, v, {.l2 = infinity}).find("l2 must be finite") != std::string::npos);
  for (double whole : {0.0, 2.5, 1e7, nan}) {
    std::string const expected = "memory and max_iterations must be whole numbers from 1 to 1000000, got ";
    CHECK(text(t, v, {.memory = whole}).find(expected) != std::string::npos);
    CHECK(text(t, v, {.max_iterations = whole}).find(expected) != std::string::npos);
  }
  for (double tolerance : {-1.0, nan})
    CHECK(text(t, v, {.gradient_tolerance = tolerance}).find("gradient_tolerance must be >= 0") != std::string::npos);
}

TEST_CASE("options of lbfgs_training go by their names") {
  lbfgs_training how;
  for (std::size_t k = 0; k < how.option_names.size(); ++k) how.option(k) = static_cast<double>(k + 1);
  CHECK(how.option_names == std::array<std::string_view, 4>{"l2", "max_iterations", "memory", "gradient_tolerance"});
  CHECK(how.l2 == 1);
  CHECK(how.max_iterations == 2);
  CHECK(how.memory == 3);
  CHECK(how.gradient_tolerance == 4);
  CHECK(how.settings().max_iterations == 2);
  CHECK(how.settings().memory == 3);
  CHECK(how.settings().gradient_tolerance == 4);
}

}  // namespace fit_lbfgs_tests
