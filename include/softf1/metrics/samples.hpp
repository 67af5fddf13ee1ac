// Scores of rows: each row's predicted set of labels against its true set.
#pragma once

#include <cstdint>
#include <vector>

#include <softf1/metrics/average.hpp>
#include <softf1/metrics/counts.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// Counts of one row over its present labels.
using row_counts = hard_counts<std::uint32_t>;

/// The reduction along rows that counts, and leaves each row's counts in `out`.
template <class Cells, class Decide>
struct count_row_cells {
  using partial = row_counts;
  Cells cells;
  Decide decide;
  row_counts* out;

  SOFTF1_HD static partial identity() { return {}; }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const {
    auto const score = cells.logit(i, j);
    auto const target = cells.target(i, j);
    bool const yes = decide(score, j), positive = target == 1, here = cells.present(i, j);
    state.tp += yes & positive & here;
    state.fp += yes & !positive & here;
    state.fn += !yes & positive & here;
    state.tn += !yes & !positive & here;
    state.invalid += here & ((score != score) | ((target != 0) & !positive));
  }
  SOFTF1_HD void finish(std::size_t i, partial const& state) const { out[i] = state; }
};

/// The counts of each row of a batch, and the row's weight: what samples-averaged scores are computed from.
struct row_confusions {
  std::vector<row_counts> counts;
  std::vector<double> weights;
};

/// Counts each row: scores (N, L), targets (N, L) of 0 and 1. Errors as confusion_counts::add. Cost: one pass, 28 bytes
/// a row.
template <class S, class Y, class B>
row_confusions count_rows(context<B>& ctx, matrix_view<const S, B> scores, matrix_view<const Y, B> targets,
                          metric_options<B> const& options = {}, std::string_view who = "count_rows") {
  decisions::decider<compute_type<S>, B> const decide(ctx, options.decision, scores.cols(), options.domain, who);
  row_confusions rows{std::vector<row_counts>(scores.rows()), std::vector<double>(scores.rows())};
  with_cells(who, scores, targets, options.mask, options.row_weights, [&](auto const& cells) {
    using cell_source = std::decay_t<decltype(cells)>;
    detail::check_weights(cells, who);
    buffer<row_counts, B> out(ctx, cells.rows());
    reduce_rows(ctx, cells.rows(), cells.cols(),
                count_row_cells<cell_source, decltype(decide.get())>{cells, decide.get(), out.data()});
    copy(ctx, std::as_const(out).view(), vector_view<row_counts>(rows.counts.data(), rows.counts.size()));
    for (std::size_t i = 0; i < rows.counts.size(); ++i) {
      if (rows.counts[i].invalid != 0) detail::locate_invalid(ctx, cells, who);
      rows.weights[i] = cells.weight(i);
    }
  });
  return rows;
}

/// A samples-averaged score of a stream of batches: add rows, merge others, read. The mean over rows of the score of
/// each row's counts, weighted by row weight. A row without present cells is left out. Memory O(1).
template <class Score>
class samples_average {
 public:
  explicit samples_average(Score score = {}) : score_(score) {}

  void add(row_confusions const& rows) {
    for (std::size_t i = 0; i < rows.counts.size(); ++i) {
      confusion<double> const c = rows.counts[i].to_confusion();
      if (!(c.total() > 0)) continue;
      double const value = score_(c), w = rows.weights[i];
      if (std::isnan(value)) {
        undefined_ += w;
      } else {
        sum_ += w * value;
        defined_ += w;
      }
    }
  }

  void merge(samples_average const& other) {
    sum_ += other.sum_;
    defined_ += other.defined_;
    undefined_ += other.undefined_;
  }

  /// The mean; rows with an undefined score count as zero_division, or not at all where that is NaN; NaN without rows.
  double value(double zero_division = 0) const {
    bool const keep = !std::isnan(zero_division);
    double const weight = defined_ + (keep ? undefined_ : 0);
    if (!(weight > 0)) return std::numeric_limits<double>::quiet_NaN();
    return (sum_ + (keep ? undefined_ * zero_division : 0)) / weight;
  }

 private:
  Score score_;
  double sum_ = 0, defined_ = 0, undefined_ = 0;
};

/// The score of a row that is 1 where predicted and true set are the same, else 0; its samples average is subset
/// accuracy.
struct exact_match {
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return c.fp + c.fn == T(0) ? T(1) : T(0);
  }
};

/// (fp + fn) / all cells; its micro average is the Hamming loss.
struct wrong_share {
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.fp + c.fn, c.total());
  }
};

/// A score of the predictor that says "yes" everywhere.
template <class Score>
struct trivial {
  Score score;
  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    return score(c.all_positive());
  }
};

}  // namespace softf1::inline SOFTF1_ABI::metrics
