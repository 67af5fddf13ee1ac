// What binned scores tell about metrics of the scores themselves, with bounds that always hold.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/metrics/detail/partial_area.hpp>
#include <softf1/scores/defined.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// A number that is known to lie in [lower, upper], and the best guess at it. All NaN where it is undefined.
/// The bounds are proved for exact arithmetic; in doubles they hold within a few times bins · 2^-53.
struct bounded {
  double value, lower, upper;

  /// How far the value can be off.
  double error() const { return upper - value > value - lower ? upper - value : value - lower; }
  static bounded undefined() { return {quiet_nan<double>(), quiet_nan<double>(), quiet_nan<double>()}; }
};

/// One label's cells (or those of all labels) in bins, ascending in score: the weight of each class in each bin.
struct binned_scores {
  std::vector<double> edges;                 ///< the lowest score of each bin; -inf for the first
  std::vector<double> positives, negatives;  ///< weight in each bin
  double quantum = 1;                        ///< the weight of every cell is a whole multiple of it; 1 without weights

  double total_positives() const { return sum(positives); }
  double total_negatives() const { return sum(negatives); }

 private:
  static double sum(std::vector<double> const& all) {
    double s = 0;
    for (double x : all) s += x;
    return s;
  }
};

namespace detail {

/// A bin as it is met from the highest score down: what lies above it and what lies in it.
struct met_bin {
  double edge, tp, fp;  ///< its lowest score; weight of the positives and negatives above the bin
  double p, n;          ///< in the bin
  bool is_top;          ///< the bin of +inf
};

/// visit(met_bin) for every bin that is not empty, highest first.
template <class Visit>
void walk_bins(binned_scores const& bins, Visit const& visit) {
  double tp = 0, fp = 0;
  for (std::size_t b = bins.edges.size(); b-- > 0;) {
    double const p = bins.positives[b], n = bins.negatives[b];
    if (p == 0 && n == 0) continue;
    visit(met_bin{bins.edges[b], tp, fp, p, n, b + 1 == bins.edges.size()});
    tp += p;
    fp += n;
  }
}

/// What the positives of a bin add to Σ gained · precision; see bounded_average_precision.
inline bounded precision_sum(met_bin const& b, double quantum) {
  double const cells = std::round(b.p / quantum), negatives = b.fp + b.n, most = 64;
  bool const each = cells <= most;  // each cell of one quantum, or as many equal parts as are precise enough
  double const parts = !each ? most : cells < 1 ? 1 : cells;
  double guess = 0, last = 0;
  for (double k = 1; k <= parts; ++k) {
    double const tp = b.tp + b.p * (each ? k / parts : (k - 0.5) / parts);
    guess += tp / (tp + b.fp + b.n * (each ? k / (parts + 1) : (k - 0.5) / parts));
    last += tp / (tp + negatives);
  }
  double const integral = negatives == 0 ? b.p : b.p - negatives * std::log1p(b.p / (b.tp + negatives));
  double const all = b.tp + b.p, lower = each ? last * (b.p / parts) : integral > 0 ? integral : 0;
  return {guess * (b.p / parts), lower, b.p * (all / (all + b.fp))};
}

}  // namespace detail

/// Average precision Σ (R_k − R_{k−1}) P_k over distinct scores, from bins; in units of 1 / positives, a bin with p
/// positives and n negatives below tp and fp, and q the quantum, adds
/// upper: p (tp + p) / (tp + p + fp);
/// lower: Σ_{k=1…p/q} q (tp + kq) / (tp + kq + fp + n); where p/q > 64 the integral p − (fp + n) ln((tp + p + fp + n) /
/// (tp + fp + n)), which is not above that sum of a growing function;
/// value: as if its negatives lay evenly among its positives, n k / (p/q + 1) of them above the k-th.
/// Proof. A positive cell of the bin adds its weight times t / (t + f) at the end of its tie group, where t is in (tp,
/// tp + p] and f in [fp, fp + n]. That grows with t and falls with f. So it is at most (tp + p) / (tp + p + fp). Order
/// the bin's positives by score: at the end of its group t is at least the sum s_k of the positives up to this one, so
/// the bin adds at least Σ_k w_k s_k / (s_k + fp + n). Splitting a cell lowers that sum, since its first part then
/// takes a smaller s; weights are multiples of q, so splitting all into cells of q gives the least. ∎
/// NaN without positives. Cost: O(bins), at most 64 steps each.
inline bounded bounded_average_precision(binned_scores const& bins) {
  double value = 0, lower = 0, upper = 0;
  detail::walk_bins(bins, [&](detail::met_bin const& b) {
    if (b.p == 0) return;
    bounded const here = detail::precision_sum(b, bins.quantum);
    value += here.value;
    lower += here.lower;
    upper += here.upper;
  });
  double const positives = bins.total_positives();
  if (!(positives > 0)) return bounded::undefined();
  return {value / positives, lower / positives, upper / positives};
}

/// Area under the ROC curve up to a false positive rate, from bins.
/// With max_fpr = 1: (C + A/2) / (P N) in [C, C + A] / (P N), where C is the weight of the pairs of a positive and a
/// negative whose bins are in the right order, A that of the pairs in one bin.
/// Else the area left of max_fpr; as McClish standardises it, ½ (1 + (area − m²/2) / (m − m²/2)), unless told
/// otherwise. Proof. The curve is monotone and passes through the corners (fp, tp) and (fp + n, tp + p) of each bin's
/// rectangle, so it stays inside: over the width w of the rectangle that lies left of the limit, the area is in [w tp,
/// w (tp + p)]. `value` follows the diagonal. Standardising is increasing in the area. ∎
/// NaN unless both classes occur. Throws value_error for max_fpr outside (0, 1]. Cost: O(bins).
/// Source: scikit-learn's roc_auc_score; McClish, Medical Decision Making, 1989.
inline bounded bounded_roc_auc(binned_scores const& bins, double max_fpr = 1, bool standardise = true) {
  require_value(max_fpr > 0 && max_fpr <= 1, "roc_auc", "max_fpr must lie in (0, 1], got " + number_text(max_fpr));
  double const positives = bins.total_positives(), negatives = bins.total_negatives();
  if (!(positives > 0 && negatives > 0)) return bounded::undefined();
  double const limit = max_fpr * negatives;
  double value = 0, lower = 0, upper = 0;
  detail::walk_bins(bins, [&](detail::met_bin const& b) {
    double const w = b.fp + b.n <= limit ? b.n : limit - b.fp;
    if (!(w > 0)) return;
    value += w * (b.tp + 0.5 * b.p * (w / b.n));
    lower += w * b.tp;
    upper += w * (b.tp + b.p);
  });
  auto const finished = [&](double area) {
    area /= positives * negatives;
    return standardise ? detail::standardised_area(area, max_fpr) : area;
  };
  return {finished(value), finished(lower), finished(upper)};
}

/// The best score over thresholds that bins allow.
struct best_edge {
  double threshold;            ///< an edge of a bin: `score >= threshold` decides; +inf accepts none, -inf all
  bounded score;               ///< of the best threshold of all; value = lower, what this threshold reaches, exactly
  confusion<double> counts{};  ///< at this threshold, exactly
};

/// The best edge for any score functor, and how much better another threshold can be.
/// Lower: the score at the best edge, which is exact: no cell's side is in doubt there. Upper: the largest of that and
/// score(tp + p, fp) over the bins, with all positives of the bin accepted and none of its negatives.
/// Proof. A threshold inside a bin accepts tp' in [tp, tp + p] and fp' in [fp, fp + n]. Where, for fixed totals, the
/// score does not fall with tp' and does not grow with fp', it is at most that of (tp + p, fp). ∎
/// So the upper bound holds for every such score: precision, recall, specificity, F-beta, Jaccard, accuracy, balanced
/// accuracy, MCC, and `reaching`, with zero_division = 0; not for one that rewards wrong decisions. The lower bound
/// always holds. An undefined score counts as zero_division. Among equals the highest threshold. Cost: O(bins).
template <class Score>
best_edge best_bin_edge(binned_scores const& bins, Score const& score, double zero_division = 0) {
  double const positives = bins.total_positives(), negatives = bins.total_negatives();
  auto const objective = [&](double tp, double fp) {
    return scores::accepted_score_or(score, tp, fp, positives, negatives, zero_division);
  };
  double const none = objective(0, 0);
  best_edge best{infinity<double>(), {none, none, none}, {0, 0, positives, negatives}};
  bool any = bins.positives.empty() || (bins.positives.back() == 0 && bins.negatives.back() == 0);
  double upper = any ? none : -infinity<double>();
  detail::walk_bins(bins, [&](detail::met_bin const& b) {
    double const tp = b.tp + b.p, fp = b.fp + b.n, value = objective(tp, fp);
    double const most = b.is_top ? value : objective(tp, b.fp);
    upper = most > upper ? most : upper;
    if (any && !(value > best.score.value)) return;
    best = {b.edge, {value, value, value}, {tp, fp, positives - tp, negatives - fp}};
    any = true;
  });
  best.score.upper = upper > best.score.value ? upper : best.score.value;
  return best;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::best_bin_edge;
using metrics::binned_scores;
using metrics::bounded;
using metrics::bounded_average_precision;
using metrics::bounded_roc_auc;
}  // namespace softf1::inline SOFTF1_ABI
