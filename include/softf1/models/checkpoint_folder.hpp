// The checkpoints of a training run, and which of them are kept.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <softf1/models/checkpoint.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// Which checkpoints are kept: those that any of these keeps.
struct checkpoint_policy {
  std::size_t last = 3;  ///< the newest
  std::size_t best = 1;  ///< of the ends of epochs, the best by `monitor`
  training::monitor monitor = {};
};

/// The checkpoints of a folder, `step_00000120.safetensors` after 120 steps. Another process may read them while they
/// are written: each appears whole.
class checkpoint_folder {
 public:
  explicit checkpoint_folder(std::string folder) : folder_(std::move(folder)) {}

  std::string const& path() const { return folder_; }
  std::string path_of(std::uint64_t steps) const {
    char name[48];
    std::snprintf(name, sizeof name, "step_%08llu.safetensors", static_cast<unsigned long long>(steps));
    return (std::filesystem::path(folder_) / name).string();
  }

  /// The files there are, by name only.
  std::vector<std::string> paths() const {
    std::vector<std::string> all;
    std::error_code none;
    for (auto const& entry : std::filesystem::directory_iterator(folder_, none)) {
      auto const name = entry.path().filename().string();
      if (name.starts_with("step_") && name.ends_with(".safetensors")) all.push_back(entry.path().string());
    }
    return all;
  }

  /// Those there are, by steps; none where there is no folder. A file that is gone when its turn comes is left out.
  /// Throws io_error for a file of such a name that is no checkpoint.
  std::vector<checkpoint_info> list() const {
    std::vector<checkpoint_info> all;
    for (auto const& path : paths()) {
      try {
        all.push_back(read_checkpoint_info(path));
      } catch (io_error const&) {
        if (std::filesystem::exists(path)) throw;
      }
    }
    std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.steps < b.steps; });
    return all;
  }

  /// Writes a checkpoint, then removes those that the policy does not keep; the folder is made. Returns its path.
  /// Throws as write_checkpoint, io_error where the folder cannot be made.
  std::string save(model const& m, training::training_state<float> const& state, checkpoint_policy const& policy,
                   extractor const* bundle = nullptr) const {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    if (failed) throw io_error("checkpoint_folder: cannot make the folder " + folder_ + ": " + failed.message());
    auto const path = path_of(state.steps);
    write_checkpoint(path, m, state, bundle);
    for (auto const& old : not_kept(list(), policy)) std::filesystem::remove(old.path, failed);
    return path;
  }

  /// Those of `all` (by steps) that a policy does not keep. The newest is always kept: training goes on from it.
  static std::vector<checkpoint_info> not_kept(std::vector<checkpoint_info> const& all,
                                               checkpoint_policy const& policy) {
    std::vector<std::size_t> ends;
    for (std::size_t k = 0; k < all.size(); ++k)
      if (all[k].record) ends.push_back(k);
    std::stable_sort(ends.begin(), ends.end(), [&](std::size_t a, std::size_t b) {
      return policy.monitor.better(*all[a].record, *all[b].record);
    });
    std::vector<bool> kept(all.size(), false);
    for (std::size_t k = 0; k < std::min(policy.best, ends.size()); ++k) kept[ends[k]] = true;
    std::size_t const last = std::max<std::size_t>(policy.last, 1);
    for (std::size_t k = all.size() - std::min(last, all.size()); k < all.size(); ++k) kept[k] = true;
    std::vector<checkpoint_info> rest;
    for (std::size_t k = 0; k < all.size(); ++k)
      if (!kept[k]) rest.push_back(all[k]);
    return rest;
  }

 private:
  std::string folder_;
};

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::checkpoint_folder;
using models::checkpoint_policy;
}  // namespace softf1::inline SOFTF1_ABI
