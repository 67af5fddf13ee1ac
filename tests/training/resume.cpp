#include <softf1/training/state.hpp>

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
run train_with(fit_options const& options, training_state<float> const* from = nullptr) {
  context ctx;
  auto const t = noise(130, 1), v = noise(50, 2);
  auto net = network(ctx, {1, 1, t.inputs},
                     {softf1::layers::dense{.out = 8}, softf1::layers::batch_norm{}, softf1::layers::relu{},
                      softf1::layers::dropout{.rate = 0.2}, softf1::layers::dense{.out = t.labels}},
                     from ? 99 : 1);
  auto const loss = softf1::losses::make_objective<float>(ctx, "bce+soft_f1", t.labels);
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
