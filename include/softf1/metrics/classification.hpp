// Metrics of decisions in one line each.
#pragma once

#include <vector>

#include <softf1/core/view_traits.hpp>
#include <softf1/metrics/samples.hpp>
#include <softf1/scores/hamming.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {

template <class B, class Score, class X, class Y>
double averaged(context<B>& ctx, Score const& score, X const& scores, Y const& targets,
                metric_options<B> const& options, averaging how, std::string_view who) {
  confusion_counts counts;
  counts.add(ctx, scores, targets, options, who);
  return average(score, counts.per_label(), how, options.zero_division, options.label_weights);
}

template <class B, class Score, class X, class Y>
double averaged_over_rows(context<B>& ctx, Score const& score, X const& scores, Y const& targets,
                          metric_options<B> const& options, std::string_view who) {
  refuse_label_weights(options, who);
  samples_average<Score> mean(score);
  mean.add(ctx,
           count_rows(ctx, const_view<2>(scores, who, "scores"), const_view<2>(targets, who, "targets"), options, who));
  return mean.value(options.zero_division);
}

}  // namespace detail

/// The mean over labels of a score of confusion counts: `macro(f_beta{}, logits, targets)` is macro F1 at logit >= 0.
/// scores (N, L), targets (N, L) of 0 and 1 in any numeric type; see metric_options. Errors as confusion_counts::add.
/// Cost: one pass over the cells; deterministic. Source: scikit-learn's f1_score(average='macro').
template <class B, class Score, class X, class Y>
double macro(context<B>& ctx, Score const& score, X const& scores, Y const& targets,
             metric_options<B> const& options = {}) {
  return detail::averaged(ctx, score, scores, targets, options, averaging::macro, "macro");
}

/// The score of the counts summed over labels. Otherwise as `macro`.
template <class B, class Score, class X, class Y>
double micro(context<B>& ctx, Score const& score, X const& scores, Y const& targets,
             metric_options<B> const& options = {}) {
  return detail::averaged(ctx, score, scores, targets, options, averaging::micro, "micro");
}

/// The mean over labels weighted by support; zero_division where no label has a positive. Otherwise as `macro`.
template <class B, class Score, class X, class Y>
double weighted(context<B>& ctx, Score const& score, X const& scores, Y const& targets,
                metric_options<B> const& options = {}) {
  return detail::averaged(ctx, score, scores, targets, options, averaging::weighted, "weighted");
}

/// The score of each label (L values), undefined ones replaced by zero_division. Otherwise as `macro`.
template <class B, class Score, class X, class Y>
std::vector<double> per_label(context<B>& ctx, Score const& score, X const& scores, Y const& targets,
                              metric_options<B> const& options = {}) {
  confusion_counts counts;
  counts.add(ctx, scores, targets, options, "per_label");
  std::vector<double> values;
  for (auto const& c : counts.per_label()) values.push_back(defined_score(score, c, options.zero_division));
  return values;
}

/// The mean over rows of the score of each row's counts. Otherwise as `macro`; 28 bytes a row of scratch.
template <class B, class Score, class X, class Y>
double samples(context<B>& ctx, Score const& score, X const& scores, Y const& targets,
               metric_options<B> const& options = {}) {
  return detail::averaged_over_rows(ctx, score, scores, targets, options, "samples");
}

/// The share of present cells that are decided wrongly, by row weight. In [0, 1]. Errors and cost as `macro`.
template <class B, class X, class Y>
double hamming_loss(context<B>& ctx, X const& scores, Y const& targets, metric_options<B> const& options = {}) {
  return detail::averaged(ctx, softf1::scores::hamming{}, scores, targets, options, averaging::micro, "hamming_loss");
}

/// The share of rows whose every present label is decided rightly, by row weight. In [0, 1]. Errors and cost as
/// `samples`.
template <class B, class X, class Y>
double subset_accuracy(context<B>& ctx, X const& scores, Y const& targets, metric_options<B> const& options = {}) {
  return detail::averaged_over_rows(ctx, exact_match{}, scores, targets, options, "subset_accuracy");
}

/// The seven above with a context of their own.
template <class Score, class X, class Y>
double macro(Score const& score, X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return macro(ctx, score, scores, targets, options);
}
template <class Score, class X, class Y>
double micro(Score const& score, X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return micro(ctx, score, scores, targets, options);
}
template <class Score, class X, class Y>
double weighted(Score const& score, X const& scores, Y const& targets,
                metric_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return weighted(ctx, score, scores, targets, options);
}
template <class Score, class X, class Y>
std::vector<double> per_label(Score const& score, X const& scores, Y const& targets,
                              metric_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return per_label(ctx, score, scores, targets, options);
}
template <class Score, class X, class Y>
double samples(Score const& score, X const& scores, Y const& targets,
               metric_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return samples(ctx, score, scores, targets, options);
}
template <class X, class Y>
double hamming_loss(X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return hamming_loss(ctx, scores, targets, options);
}
template <class X, class Y>
double subset_accuracy(X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return subset_accuracy(ctx, scores, targets, options);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::hamming_loss;
using metrics::macro;
using metrics::micro;
using metrics::per_label;
using metrics::samples;
using metrics::subset_accuracy;
using metrics::weighted;
}  // namespace softf1::inline SOFTF1_ABI
