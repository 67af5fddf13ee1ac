// The scores of every row, kept on the host: what intervals of average precision and AUROC are computed from.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/ordered_key.hpp>
#include <softf1/metrics/ranking.hpp>
#include <softf1/metrics/detail/ranked_column.hpp>
#include <softf1/metrics/row_statistic.hpp>
#include <softf1/metrics/samples.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// values[i · cols + j] = the score of cell (i, j); classes = 1, 0, or 2 where it is missing, 3 where it is invalid.
template <class Cells>
struct write_scores_and_classes {
  Cells cells;
  double* values;
  std::uint8_t* classes;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    auto const score = cells.logit(i, j);
    auto const target = cells.target(i, j);
    bool const bad = is_bad_cell<Cells>(score, target);
    std::size_t const at = i * cells.cols() + j;
    values[at] = static_cast<double>(score);
    classes[at] = static_cast<std::uint8_t>(!cells.present(i, j) ? 2 : bad ? 3 : target == 1 ? 1 : 0);
  }
};

enum class rank_score { average_precision, roc_auc };

/// A number of ranked rows: average macro, weighted, micro (all cells as one label) or samples (over rows: see
/// row_rankings). No average: each label.
struct ranked_metric {
  rank_score score = rank_score::average_precision;
  std::optional<averaging> average = averaging::macro;
};

/// The scores of a stream of batches, row by row: add batches, merge others, ask for statistics. Memory: 9 bytes a cell
/// and 8 a row, on the host.
class ranked_rows {
 public:
  static constexpr std::string_view name = "ranked_rows";  ///< of its state in files

  std::size_t rows() const { return weights_.size(); }
  std::size_t labels() const { return labels_; }

  /// Adds a batch: scores (n, L) in any monotone domain, targets (n, L) of 0 and 1. `options.average` is not used.
  /// Errors as rank_labels. Cost: one pass on the backend, 9 bytes a cell of scratch, one read back.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, ranking_options<B> const& options = {},
           std::string_view who = "ranked_rows") {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    if (rows() != 0) require_shape(who, "scores", {s.rows(), labels_}, s.shape());
    std::size_t const n = s.rows() * s.cols();
    std::vector<double> values(n), weights(s.rows());
    std::vector<std::uint8_t> classes(n);
    with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
      using cell_source = std::decay_t<decltype(cells)>;
      refuse_bad_weights(ctx, cells, who);
      buffer<double, B> values_there(ctx, n), weights_there(ctx, weights.size());
      buffer<std::uint8_t, B> classes_there(ctx, n);
      for_each_cell(ctx, cells.rows(), cells.cols(),
                    write_scores_and_classes<cell_source>{cells, values_there.data(), classes_there.data()});
      for_each(ctx, cells.rows(), write_weights<cell_source>{cells, weights_there.data()});
      copy(ctx, std::as_const(values_there).view(), vector_view<double>(values.data(), n));
      copy(ctx, std::as_const(classes_there).view(), vector_view<std::uint8_t>(classes.data(), n));
      copy(ctx, std::as_const(weights_there).view(), vector_view<double>(weights.data(), weights.size()));
      for (std::uint8_t c : classes)
        if (c == 3) refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
    });
    labels_ = s.cols();
    append(values, classes, weights);
  }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    std::vector<std::uint64_t> labels{self.labels_};
    visit("labels", labels);
    visit("scores", self.values_);
    visit("classes", self.classes_);
    visit("weights", self.weights_);
    if constexpr (!std::is_const_v<Self>) {
      require_value(labels.size() == 1, name, "the state must hold a number of labels");
      self.labels_ = static_cast<std::size_t>(labels[0]);
    }
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    bool fits = values_.size() == classes_.size() && detail::are_sums(weights_) &&
                (rows() == 0 || labels_ <= values_.size()) && values_.size() == labels_ * rows();
    for (std::size_t k = 0; fits && k < values_.size(); ++k)
      fits = classes_[k] < 2 ? values_[k] == values_[k] : classes_[k] == 2;
    require_value(fits, name, "the state must hold a score and a class a cell, and finite weights >= 0");
  }

  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, ranking_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }

  /// Appends the rows of another. Throws shape_error for another number of labels.
  void merge(ranked_rows const& other) {
    if (other.rows() == 0) return;
    if (rows() != 0)
      require_shape("ranked_rows", "merged rows", {other.rows(), labels_},
                    std::vector<std::size_t>{other.rows(), other.labels_});
    if (&other == this) return merge(ranked_rows(other));
    labels_ = other.labels_;
    append(other.values_, other.classes_, other.weights_);
  }

  double value(std::size_t i, std::size_t j) const { return values_[i * labels_ + j]; }
  bool present(std::size_t i, std::size_t j) const { return classes_[i * labels_ + j] != 2; }
  bool positive(std::size_t i, std::size_t j) const { return classes_[i * labels_ + j] == 1; }
  double weight(std::size_t i) const { return weights_[i]; }

  /// Throws value_error unless another model's scores are of the same targets, masks and row weights, naming the first
  /// row and label that differ; shape_error for another number of rows or labels. Cost: one pass over the cells.
  void require_same_data(ranked_rows const& other, std::string_view who) const {
    require_shape(who, "the second model's scores", {rows(), labels_},
                  std::vector<std::size_t>{other.rows(), other.labels_});
    for (std::size_t i = 0; i < rows(); ++i) {
      detail::require_same_weight(who, i, weights_[i], other.weights_[i]);
      for (std::size_t j = 0; j < labels_; ++j)
        detail::require_same_target(who, i, j, static_cast<detail::paired_target>(classes_[i * labels_ + j]),
                                    static_cast<detail::paired_target>(other.classes_[i * labels_ + j]));
    }
  }

  /// Numbers of these rows, one after the other. Throws value_error where there is no metric, and from 2^30 rows on.
  /// Cost: one sort a label (or row), once; then each resample is one walk over the sorted cells (or rows).
  row_statistic statistic(std::vector<ranked_metric> metrics) const;
  row_statistic statistic(rank_score score, averaging how = averaging::macro) const;
  row_statistic per_label(rank_score score) const;

 private:
  void append(std::vector<double> const& values, std::vector<std::uint8_t> const& classes,
              std::vector<double> const& weights) {
    values_.insert(values_.end(), values.begin(), values.end());
    classes_.insert(classes_.end(), classes.begin(), classes.end());
    weights_.insert(weights_.end(), weights.begin(), weights.end());
  }

  std::size_t labels_ = 0;
  std::vector<double> values_, weights_;
  std::vector<std::uint8_t> classes_;
};

static_assert(accumulator<ranked_rows>);

namespace detail {

/// AP and AUROC of a column for eight samples at once, and the weight of its positives.
struct column_lanes {
  double average_precision[resample_lanes], roc_auc[resample_lanes], positives[resample_lanes];
};

inline void walk_column(ranked_column const& column, double const* weights, column_lanes& out) {
  constexpr std::size_t lanes = resample_lanes;
  double tp[lanes] = {}, fp[lanes] = {}, gained[lanes] = {}, lost[lanes] = {}, sum[lanes] = {}, area[lanes] = {};
  bool has_positive = false, has_negative = false;
  for (std::uint32_t cell : column) {
    double const* const w = weights + std::size_t{cell >> 2} * lanes;
    if (cell & 2) {
      has_positive = true;
      for (std::size_t l = 0; l < lanes; ++l) gained[l] += w[l];
    } else {
      has_negative = true;
      for (std::size_t l = 0; l < lanes; ++l) lost[l] += w[l];
    }
    if (!(cell & 1)) continue;
    if (has_negative)
      for (std::size_t l = 0; l < lanes; ++l) {
        fp[l] += lost[l];
        area[l] += area_of_group(lost[l], tp[l], tp[l] + gained[l]);
        lost[l] = 0;
      }
    if (has_positive)
      for (std::size_t l = 0; l < lanes; ++l) {
        tp[l] += gained[l];
        sum[l] += precision_of_group(gained[l], tp[l], fp[l]);
        gained[l] = 0;
      }
    has_positive = has_negative = false;
  }
  for (std::size_t l = 0; l < lanes; ++l) {
    out.average_precision[l] = average_precision_of(sum[l], tp[l]);
    out.roc_auc[l] = roc_auc_of(area[l], tp[l], fp[l]);
    out.positives[l] = tp[l];
  }
}

/// A column's value and the influence of its cells, in the order of the column.
struct column_influence {
  double value, positives;
  std::vector<double> cells;
};

/// AP = Σ_groups G · TP / (TP + FP) / P: a positive of weight w moves it by w (precision at its group − AP) / P, and by
/// the precision of each group from its own on; AUROC: w (share of the other class on the right side − AUROC) / (weight
/// of the own class).
inline column_influence influence_of_column(ranked_column const& column, std::vector<double> const& weights,
                                            rank_score score) {
  struct group {
    std::size_t begin, end;
    double gained, lost, tp, fp;  // tp, fp: to its end
  };
  std::vector<group> groups;
  double tp = 0, fp = 0;
  for (std::size_t k = 0, begin = 0; k < column.size(); ++k) {
    if (!(column[k] & 1)) continue;
    group g{begin, k + 1, 0, 0, 0, 0};
    for (std::size_t i = begin; i <= k; ++i) (column[i] & 2 ? g.gained : g.lost) += weights[column[i] >> 2];
    g.tp = tp += g.gained;
    g.fp = fp += g.lost;
    groups.push_back(g);
    begin = k + 1;
  }
  double sum = 0, area = 0;
  for (group const& g : groups) {
    sum += precision_of_group(g.gained, g.tp, g.fp);
    area += area_of_group(g.lost, g.tp - g.gained, g.tp);
  }
  double const value = score == rank_score::roc_auc ? roc_auc_of(area, tp, fp) : average_precision_of(sum, tp);
  column_influence result{value, tp, std::vector<double>(column.size())};
  if (std::isnan(value)) return result;
  double by_positive = 0, by_negative = 0;  // through the precisions of this and all later groups
  for (std::size_t at = groups.size(); at > 0; --at) {
    group const& g = groups[at - 1];
    double const accepted = g.tp + g.fp;
    if (score == rank_score::average_precision && g.gained > 0) {
      by_positive += g.gained * g.fp / (accepted * accepted) / tp;
      by_negative -= g.gained * g.tp / (accepted * accepted) / tp;
    }
    double const precision = accepted > 0 ? g.tp / accepted : 0;
    for (std::size_t k = g.begin; k < g.end; ++k) {
      bool const positive = column[k] & 2;
      double slope;
      if (score == rank_score::average_precision)
        slope = positive ? (precision - value) / tp + by_positive : by_negative;
      else
        slope = positive ? ((fp - g.fp + 0.5 * g.lost) / fp - value) / tp : ((g.tp - 0.5 * g.gained) / tp - value) / fp;
      result.cells[k] = weights[column[k] >> 2] * slope;
    }
  }
  return result;
}

class ranked_source final : public row_statistic_source {
 public:
  ranked_source(ranked_rows const& rows, std::vector<ranked_metric> metrics) : metrics_(std::move(metrics)) {
    require_value(!metrics_.empty(), "ranked_rows", "a statistic needs at least one metric");
    require_value(rows.rows() < (std::size_t{1} << 30), "ranked_rows", "there must be less than 2^30 rows");
    bool by_label = false, pooled = false, by_row = false;
    for (auto const& m : metrics_) {
      (m.average == averaging::micro ? pooled : m.average == averaging::samples ? by_row : by_label) = true;
      values_ += m.average ? 1 : rows.labels();
    }
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      bool any = false;
      for (std::size_t j = 0; j < rows.labels(); ++j) any = any || rows.present(i, j);
      weights_.push_back(rows.weight(i));
      counted_.push_back(any && rows.weight(i) > 0);
    }
    if (by_label)
      for (std::size_t j = 0; j < rows.labels(); ++j) columns_.push_back(sorted_column(rows, j, j + 1));
    if (pooled) pooled_.push_back(sorted_column(rows, 0, rows.labels()));
    for (std::size_t i = 0; by_row && i < rows.rows(); ++i) rank_row_of(rows, i);
  }

  std::size_t rows() const override { return weights_.size(); }
  std::size_t values() const override { return values_; }
  std::size_t scratch() const override { return rows() * resample_lanes; }

  void evaluate(double const* multiplicity, double* values, double* scratch) const override {
    double* const weights = scratch;
    std::vector<column_lanes> walked(columns_.size() + pooled_.size());
    for (std::size_t i = 0; i < rows(); ++i)
      for (std::size_t l = 0; l < resample_lanes; ++l)
        weights[i * resample_lanes + l] = weights_[i] * multiplicity[i * resample_lanes + l];
    for (std::size_t j = 0; j < columns_.size(); ++j) walk_column(columns_[j], weights, walked[j]);
    for (auto const& column : pooled_) walk_column(column, weights, walked[columns_.size()]);
    for (std::size_t l = 0; l < resample_lanes; ++l) {
      double* to = values + l;
      for (auto const& metric : metrics_) {
        if (metric.average == averaging::samples) {
          *to = mean_of_rows(row_values(metric.score), weights + l), to += resample_lanes;
          continue;
        }
        bool const is_micro = metric.average == averaging::micro;
        std::size_t const begin = is_micro ? columns_.size() : 0, end = is_micro ? begin + 1 : columns_.size();
        defined_mean mean;
        for (std::size_t j = begin; j < end; ++j) {
          double const value =
              metric.score == rank_score::roc_auc ? walked[j].roc_auc[l] : walked[j].average_precision[l];
          mean.add(value, metric.average == averaging::weighted ? walked[j].positives[l] : 1.0);
          if (!metric.average) *to = value, to += resample_lanes;
        }
        if (metric.average) *to = mean.value(), to += resample_lanes;
      }
    }
  }

  std::vector<double> influence() const override {
    std::vector<double> result(rows() * values_);
    std::size_t k = 0;
    for (auto const& metric : metrics_) {
      if (metric.average == averaging::samples) {
        influence_of_mean(row_values(metric.score), result.data() + k++);
        continue;
      }
      auto const& columns = metric.average == averaging::micro ? pooled_ : columns_;
      std::vector<column_influence> parts;
      defined_mean mean;
      for (auto const& column : columns) {
        parts.push_back(influence_of_column(column, weights_, metric.score));
        mean.add(parts.back().value, metric.average == averaging::weighted ? parts.back().positives : 1.0);
      }
      for (std::size_t j = 0; j < columns.size(); ++j) {
        bool const weighted = metric.average == averaging::weighted, defined = !std::isnan(parts[j].value);
        double const share = !metric.average ? 1 : (weighted ? parts[j].positives : 1.0) / mean.weight;
        double const by_support = weighted ? (parts[j].value - mean.value()) / mean.weight : 0;
        for (std::size_t at = 0; defined && at < columns[j].size(); ++at) {
          std::size_t const row = columns[j][at] >> 2;
          result[row * values_ + k] +=
              share * parts[j].cells[at] + (columns[j][at] & 2 ? weights_[row] * by_support : 0.0);
        }
        if (!metric.average) ++k;
      }
      if (metric.average) ++k;
    }
    return result;
  }

  std::vector<std::uint8_t> counted() const override { return counted_; }
  bool is_share() const override { return true; }

 private:
  // AP and AUROC of the labels of row i, which are one column of cells of weight 1.
  void rank_row_of(ranked_rows const& rows, std::size_t i) {
    std::vector<column_cell> cells;
    for (std::size_t j = 0; j < rows.labels(); ++j)
      if (rows.present(i, j)) cells.push_back(cell_of(rows, i, j, 0));
    double const ones[resample_lanes] = {1, 1, 1, 1, 1, 1, 1, 1};
    column_lanes walked;
    walk_column(in_descending_order(cells), ones, walked);
    row_precision_.push_back(walked.average_precision[0]);
    row_area_.push_back(walked.roc_auc[0]);
  }

  std::vector<double> const& row_values(rank_score score) const {
    return score == rank_score::roc_auc ? row_area_ : row_precision_;
  }

  // With the weight of row i at weights[i * resample_lanes].
  static double mean_of_rows(std::vector<double> const& values, double const* weights) {
    defined_mean mean;
    for (std::size_t i = 0; i < values.size(); ++i) mean.add(values[i], weights[i * resample_lanes]);
    return mean.value();
  }

  void influence_of_mean(std::vector<double> const& values, double* out) const {
    defined_mean mean;
    for (std::size_t i = 0; i < values.size(); ++i) mean.add(values[i], weights_[i]);
    for (std::size_t i = 0; i < values.size(); ++i)
      out[i * values_] =
          std::isnan(values[i]) || !(mean.weight > 0) ? 0 : weights_[i] * (values[i] - mean.value()) / mean.weight;
  }

  std::vector<ranked_metric> metrics_;
  std::vector<double> weights_;
  std::vector<std::uint8_t> counted_;
  std::vector<ranked_column> columns_, pooled_;
  std::vector<double> row_precision_, row_area_;  // of each row, where a samples average is asked for
  std::size_t values_ = 0;
};

}  // namespace detail

inline row_statistic ranked_rows::statistic(std::vector<ranked_metric> metrics) const {
  return row_statistic(std::make_shared<detail::ranked_source>(*this, std::move(metrics)));
}
inline row_statistic ranked_rows::statistic(rank_score score, averaging how) const {
  return statistic(std::vector<ranked_metric>{{score, how}});
}
inline row_statistic ranked_rows::per_label(rank_score score) const {
  return statistic(std::vector<ranked_metric>{{score, std::nullopt}});
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::rank_score;
using metrics::ranked_metric;
using metrics::ranked_rows;
}  // namespace softf1::inline SOFTF1_ABI
