#include <softf1/training/state.hpp>

#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "training/toy.hpp"

namespace resume_tests {

using namespace training_tests;

struct run {
  std::vector<float> values;  // parameters, and running statistics
  fit_result result;
  std::vector<training_state<float>> states;
};

// Trains; the state after each step is kept.
run train_with(fit_options const& options, training_state<float> const* from = nullptr,
               std::string const& loss_text = "bce+soft_f1", double rows = 0) {
  context ctx;
  auto const t = noise(130, 1), v = noise(50, 2);
  auto net = network(ctx, {1, 1, t.inputs},
                     {softf1::layers::dense{.out = 8}, softf1::layers::batch_norm{}, softf1::layers::relu{},
                      softf1::layers::dropout{.rate = 0.2}, softf1::layers::dense{.out = t.labels}},
                     from ? 99 : 1);
  auto const loss = make_loss(ctx, loss_text, t.labels, {.rows = rows});
  run r;
  auto const keep = [&](training_state<float> const& s) { r.states.push_back(s); };
  r.result = fit(ctx, net, *loss, t.view(), v.view(), options, {from, [] { return true; }, keep});
  r.values = {net.parameters().data(), net.parameters().data() + net.parameters().size()};
  r.values.insert(r.values.end(), net.state().data(), net.state().data() + net.state().size());
  return r;
}

}  // namespace resume_tests

TEST_CASE("a run that goes on from any of its states ends with the same bits", "[training][fit]") {
  using namespace resume_tests;
  std::vector<fit_options> const table{
      {.epochs = 3, .batch_size = 40},
      {.epochs = 3, .batch_size = 30, .accumulate = 2, .optimizer = softf1::sgd{.momentum = 0.9}, .average = 0.9},
      {.epochs = 4,
       .batch_size = 40,
       .schedule = softf1::schedule_named("warmup:steps=3+plateau:decay=0.5,patience=0"),
       .optimizer = softf1::optimizers::rmsprop{.momentum = 0.5},
       .clip_norm = 0.1,
       .mixup = 0.4,
       .patience = 2}};
  for (std::size_t k = 0; k < table.size(); ++k) {
    INFO("row " << k);
    auto const whole = train_with(table[k]);
    REQUIRE(whole.states.size() >= 2 * whole.result.history.size());
    for (auto const& state : whole.states) {
      INFO("from epoch " << state.epoch << ", step " << state.done);
      auto const rest = train_with(table[k], &state);
      CHECK(rest.values == whole.values);
      CHECK(figures_of(rest.result.history) == figures_of(whole.result.history));
      CHECK(rest.result.best_epoch == whole.result.best_epoch);
      CHECK(rest.result.sentence == whole.result.sentence);
    }
  }
}

TEST_CASE("a loss that remembers goes on with what it remembered", "[training][fit]") {
  using namespace resume_tests;
  fit_options const options{.epochs = 2, .batch_size = 40};
  std::string const loss = "bce:weight=0.5+soft_f1:streaming=on,decay=0.8";
  auto const whole = train_with(options, nullptr, loss);
  for (auto const& state : whole.states) {
    REQUIRE(state.loss_memory.size() == 15);
    CHECK(state.loss_memory[4] > 0);
    CHECK(train_with(options, &state, loss).values == whole.values);
  }
  auto forgetful = whole.states.at(2);
  forgetful.loss_memory.assign(15, 0);
  CHECK(train_with(options, &forgetful, loss).values != whole.values);
  forgetful.loss_memory.pop_back();
  CHECK(softf1_test::error_text<softf1::shape_error>([&] { train_with(options, &forgetful, loss); }) ==
        "fit: the state to resume from: loss memory must have shape (15,), got (14,)");
}

TEST_CASE("a loss that remembers rows is told which a step has, in every scope", "[training][fit]") {
  using namespace resume_tests;
  auto const t = noise(130, 1);
  struct row {
    softf1::training::loss_scope scope;
    std::size_t rows_of_step;
  };
  for (auto const& [scope, of_step] :
       {row{loss_scope::batch, 80}, row{loss_scope::accumulated, 80}, row{loss_scope::epoch, 130}}) {
    INFO("scope " << static_cast<int>(scope));
    fit_options options{.epochs = 2, .batch_size = 40, .accumulate = of_step == 80 ? 2u : 1u, .loss_scope = scope};
    // Backwards.
    options.order = [](std::size_t) {
      std::vector<std::uint64_t> order(130);
      for (std::size_t k = 0; k < 130; ++k) order[k] = 129 - k;
      return order;
    };
    std::string const loss = "bce+soap:gamma=0.5";
    auto const whole = train_with(options, nullptr, loss, 130);
    auto const& first = whole.states.front();
    REQUIRE(first.loss_memory.size() == 130 * t.labels * 2);
    for (std::size_t i = 0; i < 130; ++i)
      for (std::size_t l = 0; l < t.labels; ++l) {
        INFO("row " << i << ", label " << l);
        bool const seen = i >= 130 - of_step && t.y[i * t.labels + l] == 1;
        CHECK((first.loss_memory[2 * (i * t.labels + l)] > 0) == seen);
      }
    // Not the best weights, which may be those of the first epoch.
    auto const last = [&](training_state<float> const& from) {
      return train_with(options, &from, loss, 130).states.back().parameters;
    };
    auto const& expected = whole.states.back().parameters;
    for (std::size_t k = 0; k + 1 < whole.states.size(); ++k) CHECK(last(whole.states[k]) == expected);
    auto forgetful = first;
    forgetful.loss_memory.assign(first.loss_memory.size(), 0);
    CHECK(last(forgetful) != expected);
  }
}

TEST_CASE("a run that was asked to stop goes on, also from the end of an epoch", "[training][fit]") {
  using namespace resume_tests;
  // Four steps an epoch.
  fit_options options{.epochs = 3, .batch_size = 40};
  auto const whole = train_with(options);
  for (int const steps : {1, 4, 5, 8}) {
    INFO("after " << steps << " steps");
    int left = steps;
    options.stop_requested = [&] { return --left == 0; };
    auto const stopped = train_with(options);
    REQUIRE(stopped.result.end == fit_end::interrupted);
    REQUIRE(stopped.states.back().steps == static_cast<std::uint64_t>(steps));
    options.stop_requested = {};
    auto const rest = train_with(options, &stopped.states.back());
    CHECK(rest.values == whole.values);
    CHECK(figures_of(rest.result.history) == figures_of(whole.result.history));
  }
}

TEST_CASE("a row that comes twice is dropped and mixed in two ways, the same in pieces, after a break and on threads",
          "[training][fit]") {
  using namespace resume_tests;
  // Each step has one row fifteen times, then another one fifteen times: their pairs are of one of each.
  auto const t = noise(120, 1), v = noise(20, 2);
  fit_options options{.epochs = 1, .batch_size = 30, .learning_rate = 0};
  options.order = [](std::size_t) {
    std::vector<std::uint64_t> order(120);
    for (std::size_t k = 0; k < 120; ++k) order[k] = k / 15 % 2;
    return order;
  };
  struct seen {
    training_state<float> early;
    std::vector<float> logits;  // of three steps
  };
  auto const logits_with = [&](double dropout, int threads, training_state<float> const* from) {
    context ctx({.threads = threads});
    auto net = head_for(ctx, t, {.hidden = 32, .dropout = dropout});
    auto const loss = make_loss(ctx, "bce", t.labels);
    seen result;
    auto const keep = [&](training_state<float> const& s) {
      if (s.done == 2) result.early = s;
      if (s.done == 3) result.logits = s.logits;
    };
    fit(ctx, net, *loss, t.view(), v.view(), options, {from, [] { return true; }, keep});
    return result;
  };
  for (bool const mixes : {false, true}) {
    INFO((mixes ? "mixup" : "dropout"));
    options.mixup = mixes ? 0.7 : 0;
    double const dropout = mixes ? 0 : 0.3;
    auto const whole = logits_with(dropout, 1, nullptr);
    REQUIRE(whole.logits.size() == 90 * t.labels);
    std::set<float> different;
    for (std::size_t i = 0; i < 90; ++i) different.insert(whole.logits[i * t.labels]);
    CHECK(different.size() > 60);
    CHECK(logits_with(dropout, 3, nullptr).logits == whole.logits);
    CHECK(logits_with(dropout, 1, &whole.early).logits == whole.logits);
    options.batch_size = 10, options.accumulate = 3;
    auto const pieces = logits_with(dropout, 1, nullptr).logits;
    options.batch_size = 30, options.accumulate = 1;
    REQUIRE(pieces.size() == whole.logits.size());
    for (std::size_t k = 0; k < pieces.size(); ++k) CHECK(pieces[k] == Approx(whole.logits[k]).margin(1e-6));
  }
}

TEST_CASE("the state of another run is refused", "[training][fit]") {
  using namespace resume_tests;
  using softf1_test::error_text;
  auto const state = train_with({.epochs = 1, .batch_size = 40}).states.at(1);
  auto const refused = [](training_state<float> const& s, fit_options const& options) {
    return error_text<softf1::error>([&] { train_with(options, &s); });
  };
  CHECK(refused(state, {.epochs = 2, .batch_size = 40}) == "nothing was thrown");
  auto other = state;
  other.parameters.pop_back();
  CHECK(refused(other, {.epochs = 2, .batch_size = 40}).find("parameters must have shape") != std::string::npos);
  CHECK(refused(state, {.epochs = 2, .batch_size = 40, .optimizer = softf1::sgd{}}).find("optimizer state") !=
        std::string::npos);
  CHECK(refused(state, {.epochs = 2, .batch_size = 40, .average = 0.5}).find("averages") != std::string::npos);
  other = state;
  other.steps = 7;
  CHECK(refused(other, {.epochs = 2, .batch_size = 40}) == "fit: the state to resume from is not one of this run");
}
