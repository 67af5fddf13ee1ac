// Rows with known targets, kept on the host and sorted once, however often they are searched.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <softf1/metrics/ranked_rows.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/options.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// Scores, targets and weights of rows: what strategies search, divide into folds and draw again. Copies share the rows.
/// Memory: 17 bytes a cell and 16 a row, on the host.
class tuning_rows final : public curve_source {
 public:
  /// scores (N, L) in options.domain, targets (N, L) of 0 and 1, on any backend. Throws shape_error for shapes that do not
  /// fit; value_error for a NaN score or another target (row and label named), a bad weight, or 2^30 rows and more.
  /// Cost: one pass, one read back, one sort a label (the first time that one is asked for).
  template <class B, class X, class Y>
  tuning_rows(context<B>& ctx, X const& scores, Y const& targets, threshold_options<B> const& options = {},
              std::string_view who = "tuning_rows")
      : curve_source(options.domain, options.zero_division) {
    metrics::ranked_rows kept;
    kept.add(ctx, scores, targets,
             metrics::ranking_options<B>{.mask = options.mask, .row_weights = options.row_weights}, who);
    require_value(kept.rows() < (std::size_t{1} << 30), who, "there must be less than 2^30 rows");
    for (std::size_t i = 0; i < kept.rows(); ++i) weights_.push_back(kept.weight(i));
    auto sorted = std::make_shared<sorted_rows>();
    for (std::size_t j = 0; j < kept.labels(); ++j)
      sorted->columns.push_back(metrics::detail::sorted_column(kept, j, j + 1));
    sorted->rows = std::move(kept);
    sorted_ = std::move(sorted);
  }

  std::size_t rows() const override { return weights_.size(); }
  std::size_t labels() const override { return sorted_->rows.labels(); }

  double score(std::size_t i, std::size_t j) const { return sorted_->rows.value(i, j); }
  bool present(std::size_t i, std::size_t j) const { return sorted_->rows.present(i, j); }
  bool positive(std::size_t i, std::size_t j) const { return sorted_->rows.positive(i, j); }
  double weight(std::size_t i) const { return weights_[i]; }
  /// Adds `times` a present cell, decided yes or no, to counts.
  void count(confusion<double>& c, std::size_t i, std::size_t j, bool yes, double times) const {
    (positive(i, j) ? (yes ? c.tp : c.fn) : (yes ? c.fp : c.tn)) += times;
  }

  /// The same rows, each `times[i]` as often as here: 0 leaves a row out. Folds and resamples are made so. Cost: O(rows).
  tuning_rows reweighted(std::span<double const> times) const {
    require_shape("tuning_rows", "times", {rows()}, std::vector<std::size_t>{times.size()});
    tuning_rows other = *this;
    for (std::size_t i = 0; i < rows(); ++i) other.weights_[i] *= times[i];
    return other;
  }

  /// Cost: O(rows).
  count_curve label(std::size_t j) const override {
    return curve_of(sorted_->columns[j], [&](std::size_t row) { return score(row, j); });
  }

  /// Cost: a sort of all cells.
  count_curve pooled() const override {
    struct cell {
      double score, tp, fp;
    };
    std::vector<cell> cells;
    for (std::size_t i = 0; i < rows(); ++i)
      for (std::size_t j = 0; j < labels(); ++j)
        if (present(i, j) && weight(i) > 0)
          cells.push_back({score(i, j), positive(i, j) ? weight(i) : 0, positive(i, j) ? 0 : weight(i)});
    std::stable_sort(cells.begin(), cells.end(), [](cell const& a, cell const& b) { return a.score > b.score; });
    count_curve curve = begun();
    double tp = 0, fp = 0;
    for (std::size_t k = 0; k < cells.size(); ++k) {
      tp += cells[k].tp;
      fp += cells[k].fp;
      if (k + 1 == cells.size() || cells[k + 1].score != cells[k].score)
        curve.points.push_back({cells[k].score, tp, fp});
    }
    return ended(std::move(curve));
  }

  /// The cells of label j in descending order of score: row · 4 + positive · 2 + (last of its tie group). Rows whose
  /// weight was 0 from the beginning are not there.
  std::span<std::uint32_t const> order(std::size_t j) const { return sorted_->columns[j]; }

 private:
  struct sorted_rows {
    metrics::ranked_rows rows;
    std::vector<metrics::detail::ranked_column> columns;
  };

  static count_curve begun() {
    count_curve curve;
    curve.points.push_back({infinity<double>(), 0, 0});
    return curve;
  }
  static count_curve ended(count_curve curve) {
    curve.positives = curve.points.back().tp;
    curve.negatives = curve.points.back().fp;
    return curve;
  }

  template <class ScoreOf>
  count_curve curve_of(metrics::detail::ranked_column const& column, ScoreOf const& score_of) const {
    count_curve curve = begun();
    double tp = 0, fp = 0;
    for (std::uint32_t cell : column) {
      (cell & 2 ? tp : fp) += weights_[cell >> 2];
      auto const& before = curve.points.back();
      if ((cell & 1) && (tp != before.tp || fp != before.fp)) curve.points.push_back({score_of(cell >> 2), tp, fp});
    }
    return ended(std::move(curve));
  }

  std::shared_ptr<sorted_rows const> sorted_;
  std::vector<double> weights_;
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::tuning_rows;
}
