// Thresholds of all labels together, for the mean over rows of an objective.
#pragma once

#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/best.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/on_curve.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `samples`: a threshold a label, found together, that make the mean over rows of the objective of a row's
/// counts (such as samples F1) as great as possible. Cyclic coordinate ascent as `micro`, from the optimum of each label by
/// itself: each step is exact. Cost: sweeps (few, at most 100) with two evaluations a cell.
/// Source: Fan and Lin, "A study on threshold selection for multi-label classification", 2007 (cyclic optimization).
struct samples {
  static constexpr std::string_view name = "samples";
  static constexpr auto option_names = no_options;
  static constexpr int most_sweeps = 100;

  threshold_set operator()(tuning_rows const& rows, objective_function const& score) const {
    search all(rows, score);
    bool moved = true;
    for (int sweep = 0; moved && sweep < most_sweeps; ++sweep) {
      moved = false;
      for (std::size_t j = 0; j < rows.labels(); ++j) moved = all.improve(j) || moved;
    }
    set_maker made(rows, name);
    for (std::size_t j = 0; j < rows.labels(); ++j)
      if (all.has_positives[j])
        made.add(all.thresholds[j], name);
      else
        made.add_neutral();
    return made.take();
  }

 private:
  struct search {
    tuning_rows const& rows;
    objective_function const& score;
    std::vector<confusion<double>> counts;  // of each row, under the thresholds so far
    std::vector<double> thresholds;
    std::vector<bool> has_positives;
    std::vector<std::vector<std::size_t>>
        orders;  // of each label the rows that weigh something, from the highest score

    search(tuning_rows const& all, objective_function const& of) : rows(all), score(of), counts(all.rows()) {
      auto const start = best{}(rows, score);
      thresholds = start.thresholds;
      for (std::size_t j = 0; j < rows.labels(); ++j) {
        has_positives.push_back(start.reasons[j] == best::name);
        auto& order = orders.emplace_back();
        for (std::uint32_t cell : rows.order(j))
          if (rows.weight(cell >> 2) > 0) order.push_back(cell >> 2);
        for (std::size_t i = 0; i < rows.rows(); ++i)
          if (rows.present(i, j)) rows.count(counts[i], i, j, rows.score(i, j) >= thresholds[j], 1);
      }
    }

    double value(std::size_t i, std::size_t j, confusion<double> others, bool yes) const {
      rows.count(others, i, j, yes, 1);
      return rows.weight(i) * rows.defined(score(others));
    }

    // Walks the rows in descending order of label j's score, each of which goes from "no" to "yes".
    bool improve(std::size_t j) {
      if (!has_positives[j]) return false;
      auto const& order = orders[j];
      bool const rejects_all = order.empty() || rows.score(order[0], j) != infinity<double>();
      double gain = 0, best_gain = rejects_all ? 0 : -infinity<double>(), now = 0, threshold = infinity<double>();
      for (std::size_t k = 0; k < order.size(); ++k) {
        std::size_t const i = order[k];
        double const at = rows.score(i, j);
        bool const is_last = k + 1 == order.size();
        double const next = is_last ? at : rows.score(order[k + 1], j);
        bool const was = at >= thresholds[j];
        confusion<double> others = counts[i];
        rows.count(others, i, j, was, -1);
        gain += value(i, j, others, true) - value(i, j, others, false);
        if (!is_last && next == at) continue;
        if (was) now = gain;
        if (!(gain > best_gain)) continue;
        best_gain = gain;
        threshold = cut_between(at, next);
      }
      if (!(best_gain > now + 1e-12 * (1 + now * now))) return false;
      for (std::size_t i : order) {
        double const at = rows.score(i, j);
        if ((at >= thresholds[j]) == (at >= threshold)) continue;
        rows.count(counts[i], i, j, at >= thresholds[j], -1);
        rows.count(counts[i], i, j, at >= threshold, 1);
      }
      thresholds[j] = threshold;
      return true;
    }
  };
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
