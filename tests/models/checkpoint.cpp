#include <softf1/models/checkpoint_folder.hpp>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "models/small.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace checkpoint_tests {

using namespace small_models;
using softf1::layers::batch_norm;
using softf1::layers::dense;
using softf1_test::error_text;
using state_of_training = softf1::training::training_state<float>;

model unfinished() {
  model m;
  m.labels = {"a", "b"};
  m.rule = softf1::probability_threshold{};
  m.source = source::features;
  m.input = {1, 2, 3};
  m.head = {{softf1::layers::global_average_pool{}, "pool"}, {batch_norm{}, "norm"}, {dense{.out = 2}, "output"}};
  return m;
}

// 6 + 8 trained numbers, 6 of state.
state_of_training state_at(std::size_t epoch, std::size_t done, std::uint64_t steps, double map) {
  state_of_training s{.epoch = epoch, .done = done, .steps = steps};
  for (std::size_t k = 0; k < 14; ++k) s.parameters.push_back(static_cast<float>(k));
  for (std::size_t k = 0; k < 14; ++k) s.averages.push_back(static_cast<float>(100 + k));
  s.state = {1, 2, 3, 4, 5, 6};
  s.averaged_state = {11, 12, 13, 14, 15, 16};
  s.optimizer = {9, 8};
  s.best_parameters = s.parameters;
  s.best_state = s.state;
  s.logits = {0.5f};
  for (std::size_t e = 1; e < epoch; ++e) s.history.push_back({.epoch = e, .loss = 0.25, .map = map});
  s.best_epoch = s.history.size();
  return s;
}

bool same(state_of_training const& a, state_of_training const& b) {
  for (auto const& array : detail::state_arrays)
    if (a.*array.values != b.*array.values) return false;
  return a.epoch == b.epoch && a.done == b.done && a.steps == b.steps && a.best_epoch == b.best_epoch &&
         a.history.size() == b.history.size();
}

}  // namespace checkpoint_tests

TEST_CASE("a checkpoint reads back, and is a model of the averaged weights", "[models]") {
  using namespace checkpoint_tests;
  softf1_test::temp_directory folder;
  auto const path = (folder / "c.safetensors").string();
  auto const state = state_at(3, 0, 20, 0.5);
  softf1::write_checkpoint(path, unfinished(), state);
  auto const back = softf1::read_checkpoint(path);
  CHECK(same(back.state, state));
  CHECK(back.state.history.at(1).map == 0.5);
  CHECK(back.model.input == unfinished().input);
  CHECK(back.model.source == source::features);
  CHECK(back.model.arrays.at("output.weight") == std::vector<float>{106, 107, 108, 109, 110, 111});
  CHECK(back.model.arrays.at("norm.running_mean") == std::vector<float>{11, 12, 13});

  replace_rule(path, softf1::threshold_set{{1, 2}});
  CHECK(same(softf1::read_checkpoint(path).state, state));
  CHECK(softf1::read_model(path).rule.index() == softf1::decision_rule(softf1::threshold_set{}).index());
  CHECK(read_checkpoint_info(path).record->map == 0.5);
  CHECK(read_checkpoint_info(path).epoch == 2);

  auto without = unfinished();
  without.arrays = back.model.arrays;
  softf1::write_model(path, without);
  CHECK(error_text<softf1::io_error>([&] { softf1::read_checkpoint(path); }) ==
        path + ": the file is no checkpoint: it does not say how far training was");
  auto wrong = state;
  wrong.averages.pop_back();
  CHECK(error_text<softf1::shape_error>([&] { softf1::write_checkpoint(path, unfinished(), wrong); }) ==
        "arrays_by_name: trained values must have shape (14,), got (13,)");
}

TEST_CASE("a checkpoint of before, without an average of the state, begins one at the state", "[models]") {
  using namespace checkpoint_tests;
  softf1_test::temp_directory folder;
  auto const path = (folder / "c.safetensors").string();
  auto state = state_at(3, 0, 20, 0.5);
  for (bool const averages : {true, false}) {
    INFO(averages);
    if (!averages) state.averages.clear(), state.averaged_state.clear();
    softf1::write_checkpoint(path, unfinished(), state);
    std::vector<named_array> old;
    softf1::safetensors_file const file(path);
    for (auto const& e : file.entries())
      if (e.name != "training.averaged_state") old.push_back({e.name, file.tensor(e.name)});
    auto const old_path = (folder / "old.safetensors").string();
    softf1::write_safetensors(old_path, old, file.metadata());
    auto const back = softf1::read_checkpoint(old_path).state;
    CHECK(back.averaged_state == (averages ? state.state : std::vector<float>{}));
    CHECK(back.averages == state.averages);
  }
}

TEST_CASE("a folder keeps the newest and the best checkpoints", "[models]") {
  using namespace checkpoint_tests;
  softf1_test::temp_directory folder;
  checkpoint_folder const kept((folder / "checkpoints").string());
  CHECK(kept.list().empty());
  checkpoint_policy const policy{.last = 2, .best = 1};
  auto const steps = [&] {
    std::vector<std::uint64_t> all;
    for (auto const& c : kept.list()) all.push_back(c.steps);
    return all;
  };
  kept.save(unfinished(), state_at(2, 0, 10, 0.3), policy);
  kept.save(unfinished(), state_at(3, 0, 20, 0.9), policy);
  kept.save(unfinished(), state_at(4, 0, 30, 0.5), policy);
  CHECK(steps() == std::vector<std::uint64_t>{20, 30});
  kept.save(unfinished(), state_at(4, 5, 35, 0.5), policy);
  kept.save(unfinished(), state_at(5, 0, 40, 0.6), policy);
  CHECK(steps() == std::vector<std::uint64_t>{20, 35, 40});
  CHECK(kept.list()[1].done == 5);
  CHECK(!kept.list()[1].record);
  CHECK(kept.list()[0].record->epoch == 2);
  std::ofstream(folder / "checkpoints" / "step_00000050.safetensors") << "no checkpoint";
  CHECK(error_text<softf1::io_error>([&] { kept.list(); }).find("step_00000050.safetensors") != std::string::npos);
}

TEST_CASE("a checkpoint whose monitor is undefined is never the best", "[models]") {
  using namespace checkpoint_tests;
  double const none = std::numeric_limits<double>::quiet_NaN();
  auto const kept = [](std::vector<double> const& values, bool less_is_better) {
    std::vector<checkpoint_info> all;
    for (std::size_t k = 0; k < values.size(); ++k)
      all.push_back({"", k + 1, 0, 10 * (k + 1), softf1::training::epoch_record{.epoch = k + 1, .map = values[k]}});
    checkpoint_policy policy{.last = 1, .best = 1};
    policy.monitor.less_is_better = less_is_better;
    std::vector<std::uint64_t> left;
    for (auto const& c : all) left.push_back(c.steps);
    for (auto const& c : checkpoint_folder::not_kept(all, policy)) std::erase(left, c.steps);
    return left;
  };
  using steps = std::vector<std::uint64_t>;
  for (bool const less : {false, true}) {
    INFO(less);
    CHECK(kept({none, 0.5, none, none}, less) == steps{20, 40});
    CHECK(kept({0.5, none, none}, less) == steps{10, 30});
    CHECK(kept({none, 0.3, none, 0.9, none}, less) == steps{less ? 20u : 40u, 50});
    CHECK(kept({none, none}, less).back() == 20);
  }
  // As a number that is none reads back.
  softf1_test::temp_directory folder;
  checkpoint_folder const files(folder.path().string());
  for (std::size_t epoch : {2u, 3u, 4u})
    files.save(unfinished(), state_at(epoch, 0, 10 * epoch, epoch == 3 ? 0.5 : none), {.last = 1, .best = 1});
  REQUIRE(files.list().size() == 2);
  CHECK(files.list()[0].record->map == 0.5);
  CHECK(std::isnan(files.list()[1].record->map));
}
