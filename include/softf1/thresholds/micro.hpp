// Thresholds of all labels together, for an objective of all cells.
#pragma once

#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/on_curve.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `micro`: a threshold a label, found together, that make the objective of all cells' counts as great as
/// possible. Cyclic coordinate ascent: from the optimum of each label by itself, each label in turn is given its best
/// threshold beside the others', until none changes. Each step is exact and none is worse than the one before, so the end
/// is a maximum by each label, not always of all. Labels without positives accept nothing.
/// Cost: all curves in memory; sweeps (few, at most 100) over their points.
/// Source: Fan and Lin, "A study on threshold selection for multi-label classification", 2007 (cyclic optimization).
struct micro {
  static constexpr std::string_view name = "micro";
  static constexpr auto option_names = no_options;
  static constexpr int most_sweeps = 100;

  threshold_set operator()(curve_source const& source, objective_function const& score) const {
    std::vector<count_curve> curves;
    std::vector<std::size_t> at;
    confusion<double> all{};
    double positives = 0;
    for (std::size_t j = 0; j < source.labels(); ++j) {
      auto const& curve = curves.emplace_back(source.label(j));
      auto const best = best_point(curve, [&](std::size_t k) { return source.defined(score(curve.counts(k))); });
      at.push_back(best.at == curve_point::none ? 0 : best.at);
      all += curve.counts(at[j]);
      positives += curve.positives;
    }
    bool moved = positives > 0;
    for (int sweep = 0; moved && sweep < most_sweeps; ++sweep) {
      moved = false;
      for (std::size_t j = 0; j < curves.size(); ++j) moved = improve(source, score, curves[j], at[j], all) || moved;
    }
    set_maker made(source, name);
    for (std::size_t j = 0; j < curves.size(); ++j)
      if (positives > 0)
        made.add(threshold_at(curves[j], at[j]), curves[j].positives > 0 ? name : no_positives);
      else
        made.add_neutral();
    return made.take();
  }

 private:
  // Moves one label to its best point beside the others; whether that is better than where it was.
  static bool improve(curve_source const& source, objective_function const& score, count_curve const& curve,
                      std::size_t& at, confusion<double>& all) {
    confusion<double> const mine = curve.counts(at);
    confusion<double> const others{all.tp - mine.tp, all.fp - mine.fp, all.fn - mine.fn, all.tn - mine.tn};
    auto const value = [&](std::size_t k) {
      confusion<double> together = others;
      return source.defined(score(together += curve.counts(k)));
    };
    auto const best = best_point(curve, value);
    if (best.at == curve_point::none || !(best.value > value(at))) return false;
    at = best.at;
    all = others;
    all += curve.counts(at);
    return true;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
