// The decisions of every row, kept sparse: what intervals and paired tests of count scores are computed from.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/math/dual.hpp>
#include <softf1/metrics/row_statistic.hpp>
#include <softf1/metrics/samples.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What became of a cell. Only the first four are kept: true negatives are the rest.
enum class cell_kind : std::uint8_t { tp = 0, fp = 1, fn = 2, missing = 3, tn = 4, invalid = 5 };

/// kinds[i · cols + j] = what became of cell (i, j).
template <class Cells, class Decide>
struct classify_cells {
  Cells cells;
  Decide decide;
  std::uint8_t* kinds;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    auto const score = cells.logit(i, j);
    auto const target = cells.target(i, j);
    bool const yes = decide(score, i, j), positive = target == 1;
    bool const bad = is_bad_cell<Cells>(score, target);
    cell_kind const kind = !cells.present(i, j) ? cell_kind::missing
                           : bad                ? cell_kind::invalid
                           : positive           ? (yes ? cell_kind::tp : cell_kind::fn)
                                                : (yes ? cell_kind::fp : cell_kind::tn);
    kinds[i * cells.cols() + j] = static_cast<std::uint8_t>(kind);
  }
};

/// A score and its derivatives by (tp, fp, fn, tn), for any functor of confusion counts.
struct score_function {
  std::function<double(confusion<double> const&)> value;
  std::function<std::array<double, 4>(confusion<double> const&)> gradient;

  template <scores::score Score>
  score_function(Score score)
      : value(score), gradient([score](confusion<double> const& c) {
          using number = math::dual<double, 4>;
          number const s = score(confusion<number>{number::variable(c.tp, 0), number::variable(c.fp, 1),
                                                   number::variable(c.fn, 2), number::variable(c.tn, 3)});
          return std::array<double, 4>{s.derivative[0], s.derivative[1], s.derivative[2], s.derivative[3]};
        }) {}
};

/// A number of decided rows: a score under an average. No average: the score of each label, L numbers.
struct decided_metric {
  score_function score;
  std::optional<averaging> average = averaging::macro;
};

/// The decisions of a stream of batches, row by row: add batches, merge others, ask for statistics. Memory: 4 bytes a
/// cell that is positive, predicted or missing, and 16 a row, on the host.
class decided_rows {
 public:
  static constexpr std::string_view name = "decided_rows";  ///< of its state in files

  std::size_t rows() const { return weights_.size(); }
  std::size_t labels() const { return labels_; }
  double zero_division() const { return zero_division_; }

  /// Adds a batch: scores (n, L), targets (n, L) of 0 and 1. Every batch has the same `zero_division`.
  /// Errors as confusion_counts::add; value_error for label weights, which are for averages in one line.
  /// Cost: one pass on the backend, a byte a cell of scratch, one read back.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, metric_options<B> const& options = {},
           std::string_view who = "decided_rows") {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    if (rows() != 0) require_shape(who, "scores", {s.rows(), labels_}, s.shape());
    detail::refuse_label_weights(options, who);
    std::vector<std::uint8_t> kinds(s.rows() * s.cols());
    std::vector<double> weights(s.rows());
    decisions::decider<compute_type<value_of<X>>, B> const decide(ctx, options.decision, s, options.domain, who,
                                                                  options.mask.view());
    with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
      using cell_source = std::decay_t<decltype(cells)>;
      refuse_bad_weights(ctx, cells, who);
      buffer<std::uint8_t, B> batch(ctx, kinds.size());
      buffer<double, B> row_weights(ctx, weights.size());
      for_each_cell(ctx, cells.rows(), cells.cols(),
                    classify_cells<cell_source, decltype(decide.get())>{cells, decide.get(), batch.data()});
      for_each(ctx, cells.rows(), write_weights<cell_source>{cells, row_weights.data()});
      copy(ctx, std::as_const(batch).view(), vector_view<std::uint8_t>(kinds.data(), kinds.size()));
      copy(ctx, std::as_const(row_weights).view(), vector_view<double>(weights.data(), weights.size()));
      for (std::uint8_t kind : kinds)
        if (kind == static_cast<std::uint8_t>(cell_kind::invalid))
          refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
    });
    append(kinds, weights, s.cols(), options.zero_division);
  }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    std::vector<std::uint64_t> labels{self.labels_}, begin(self.begin_.begin(), self.begin_.end());
    std::vector<double> zero_division{self.zero_division_};
    visit("labels", labels);
    visit("zero_division", zero_division);
    visit("begin", begin);
    visit("cells", self.cells_);
    visit("weights", self.weights_);
    if constexpr (!std::is_const_v<Self>) {
      require_value(labels.size() == 1 && zero_division.size() == 1, name, "the state must hold its options");
      self.labels_ = static_cast<std::size_t>(labels[0]);
      self.zero_division_ = zero_division[0];
      self.begin_.assign(begin.begin(), begin.end());
    }
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    bool fits = labels_ < (std::size_t{1} << 30) && begin_.size() == weights_.size() + 1 && begin_.front() == 0 &&
                begin_.back() == cells_.size() && detail::are_sums(weights_) &&
                std::is_sorted(begin_.begin(), begin_.end());
    for (std::size_t i = 0; fits && i < rows(); ++i)
      for (std::size_t k = begin_[i]; k < begin_[i + 1]; ++k)
        fits = fits && cells_[k] / 4 < labels_ && (k == begin_[i] || cells_[k - 1] / 4 < cells_[k] / 4);
    require_value(fits, name, "the state must hold rows of cells in the order of labels, and finite weights >= 0");
  }

  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }

  /// Appends the rows of another. Throws shape_error for another number of labels, value_error for another
  /// zero_division.
  void merge(decided_rows const& other) {
    if (other.rows() == 0) return;
    if (rows() == 0) {
      *this = other;
      return;
    }
    if (&other == this) return merge(decided_rows(other));
    require_shape("decided_rows", "merged rows", {other.rows(), labels_},
                  std::vector<std::size_t>{other.rows(), other.labels_});
    bool const same =
        zero_division_ == other.zero_division_ || (std::isnan(zero_division_) && std::isnan(other.zero_division_));
    require_value(same, "decided_rows", "merged rows must have the same zero_division");
    std::size_t const before = cells_.size();
    cells_.insert(cells_.end(), other.cells_.begin(), other.cells_.end());
    for (std::size_t i = 1; i < other.begin_.size(); ++i) begin_.push_back(before + other.begin_[i]);
    weights_.insert(weights_.end(), other.weights_.begin(), other.weights_.end());
  }

  double weight(std::size_t i) const { return weights_[i]; }
  /// The cells of row i that are no true negatives, by label: label · 4 + kind.
  std::span<std::uint32_t const> cells(std::size_t i) const {
    return {cells_.data() + begin_[i], begin_[i + 1] - begin_[i]};
  }

  /// The counts of row i, unweighted.
  confusion<double> row(std::size_t i) const {
    std::size_t n[4] = {};
    for (std::uint32_t c : cells(i)) ++n[c & 3];
    return {static_cast<double>(n[0]), static_cast<double>(n[1]), static_cast<double>(n[2]),
            static_cast<double>(labels_ - n[0] - n[1] - n[2] - n[3])};
  }

  /// Throws value_error unless another model's decisions are of the same targets, masks and row weights, naming the
  /// first row and label that differ; shape_error for another number of rows or labels. Cost: one pass over the rows.
  void require_same_data(decided_rows const& other, std::string_view who) const {
    require_shape(who, "the second model's scores", {rows(), labels_},
                  std::vector<std::size_t>{other.rows(), other.labels_});
    for (std::size_t i = 0; i < rows(); ++i) {
      detail::require_same_weight(who, i, weights_[i], other.weights_[i]);
      auto const a = cells(i), b = other.cells(i);
      for (std::size_t x = 0, y = 0; x < a.size() || y < b.size();) {
        std::size_t const of_a = x < a.size() ? a[x] >> 2 : labels_, of_b = y < b.size() ? b[y] >> 2 : labels_;
        std::size_t const label = std::min(of_a, of_b);
        auto const mine = of_a == label ? target_of(a[x++]) : detail::paired_target::negative;
        auto const others = of_b == label ? target_of(b[y++]) : detail::paired_target::negative;
        detail::require_same_target(who, i, label, mine, others);
      }
    }
  }

  /// 1 for each row with a positive target among its present cells, else 0: strata for the bootstrap.
  std::vector<std::uint64_t> has_positives() const {
    std::vector<std::uint64_t> result(rows());
    for (std::size_t i = 0; i < rows(); ++i) result[i] = row(i).support() > 0;
    return result;
  }

  /// Numbers of these rows, one after the other, all from one count of each resample. Throws value_error where there is
  /// no metric. The statistic shares a copy of the rows.
  row_statistic statistic(std::vector<decided_metric> metrics) const;
  /// One score under one average.
  row_statistic statistic(score_function score, averaging how) const;
  /// One score of each label.
  row_statistic per_label(score_function score) const;

 private:
  static detail::paired_target target_of(std::uint32_t cell) {
    auto const kind = static_cast<cell_kind>(cell & 3);
    return kind == cell_kind::missing ? detail::paired_target::missing
           : kind == cell_kind::fp    ? detail::paired_target::negative
                                      : detail::paired_target::positive;
  }

  void append(std::vector<std::uint8_t> const& kinds, std::vector<double> const& weights, std::size_t cols,
              double zero_division) {
    require_value(cols < (std::size_t{1} << 30), "decided_rows", "there must be less than 2^30 labels");
    bool const same = zero_division == zero_division_ || (std::isnan(zero_division) && std::isnan(zero_division_));
    require_value(same || rows() == 0, "decided_rows", "all batches must have the same zero_division");
    labels_ = cols;
    zero_division_ = zero_division;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      for (std::size_t j = 0; j < cols; ++j) {
        std::uint8_t const kind = kinds[i * cols + j];
        if (kind < 4) cells_.push_back(static_cast<std::uint32_t>(j * 4 + kind));
      }
      begin_.push_back(cells_.size());
    }
    weights_.insert(weights_.end(), weights.begin(), weights.end());
  }

  std::size_t labels_ = 0;
  double zero_division_ = 0;
  std::vector<std::size_t> begin_{0};
  std::vector<std::uint32_t> cells_;
  std::vector<double> weights_;
};

static_assert(accumulator<decided_rows>);

namespace detail {

class decided_source final : public row_statistic_source {
 public:
  decided_source(decided_rows const& rows, std::vector<decided_metric> metrics)
      : rows_(rows), metrics_(std::move(metrics)) {
    require_value(!metrics_.empty(), "decided_rows", "a statistic needs at least one metric");
    for (auto const& m : metrics_) {
      values_ += m.average ? 1 : rows_.labels();
      row_scores_.emplace_back();
      if (m.average == averaging::samples)
        for (std::size_t i = 0; i < rows_.rows(); ++i)
          row_scores_.back().push_back(defined_score(m.score.value, rows_.row(i), rows_.zero_division()));
    }
  }

  std::size_t rows() const override { return rows_.rows(); }
  std::size_t values() const override { return values_; }
  std::size_t scratch() const override { return rows_.labels() * 4 * resample_lanes; }

  void evaluate(double const* multiplicity, double* values, double* scratch) const override {
    std::size_t const labels = rows_.labels();
    double* const counts = scratch;
    std::vector<confusion<double>> one(labels);
    double total[resample_lanes] = {};
    std::fill_n(counts, labels * 4 * resample_lanes, 0.0);
    for (std::size_t i = 0; i < rows_.rows(); ++i) {
      double weight[resample_lanes];
      for (std::size_t l = 0; l < resample_lanes; ++l) {
        weight[l] = rows_.weight(i) * multiplicity[i * resample_lanes + l];
        total[l] += weight[l];
      }
      for (std::uint32_t c : rows_.cells(i)) {
        double* const to = counts + std::size_t{c} * resample_lanes;
        for (std::size_t l = 0; l < resample_lanes; ++l) to[l] += weight[l];
      }
    }
    for (std::size_t l = 0; l < resample_lanes; ++l) {
      for (std::size_t j = 0; j < labels; ++j) one[j] = label_counts(counts + j * 4 * resample_lanes + l, total[l]);
      std::span<confusion<double> const> const all = one;
      std::size_t k = 0;
      for (std::size_t m = 0; m < metrics_.size(); ++m) {
        auto const& metric = metrics_[m];
        if (metric.average == averaging::samples)
          values[k++ * resample_lanes + l] = mean_of_rows(row_scores_[m], multiplicity + l);
        else if (metric.average)
          values[k++ * resample_lanes + l] = average(metric.score.value, all, *metric.average, rows_.zero_division());
        else
          for (auto const& c : all)
            values[k++ * resample_lanes + l] = defined_score(metric.score.value, c, rows_.zero_division());
      }
    }
  }

  std::vector<double> influence() const override {
    std::vector<double> result(rows() * values_);
    std::vector<double> const ones(rows() * resample_lanes, 1.0);
    auto const labels = totals();
    std::size_t k = 0;
    for (std::size_t m = 0; m < metrics_.size(); ++m) {
      auto const& metric = metrics_[m];
      if (metric.average == averaging::samples) {
        influence_of_mean(row_scores_[m], mean_of_rows(row_scores_[m], ones.data()), &result[k++]);
      } else if (metric.average) {
        spread(slopes(metric.score, labels, *metric.average), &result[k++]);
      } else {
        for (std::size_t j = 0; j < labels.size(); ++j) {
          std::vector<slope> one(labels.size());
          one[j] = slope_of(metric.score, labels[j]);
          spread(one, &result[k++]);
        }
      }
    }
    return result;
  }

  std::vector<std::uint8_t> counted() const override {
    std::vector<std::uint8_t> result(rows());
    for (std::size_t i = 0; i < rows(); ++i) result[i] = rows_.weight(i) > 0 && rows_.row(i).total() > 0;
    return result;
  }

 private:
  using slope = std::array<double, 4>;

  // Counts of a label, its kinds `resample_lanes` apart. A remainder that is rounding alone is 0: a sum of N weights is
  // off by N ulp at most, and whole ones not at all.
  confusion<double> label_counts(double const* kinds, double total) const {
    double const rounding = 4e-16 * static_cast<double>(rows_.rows());
    double const tp = kinds[0], fp = kinds[resample_lanes], fn = kinds[2 * resample_lanes];
    double const tn = total - (tp + fp + fn + kinds[3 * resample_lanes]);
    return {tp, fp, fn, tn <= rounding * total ? 0.0 : tn};
  }

  double mean_of_rows(std::vector<double> const& scores, double const* multiplicity) const {
    defined_mean mean;
    for (std::size_t i = 0; i < scores.size(); ++i)
      mean.add(scores[i], rows_.weight(i) * multiplicity[i * resample_lanes]);
    return mean.value();
  }

  void influence_of_mean(std::vector<double> const& scores, double mean, double* out) const {
    double weight = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) weight += std::isnan(scores[i]) ? 0 : rows_.weight(i);
    for (std::size_t i = 0; i < scores.size(); ++i)
      out[i * values_] = std::isnan(scores[i]) || !(weight > 0) ? 0 : rows_.weight(i) * (scores[i] - mean) / weight;
  }

  std::vector<confusion<double>> totals() const {
    std::vector<double> kinds(rows_.labels() * 4 * resample_lanes);
    double total = 0;
    for (std::size_t i = 0; i < rows(); ++i) {
      total += rows_.weight(i);
      for (std::uint32_t c : rows_.cells(i)) kinds[c * resample_lanes] += rows_.weight(i);
    }
    std::vector<confusion<double>> labels;
    for (std::size_t j = 0; j < rows_.labels(); ++j)
      labels.push_back(label_counts(&kinds[j * 4 * resample_lanes], total));
    return labels;
  }

  // Of a score that is replaced where it is undefined: 0 there.
  static slope slope_of(score_function const& score, confusion<double> const& c) {
    return !(c.total() > 0) || std::isnan(score.value(c)) ? slope{} : score.gradient(c);
  }

  // ∂average / ∂counts of each label.
  std::vector<slope> slopes(score_function const& score, std::vector<confusion<double>> const& labels,
                            averaging how) const {
    std::vector<slope> result(labels.size());
    if (how == averaging::micro) {
      confusion<double> pooled{};
      for (auto const& c : labels) pooled += c;
      std::fill(result.begin(), result.end(), slope_of(score, pooled));
      return result;
    }
    defined_mean mean;
    std::vector<double> value;
    for (auto const& c : labels) {
      value.push_back(defined_score(score.value, c, rows_.zero_division()));
      mean.add(value.back(), how == averaging::weighted ? c.support() : 1.0);
    }
    for (std::size_t j = 0; j < labels.size(); ++j) {
      if (std::isnan(value[j]) || !(mean.weight > 0)) continue;
      double const share = (how == averaging::weighted ? labels[j].support() : 1.0) / mean.weight;
      result[j] = slope_of(score, labels[j]);
      for (double& s : result[j]) s *= share;
      if (how != averaging::weighted) continue;
      double const by_support = (value[j] - mean.value()) / mean.weight;
      result[j][0] += by_support;
      result[j][2] += by_support;
    }
    return result;
  }

  // Σ over the cells of each row of the slope of its kind: all as if true negatives, and the others corrected.
  void spread(std::vector<slope> const& slopes, double* out) const {
    double all_negative = 0;
    for (slope const& s : slopes) all_negative += s[3];
    for (std::size_t i = 0; i < rows(); ++i) {
      double sum = all_negative;
      for (std::uint32_t c : rows_.cells(i)) sum += ((c & 3) == 3 ? 0.0 : slopes[c >> 2][c & 3]) - slopes[c >> 2][3];
      out[i * values_] = rows_.weight(i) * sum;
    }
  }

  decided_rows rows_;
  std::vector<decided_metric> metrics_;
  std::vector<std::vector<double>> row_scores_;
  std::size_t values_ = 0;
};

}  // namespace detail

inline row_statistic decided_rows::statistic(std::vector<decided_metric> metrics) const {
  return row_statistic(std::make_shared<detail::decided_source>(*this, std::move(metrics)));
}
inline row_statistic decided_rows::statistic(score_function score, averaging how) const {
  return statistic({decided_metric{std::move(score), how}});
}
inline row_statistic decided_rows::per_label(score_function score) const {
  return statistic({decided_metric{std::move(score), std::nullopt}});
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::decided_metric;
using metrics::decided_rows;
}  // namespace softf1::inline SOFTF1_ABI
