// Metrics that rank the labels of each row, and average over rows.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/core/view_traits.hpp>
#include <softf1/metrics/accumulator.hpp>
#include <softf1/metrics/detail/label_rank.hpp>
#include <softf1/metrics/detail/row_means.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What metrics of ranked rows take beside scores and targets. A masked cell is no label of its row.
template <class B = cpu>
struct row_ranking_options {
  mask_view<B> mask = {};            ///< (N, L), != 0 is present
  weights_view<B> row_weights = {};  ///< (N,)
};

/// The metrics of `row_rankings`, in the order of its state. For a row with P relevant and Q irrelevant labels, and
/// rank(l) = the number of labels that score at least as high as l:
enum class row_metric : std::size_t {
  coverage_error,     ///< the largest rank of a relevant label; 0 where P = 0. In [0, L], best is P
  ranking_loss,       ///< error_set_size / (P · Q); 0 where P or Q is 0
  ranking_precision,  ///< LRAP: the mean over relevant l of (relevant labels among rank(l)) / rank(l); 1 where P = 0
  average_precision,  ///< the same, undefined where P = 0
  roc_auc,            ///< the share of (relevant, irrelevant) pairs in order, ties half; undefined where P or Q is 0
  one_error,          ///< 1 unless a relevant label scores above every irrelevant one
  is_error,           ///< 1 where error_set_size > 0
  error_set_size      ///< the number of (relevant, irrelevant) pairs where the irrelevant label scores at least as high
};

inline constexpr std::size_t row_metric_count = 8;

namespace detail {

/// What is summed over the relevant labels of a row.
struct relevant_sums {
  std::uint32_t deepest, fewest;  ///< the largest rank; the least number of irrelevant labels at or above one
  double precisions, lost, halves;

  SOFTF1_HD void operator()(std::size_t, label_rank const& rank) {
    std::uint32_t const wrong = rank.irrelevant_at_least();
    deepest = rank.at_least > deepest ? rank.at_least : deepest;
    fewest = wrong < fewest ? wrong : fewest;
    precisions += static_cast<double>(rank.relevant_at_least) / rank.at_least;
    lost += wrong;
    halves += static_cast<double>(wrong) + rank.irrelevant_above();
  }
};

/// The values of a row, for row_means: those of row_metric, and NaN in one more where a cell is bad.
template <class Cells>
struct rank_row {
  static constexpr std::size_t columns = row_metric_count + 1;
  Cells cells;
  std::size_t first;
  row_values values;

  SOFTF1_HD void operator()(std::size_t k) const { rank(k, nullptr); }

  SOFTF1_HD void rank(std::size_t k, keyed_label* scratch) const {
    std::size_t const i = first + k;
    double const undefined = quiet_nan<double>();
    row_labels const labels = count_labels_of(cells, i);
    values.weight(k) = -1;
    if (!scratch && labels.relevant > most_counted<Cells>) return;
    relevant_sums sums{0, labels.present, 0, 0, 0};
    visit_relevant(cells, i, labels.relevant, scratch, sums);
    double const relevant = labels.relevant, pairs = relevant * (labels.present - labels.relevant);
    double const precision = labels.relevant != 0 ? sums.precisions / relevant : undefined;
    double* const out = values[k];
    out[0] = sums.deepest;
    out[1] = pairs > 0 ? sums.lost / pairs : 0.0;
    out[2] = labels.relevant != 0 ? precision : 1.0;
    out[3] = precision;
    out[4] = pairs > 0 ? 1 - 0.5 * sums.halves / pairs : undefined;
    out[5] = labels.relevant != 0 && sums.fewest == 0 ? 0.0 : 1.0;
    out[6] = sums.lost > 0 ? 1.0 : 0.0;
    out[7] = sums.lost;
    for (std::size_t m = 0; m < row_metric_count; ++m) out[m] = labels.present != 0 ? out[m] : undefined;
    out[8] = labels.invalid != 0 ? undefined : 0.0;
    values.weight(k) = cells.weight(i);
  }
};

}  // namespace detail

/// Metrics of the ranking of each row's labels, of a stream of batches: add batches, merge others, read. Each is the
/// mean over rows, weighted by row weight, of the row's value (see row_metric); nothing but sums over rows is state, so
/// any partition of the rows gives the same values up to the rounding of double sums.
///
/// *Ties* between a relevant and an irrelevant label count against the ranking (AUROC: half). *Rows* with only
/// irrelevant or only relevant labels stay in the mean with the values of row_metric, but leave those of average
/// precision and AUROC where these are undefined; a row masked in full leaves every mean. `left_out` counts them.
/// Sources: scikit-learn's coverage_error, label_ranking_loss and label_ranking_average_precision_score (so for their
/// ties and rows); its roc_auc_score with average="samples", which refuses rows of one class; Schapire and Singer 2000
/// (one-error, coverage) and Mulan's OneError, IsError and ErrorSetSize, which break ties by the order of labels.
class row_rankings {
 public:
  static constexpr std::string_view name = "row_rankings";  ///< of its state in files

  std::size_t rows() const { return static_cast<std::size_t>(rows_[0]); }

  /// Adds a batch: scores (n, L) in any monotone domain, targets (n, L) of 0 and 1, anything with a view on B; L may
  /// differ from batch to batch. Throws shape_error for shapes that do not fit; value_error for a NaN score or another
  /// target (row and label named) or a bad weight; then the state is as before.
  /// Cost: one pass, and one over its row for each relevant label, vectorised and without a sort; rows with more than
  /// 256 relevant labels (with a mask or weights: 32) are sorted. 80 bytes a row of scratch for up to 65,536
  /// rows, and 256 bytes a label where L is larger than that limit. The same bits for any number of threads.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, row_ranking_options<B> const& options = {},
           std::string_view who = "row_rankings") {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
      using ranker = detail::rank_row<std::decay_t<decltype(cells)>>;
      refuse_bad_weights(ctx, cells, who);
      means_.merge(detail::summed_row_values(
          ctx, cells, ranker::columns, who,
          [&](std::size_t first, detail::row_values const& values) { return ranker{cells, first, values}; }));
    });
    rows_[0] += s.rows();
  }

  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, row_ranking_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }

  /// Adds the rows of another stream.
  void merge(row_rankings const& other) {
    means_.merge(other.means_);
    rows_[0] += other.rows_[0];
  }

  /// The mean of a metric; NaN where no row of positive weight has a value.
  double value(row_metric metric) const { return means_.mean(static_cast<std::size_t>(metric)); }

  /// The number of rows that are not in the mean of a metric.
  std::size_t left_out(row_metric metric) const { return means_.left_out(static_cast<std::size_t>(metric)); }

  /// How far down the ranking one must go to meet all relevant labels, on average. In [0, L].
  double coverage_error() const { return value(row_metric::coverage_error); }
  /// The share of pairs in the wrong order or tied. In [0, 1].
  double ranking_loss() const { return value(row_metric::ranking_loss); }
  /// LRAP. In (0, 1]. Average precision of a row's labels with ties merged is the same number, but undefined without
  /// relevant labels: LRAP = (average_precision · n + m) / (n + m) with m rows (their weight) that have none.
  double label_ranking_average_precision() const { return value(row_metric::ranking_precision); }
  /// Samples-averaged average precision, over the rows that have relevant labels. In (0, 1].
  double average_precision() const { return value(row_metric::average_precision); }
  /// Samples-averaged area under the ROC curve, over the rows that have both kinds. In [0, 1].
  double roc_auc() const { return value(row_metric::roc_auc); }
  /// The share of rows whose best label is irrelevant; a row without relevant labels is an error. In [0, 1]. Without
  /// ties it is 1 − precision at 1.
  double one_error() const { return value(row_metric::one_error); }
  /// The share of rows with a pair in the wrong order. In [0, 1].
  double is_error() const { return value(row_metric::is_error); }
  /// The number of pairs in the wrong order, on average. In [0, L² / 4].
  double error_set_size() const { return value(row_metric::error_set_size); }

  /// The rows with no present cell; with none of their labels relevant; with all of them relevant.
  std::size_t masked_rows() const { return left_out(row_metric::coverage_error); }
  std::size_t rows_without_relevant() const { return left_out(row_metric::average_precision) - masked_rows(); }
  std::size_t rows_all_relevant() const {
    return left_out(row_metric::roc_auc) - left_out(row_metric::average_precision);
  }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    visit("rows", self.rows_);
    detail::row_means::each_field(self.means_, visit);
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    require_value(rows_.size() == 1 && means_.fits(row_metric_count + 1), name,
                  "the state must hold sums of " + std::to_string(row_metric_count) + " metrics, finite and >= 0");
  }

 private:
  std::vector<std::uint64_t> rows_{0};
  detail::row_means means_{row_metric_count + 1};
};

namespace detail {
template <class B, class X, class Y>
double row_ranking_value(context<B>& ctx, X const& scores, Y const& targets, row_ranking_options<B> const& options,
                         row_metric metric, std::string_view who) {
  row_rankings rankings;
  rankings.add(ctx, scores, targets, options, who);
  return rankings.value(metric);
}
}  // namespace detail

/// The mean over rows of the number of best labels that one must take to have all relevant ones; ties are counted in,
/// rows without relevant labels are 0. scores (N, L) in any monotone domain, targets (N, L) of 0 and 1. In [0, L]; NaN
/// without rows. Errors and cost as row_rankings::add. Source: scikit-learn's coverage_error.
template <class B, class X, class Y>
double coverage_error(context<B>& ctx, X const& scores, Y const& targets, row_ranking_options<B> const& options = {}) {
  return detail::row_ranking_value(ctx, scores, targets, options, row_metric::coverage_error, "coverage_error");
}

/// The mean over rows of the share of (relevant, irrelevant) pairs in the wrong order or tied; rows of one kind are 0.
/// In [0, 1]. Otherwise as coverage_error. Source: scikit-learn's label_ranking_loss.
template <class B, class X, class Y>
double label_ranking_loss(context<B>& ctx, X const& scores, Y const& targets,
                          row_ranking_options<B> const& options = {}) {
  return detail::row_ranking_value(ctx, scores, targets, options, row_metric::ranking_loss, "label_ranking_loss");
}

/// LRAP: the mean over rows, and over a row's relevant labels, of the share of relevant ones among the labels that
/// score at least as high; rows of one kind are 1. In (0, 1]. Otherwise as coverage_error.
/// Source: scikit-learn's label_ranking_average_precision_score.
template <class B, class X, class Y>
double label_ranking_average_precision(context<B>& ctx, X const& scores, Y const& targets,
                                       row_ranking_options<B> const& options = {}) {
  return detail::row_ranking_value(ctx, scores, targets, options, row_metric::ranking_precision,
                                   "label_ranking_average_precision");
}

/// The share of rows whose best label is irrelevant, or ties with an irrelevant one; rows without relevant labels are
/// errors. In [0, 1]. Otherwise as coverage_error. Source: Schapire and Singer 2000; Mulan's OneError.
template <class B, class X, class Y>
double one_error(context<B>& ctx, X const& scores, Y const& targets, row_ranking_options<B> const& options = {}) {
  return detail::row_ranking_value(ctx, scores, targets, options, row_metric::one_error, "one_error");
}

/// The four with a context of their own.
template <class X, class Y>
double coverage_error(X const& scores, Y const& targets, row_ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return coverage_error(ctx, scores, targets, options);
}
template <class X, class Y>
double label_ranking_loss(X const& scores, Y const& targets, row_ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return label_ranking_loss(ctx, scores, targets, options);
}
template <class X, class Y>
double label_ranking_average_precision(X const& scores, Y const& targets,
                                       row_ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return label_ranking_average_precision(ctx, scores, targets, options);
}
template <class X, class Y>
double one_error(X const& scores, Y const& targets, row_ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return one_error(ctx, scores, targets, options);
}

static_assert(accumulator<row_rankings>);

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::coverage_error;
using metrics::label_ranking_average_precision;
using metrics::label_ranking_loss;
using metrics::one_error;
using metrics::row_metric;
using metrics::row_ranking_options;
using metrics::row_rankings;
}  // namespace softf1::inline SOFTF1_ABI
