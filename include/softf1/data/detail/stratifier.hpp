// Iterative stratification (Sechidis, Tsoumakas, Vlahavas, 2011) with parts of exact sizes.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/data/detail/part_sizes.hpp>
#include <softf1/data/detail/sparse_labels.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// One split: made, used once, thrown away.
class stratifier {
 public:
  stratifier(sparse_labels const& labels, part_shares const& shares, part_counts const& sizes,
             random_stream const& random)
      : labels_(labels),
        shares_(shares),
        sizes_(sizes),
        random_(random),
        rows_of_(labels.counts().size()),
        remaining_(labels.counts()),
        given_(labels.counts().size()),
        is_queued_(labels.counts().size()),
        part_of_(labels.rows(), none) {}

  /// The part (0, 1, 2) of each row.
  std::vector<std::uint8_t> split() {
    auto const order = random_order(labels_.rows(), random_);
    for (auto const row : order)
      for (auto const label : labels_.of(row)) rows_of_[label].push_back(row);
    for (std::size_t label = 0; label < rows_of_.size(); ++label) enqueue(label);
    while (!queue_.empty()) {
      auto const next = queue_.top();
      queue_.pop();
      // Counts only fall, and every fall has put the label into the queue anew.
      if (next.count == remaining_[next.label] && next.count > 0) give_rows_of(next.label);
    }
    for (auto const row : order)
      if (part_of_[row] == none) give(row, neediest(row, nullptr));
    return std::move(part_of_);
  }

 private:
  static constexpr std::uint8_t none = 255;
  struct entry {
    std::size_t count;
    std::uint64_t key;  // random: which of equally frequent labels goes first
    std::size_t label;
    auto operator<=>(entry const&) const = default;
  };

  void enqueue(std::size_t label) { queue_.push({remaining_[label], random_.bits64(labels_.rows() + label), label}); }

  void give_rows_of(std::size_t label) {
    std::vector<std::size_t> touched;
    for (auto const row : rows_of_[label]) {
      if (part_of_[row] != none) continue;
      give(row, neediest(row, &label));
      for (auto const other : labels_.of(row)) {
        if (other == label || is_queued_[other]) continue;
        is_queued_[other] = 1;
        touched.push_back(other);
      }
    }
    for (auto const other : touched) {
      enqueue(other);
      is_queued_[other] = 0;
    }
  }

  void give(std::size_t row, std::size_t part) {
    part_of_[row] = static_cast<std::uint8_t>(part);
    ++taken_[part];
    for (auto const label : labels_.of(row)) {
      --remaining_[label];
      ++given_[label][part];
    }
  }

  /// The part with room that lacks most rows of the label (if one is given), then most rows, then by lot.
  std::size_t neediest(std::size_t row, std::size_t const* label) const {
    std::array<std::size_t, 3> candidates{};
    std::size_t count = 0;
    for (std::size_t p = 0; p < 3; ++p)
      if (taken_[p] < sizes_[p]) candidates[count++] = p;
    if (label) {
      double const positives = static_cast<double>(labels_.counts()[*label]);
      auto const& given = given_[*label];
      count = keep_largest(candidates, count,
                           [&](std::size_t p) { return positives * shares_[p] - static_cast<double>(given[p]); });
    }
    count = keep_largest(candidates, count, [&](std::size_t p) { return static_cast<double>(sizes_[p] - taken_[p]); });
    if (count == 1) return candidates[0];
    return candidates[random_.below(labels_.rows() + rows_of_.size() + row, count)];
  }

  /// Keeps the candidates of the largest value; values that differ by rounding only are equal.
  template <class Value>
  static std::size_t keep_largest(std::array<std::size_t, 3>& candidates, std::size_t count, Value const& value) {
    double largest = value(candidates[0]);
    for (std::size_t k = 1; k < count; ++k) largest = std::max(largest, value(candidates[k]));
    std::size_t kept = 0;
    for (std::size_t k = 0; k < count; ++k)
      if (value(candidates[k]) >= largest - 1e-6) candidates[kept++] = candidates[k];
    return kept;
  }

  sparse_labels const& labels_;
  part_shares shares_;
  part_counts sizes_;
  part_counts taken_{};
  random_stream random_;
  std::vector<std::vector<std::size_t>> rows_of_;  // of each label, in random order
  std::vector<std::size_t> remaining_;             // of each label: rows without a part
  std::vector<part_counts> given_;                 // of each label: rows in each part
  std::vector<char> is_queued_;
  std::vector<std::uint8_t> part_of_;
  std::priority_queue<entry, std::vector<entry>, std::greater<>> queue_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
