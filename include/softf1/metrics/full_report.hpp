// Every figure of scores against targets: the report, with all scores, rankings of rows, sets, and probabilities.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/metrics/adaptive_calibration.hpp>
#include <softf1/metrics/baselines.hpp>
#include <softf1/metrics/label_groups.hpp>
#include <softf1/metrics/probability_quality.hpp>
#include <softf1/metrics/report.hpp>
#include <softf1/metrics/row_ranking.hpp>
#include <softf1/metrics/row_ranking_top_k.hpp>
#include <softf1/metrics/score_saturation.hpp>
#include <softf1/metrics/set_metrics.hpp>
#include <softf1/scores/any_score.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// A score of counts under every average, and of each label. NaN where undefined.
struct score_figures {
  std::string name;
  double macro, micro, weighted, samples;
  std::vector<double> labels;
};

/// A score beside predictors that know nothing.
struct score_lift {
  std::string name;
  score_baselines macro, micro;
  std::vector<score_baselines> labels;
};

/// The adaptive calibration error of labels, and of all cells as one.
struct adaptive_figures {
  label_figures labels;
  double pooled;
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
  double saturated_share = 0.999;  ///< of a label's scores at 0 or 1, from which it is remarked: see find_saturated
};

/// All that one look at scores and targets tells. Made by `make_full_report`.
struct full_report : classification_report {  // its row of samples averages has AP and AUROC, too
  std::vector<score_figures> scores;          ///< of every score in scores::all, with its default options
  row_rankings rankings;
  std::vector<top_k_figures> at_k;
  set_figures sets{};
  probability_quality probabilities;
  std::optional<adaptive_figures> adaptive_ece;  ///< none where rows were streamed: it must sort them
  score_saturation saturation;
  std::vector<score_lift> lifts;  ///< of the scores that any wrong prediction makes worse: F-beta, Jaccard, MCC, …
  score_baselines macro_f1{};     ///< F1 beside predictors that know nothing: one of these
  double f1_of_means = 0;         ///< of macro precision and macro recall: not macro F1
  /// Labels whose truth or prediction is constant, or that a trivial predictor beats; then those whose scores are
  /// constant or saturated.
  std::vector<label_remark> remarks;
  std::vector<group_report> groups;  ///< those that have labels

  explicit full_report(classification_report base, std::size_t bins = 15)
      : classification_report(std::move(base)), probabilities(bins) {}
};

namespace detail {

/// The samples averages of every score in scores::all, with its default options.
class every_samples_average {
 public:
  every_samples_average() {
    for (auto const& score : scores::every_score()) means_.emplace_back(score);
  }

  template <class B>
  void add(context<B>& ctx, row_confusions<B> const& rows) {
    for (auto& mean : means_) mean.add(ctx, rows);
  }
  void merge(every_samples_average const& other) {
    for (std::size_t k = 0; k < means_.size(); ++k) means_[k].merge(other.means_[k]);
  }
  /// Of score k of the list.
  double value(std::size_t k, double zero_division) const { return means_[k].value(zero_division); }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    std::vector<std::string> scores;
    std::vector<double> sums;
    for (auto const& score : scores::every_score()) scores.emplace_back(score.name());
    for (auto const& mean : self.means_)
      sums.insert(sums.end(), {mean.sums().sum, mean.sums().defined, mean.sums().undefined});
    auto names = bytes_of_names(scores);
    visit("scores", names);
    visit("sums", sums);
    if constexpr (!std::is_const_v<Self>) {
      require_names(names, scores, "samples_average");
      require_value(sums.size() == 3 * scores.size(), "samples_average", "the state must hold 3 sums a score");
      self = every_samples_average();
      for (std::size_t k = 0; k < scores.size(); ++k)
        self.means_[k].merge(row_score_sums{sums[3 * k], sums[3 * k + 1], sums[3 * k + 2]});
    }
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    for (auto const& mean : means_) mean.check();
  }

 private:
  std::vector<samples_average<scores::any_score>> means_;
};

inline std::vector<score_figures> every_figure(std::vector<confusion<double>> const& labels,
                                               every_samples_average const& samples, double zero_division) {
  std::vector<score_figures> all;
  for (auto const& score : scores::every_score()) {
    auto const over_labels = [&](averaging how) { return average(score, labels, how, zero_division); };
    score_figures figures{std::string(score.name()),
                          over_labels(averaging::macro),
                          over_labels(averaging::micro),
                          over_labels(averaging::weighted),
                          samples.value(all.size(), zero_division),
                          {}};
    for (auto const& c : labels) figures.labels.push_back(defined_score(score, c, zero_division));
    all.push_back(std::move(figures));
  }
  return all;
}

/// Whether more is better, and a wrong prediction of either kind makes it less: so no trivial predictor is perfect.
inline bool has_lift(scores::any_score const& score) {
  auto const value = [&](double fp, double fn) { return score(confusion<double>{2, fp, fn, 2}); };
  return score.range().is_better_high() && value(3, 2) < value(2, 2) && value(2, 3) < value(2, 2);
}

inline std::vector<score_lift> every_lift(std::vector<confusion<double>> const& labels, double zero_division) {
  std::vector<score_lift> all;
  for (auto const& score : scores::every_score()) {
    if (!has_lift(score)) continue;
    auto const over = [&](std::span<confusion<double> const> some, averaging how) {
      return baselines(score, some, how, zero_division);
    };
    score_lift lift{std::string(score.name()), over(labels, averaging::macro), over(labels, averaging::micro), {}};
    for (auto const& c : labels) lift.labels.push_back(over({&c, 1}, averaging::macro));
    all.push_back(std::move(lift));
  }
  return all;
}

/// What a full report has beside a report: all of it sums over rows, of one batch or of many.
struct full_report_sums {
  every_samples_average samples;
  set_metrics sets;
  row_rankings rankings;
  std::vector<std::size_t> at_k;
  std::optional<top_k_metrics> top;  ///< where there is a k
  probability_quality probabilities;
  score_saturation saturation;

  explicit full_report_sums(std::vector<std::size_t> const& ks = {1, 3, 5}, std::size_t bins = 15)
      : at_k(ks), probabilities(bins) {
    if (!at_k.empty()) top.emplace(at_k);
  }

  /// Adds a batch, whose rows are counted already.
  template <class S, class Y, class B>
  void add(context<B>& ctx, row_confusions<B> const& rows, matrix_view<const S, B> scores,
           matrix_view<const Y, B> targets, probability_options<B> const& options, std::string_view who) {
    row_ranking_options<B> const ranking{options.mask, options.row_weights};
    samples.add(ctx, rows);
    sets.add(ctx, rows);
    rankings.add(ctx, scores, targets, ranking, who);
    if (top) top->add(ctx, scores, targets, ranking, who);
    probabilities.add(ctx, scores, targets, options, who);
    saturation.add(ctx, scores, targets, options, who);
  }

  /// Adds other rows of the same labels, by the same k and bins.
  void merge(full_report_sums const& other) {
    samples.merge(other.samples);
    sets.merge(other.sets);
    rankings.merge(other.rankings);
    if (top) top->merge(other.top.value());
    probabilities.merge(other.probabilities);
    saturation.merge(other.saturation);
  }
};

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

/// The figures of a full report, from a report and what it has beside it.
inline full_report assemble_full_report(classification_report base, full_report_sums const& sums,
                                        std::vector<label_group> const& groups, double zero,
                                        double saturated_share = 0.999) {
  full_report report(std::move(base));
  std::vector<confusion<double>> counts;
  for (auto const& label : report.per_label) counts.push_back(label.counts);
  report.scores = every_figure(counts, sums.samples, zero);
  report.sets = sums.sets.value();
  report.rankings = sums.rankings;
  report.samples.average_precision = report.rankings.average_precision();
  report.samples.roc_auc = report.rankings.roc_auc();
  for (std::size_t k : sums.at_k)
    report.at_k.push_back({k, sums.top->precision(k), sums.top->recall(k), sums.top->ndcg(k)});
  report.probabilities = sums.probabilities;
  report.saturation = sums.saturation;
  report.lifts = every_lift(counts, zero);
  report.macro_f1 = baselines(scores::f1{}, counts, averaging::macro, zero);
  report.f1_of_means = f_beta_of_mean_precision_and_recall(counts, 1, zero);
  report.remarks = find_collapse(counts);
  for (auto const& remark : find_saturated(sums.saturation, saturated_share)) report.remarks.push_back(remark);
  report.groups = report_groups(groups.empty() ? groups_by_support(counts) : groups, report, counts, zero);
  return report;
}

}  // namespace detail

/// A report, made of the same scores, targets and options, with all that a full report has besides.
/// Throws and costs as the rest of make_full_report.
template <class S, class Y, class B>
full_report complete_report(context<B>& ctx, classification_report base, matrix_view<const S, B> scores,
                            matrix_view<const Y, B> targets, metric_options<B> const& options = {},
                            full_report_options const& more = {}) {
  detail::refuse_label_weights(options, "full_report");
  detail::full_report_sums sums(more.at_k, more.probability_bins);
  probability_options<B> const probabilities{options.domain, options.mask, options.row_weights};
  sums.add(ctx, count_rows(ctx, scores, targets, options, "full_report"), scores, targets, probabilities,
           "full_report");
  auto report =
      detail::assemble_full_report(std::move(base), sums, more.groups, options.zero_division, more.saturated_share);
  std::size_t const bins = more.probability_bins;
  report.adaptive_ece = {adaptive_calibration_error(ctx, scores, targets, probabilities, bins),
                         pooled_adaptive_calibration_error(ctx, scores, targets, probabilities, bins)};
  return report;
}

/// The full report of scores (N, L) against targets (N, L) of 0 and 1; see metric_options, and make_report, whose
/// errors and cost it has; value_error also for a probability outside [0, 1]. Besides: a pass for sets, one for
/// rankings of rows, two for probabilities, and the sorts of make_report once more; 28 bytes a row of scratch.
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
