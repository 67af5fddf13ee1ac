// Betters a split by swapping rows between parts: sizes stay, labels come closer to their shares.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <softf1/data/detail/part_sizes.hpp>
#include <softf1/data/detail/sparse_labels.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// Lessens the sum over labels and parts of (positives − wanted positives)² / positives of the label. Each row in turn
/// meets a few rows that wait to go the other way, and is swapped with the best of them if that lessens the sum.
class part_swaps {
 public:
  part_swaps(sparse_labels const& labels, part_shares const& shares, std::vector<std::uint8_t>& part_of)
      : labels_(labels), part_of_(part_of), excess_(labels.counts().size()), weight_(labels.counts().size()) {
    for (std::size_t j = 0; j < excess_.size(); ++j) {
      double const positives = static_cast<double>(labels.counts()[j]);
      weight_[j] = positives > 0 ? 1 / positives : 0;
      for (std::size_t p = 0; p < 3; ++p) excess_[j][p] = -positives * shares[p];
    }
    for (std::size_t i = 0; i < part_of.size(); ++i)
      for (auto const j : labels.of(i)) ++excess_[j][part_of[i]];
  }

  /// Goes through the rows in this order until nothing changes, at most `passes` times.
  void run(std::span<std::size_t const> order, int passes) {
    for (int pass = 0; pass < passes; ++pass) {
      std::size_t swaps = 0;
      for (auto const row : order) swaps += visit(row);
      if (swaps == 0) return;
    }
  }

 private:
  static constexpr std::size_t most_waiting = 8;
  struct waiting_row {
    std::size_t row;
    double change;  // of the sum, were it moved alone
  };
  using waiting_rows = std::vector<waiting_row>;

  bool visit(std::size_t row) {
    std::size_t const from = part_of_[row];
    for (std::size_t to = 0; to < 3; ++to) {
      if (to == from) continue;
      auto& partners = waiting_[to][from];
      // Rows that were swapped since they began to wait are elsewhere.
      std::erase_if(partners, [&](waiting_row const& w) { return part_of_[w.row] != to; });
      auto best = partners.end();
      double least = -1e-9;
      for (auto partner = partners.begin(); partner != partners.end(); ++partner)
        if (double const change = swap_change(row, partner->row, from, to); change < least) {
          best = partner;
          least = change;
        }
      if (best != partners.end()) {
        move(row, from, to);
        move(best->row, to, from);
        partners.erase(best);
        return true;
      }
      wait(waiting_[from][to], row, from, to);
    }
    return false;
  }

  void wait(waiting_rows& queue, std::size_t row, std::size_t from, std::size_t to) {
    for (auto& w : queue) {
      if (w.row == row) return;
      w.change = move_change(w.row, from, to);
    }
    waiting_row const candidate{row, move_change(row, from, to)};
    if (queue.size() < most_waiting) return queue.push_back(candidate);
    auto const worst =
        std::max_element(queue.begin(), queue.end(), [](auto const& a, auto const& b) { return a.change < b.change; });
    if (candidate.change < worst->change) *worst = candidate;
  }

  double label_change(std::size_t label, std::size_t from, std::size_t to) const {
    return 2 * weight_[label] * (excess_[label][to] - excess_[label][from] + 1);
  }

  double move_change(std::size_t row, std::size_t from, std::size_t to) const {
    double change = 0;
    for (auto const label : labels_.of(row)) change += label_change(label, from, to);
    return change;
  }

  /// Labels that both rows have do not change.
  double swap_change(std::size_t row, std::size_t partner, std::size_t from, std::size_t to) const {
    auto const ours = labels_.of(row), theirs = labels_.of(partner);
    double change = 0;
    std::size_t a = 0, b = 0;
    while (a < ours.size() || b < theirs.size()) {
      if (b == theirs.size() || (a < ours.size() && ours[a] < theirs[b])) {
        change += label_change(ours[a++], from, to);
      } else if (a == ours.size() || theirs[b] < ours[a]) {
        change += label_change(theirs[b++], to, from);
      } else {
        ++a;
        ++b;
      }
    }
    return change;
  }

  void move(std::size_t row, std::size_t from, std::size_t to) {
    part_of_[row] = static_cast<std::uint8_t>(to);
    for (auto const label : labels_.of(row)) {
      --excess_[label][from];
      ++excess_[label][to];
    }
  }

  sparse_labels const& labels_;
  std::vector<std::uint8_t>& part_of_;
  std::vector<part_shares> excess_;  // of each label and part: positives beyond those wanted
  std::vector<double> weight_;
  std::array<std::array<waiting_rows, 3>, 3> waiting_;  // [from][to]
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
