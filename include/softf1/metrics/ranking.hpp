// Average precision and area under the ROC curve, from the one sorted sequence.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/metrics/average.hpp>
#include <softf1/metrics/counts.hpp>
#include <softf1/metrics/row_ranking.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What ranking metrics take beside scores and targets. They need no domain and no rule: only the order counts.
template <class B = cpu>
struct ranking_options {
  averaging average = averaging::macro;
  mask_view<B> mask = {};            ///< (N, L), != 0 is present
  weights_view<B> row_weights = {};  ///< (N,)
};

/// Ranking metrics of one label (or of all cells pooled).
struct ranking_scores {
  double average_precision;  ///< NaN without positives
  double roc_auc;            ///< NaN unless both classes occur
  column_totals totals;
};

namespace detail {

/// What a tie group adds to average precision · positives: the positives that it has, and tp and fp to its end.
SOFTF1_HD constexpr double precision_of_group(double gained, double tp, double fp) {
  return gained > 0 ? gained * (tp / (tp + fp)) : 0.0;
}
/// What a tie group adds to AUROC · positives · negatives: the negatives that it has, and tp before and to its end.
SOFTF1_HD constexpr double area_of_group(double lost, double tp_before, double tp) {
  return lost * (0.5 * (tp + tp_before));
}
SOFTF1_HD constexpr double average_precision_of(double sum, double positives) {
  return positives > 0 ? sum / positives : quiet_nan<double>();
}
SOFTF1_HD constexpr double roc_auc_of(double area, double positives, double negatives) {
  return positives > 0 && negatives > 0 ? area / (positives * negatives) : quiet_nan<double>();
}

}  // namespace detail

/// Both metrics in one walk over the tie groups:
/// average precision = Σ (R_k − R_{k−1}) P_k over distinct scores; AUROC = P(positive above negative) + ½ P(equal).
struct ranking_walk {
  struct state {
    double precision_sum, area;
  };
  using result = ranking_scores;

  SOFTF1_HD state identity() const { return {0, 0}; }

  template <class T>
  SOFTF1_HD void add(state& s, tie_group<T> const& g, column_totals const&) const {
    s.precision_sum += detail::precision_of_group(g.tp - g.tp_before, g.tp, g.fp);
    s.area += detail::area_of_group(g.fp - g.fp_before, g.tp_before, g.tp);
  }

  SOFTF1_HD static void merge(state& earlier, state const& later) {
    earlier.precision_sum += later.precision_sum;
    earlier.area += later.area;
  }

  SOFTF1_HD result finish(std::size_t, state const& s, column_totals const& totals) const {
    return {detail::average_precision_of(s.precision_sum, totals.positives),
            detail::roc_auc_of(s.area, totals.positives, totals.negatives), totals};
  }
};

/// Ranking metrics of each label: scores (N, L), targets (N, L) of 0 and 1; `options.average` is not used.
/// Throws shape_error for shapes that do not fit, value_error for a NaN score or another target (row and label named)
/// or a bad weight. Cost: one sort a label, see reduce_tie_groups; deterministic.
/// Source: scikit-learn's average_precision_score and roc_auc_score.
template <class S, class Y, class B>
std::vector<ranking_scores> rank_labels(context<B>& ctx, matrix_view<const S, B> scores,
                                        matrix_view<const Y, B> targets, ranking_options<B> const& options = {},
                                        std::string_view who = "ranking") {
  std::vector<ranking_scores> host(scores.cols());
  with_cells(ctx, who, scores, targets, options.mask, options.row_weights, [&](auto const& cells) {
    refuse_bad_weights(ctx, cells, who);
    buffer<ranking_scores, B> out(ctx, cells.cols());
    reduce_tie_groups(ctx, cells, ranking_walk{}, out.view());
    copy(ctx, std::as_const(out).view(), vector_view<ranking_scores>(host.data(), host.size()));
    for (auto const& label : host)
      if (label.totals.invalid != 0) refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
  });
  return host;
}

/// Ranking metrics of all present cells, pooled. Otherwise as rank_labels; one sort of N·L cells.
template <class S, class Y, class B>
ranking_scores rank_pooled(context<B>& ctx, matrix_view<const S, B> scores, matrix_view<const Y, B> targets,
                           ranking_options<B> const& options = {}, std::string_view who = "ranking") {
  ranking_scores host{};
  with_cells(ctx, who, scores, targets, options.mask, options.row_weights, [&](auto const& cells) {
    refuse_bad_weights(ctx, cells, who);
    buffer<ranking_scores, B> out(ctx, 1);
    reduce_tie_groups(ctx, pooled_cells(cells), ranking_walk{}, out.view());
    copy(ctx, std::as_const(out).view(), vector_view<ranking_scores>(&host, 1));
    if (host.totals.invalid != 0) refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
  });
  return host;
}

/// The mean of a ranking metric over the labels for which it is defined, and how many were left out.
struct ranking_mean {
  double value;  ///< NaN where it is defined for no label
  std::size_t left_out;
};

inline ranking_mean average_labels(std::span<ranking_scores const> labels, double ranking_scores::*metric,
                                   averaging how) {
  require_value(how == averaging::macro || how == averaging::weighted, "average_labels",
                "average must be macro or weighted");
  defined_mean mean;
  for (auto const& label : labels) mean.add(label.*metric, how == averaging::weighted ? label.totals.positives : 1.0);
  return {mean.value(), mean.left_out};
}

namespace detail {
template <class B, class X, class Y>
double ranking_metric(context<B>& ctx, X const& scores, Y const& targets, ranking_options<B> const& options,
                      double ranking_scores::*metric, row_metric of_rows, std::string_view who) {
  auto const s = const_view<2>(scores, who, "scores");
  auto const t = const_view<2>(targets, who, "targets");
  if (options.average == averaging::samples)
    return row_ranking_value(ctx, s, t, row_ranking_options<B>{options.mask, options.row_weights}, of_rows, who);
  if (options.average == averaging::micro) return rank_pooled(ctx, s, t, options, who).*metric;
  return average_labels(rank_labels(ctx, s, t, options, who), metric, options.average).value;
}
}  // namespace detail

/// Average precision: macro over the labels that have positives, micro over all cells, weighted by support, or samples:
/// over the rows that have positives (see row_rankings). scores (N, L) in any monotone domain, targets (N, L) of 0 and 1.
/// In [0, 1]; NaN where no label (or row) has positives. Errors and cost as rank_labels, or row_rankings::add.
template <class B, class X, class Y>
double average_precision(context<B>& ctx, X const& scores, Y const& targets, ranking_options<B> const& options = {}) {
  return detail::ranking_metric(ctx, scores, targets, options, &ranking_scores::average_precision,
                                row_metric::average_precision, "average_precision");
}

/// Area under the ROC curve: macro over the labels that have both classes, micro, weighted by support, or samples: over
/// the rows that have both. Otherwise as average_precision; 0.5 for constant scores.
template <class B, class X, class Y>
double roc_auc(context<B>& ctx, X const& scores, Y const& targets, ranking_options<B> const& options = {}) {
  return detail::ranking_metric(ctx, scores, targets, options, &ranking_scores::roc_auc, row_metric::roc_auc,
                                "roc_auc");
}

/// Both with a context of their own.
template <class X, class Y>
double average_precision(X const& scores, Y const& targets, ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return average_precision(ctx, scores, targets, options);
}
template <class X, class Y>
double roc_auc(X const& scores, Y const& targets, ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return roc_auc(ctx, scores, targets, options);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::average_precision;
using metrics::ranking_options;
using metrics::roc_auc;
}  // namespace softf1::inline SOFTF1_ABI
