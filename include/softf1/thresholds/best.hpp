// The exact optimum of any score, for each label by itself.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/core/named.hpp>
#include <softf1/scores/defined.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/on_curve.hpp>
#include <softf1/thresholds/options.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The best threshold of one label.
struct best_threshold {
  double threshold;  ///< decides `score >= threshold`
  double score;      ///< the objective there, on the data that it was found on
  column_totals totals;
};

/// The walk that evaluates a score at the end of every tie group.
template <class Score>
struct best_walk {
  struct state {
    double threshold, score;
    bool any;
    bool has_infinite;              // a score of +inf, which no threshold rejects
    double neutral_tp, neutral_fp;  // what the neutral threshold accepts
    double first;                   // the highest score that weighs something
    bool open;                      // the best is the lowest such score yet: its threshold is still that score
  };
  using result = best_threshold;

  Score score;
  double zero_division;
  double neutral;  ///< the threshold of a label without positives

  SOFTF1_HD state identity() const { return {infinity<double>(), 0, false, false, 0, 0, 0, false}; }

  SOFTF1_HD double objective(double tp, double fp, column_totals const& totals) const {
    return scores::accepted_score_or(score, tp, fp, totals.positives, totals.negatives, zero_division);
  }

  template <class T>
  SOFTF1_HD void add(state& s, tie_group<T> const& g, column_totals const& totals) const {
    if (g.tp == g.tp_before && g.fp == g.fp_before) return;
    double const value = objective(g.tp, g.fp, totals), here = static_cast<double>(g.value);
    close(s, here);
    if (!s.any) s.first = here;
    if (here >= neutral) {
      s.neutral_tp = g.tp;
      s.neutral_fp = g.fp;
    }
    s.has_infinite = s.has_infinite || here == infinity<double>();
    if (s.any && !(value > s.score)) return;
    s.threshold = here;
    s.open = true;
    s.score = value;
    s.any = true;
  }

  // The threshold of the best lies midway to the next lower score that weighs something.
  SOFTF1_HD static void close(state& s, double next) {
    if (s.open) s.threshold = cut_between(s.threshold, next);
    s.open = false;
  }

  // Earlier groups have the higher scores, so they win among equals; what is accepted only grows.
  SOFTF1_HD static void merge(state& earlier, state const& later) {
    earlier.has_infinite = earlier.has_infinite || later.has_infinite;
    earlier.neutral_tp = later.neutral_tp > earlier.neutral_tp ? later.neutral_tp : earlier.neutral_tp;
    earlier.neutral_fp = later.neutral_fp > earlier.neutral_fp ? later.neutral_fp : earlier.neutral_fp;
    if (!later.any) return;
    close(earlier, later.first);
    if (!earlier.any) earlier.first = later.first;
    if (earlier.any && !(later.score > earlier.score)) return;
    earlier.threshold = later.threshold;
    earlier.open = later.open;
    earlier.score = later.score;
    earlier.any = true;
  }

  SOFTF1_HD result finish(std::size_t, state const& s, column_totals const& totals) const {
    if (!(totals.positives > 0)) return {neutral, objective(s.neutral_tp, s.neutral_fp, totals), totals};
    double const none = objective(0, 0, totals);
    if (!s.any || (!s.has_infinite && none >= s.score)) return {infinity<double>(), none, totals};
    return {s.threshold, s.score, totals};
  }
};

/// The threshold of each label that maximises a score of its counts, written to out (L,). Nothing is read back; cells
/// that are bad are counted in `totals.invalid`. Otherwise as best_thresholds.
template <class Score, class S, class Y, class B>
void find_best_thresholds(context<B>& ctx, Score const& score, matrix_view<const S, B> scores,
                          matrix_view<const Y, B> targets, vector_view<best_threshold, B> out,
                          threshold_options<B> const& options = {}) {
  static_assert(scores::score<Score>,
                "softf1: the objective is a score: a functor of confusion<T> for any number type T");
  best_walk<Score> const walk{score, options.zero_division, decisions::from_probability(0.5, options.domain)};
  with_cells(ctx, "best_thresholds", scores, targets, options.mask, options.row_weights,
             [&](auto const& cells) { reduce_tie_groups(ctx, cells, walk, out); });
}

/// The strategy `best`: exact per-label optimum of any score (SCut); best_thresholds says more. With `min_positives`, a
/// label with fewer keeps probability 0.5, marked "few positives": what a search finds on them is mostly luck. With
/// `smooth` = h > 0 it is the optimum of smoothed_score: of counts averaged over thresholds that accept up to
/// h min(n, e) cells more or fewer, for n positives of the label and e wrong cells at the exact optimum, so that no single
/// row makes the maximum.
/// Cost: O(points) a label. Source: Yang, "A study of thresholding strategies for text categorization", SIGIR 2001.
struct best {
  static constexpr std::string_view name = "best";
  static constexpr std::array<std::string_view, 2> option_names{"min_positives", "smooth"};

  double min_positives = 0, smooth = 0;

  constexpr double& option(std::size_t k) { return k == 0 ? min_positives : smooth; }
  void check() const {
    require_value(min_positives >= 0, name, "min_positives must be >= 0, got " + number_text(min_positives));
    require_value(smooth >= 0 && smooth * 0 == 0, name, "smooth must be finite and >= 0, got " + number_text(smooth));
  }
  /// Whether it is best_thresholds.
  bool is_plain() const { return !(min_positives > 0) && !(smooth > 0); }

  threshold_set operator()(curve_source const& source, objective_function const& score) const {
    check();
    set_maker made(source, name);
    for (std::size_t j = 0; j < source.labels(); ++j) {
      auto const curve = source.label(j);
      auto const values =
          smoothed_score(curve, [&](confusion<double> const& counts) { return source.defined(score(counts)); }, smooth);
      auto const found = best_point(curve, [&](std::size_t k) { return values[k]; });
      if (!(curve.positives > 0) || found.at == curve_point::none)
        made.add_neutral(curve.positives > 0 ? undefined : no_positives);
      else if (curve.positives < min_positives)
        made.add(source.neutral(), few_positives);
      else
        made.add(threshold_at(curve, found.at), name);
    }
    return made.take();
  }
};

/// The exact per-label optimum of a score, searched where the scores are: `auto rule = best_thresholds(f_beta{}, logits,
/// targets)`. scores (N, L) in options.domain, targets (N, L) of 0 and 1.
/// The threshold is the midpoint, in double, to the next lower distinct score (of a row whose weight is not 0); the
/// lowest score itself where all are accepted; +inf where none is; among equal optima the highest; probability 0.5 for
/// a label without positives, marked in `reasons`. An undefined score counts as zero_division. Throws shape_error for
/// shapes that do not fit, value_error for a NaN score or a target that is not 0 or 1 (row and label named), or a bad
/// weight.
/// Cost: one sort a label, O(N log N) at most; see reduce_tie_groups; deterministic. Source: as `best`.
template <class B, class Score, class X, class Y>
threshold_set best_thresholds(context<B>& ctx, Score const& score, X const& scores, Y const& targets,
                              threshold_options<B> const& options = {}) {
  std::string_view const who = "best_thresholds";
  auto const s = const_view<2>(scores, who, "scores");
  auto const t = const_view<2>(targets, who, "targets");
  std::vector<best_threshold> host(s.cols());
  buffer<best_threshold, B> found(ctx, s.cols());
  find_best_thresholds(ctx, score, s, t, found.view(), options);
  copy(ctx, std::as_const(found).view(), vector_view<best_threshold>(host.data(), host.size()));
  with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
    refuse_bad_weights(ctx, cells, who);
    for (auto const& label : host)
      if (label.totals.invalid != 0) refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
  });
  threshold_set set;
  set.domain = options.domain;
  for (auto const& label : host) {
    set.thresholds.push_back(label.threshold);
    set.reasons.emplace_back(label.totals.positives > 0 ? best::name : no_positives);
  }
  set.origin = {{"strategy", "best"}, {"rows", std::to_string(s.rows())}};
  return set;
}

/// The same with a context of its own.
template <class Score, class X, class Y>
threshold_set best_thresholds(Score const& score, X const& scores, Y const& targets,
                              threshold_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return best_thresholds(ctx, score, scores, targets, options);
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::best_thresholds;
}
