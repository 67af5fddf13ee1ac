// All metrics of one small case, as named lists of numbers: what metric_cases.py compares with other libraries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <softf1/metrics/adaptive_calibration.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/metrics/baselines.hpp>
#include <softf1/metrics/cooccurrence.hpp>
#include <softf1/metrics/curve_operating.hpp>
#include <softf1/metrics/curves.hpp>
#include <softf1/metrics/mcnemar.hpp>
#include <softf1/metrics/multiple_tests.hpp>
#include <softf1/metrics/probability_quality.hpp>
#include <softf1/metrics/row_ranking_top_k.hpp>
#include <softf1/metrics/set_metrics.hpp>
#include <softf1/scores/any_score.hpp>

namespace metric_answers {

using numbers = std::vector<double>;

/// Scores and targets (rows, cols), row-major. Empty: no weights, no mask, probability 0.5 as every label's threshold.
struct metric_case {
  std::size_t rows = 0, cols = 0;
  bool logits = false;
  numbers scores = {}, targets = {}, weights = {}, thresholds = {};
  std::vector<std::uint8_t> mask = {};

  softf1::matrix_view<const double> score_view() const { return {scores.data(), rows, cols}; }
  softf1::matrix_view<const double> target_view() const { return {targets.data(), rows, cols}; }
  softf1::mask_view<softf1::cpu> mask_view() const {
    if (mask.empty()) return {};
    return softf1::matrix_view<const std::uint8_t>(mask.data(), rows, cols);
  }
  softf1::weights_view<softf1::cpu> weights_view() const {
    if (weights.empty()) return {};
    return softf1::vector_view<const double>(weights.data(), rows);
  }
  softf1::score_domain domain() const { return logits ? softf1::logit : softf1::probability; }
  softf1::metric_options<> decided() const {
    softf1::metric_options<> o{.domain = domain(), .mask = mask_view(), .row_weights = weights_view()};
    if (!thresholds.empty()) o.decision = softf1::threshold_set{.thresholds = thresholds, .domain = domain()};
    return o;
  }
  softf1::ranking_options<> ranked() const { return {.mask = mask_view(), .row_weights = weights_view()}; }
};

using answers = std::map<std::string, numbers>;

/// Scores of counts: of each label; and averages (macro, micro, weighted, samples) with zero_division 0, 1 and NaN.
inline void decisions(metric_case const& c, softf1::context<>& ctx, answers& all) {
  using softf1::averaging;
  auto const options = c.decided();
  double const undefined = softf1::quiet_nan<double>();
  softf1::confusion_counts counter;
  counter.add(ctx, c.score_view(), c.target_view(), options);
  auto const counts = counter.per_label();
  auto const rows = softf1::metrics::count_rows(ctx, c.score_view(), c.target_view(), options);
  for (auto const& k : counts)
    for (double n : {k.tp, k.fp, k.fn, k.tn}) all["counts"].push_back(n);
  for (std::size_t i = 0; i < c.rows; ++i) {
    auto const k = rows.counts.data()[i].to_confusion();
    for (double n : {k.tp, k.fp, k.fn, k.tn}) all["row_counts"].push_back(n);
  }
  auto named = [&](std::string const& name, softf1::scores::any_score const& score) {
    softf1::metrics::samples_average<softf1::scores::any_score> samples(score);
    samples.add(ctx, rows);
    for (auto const& k : counts) all["label." + name].push_back(softf1::metrics::defined_score(score, k, undefined));
    for (double zero : {0.0, 1.0, undefined}) {
      for (auto how : {averaging::macro, averaging::micro, averaging::weighted})
        all["average." + name].push_back(softf1::metrics::average(score, counts, how, zero));
      all["average." + name].push_back(samples.value(zero));
    }
  };
  for (auto const& score : softf1::scores::every_score()) named(std::string(score.name()), score);
  named("f2", softf1::f_beta{2});
  named("f0.5", softf1::f_beta{0.5});
  all["hamming_loss"] = {softf1::hamming_loss(c.score_view(), c.target_view(), options)};
  all["subset_accuracy"] = {softf1::subset_accuracy(c.score_view(), c.target_view(), options)};
  all["f1_of_means"] = {softf1::metrics::f_beta_of_mean_precision_and_recall(counts)};
  auto const base = softf1::baselines(softf1::scores::any_score(softf1::f_beta{}), counts);
  all["baselines"] = {base.value, base.all_positive, base.all_negative, base.prior_random};

  softf1::set_metrics sets;
  sets.add(ctx, rows);
  auto const s = sets.value();
  all["sets"] = {s.subset_accuracy,  s.hamming_loss,     s.overlap,    s.contain,      s.belong,
                 s.jaccard,          s.predicted_empty,  s.true_empty, s.true_density, s.predicted_cardinality,
                 s.true_cardinality, s.predicted_density};
  softf1::label_pairs pairs;
  pairs.add(ctx, c.score_view(), c.target_view(), options);
  all["together"] = pairs.together();
  all["taken_for"] = pairs.taken_for();
}

/// McNemar's tests against a second model, whose scores are those of the row below (the first one's for the last row).
inline void compared(metric_case const& c, softf1::context<>& ctx, answers& all) {
  numbers second(c.scores.begin() + static_cast<std::ptrdiff_t>(c.cols), c.scores.end());
  second.insert(second.end(), c.scores.begin(), c.scores.begin() + static_cast<std::ptrdiff_t>(c.cols));
  softf1::decided_rows a, b;
  a.add(ctx, c.score_view(), c.target_view(), c.decided());
  b.add(ctx, softf1::matrix_view<const double>(second.data(), c.rows, c.cols), c.target_view(), c.decided());
  numbers p;
  for (auto const& label : softf1::mcnemar(a, b)) {
    all["mcnemar"].insert(all["mcnemar"].end(),
                          {static_cast<double>(label.only_first), static_cast<double>(label.only_second), label.p});
    p.push_back(label.p);
  }
  all["holm"] = softf1::holm(p);
  all["benjamini_hochberg"] = softf1::benjamini_hochberg(p);
}

/// Average precision and AUROC: of each label; and macro, micro, weighted, samples. Metrics of ranked rows, at k too.
inline void rankings(metric_case const& c, softf1::context<>& ctx, answers& all) {
  using softf1::averaging;
  namespace sm = softf1::metrics;
  auto const labels = sm::rank_labels(ctx, c.score_view(), c.target_view(), c.ranked());
  auto const pooled = sm::rank_pooled(ctx, c.score_view(), c.target_view(), c.ranked());
  softf1::row_ranking_options<> const options{.mask = c.mask_view(), .row_weights = c.weights_view()};
  softf1::row_rankings rows;
  rows.add(ctx, c.score_view(), c.target_view(), options);
  auto metric = [&](std::string const& name, double sm::ranking_scores::*which, double samples) {
    for (auto const& label : labels) all["label." + name].push_back(label.*which);
    all["average." + name] = {sm::average_labels(labels, which, averaging::macro).value, pooled.*which,
                              sm::average_labels(labels, which, averaging::weighted).value, samples};
  };
  metric("average_precision", &sm::ranking_scores::average_precision, rows.average_precision());
  metric("roc_auc", &sm::ranking_scores::roc_auc, rows.roc_auc());
  all["coverage_error"] = {rows.coverage_error()};
  all["ranking_loss"] = {rows.ranking_loss()};
  all["lrap"] = {rows.label_ranking_average_precision()};
  all["row_errors"] = {rows.one_error(), rows.is_error(), rows.error_set_size()};
  all["rows_left_out"] = {static_cast<double>(rows.masked_rows()), static_cast<double>(rows.rows_without_relevant()),
                          static_cast<double>(rows.rows_all_relevant())};

  numbers propensities;  // 1, 2/3, 1/2, 2/5, …
  for (std::size_t j = 0; j < c.cols; ++j) propensities.push_back(2 / (2 + static_cast<double>(j)));
  softf1::top_k_metrics top({1, 2, 3, 5}, propensities);
  top.add(ctx, c.score_view(), c.target_view(), options);
  for (std::size_t k : top.ks()) {
    all["precision_at_k"].push_back(top.precision(k));
    all["recall_at_k"].push_back(top.recall(k));
    all["ndcg_at_k"].push_back(top.ndcg(k));
    for (bool normalised : {true, false}) {
      all["scored_precision_at_k"].push_back(top.propensity_scored_precision(k, normalised));
      all["scored_ndcg_at_k"].push_back(top.propensity_scored_ndcg(k, normalised));
    }
  }
}

/// Of each label, then the mean over labels, then of all cells.
inline void probabilities(metric_case const& c, softf1::context<>& ctx, answers& all) {
  auto put = [&](std::string const& name, auto const& figures, double pooled) {
    auto& to = all[name] = figures.labels;
    to.push_back(figures.mean);
    to.push_back(pooled);
  };
  softf1::probability_options<> const options{
      .domain = c.domain(), .mask = c.mask_view(), .row_weights = c.weights_view()};
  put("adaptive", softf1::adaptive_calibration_error(ctx, c.score_view(), c.target_view(), options, 3),
      softf1::pooled_adaptive_calibration_error(ctx, c.score_view(), c.target_view(), options, 3));
  for (std::size_t bins : {4u, 10u, 15u}) {
    softf1::probability_quality q(bins);
    q.add(ctx, c.score_view(), c.target_view(), options);
    std::string const of = "." + std::to_string(bins);
    put("ece" + of, q.expected_calibration_error(), q.pooled_expected_calibration_error());
    put("mce" + of, q.maximum_calibration_error(), q.pooled_maximum_calibration_error());
    put("rmsce" + of, q.rms_calibration_error(), q.pooled_rms_calibration_error());
    if (bins != 10) continue;
    put("log_loss", q.log_loss(), q.pooled_log_loss());
    put("brier", q.brier(), q.pooled_brier());
    auto const p = q.pooled_brier_parts();
    all["brier_parts"] = {p.brier, p.reliability, p.resolution, p.uncertainty, p.within_bins};
    for (auto const& bin : q.pooled_diagram()) {
      all["diagram"].push_back(bin.mean_probability());
      all["diagram"].push_back(bin.frequency());
    }
  }
}

/// Curves of the first label and of all cells, in their order; partial areas and operating points of each label.
inline void curves(metric_case const& c, softf1::context<>& ctx, answers& all) {
  auto put = [&](std::string const& name, auto const& points, auto... field) {
    numbers& to = all[name];
    for (auto const& point : points) (to.push_back(point.*field), ...);
  };
  auto points = [&](std::string const& of, softf1::count_curve const& curve) {
    using namespace softf1::metrics;
    put("roc." + of, roc_curve(curve), &roc_point::threshold, &roc_point::fpr, &roc_point::tpr);
    put("precision_recall." + of, precision_recall_curve(curve), &precision_recall_point::threshold,
        &precision_recall_point::precision, &precision_recall_point::recall);
    put("det." + of, det_curve(curve), &det_point::threshold, &det_point::fpr, &det_point::fnr);
    put("gain." + of, gain_curve(curve), &gain_point::threshold, &gain_point::share, &gain_point::gain,
        &gain_point::lift);
    put("f1_curve." + of, score_curve(curve, softf1::scores::any_score(softf1::f1{})), &score_point::threshold,
        &score_point::score);
  };
  points("first", softf1::label_curve(ctx, c.score_view(), c.target_view(), 0, c.ranked()));
  points("pooled", softf1::pooled_curve(ctx, c.score_view(), c.target_view(), c.ranked()));
  for (std::size_t j = 0; j < c.cols; ++j) {
    auto const curve = softf1::label_curve(ctx, c.score_view(), c.target_view(), j, c.ranked());
    for (double most : {0.1, 0.35, 1.0}) {
      all["partial_roc_auc"].push_back(softf1::partial_roc_auc(curve, most));
      all["partial_area"].push_back(softf1::partial_roc_auc(curve, most, false));
    }
    auto best = [&](std::string const& name, softf1::operating_point const& at) {
      all[name].insert(all[name].end(), {at.score, at.threshold});
    };
    for (double least : {0.5, 0.62, 0.97}) {
      best("precision_at_recall", softf1::precision_at_recall(curve, least));
      best("recall_at_precision", softf1::recall_at_precision(curve, least));
      best("sensitivity_at_specificity", softf1::sensitivity_at_specificity(curve, least));
      best("specificity_at_sensitivity", softf1::specificity_at_sensitivity(curve, least));
    }
  }
}

/// Everything.
inline answers answer(metric_case const& c) {
  softf1::context<> ctx;
  answers all;
  decisions(c, ctx, all);
  compared(c, ctx, all);
  rankings(c, ctx, all);
  probabilities(c, ctx, all);
  curves(c, ctx, all);
  return all;
}

}  // namespace metric_answers
