// Strategies on a sketch of scores: constant memory, any number of rows.
#pragma once

#include <cstddef>
#include <utility>

#include <softf1/metrics/score_sketch.hpp>
#include <softf1/metrics/sketch_curves.hpp>
#include <softf1/thresholds/curve_source.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// What strategies search where scores were only counted in bins: the points are the edges of the bins that are not
/// empty. Every strategy that takes a curve_source works on it (best, micro, global, cost, pcut, f_star, youden …);
/// those that look at rows take tuning_rows. What is counted at an edge is exact, so a threshold that is searched lies
/// at an edge, and its score is that of the rows; it misses at most what can lie within one bin: for scores that do not
/// fall with hits and do not grow with false alarms, best_bin_edge(sketch.label(j), score) bounds the best of all
/// thresholds, and the best threshold, where it is the only one, lies less than a bin from a point. Strategies that
/// take scores as probabilities (label_free, prior_shift) take each as its bin's lower edge, so they are off by less
/// than the width of a bin, too.
class sketch_source final : public curve_source {
 public:
  /// The domain of the thresholds is the sketch's, but for scores that were calibrated: they are probabilities to a
  /// sketch. Throws value_error for another domain. Cost: a copy of the sketch.
  explicit sketch_source(metrics::score_sketch sketch, double zero_division = 0)
      : sketch_source(sketch, zero_division, sketch.domain()) {}
  sketch_source(metrics::score_sketch const& sketch, double zero_division, score_domain domain)
      : curve_source(domain, zero_division), sketch_(sketch) {
    require_value((domain == score_domain::logit) == (sketch.domain() == score_domain::logit), "sketch_source",
                  "a sketch of " + std::string(decisions::name_of(sketch.domain())) +
                      " scores has no thresholds of domain " + std::string(decisions::name_of(domain)));
  }

  std::size_t rows() const override { return sketch_.rows(); }
  std::size_t labels() const override { return sketch_.labels(); }
  /// Cost: O(bins).
  count_curve label(std::size_t j) const override { return within(metrics::curve_at_edges(sketch_.label(j))); }
  /// Cost: O(labels · bins).
  count_curve pooled() const override { return within(metrics::curve_at_edges(sketch_.pooled())); }

 private:
  // The first bin begins at −inf: as a probability, at 0.
  count_curve within(count_curve curve) const {
    auto& last = curve.points.back().threshold;
    if (domain() != score_domain::logit && last < 0) last = 0;
    return curve;
  }

  metrics::score_sketch sketch_;
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::sketch_source;
}
