#include <softf1/training/fit.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "training/toy.hpp"

namespace fit_tests {

using namespace training_tests;
using softf1_test::error_text;

bool all_finite(std::vector<float> const& values) {
  for (float v : values)
    if (!std::isfinite(v)) return false;
  return true;
}

std::vector<float> first_parameters(toy const& t, head_options const& head = {.hidden = 0, .dropout = 0}) {
  context ctx;
  return trained{head_for(ctx, t, head), {}}.parameters();
}

double loss_of(trained& model, toy const& t, std::string const& loss, std::size_t batch_size) {
  context ctx;
  auto const logits = logits_of(ctx, model.net, t, batch_size);
  softf1::buffer<double, softf1::cpu> value(ctx, 1);
  make_loss(ctx, loss, t.labels)
      ->value(ctx, matrix_view<const float>(logits.data(), t.rows, t.labels), t.view().targets, value.view());
  return value.view()(0);
}

TEST_CASE("every optimizer and every loss learn what a line separates") {
  struct row {
    softf1::update_rule rule;
    double rate;
  };
  std::vector<row> const rules{{softf1::optimizers::sgd{.momentum = 0.9}, 0.3},
                               {softf1::optimizers::adam{}, 0.1},
                               {softf1::optimizers::adamw{}, 0.1}};
  for (std::string const loss : {"bce", "soft_f1", "double_soft_f1", "soft_f_beta", "softmax_cross_entropy",
                                 "bce:weight=0.5+soft_f1:weight=0.5", "bce:weight=0.5+soap"})
    for (auto const& r : rules) {
      bool const one_label = loss == "softmax_cross_entropy";
      fit_options options{.epochs = 60, .batch_size = 50, .learning_rate = r.rate, .optimizer = r.rule, .patience = 0};
      if (one_label) options.decision = softf1::argmax{};
      options.monitor = monitor_named("macro_f1");
      auto const model = train(separable(200, 1, one_label), separable(100, 2, one_label), options, loss,
                               {.hidden = 16, .dropout = 0.1});
      INFO(loss << ", optimizer " << r.rule.index());
      REQUIRE(model.result.history.size() == 60);
      CHECK(model.result.history.back().macro_f1 == 1);
      CHECK(model.result.history.back().map == 1);
      CHECK(model.result.end == fit_end::finished);
      CHECK(model.result.sentence.empty());
    }
}

TEST_CASE("training gives the same bits at any number of threads, and others for another seed") {
  auto const t = noise(600, 1, 64), v = noise(300, 2, 64);
  head_options const head{.hidden = 96, .dropout = 0.3};
  auto const with = [&](int threads, std::uint64_t seed) {
    return train(t, v, {.epochs = 3, .batch_size = 256, .seed = seed}, "bce+soft_f1", head, threads);
  };
  auto const one = with(1, 5);
  for (int threads : {1, 2, 3}) {
    auto const more = with(threads, 5);
    CHECK(more.parameters() == one.parameters());
    CHECK(figures_of(more.result.history) == figures_of(one.result.history));
  }
  auto const other = with(1, 6);
  CHECK(other.parameters() != one.parameters());
  CHECK(figures_of(other.result.history) != figures_of(one.result.history));
}

TEST_CASE("training stops early, with the weights of the best epoch") {
  auto const t = noise(40, 1), v = noise(60, 2);
  for (std::string const name : {"loss", "map", "macro_f1", "tuned_macro_f1"}) {
    fit_options const options{
        .epochs = 200, .batch_size = 16, .learning_rate = 0.05, .monitor = monitor_named(name), .patience = 3};
    auto model = train(t, v, options, "bce", {.hidden = 32, .dropout = 0});
    auto const& [epochs, best, end, sentence] = model.result;
    INFO(name);
    REQUIRE(best >= 1);
    CHECK(end == fit_end::early);
    CHECK(epochs.size() == best + 3);
    CHECK(sentence == "stopped after epoch " + std::to_string(best + 3) + ": no better " + name + " for 3 epochs");
    for (auto const& e : epochs) {
      CHECK_FALSE(options.monitor.better(e, epochs[best - 1]));
      CHECK((e.epoch >= best || options.monitor.better(epochs[best - 1], e)));
    }
    CHECK(loss_of(model, v, "bce", 16) == epochs[best - 1].loss);
    CHECK(loss_of(model, v, "bce", 16) != epochs.back().loss);
    // A run of just as many epochs ends with the same weights.
    auto shorter = options;
    shorter.epochs = best;
    CHECK(train(t, v, shorter, "bce", {.hidden = 32, .dropout = 0}).parameters() == model.parameters());
  }
}

TEST_CASE("patience 0 never stops, and the best weights are kept nevertheless") {
  auto const t = noise(40, 1), v = noise(60, 2);
  auto model = train(t, v, {.epochs = 30, .learning_rate = 0.05, .monitor = monitor_named("loss"), .patience = 0},
                     "bce", {.hidden = 32, .dropout = 0});
  REQUIRE(model.result.history.size() == 30);
  CHECK(model.result.end == fit_end::finished);
  CHECK(model.result.best_epoch < 25);
  CHECK(loss_of(model, v, "bce", 256) == model.result.history[model.result.best_epoch - 1].loss);
}

TEST_CASE("figures of the history are those of all rows at once") {
  auto const t = noise(90, 3), v = noise(130, 4);
  for (std::string const loss : {"soft_f1", "bce"}) {
    auto model = train(t, v, {.epochs = 1, .batch_size = 40, .learning_rate = 0.01}, loss);
    auto const& e = model.result.history.at(0);
    context ctx;
    auto const logits = logits_of(ctx, model.net, v, 40);
    matrix_view<const float> const z(logits.data(), v.rows, v.labels), y = v.view().targets;
    CHECK(e.loss == loss_of(model, v, loss, 40));
    CHECK(e.macro_f1 == softf1::macro(softf1::f1{}, z, y));
    CHECK(e.micro_f1 == softf1::micro(softf1::f1{}, z, y));
    CHECK(e.map == softf1::average_precision(z, y));
    CHECK(e.tuned_macro_f1 ==
          softf1::macro(softf1::f1{}, z, y, {.decision = softf1::best_thresholds(softf1::f1{}, z, y)}));
    CHECK(e.epoch == 1);
    CHECK(e.learning_rate == 0.01);

    // Without steps and dropout, what was trained on is what the network says of the training rows.
    auto still = train(t, v, {.epochs = 1, .batch_size = 40, .learning_rate = 0}, loss);
    auto const& s = still.result.history.at(0);
    auto const seen = logits_of(ctx, still.net, t, 40);
    CHECK(s.train_loss == Approx(loss_of(still, t, loss, 40)).epsilon(1e-6));
    CHECK(
        s.train_macro_f1 ==
        Approx(softf1::macro(softf1::f1{}, matrix_view<const float>(seen.data(), t.rows, t.labels), t.view().targets)));
  }
}

TEST_CASE("one batch of the first step of sgd goes down the slope of the loss") {
  auto const t = noise(30, 5);
  std::string const loss = "soft_f1";
  auto const after = train(t, t, {.epochs = 1, .learning_rate = 0.5, .optimizer = softf1::optimizers::sgd{}}, loss);
  auto const first = first_parameters(t), last = after.parameters();
  context ctx;
  for (std::size_t k = 0; k < first.size(); k += 7) {
    trained moved{head_for(ctx, t), {}};
    auto const at = [&](float value) {
      moved.net.parameters()(k) = value;
      return loss_of(moved, t, loss, 30);
    };
    double const slope = (at(first[k] + 0.01f) - at(first[k] - 0.01f)) / 0.02;
    CHECK(std::abs(static_cast<double>(last[k] - first[k]) + 0.5 * slope) < 1e-4);
  }
}

TEST_CASE("callbacks hear of every batch and epoch") {
  std::vector<std::size_t> epochs;
  std::vector<std::vector<std::size_t>> batches;
  auto const model = train(separable(25, 1), separable(9, 2),
                           {.epochs = 2,
                            .batch_size = 10,
                            .on_epoch = [&](epoch_record const& e) { epochs.push_back(e.epoch); },
                            .on_batch =
                                [&](std::size_t epoch, std::size_t done, std::size_t of) {
                                  batches.push_back({epoch, done, of});
                                }});
  CHECK(epochs == std::vector<std::size_t>{1, 2});
  CHECK(batches ==
        std::vector<std::vector<std::size_t>>{{1, 1, 3}, {1, 2, 3}, {1, 3, 3}, {2, 1, 3}, {2, 2, 3}, {2, 3, 3}});
  CHECK(model.result.history.size() == 2);
}

TEST_CASE("a request to stop ends training with the best weights so far") {
  auto const t = separable(25, 1), v = separable(9, 2);
  std::size_t asked = 0;
  fit_options options{.epochs = 50, .batch_size = 10, .learning_rate = 0.01, .monitor = monitor_named("loss")};
  options.stop_requested = [&] { return ++asked == 3 * 2 + 2; };
  auto const stopped = train(t, v, options);
  CHECK(stopped.result.end == fit_end::interrupted);
  CHECK(stopped.result.sentence == "interrupted in epoch 3, step 2 of 3");
  CHECK(stopped.result.history.size() == 2);
  CHECK(stopped.result.best_epoch == 2);
  options.epochs = 2;
  options.stop_requested = {};
  CHECK(train(t, v, options).parameters() == stopped.parameters());

  options.stop_requested = [] { return true; };
  auto const at_once = train(t, v, options);
  CHECK(at_once.result.sentence == "interrupted in epoch 1, step 1 of 3");
  CHECK(at_once.result.best_epoch == 0);
  CHECK(at_once.result.history.empty());
  CHECK(at_once.parameters() == first_parameters(t));
}

TEST_CASE("no epochs leave the network as it was") {
  auto const t = separable(25, 1);
  auto const model = train(t, t, {.epochs = 0});
  CHECK(model.result.best_epoch == 0);
  CHECK(model.result.history.empty());
  CHECK(model.result.end == fit_end::finished);
  CHECK(model.parameters() == first_parameters(t));
}

TEST_CASE("a batch may be larger than the data") {
  auto const t = separable(25, 1), v = separable(9, 2);
  auto const exact = train(t, v, {.epochs = 3, .batch_size = 25});
  auto const larger = train(t, v, {.epochs = 3, .batch_size = 1'000'000'000});
  CHECK(larger.parameters() == exact.parameters());
  CHECK(figures_of(larger.result.history) == figures_of(exact.result.history));
}

TEST_CASE("a loss that is not finite ends training, says where, and leaves finite weights") {
  float const nan = std::numeric_limits<float>::quiet_NaN();
  auto t = separable(25, 1), v = separable(9, 2);
  fit_options options{.epochs = 20, .batch_size = 10, .learning_rate = 0.01, .seed = 3};
  auto const order = shuffled_rows(25, 3, 1);
  for (std::string const loss : {"bce", "soft_f1", "bce+soft_f1"}) {
    auto broken = t;
    broken.x[order[12] * t.inputs + 1] = nan;
    auto const model = train(broken, v, options, loss);
    CHECK(model.result.end == fit_end::diverged);
    CHECK(model.result.sentence ==
          "the loss is not finite in epoch 1, batch 2; a smaller learning rate than 0.01 may help");
    CHECK(model.result.best_epoch == 0);
    CHECK(model.parameters() == first_parameters(t));

    auto unseen = v;
    unseen.x[3] = nan;
    CHECK(train(t, unseen, options, loss)
              .result.sentence.starts_with("the loss is not finite in epoch 1, the validation rows"));

    options.learning_rate = 1e30;
    auto const fast = train(t, v, options, loss, {.hidden = 8, .dropout = 0});
    CHECK(fast.result.end == fit_end::diverged);
    CHECK(all_finite(fast.parameters()));
    options.learning_rate = 0.01;
  }
}

TEST_CASE("where training diverges later, the best epoch is kept") {
  auto t = separable(25, 1);
  auto const clean = t;
  auto const v = separable(9, 2);
  fit_options options{.epochs = 20, .batch_size = 10, .learning_rate = 0.01, .monitor = monitor_named("loss")};
  options.on_epoch = [&](epoch_record const& e) {
    if (e.epoch == 3) t.x[0] = std::numeric_limits<float>::infinity();
  };
  auto const model = train(t, v, options);
  CHECK(model.result.end == fit_end::diverged);
  CHECK(model.result.sentence.starts_with("the loss is not finite in epoch 4, batch "));
  CHECK(model.result.best_epoch == 3);
  options.on_epoch = {};
  options.epochs = 3;
  CHECK(train(clean, v, options).parameters() == model.parameters());
}

TEST_CASE("fit refuses what does not fit together") {
  context ctx;
  auto const t = separable(8, 1), v = separable(4, 2);
  auto const text = [&](toy const& train_rows, toy const& validation, fit_options const& options = {}) {
    auto net = head_for(ctx, separable(1, 1));
    auto const loss = make_loss(ctx, "bce", 3);
    return error_text<softf1::error>([&] { fit(ctx, net, *loss, train_rows.view(), validation.view(), options); });
  };
  CHECK(text(separable(0, 1), v) == "fit: training rows: expected at least one row, got 0");
  CHECK(text(t, separable(0, 1)) == "fit: validation rows: expected at least one row, got 0");
  CHECK(text(separable(8, 1, false, 6), v) == "fit: training rows: features must have shape (8, 5), got (8, 6)");
  CHECK(text(t, separable(4, 1, false, 5, 2)) == "fit: validation rows: targets must have shape (4, 3), got (4, 2)");
  CHECK(text(t, v, {.batch_size = 0}) == "fit: batch_size must be at least 1, got 0");
  CHECK(text(t, v, {.learning_rate = -1}).find("learning_rate must be finite and >= 0, got -1") != std::string::npos);

  auto net = head_for(ctx, t);
  auto const loss = make_loss(ctx, "bce", 3);
  labelled_rows<float> gaps = t.view();
  gaps.features = {t.x.data(), 4, 5, 10, 1};
  gaps.targets = {t.y.data(), 4, 3};
  CHECK(error_text<softf1::shape_error>([&] { fit(ctx, net, *loss, gaps, v.view(), {}); }) ==
        "fit: training rows: features must be dense, got rows with gaps");
}

}  // namespace fit_tests
