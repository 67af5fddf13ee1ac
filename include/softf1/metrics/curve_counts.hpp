// What is accepted at every threshold that decides differently: the points of all curves of one label.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/metrics/ranking.hpp>
#include <softf1/scores/confusion.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What `score >= threshold` accepts: weight of the positives and of the negatives.
struct accepted_cells {
  double threshold, tp, fp;
};

/// The accepted cells of one label (or of all, pooled) at each distinct score, highest first, behind a first point
/// (+inf, 0, 0) that accepts none. Exact integers without row weights.
struct count_curve {
  std::vector<accepted_cells> points;
  double positives = 0, negatives = 0;  ///< weight of all cells of the class
  bool is_binned = false;               ///< points are edges of bins: what lies between two of them is not known

  /// The confusion counts at point k: what metrics count at its threshold.
  confusion<double> counts(std::size_t k) const {
    accepted_cells const& at = points[k];
    return {at.tp, at.fp, positives - at.tp, negatives - at.fp};
  }

  /// The confusion counts at any threshold. Cost: O(log points).
  confusion<double> counts_at(double threshold) const {
    std::size_t first = 1, last = points.size();  // the first point of a lower score
    while (first < last) {
      std::size_t const middle = first + (last - first) / 2;
      if (points[middle].threshold >= threshold)
        first = middle + 1;
      else
        last = middle;
    }
    return counts(first - 1);
  }

  /// Whether a threshold accepts what point k does: not the first, where there are scores of +inf.
  bool reachable(std::size_t k) const {
    return k != 0 || points.size() == 1 || points[1].threshold != infinity<double>();
  }
};

namespace detail {

template <class T, class B>
matrix_view<T, B> one_column(matrix_view<T, B> x, std::size_t j) {
  return {x.data() + static_cast<std::ptrdiff_t>(j) * x.stride(1), x.rows(), 1, x.stride(0), 1};
}

/// One column of a source.
template <class Cells>
struct column_of {
  using score = typename Cells::score;
  static constexpr bool decided = Cells::decided;
  Cells cells;
  std::size_t label;
  SOFTF1_HD score logit(std::size_t i) const { return cells.logit(i, label); }
  SOFTF1_HD score target(std::size_t i) const { return cells.target(i, label); }
  SOFTF1_HD bool present(std::size_t i) const { return cells.present(i, label); }
  SOFTF1_HD double weight(std::size_t i) const { return cells.weight(i); }
};

template <class S>
struct curve_cell {
  double weight;  // < 0: missing
  S score, target;
};

template <class Column>
struct gather_curve_cells {
  Column column;
  curve_cell<typename Column::score>* out;
  SOFTF1_HD void operator()(std::size_t i) const {
    out[i] = {column.present(i) ? column.weight(i) : -1.0, column.logit(i), column.target(i)};
  }
};

/// The walk that keeps every tie group that weighs something. For the host, which walks the groups of a column in
/// order.
struct collect_groups {
  struct state {};
  using result = column_totals;
  std::vector<accepted_cells>* points;

  state identity() const { return {}; }
  template <class T>
  void add(state&, tie_group<T> const& g, column_totals const&) const {
    if (g.tp != g.tp_before || g.fp != g.fp_before) points->push_back({static_cast<double>(g.value), g.tp, g.fp});
  }
  static void merge(state&, state const&) {}
  result finish(std::size_t, state const&, column_totals const& totals) const { return totals; }
};

/// The curve of n cells of a source with `cols` labels, the first in (row, label) = (0, first), `step` cells of the
/// source apart: on the host, in the one sorted sequence of all ranking metrics.
template <class B, class Column>
count_curve curve_of_cells(context<B>& ctx, Column const& column, std::size_t n, bool weighted, std::size_t cols,
                           std::size_t first, std::size_t step, std::string_view who) {
  using score = typename Column::score;
  std::vector<curve_cell<score>> host(n);
  {
    buffer<curve_cell<score>, B> gathered(ctx, n);
    for_each(ctx, n, gather_curve_cells<Column>{column, gathered.data()});
    copy(ctx, std::as_const(gathered).view(), vector_view<curve_cell<score>>(host.data(), n));
  }
  std::size_t kept = 0;
  for (std::size_t k = 0; k < n; ++k) {
    auto const cell = host[k];
    if (cell.weight < 0) continue;
    std::size_t const at = first + k * step;
    if (is_bad_score<Column>(cell.score))
      throw_bad_cell(who, Column::decided ? "scores that are integers must be 0 or 1" : "scores must not be NaN",
                     static_cast<double>(cell.score), at / cols, at % cols);
    if (cell.target != 0 && cell.target != 1)
      throw_bad_cell(who, "targets must be 0 or 1", static_cast<double>(cell.target), at / cols, at % cols);
    host[kept++] = cell;
  }
  count_curve curve;
  curve.points.push_back({infinity<double>(), 0, 0});
  if (kept == 0) return curve;
  // The fields of a cell are the columns of views whose rows are cells.
  auto const stride = static_cast<std::ptrdiff_t>(sizeof(curve_cell<score>) / sizeof(score));
  auto const weight_stride = static_cast<std::ptrdiff_t>(sizeof(curve_cell<score>) / sizeof(double));
  matrix_view<const score> const scores(&host[0].score, kept, 1, stride, 1),
      targets(&host[0].target, kept, 1, stride, 1);
  weights_view<cpu> weights;
  if (weighted) weights = weights_view<cpu>(vector_view<const double>(&host[0].weight, {kept}, {weight_stride}));
  auto on_host = context<cpu>::for_one_call();
  column_totals totals;
  with_cells(on_host, who, scores, targets, mask_view<cpu>(), weights, [&](auto const& cells) {
    reduce_tie_groups(on_host, cells, collect_groups{&curve.points}, vector_view<column_totals>(&totals, 1));
  });
  curve.positives = totals.positives;
  curve.negatives = totals.negatives;
  return curve;
}

}  // namespace detail

/// The accepted cells of label j at every threshold: scores (N, L) in any monotone domain, targets (N, L) of 0 and 1;
/// `options.average` is not used. Throws shape_error for shapes that do not fit; value_error for no such label, a NaN
/// score or another target in it (row and label named), or a bad weight.
/// Cost: one sort on the host, with 32 bytes a row (40 for double scores); deterministic.
template <class B, class X, class Y>
count_curve label_curve(context<B>& ctx, X const& scores, Y const& targets, std::size_t j,
                        ranking_options<B> const& options = {}) {
  std::string_view const who = "label_curve";
  auto const s = const_view<2>(scores, who, "scores");
  auto const t = const_view<2>(targets, who, "targets");
  require_value(j < s.cols(), who,
                "label must be less than " + std::to_string(s.cols()) + ", got " + std::to_string(j));
  auto const curve = [&](auto const& some_scores, auto const& some_targets, mask_view<B> const& mask, std::size_t at) {
    return with_cells(ctx, who, some_scores, some_targets, mask, options.row_weights, [&](auto const& cells) {
      using cell_source = std::decay_t<decltype(cells)>;
      refuse_bad_weights(ctx, cells, who);
      return detail::curve_of_cells(ctx, detail::column_of<cell_source>{cells, at}, cells.rows(), cell_source::weighted,
                                    s.cols(), j, s.cols(), who);
    });
  };
  require_shape(who, "targets", {s.rows(), s.cols()}, t.shape());
  if (options.mask.given()) require_shape(who, "mask", {s.rows(), s.cols()}, options.mask.view().shape());
  // A column of bits is no view.
  if constexpr (std::is_same_v<value_of<X>, packed_bit> || std::is_same_v<value_of<Y>, packed_bit>)
    return curve(s, t, options.mask, j);
  else
    return curve(detail::one_column(s, j), detail::one_column(t, j),
                 options.mask.given() ? mask_view<B>(detail::one_column(options.mask.view(), j)) : mask_view<B>(), 0);
}

/// The same for all present cells as one label. Cost: one sort of N·L cells.
template <class B, class X, class Y>
count_curve pooled_curve(context<B>& ctx, X const& scores, Y const& targets, ranking_options<B> const& options = {}) {
  std::string_view const who = "pooled_curve";
  auto const s = const_view<2>(scores, who, "scores");
  auto const t = const_view<2>(targets, who, "targets");
  return with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
    using pooled = pooled_cells<std::decay_t<decltype(cells)>>;
    refuse_bad_weights(ctx, cells, who);
    return detail::curve_of_cells(ctx, detail::column_of<pooled>{pooled(cells), 0}, cells.rows() * cells.cols(),
                                  pooled::weighted, cells.cols(), 0, 1, who);
  });
}

/// Both with a context of their own.
template <class X, class Y>
count_curve label_curve(X const& scores, Y const& targets, std::size_t j,
                        ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return label_curve(ctx, scores, targets, j, options);
}
template <class X, class Y>
count_curve pooled_curve(X const& scores, Y const& targets, ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return pooled_curve(ctx, scores, targets, options);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::count_curve;
using metrics::label_curve;
using metrics::pooled_curve;
}  // namespace softf1::inline SOFTF1_ABI
