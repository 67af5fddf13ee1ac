// A network's logits and metrics on rows of features.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <softf1/layers/network.hpp>
#include <softf1/losses/objective.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/thresholds/best.hpp>
#include <softf1/training/batches.hpp>
#include <softf1/training/history.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// logits(i, ·) = network(features(i, ·)) at inference, `batch_size` rows at a time. Throws shape_error for shapes that
/// do not fit the network and for rows with gaps, value_error for batch_size 0.
template <class T, class B>
void predict_rows(context<B>& ctx, layers::network<T, B>& net, matrix_view<const T, B> features,
                  matrix_view<T, B> logits, std::size_t batch_size = 256) {
  require_shape("predict_rows", "logits", {features.rows(), net.output_shape().size()}, logits.shape());
  require_value(batch_size > 0, "predict_rows", "batch_size must be at least 1, got 0");
  if (!features.is_dense() || !logits.is_dense())
    throw shape_error("predict_rows: features and logits must be dense, got rows with gaps");
  for (std::size_t first = 0; first < features.rows(); first += batch_size) {
    std::size_t const count = std::min(batch_size, features.rows() - first);
    matrix_view<const T, B> const x(features.data() + first * features.cols(), count, features.cols());
    auto const y = net.forward(ctx, {}, layers::maps_of(x, net.input_shape()));
    copy(ctx, layers::elements_of(y), vector_view<T, B>(logits.data() + first * logits.cols(), count * logits.cols()));
  }
}

/// Fills in loss, and macro F1, its lift and micro F1 at `rule`, of all these rows at once; mask (N, L) or empty.
template <class T, class B>
void evaluate_decisions(context<B>& ctx, losses::objective<T, B>& loss, matrix_view<const T, B> logits,
                        matrix_view<const T, B> targets, decision_rule const& rule, epoch_record& record,
                        matrix_view<std::uint8_t const, B> mask = {}) {
  buffer<double, B> value(ctx, 1);
  loss.value(ctx, logits, targets, value.view(), mask_of(mask));
  copy(ctx, std::as_const(value).view(), vector_view<double>(&record.loss, 1));
  // Metrics refuse NaN; the caller sees it in the loss.
  if (!std::isfinite(record.loss)) return;
  metric_options<B> const options{.decision = rule, .mask = mask_of(mask)};
  confusion_counts counts;
  counts.add(ctx, logits, targets, options);
  auto const labels = counts.per_label();
  auto const macro = metrics::baselines(scores::f1{}, labels);
  record.macro_f1 = macro.value;
  record.lift = macro.lift;
  record.micro_f1 = metrics::average(scores::f1{}, labels, metrics::averaging::micro);
}

/// Fills in what tells of collapse, at probability 0.5: soft macro F1, cardinalities, labels that are never or always
/// predicted, and the share of saturated probabilities.
template <class T, class B>
void evaluate_collapse(context<B>& ctx, matrix_view<const T, B> logits, matrix_view<const T, B> targets,
                       epoch_record& record, matrix_view<std::uint8_t const, B> mask = {}) {
  buffer<double, B> value(ctx, 1);
  double soft = 0;
  losses::loss_value(ctx, losses::soft_f1{}, logits, targets, value.view(), {.mask = mask_of(mask)});
  copy(ctx, std::as_const(value).view(), vector_view<double>(&soft, 1));
  record.soft_macro_f1 = 1 - soft;
  confusion_counts counts;
  counts.add(ctx, logits, targets, metric_options<B>{.mask = mask_of(mask)});
  double predicted = 0, positives = 0;
  record.constant_labels = 0;
  for (auto const& c : counts.per_label()) {
    predicted += c.predicted();
    positives += c.support();
    record.constant_labels += c.total() > 0 && (c.predicted() == 0 || c.predicted() == c.total()) ? 1 : 0;
  }
  double const rows = static_cast<double>(logits.rows());
  record.predicted_cardinality = rows > 0 ? predicted / rows : 0;
  record.true_cardinality = rows > 0 ? positives / rows : 0;
  score_saturation ends;
  ends.add(ctx, logits, targets, metrics::probability_options<B>{.mask = mask_of(mask)});
  auto const all = ends.pooled();
  record.saturated = all.weight > 0 ? (all.at_zero + all.at_one) / all.weight : 0;
}

/// Fills in what needs the scores in order: mean average precision, and macro F1 with the best thresholds for these
/// rows.
template <class T, class B>
void evaluate_ranking(context<B>& ctx, matrix_view<const T, B> logits, matrix_view<const T, B> targets,
                      epoch_record& record, matrix_view<std::uint8_t const, B> mask = {}) {
  record.map = metrics::average_precision(ctx, logits, targets, ranking_options<B>{.mask = mask_of(mask)});
  metric_options<B> options{.mask = mask_of(mask)};
  options.decision = best_thresholds(ctx, scores::f1{}, logits, targets, threshold_options<B>{.mask = mask_of(mask)});
  record.tuned_macro_f1 = metrics::macro(ctx, scores::f1{}, logits, targets, options);
}

}  // namespace softf1::inline SOFTF1_ABI::training
