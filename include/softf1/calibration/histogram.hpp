// Frequencies of bins of equal weight, a label.
#pragma once

#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include <softf1/calibration/each_label.hpp>
#include <softf1/calibration/pooled_blocks.hpp>
#include <softf1/thresholds/on_curve.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// The calibrator `histogram`: the scores of a label in `bins` bins of about equal weight, each with the frequency of
/// its positives, as if 2 `smoothing` cells more had been seen in it, of the label's own frequency; neighbouring bins
/// whose frequencies would fall are merged. Equal scores are never divided; bins meet in the middle between two scores.
/// A label with less than `min_positives` positives, or negatives, gets the temperature of all cells and a shift by its
/// own frequency, marked.
/// Throws value_error for options that are negative or not finite, or bins that are no whole number from 1 to 10,000.
/// Cost: O(points) a label.
/// Source: Zadrozny and Elkan, "Obtaining calibrated probability estimates from decision trees and naive Bayesian
/// classifiers", ICML 2001; smoothing: Cestnik, "Estimating probabilities", ECAI 1990.
struct histogram {
  static constexpr std::string_view name = "histogram";
  static constexpr std::array<std::string_view, 3> option_names{"bins", "min_positives", "smoothing"};

  double bins = 10, min_positives = 50, smoothing = 1;

  constexpr double& option(std::size_t k) { return k == 0 ? bins : k == 1 ? min_positives : smoothing; }
  void check() const {
    require_value(bins >= 1 && bins <= 10000 && bins == std::floor(bins), name,
                  "bins must be a whole number from 1 to 10000, got " + number_text(bins));
    require_not_negative(min_positives, name, "min_positives");
    require_not_negative(smoothing, name, "smoothing");
  }

  calibration_map operator()(curve_source const& source) const {
    check();
    return fit_each_label(
        source, name, min_positives, smoothing, fallback::shifted_temperature, [&](label_cells const& cells) {
          label_map map{.kind = map_kind::steps};
          double below = 0;
          for (auto const& block : pooled_blocks(binned(cells))) {
            map.scores.push_back(map.scores.empty() ? block.first : thresholds::cut_between(block.first, below));
            map.probabilities.push_back(block.frequency());
            below = block.last;
          }
          return map;
        });
  }

 private:
  std::vector<score_block> binned(label_cells const& cells) const {
    double const all = cells.positives + cells.negatives;
    std::vector<score_block> blocks;
    double seen = 0, ends = 0;
    for (auto const& c : cells.scores) {
      if (seen >= ends) {
        blocks.push_back({c.score, c.score, 2 * smoothing * cells.frequency(), 2 * smoothing});
        // The first end that this score does not reach yet.
        ends = (std::floor(seen * bins / all) + 1) * all / bins;
      }
      auto& bin = blocks.back();
      bin.last = c.score;
      bin.positives += c.positives;
      bin.weight += c.weight();
      seen += c.weight();
    }
    return blocks;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::calibration
