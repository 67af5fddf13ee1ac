// One threshold for all labels.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/on_curve.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `global`: the one threshold where the objective of all cells' counts together is greatest (micro), or,
/// with `macro=1`, its mean over the labels that have positives; of equals the highest. Exact: every distinct score is
/// tried. Source: Yang, SIGIR 2001 (one SCut for all); Fan and Lin, "A study on threshold selection for multi-label
/// classification", 2007.
/// Cost: a sort of all cells; with `macro=1` also an evaluation a cell.
struct global {
  static constexpr std::string_view name = "global";
  static constexpr std::array<std::string_view, 1> option_names{"macro"};

  double macro = 0;

  constexpr double& option(std::size_t) { return macro; }
  void check() const {
    require_value(macro == 0 || macro == 1, name, "macro must be 0 or 1, got " + number_text(macro));
  }

  threshold_set operator()(curve_source const& source, objective_function const& score) const {
    check();
    count_curve const curve = macro != 0 ? count_curve{} : source.pooled();
    double threshold = source.neutral();
    bool found = false;
    if (macro != 0) {
      found = best_of_mean(source, score, threshold);
    } else if (curve.positives > 0) {
      auto const best = best_point(curve, [&](std::size_t k) { return source.defined(score(curve.counts(k))); });
      found = best.at != curve_point::none;
      if (found) threshold = threshold_at(curve, best.at);
    }
    set_maker made(source, name);
    made.add_to_all(found, threshold, name);
    return made.take();
  }

 private:
  struct step {
    double threshold;
    std::size_t label, point;
  };

  // Walks the steps of all labels' curves in descending order, and keeps the sum of the labels' scores.
  static bool best_of_mean(curve_source const& source, objective_function const& score, double& threshold) {
    std::vector<count_curve> curves;
    std::vector<step> steps;
    std::vector<double> now;
    for (std::size_t j = 0; j < source.labels(); ++j) {
      curves.push_back(source.label(j));
      bool const counts = curves[j].positives > 0;
      now.push_back(counts ? source.defined(score(curves[j].counts(0))) : 0);
      for (std::size_t k = 1; counts && k < curves[j].points.size(); ++k)
        steps.push_back({curves[j].points[k].threshold, j, k});
    }
    if (steps.empty()) return false;
    std::stable_sort(steps.begin(), steps.end(),
                     [](step const& a, step const& b) { return a.threshold > b.threshold; });
    auto const sum = [&] {
      double all = 0;
      for (double x : now) all += x;
      return all;
    };
    bool const none_reachable = steps[0].threshold != infinity<double>();
    double best = none_reachable ? sum() : -infinity<double>(), running = sum();
    threshold = infinity<double>();
    for (std::size_t k = 0; k < steps.size(); ++k) {
      auto const& [at, j, point] = steps[k];
      double const value = source.defined(score(curves[j].counts(point)));
      running += value - now[j];
      now[j] = value;
      if (running * 0 != 0) running = sum();  // a score may be infinite
      bool const is_last = k + 1 == steps.size();
      if (!is_last && steps[k + 1].threshold == at) continue;
      if (!(running > best)) continue;
      best = running;
      threshold = is_last || curves[j].is_binned ? at : cut_between(at, steps[k + 1].threshold);
    }
    return true;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
