// Places in one piece of memory for arrays that live for a while each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::layers::detail {

/// Arrays are made one after the other; each lives from its making to its last use. Two that live at once do not
/// overlap.
class arena_planner {
 public:
  struct places {
    std::vector<std::size_t> offsets;
    std::size_t size;
  };

  /// The next array, made from those at the places `uses` (others are ignored).
  void add(std::size_t size, std::initializer_list<std::size_t> uses) {
    arrays_.push_back({size, arrays_.size()});
    for (std::size_t used : uses)
      if (used < arrays_.size()) arrays_[used].last = arrays_.size() - 1;
  }

  /// First fit, the largest first. Offsets are multiples of 16 elements.
  places place() const {
    std::vector<std::size_t> order(arrays_.size()), offsets(arrays_.size()), placed;
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return arrays_[a].size > arrays_[b].size; });
    std::size_t size = 0;
    for (std::size_t i : order) {
      offsets[i] = first_fit(i, placed, offsets);
      placed.push_back(i);
      size = std::max(size, offsets[i] + rounded(arrays_[i].size));
    }
    return {std::move(offsets), size};
  }

 private:
  struct array {
    std::size_t size, last;  // the array that is made from it last
  };

  static std::size_t rounded(std::size_t size) { return (size + 15) / 16 * 16; }

  std::size_t first_fit(std::size_t i, std::vector<std::size_t> const& placed,
                        std::vector<std::size_t> const& offsets) const {
    std::vector<std::pair<std::size_t, std::size_t>> taken;
    for (std::size_t other : placed)
      if (std::max(i, other) <= std::min(arrays_[i].last, arrays_[other].last))
        taken.emplace_back(offsets[other], offsets[other] + rounded(arrays_[other].size));
    std::sort(taken.begin(), taken.end());
    std::size_t at = 0;
    for (auto const& [begin, end] : taken) {
      if (at + rounded(arrays_[i].size) <= begin) break;
      at = std::max(at, end);
    }
    return at;
  }

  std::vector<array> arrays_;
};

}  // namespace softf1::inline SOFTF1_ABI::layers::detail
