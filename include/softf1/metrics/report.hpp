// One report of everything: per label and averaged.
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/view_traits.hpp>
#include <softf1/metrics/baselines.hpp>
#include <softf1/metrics/ranking.hpp>
#include <softf1/metrics/samples.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/scores/hamming.hpp>
#include <softf1/scores/precision.hpp>
#include <softf1/scores/recall.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// The figures of one label, or of one average. NaN where undefined; precision, recall and F1 only without any present
/// cell, else zero_division.
struct report_row {
  double precision, recall, f1;
  double average_precision, roc_auc;
  double trivial_f1;  ///< F1 of the predictor that says "yes" everywhere: 2π / (1 + π) for one label
  /// F1 less that of the best predictor that knows nothing (see baselines); for samples, of the one that says "yes".
  double lift = quiet_nan<double>();
};

struct label_report : report_row {
  std::string name;
  confusion<double> counts;
  double threshold;  ///< in the domain of the scores
};

/// Everything that one look at scores and targets tells. Made by `make_report`.
struct classification_report {
  std::size_t rows = 0;
  report_row macro{}, micro{}, weighted{};
  report_row samples{};  ///< without average_precision and roc_auc
  double hamming_loss = 0, subset_accuracy = 0;
  std::size_t without_average_precision = 0;  ///< labels left out of its macro mean: no positives
  std::size_t without_roc_auc = 0;            ///< labels left out of its macro mean: one class only
  std::size_t without_cells = 0;              ///< labels left out of every macro mean: masked in full
  std::vector<label_report> per_label;
};

namespace detail {

inline report_row decided_row(std::span<confusion<double> const> labels, averaging how, double zero_division) {
  auto const figure = [&](auto score) { return average(score, labels, how, zero_division); };
  report_row row{};
  row.precision = figure(scores::precision{});
  row.recall = figure(scores::recall{});
  row.f1 = figure(scores::f1{});
  row.trivial_f1 = figure(trivial<scores::f1>{});
  row.lift = baselines(scores::f1{}, labels, how, zero_division).lift;
  return row;
}

template <class Score, class B>
double row_mean(context<B>& ctx, row_confusions<B> const& rows, double zero_division) {
  samples_average<Score> mean;
  mean.add(ctx, rows);
  return mean.value(zero_division);
}

/// What a report is made of, however it was found out.
struct report_parts {
  std::size_t rows;
  std::vector<confusion<double>> counts;  ///< of each label
  std::vector<ranking_scores> ranked;     ///< of each label
  ranking_scores pooled;                  ///< of all cells
  std::vector<double> thresholds;         ///< of each label
  report_row samples;
  double subset_accuracy;
};

/// Throws shape_error for another number of names than labels, unless there are none.
inline void require_label_names(std::string_view who, std::vector<std::string> const& names, std::size_t labels) {
  if (!names.empty()) require_shape(who, "label names", {labels}, std::vector<std::size_t>{names.size()});
}

/// The figures of a report, from its parts.
inline classification_report assemble_report(report_parts const& parts, std::vector<std::string> const& label_names,
                                             double zero) {
  auto const& [rows, counts, ranked, pooled, thresholds, samples, subset_accuracy] = parts;
  classification_report report;
  report.rows = rows;
  for (auto [row, how] :
       {std::pair{&report.macro, averaging::macro}, std::pair{&report.weighted, averaging::weighted}}) {
    *row = decided_row(counts, how, zero);
    row->average_precision = average_labels(ranked, &ranking_scores::average_precision, how).value;
    row->roc_auc = average_labels(ranked, &ranking_scores::roc_auc, how).value;
  }
  report.micro = decided_row(counts, averaging::micro, zero);
  report.micro.average_precision = pooled.average_precision;
  report.micro.roc_auc = pooled.roc_auc;
  report.samples = samples;
  report.samples.lift = samples.f1 - samples.trivial_f1;
  report.hamming_loss = average(scores::hamming{}, counts, averaging::micro, quiet_nan<double>());
  report.subset_accuracy = subset_accuracy;
  report.without_average_precision =
      average_labels(ranked, &ranking_scores::average_precision, averaging::macro).left_out;
  report.without_roc_auc = average_labels(ranked, &ranking_scores::roc_auc, averaging::macro).left_out;
  for (std::size_t j = 0; j < counts.size(); ++j) {
    label_report label;
    static_cast<report_row&>(label) = decided_row({&counts[j], 1}, averaging::macro, zero);
    label.average_precision = ranked[j].average_precision;
    label.roc_auc = ranked[j].roc_auc;
    label.name = label_names.empty() ? std::to_string(j) : label_names[j];
    label.counts = counts[j];
    report.without_cells += !(counts[j].total() > 0);
    label.threshold = thresholds[j];
    report.per_label.push_back(std::move(label));
  }
  return report;
}

}  // namespace detail

/// The report of scores (N, L) against targets (N, L) of 0 and 1; see metric_options. `label_names` is empty (then "0",
/// "1", …) or has L names. Throws shape_error, value_error as confusion_counts::add; shape_error for another number of
/// names, value_error for label weights.
/// Cost: two passes and one sort a label plus one of all cells; 16 bytes a cell of scratch (32 for
/// double scores); deterministic.
template <class S, class Y, class B>
classification_report make_report(context<B>& ctx, matrix_view<const S, B> scores, matrix_view<const Y, B> targets,
                                  metric_options<B> const& options = {},
                                  std::vector<std::string> const& label_names = {}) {
  std::string_view const who = "classification_report";
  detail::require_label_names(who, label_names, scores.cols());
  detail::refuse_label_weights(options, who);
  double const zero = options.zero_division;
  confusion_counts totals;
  totals.add(ctx, scores, targets, options, who);
  auto const rows = count_rows(ctx, scores, targets, options, who);
  ranking_options<B> const ranking{averaging::macro, options.mask, options.row_weights};
  report_row const samples{detail::row_mean<scores::precision>(ctx, rows, zero),
                           detail::row_mean<scores::recall>(ctx, rows, zero),
                           detail::row_mean<scores::f1>(ctx, rows, zero),
                           quiet_nan<double>(),
                           quiet_nan<double>(),
                           detail::row_mean<trivial<scores::f1>>(ctx, rows, zero)};
  return detail::assemble_report(
      {scores.rows(), totals.per_label(), rank_labels(ctx, scores, targets, ranking, who),
       rank_pooled(ctx, scores, targets, ranking, who),
       decisions::thresholds_of(options.decision, scores.cols(), decisions::domain_of<S>(options.domain), who), samples,
       detail::row_mean<exact_match>(ctx, rows, quiet_nan<double>())},
      label_names, zero);
}

/// The same for anything that has a view, with a context of its own.
template <class X, class Y>
classification_report make_report(X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {},
                                  std::vector<std::string> const& label_names = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  auto const s = const_view<2>(scores, "classification_report", "scores");
  auto const t = const_view<2>(targets, "classification_report", "targets");
  return make_report(ctx, s, t, options, label_names);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::classification_report;
using metrics::make_report;
}  // namespace softf1::inline SOFTF1_ABI
