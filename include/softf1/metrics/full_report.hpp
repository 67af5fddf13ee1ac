// Every figure of scores against targets: the report, with all scores, rankings of rows, sets, and probabilities.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <softf1/metrics/baselines.hpp>
#include <softf1/metrics/label_groups.hpp>
#include <softf1/metrics/probability_quality.hpp>
#include <softf1/metrics/report.hpp>
#include <softf1/metrics/row_ranking.hpp>
#include <softf1/metrics/row_ranking_top_k.hpp>
#include <softf1/metrics/set_metrics.hpp>
#include <softf1/scores/any_score.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// A score of counts under every average, and of each label. NaN where undefined.
struct score_figures {
  std::string name;
  double macro, micro, weighted, samples;
  std::vector<double> labels;
};

/// Metrics of the k best labels of each row.
struct top_k_figures {
  std::size_t k;
  double precision, recall, ndcg;
};

/// F1 and rankings of a group of labels.
struct group_report {
  label_group group;
  double f1, micro_f1, average_precision, roc_auc;  ///< means over the group's labels, micro_f1 of their cells
};

/// What a full report takes beside the options of metrics.
struct full_report_options {
  std::vector<std::size_t> at_k = {1, 3, 5};
  std::size_t probability_bins = 15;
  std::vector<label_group> groups = {};  ///< none: head, medium and tail by support
};

/// All that one look at scores and targets tells. Made by `make_full_report`.
struct full_report : classification_report {  // its row of samples averages has AP and AUROC, too
  std::vector<score_figures> scores;          ///< of every score in scores::all, with its default options
  row_rankings rankings;
  std::vector<top_k_figures> at_k;
  set_figures sets{};
  probability_quality probabilities;
  score_baselines macro_f1{};  ///< F1 beside predictors that know nothing
  double f1_of_means = 0;      ///< of macro precision and macro recall: not macro F1
  std::vector<label_remark>
      remarks;  ///< labels whose truth or prediction is constant, or that a trivial predictor beats
  std::vector<group_report> groups;  ///< those that have labels

  explicit full_report(classification_report base, std::size_t bins = 15)
      : classification_report(std::move(base)), probabilities(bins) {}
};

namespace detail {

template <class B>
std::vector<score_figures> every_figure(context<B>& ctx, std::vector<confusion<double>> const& labels,
                                        row_confusions<B> const& rows, double zero_division) {
  std::vector<score_figures> all;
  for (auto const& score : scores::every_score()) {
    auto const over_labels = [&](averaging how) { return average(score, labels, how, zero_division); };
    samples_average<scores::any_score> over_rows(score);
    over_rows.add(ctx, rows);
    score_figures figures{std::string(score.name()),      over_labels(averaging::macro),
                          over_labels(averaging::micro),  over_labels(averaging::weighted),
                          over_rows.value(zero_division), {}};
    for (auto const& c : labels) figures.labels.push_back(defined_score(score, c, zero_division));
    all.push_back(std::move(figures));
  }
  return all;
}

inline std::vector<group_report> report_groups(std::vector<label_group> groups, classification_report const& report,
                                               std::vector<confusion<double>> const& counts, double zero_division) {
  std::vector<group_report> all;
  for (auto& group : groups) {
    if (group.labels.empty()) continue;
    auto const some = of_group(group, counts);
    defined_mean precision, area;
    for (auto const& label : of_group(group, report.per_label)) {
      precision.add(label.average_precision);
      area.add(label.roc_auc);
    }
    double const macro = average(scores::f1{}, some, averaging::macro, zero_division),
                 micro = average(scores::f1{}, some, averaging::micro, zero_division);
    all.push_back({std::move(group), macro, micro, precision.value(), area.value()});
  }
  return all;
}

}  // namespace detail

/// A report, made of the same scores, targets and options, with all that a full report has besides.
/// Throws and costs as the rest of make_full_report.
template <class S, class Y, class B>
full_report complete_report(context<B>& ctx, classification_report base, matrix_view<const S, B> scores,
                            matrix_view<const Y, B> targets, metric_options<B> const& options = {},
                            full_report_options const& more = {}) {
  full_report report(std::move(base), more.probability_bins);
  double const zero = options.zero_division;
  std::vector<confusion<double>> counts;
  for (auto const& label : report.per_label) counts.push_back(label.counts);
  auto const rows = count_rows(ctx, scores, targets, options, "full_report");
  report.scores = detail::every_figure(ctx, counts, rows, zero);
  set_metrics sets;
  sets.add(ctx, rows);
  report.sets = sets.value();
  row_ranking_options<B> const ranking{options.mask, options.row_weights};
  report.rankings.add(ctx, scores, targets, ranking, "full_report");
  report.samples.average_precision = report.rankings.average_precision();
  report.samples.roc_auc = report.rankings.roc_auc();
  if (!more.at_k.empty()) {
    top_k_metrics top(more.at_k);
    top.add(ctx, scores, targets, ranking, "full_report");
    for (std::size_t k : more.at_k) report.at_k.push_back({k, top.precision(k), top.recall(k), top.ndcg(k)});
  }
  report.probabilities.add(ctx, scores, targets,
                           probability_options<B>{options.domain, options.mask, options.row_weights}, "full_report");
  report.macro_f1 = baselines(scores::f1{}, counts, averaging::macro, zero);
  report.f1_of_means = f_beta_of_mean_precision_and_recall(counts, 1, zero);
  report.remarks = find_collapse(counts);
  auto const groups = more.groups.empty() ? groups_by_support(counts) : more.groups;
  report.groups = detail::report_groups(groups, report, counts, zero);
  return report;
}

/// The full report of scores (N, L) against targets (N, L) of 0 and 1; see metric_options, and make_report, whose errors
/// and cost it has; value_error also for a probability outside [0, 1]. Besides: a pass for sets, one for rankings of
/// rows, one for probabilities; 28 bytes a row of scratch. Label weights are not used.
template <class S, class Y, class B>
full_report make_full_report(context<B>& ctx, matrix_view<const S, B> scores, matrix_view<const Y, B> targets,
                             metric_options<B> const& options = {}, std::vector<std::string> const& label_names = {},
                             full_report_options const& more = {}) {
  return complete_report(ctx, make_report(ctx, scores, targets, options, label_names), scores, targets, options, more);
}

/// The same for anything that has a view, with a context of its own.
template <class X, class Y>
full_report make_full_report(X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {},
                             std::vector<std::string> const& label_names = {}, full_report_options const& more = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return make_full_report(ctx, const_view<2>(scores, "full_report", "scores"),
                          const_view<2>(targets, "full_report", "targets"), options, label_names, more);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::complete_report;
using metrics::full_report;
using metrics::full_report_options;
using metrics::make_full_report;
}  // namespace softf1::inline SOFTF1_ABI
