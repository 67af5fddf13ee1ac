// What calibrators see of a label: its scores, and how many positives and negatives have each.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/decisions/calibration_map.hpp>
#include <softf1/thresholds/curve_source.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

using decisions::bounded_score;
using decisions::calibration_map;
using decisions::label_map;
using decisions::logit_of;
using decisions::map_kind;
using metrics::count_curve;
using thresholds::curve_source;

/// The weight of the cells of one score.
struct scored_cells {
  double score, positives, negatives;
  double weight() const { return positives + negatives; }
};

/// The cells of a label by score, ascending; scores are bounded as maps bound them.
struct label_cells {
  std::vector<scored_cells> scores = {};
  double positives = 0, negatives = 0;
  bool is_probability = false;

  /// The frequency of positives.
  double frequency() const { return positives / (positives + negatives); }
  /// Its logit.
  double log_odds() const { return decisions::from_probability(frequency(), score_domain::logit); }
};

/// The cells behind a curve, whose points are what a score and all higher ones accept.
/// Throws value_error for a probability outside [0, 1]. Cost: O(points).
inline label_cells cells_of(count_curve const& curve, score_domain domain) {
  label_cells cells{.positives = curve.positives,
                    .negatives = curve.negatives,
                    .is_probability = domain == score_domain::probability};
  for (std::size_t k = curve.points.size(); k-- > 1;) {
    auto const &at = curve.points[k], &above = curve.points[k - 1];
    double const score = bounded_score(at.threshold, cells.is_probability);
    require_value(score == score, "calibration", "probabilities must lie in [0, 1], got " + number_text(at.threshold));
    double const positives = at.tp - above.tp, negatives = at.fp - above.fp;
    if (cells.scores.empty() || cells.scores.back().score < score)
      cells.scores.push_back({score, positives, negatives});
    else {
      cells.scores.back().positives += positives;
      cells.scores.back().negatives += negatives;
    }
  }
  return cells;
}

/// A cell as the fit of a sigmoid sees it: `hits` of its weight are for "yes".
struct soft_cells {
  double logit, hits, misses;
};

/// Targets for fits that shall not promise certainty: a positive counts as (N₊ + s) / (N₊ + 2 s), a negative as
/// s / (N₋ + 2 s), for N₊ positives and N₋ negatives of the label and a smoothing s; 0 leaves them 1 and 0.
/// Source: Platt, "Probabilistic outputs for support vector machines", 1999 (there s = 1).
struct smooth_targets {
  double positive, negative;

  smooth_targets(label_cells const& cells, double smoothing)
      : positive((cells.positives + smoothing) / (cells.positives + 2 * smoothing)),
        negative(smoothing / (cells.negatives + 2 * smoothing)) {}

  soft_cells of(scored_cells const& cells, bool is_probability) const {
    return {logit_of(cells.score, is_probability), cells.positives * positive + cells.negatives * negative,
            cells.positives * (1 - positive) + cells.negatives * (1 - negative)};
  }
};

/// The same for all cells of a label. Cost: O(scores).
inline std::vector<soft_cells> softened(label_cells const& cells, double smoothing) {
  smooth_targets const targets(cells, smoothing);
  std::vector<soft_cells> soft;
  soft.reserve(cells.scores.size());
  for (auto const& c : cells.scores) soft.push_back(targets.of(c, cells.is_probability));
  return soft;
}

/// Throws value_error unless an option is finite and >= 0.
inline void require_not_negative(double value, std::string_view who, std::string_view option) {
  require_value(value >= 0 && std::isfinite(value), who,
                std::string(option) + " must be finite and >= 0, got " + number_text(value));
}

}  // namespace softf1::inline SOFTF1_ABI::calibration
