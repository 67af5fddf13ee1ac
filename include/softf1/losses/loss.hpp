// What all losses share: cells, options, sums, and the three kinds.
#pragma once

#include <cmath>
#include <string_view>
#include <type_traits>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// What the sum over terms is divided by: the number of present terms, their total weight, or nothing. Terms are cells
/// (element-wise losses), labels (label-wise) or rows (row-wise). A batch without any term gives 0.
enum class loss_reduction { mean, weighted_mean, sum };

/// Options of every loss. Name them in this order.
template <class B = cpu>
struct loss_options {
  mask_view<B> mask = {};            ///< (N, L), != 0 is present; missing cells are selected away and get gradient 0
  weights_view<B> row_weights = {};  ///< (N,): weights of cells or rows; label-wise losses weigh their counts by them
  loss_reduction reduction = loss_reduction::mean;
};

/// One cell as a loss sees it. A missing cell has logit, target and weight 0.
template <class T>
struct cell {
  T logit, target, weight;
  bool present;
};

/// The cell (i, j) of a source, safe to compute with whether present or not.
template <class Cells>
SOFTF1_HD cell<typename Cells::score> cell_at(Cells const& cells, std::size_t i, std::size_t j) {
  using T = typename Cells::score;
  bool const here = cells.present(i, j);
  T const z = cells.logit(i, j), y = cells.target(i, j), w = static_cast<T>(cells.weight(i));
  return {here ? z : T(0), here ? y : T(0), here ? w : T(0), here};
}

/// Over what a loss reduces first.
enum class loss_kind {
  element_wise,  ///< each cell is a term
  axis_wise      ///< the cells of a label (or of a row, or all) have one mergeable state, and make one term
};

/// Sums of terms: a monoid, so batches, threads and ranks add up.
struct term_sums {
  double sum = 0;     ///< Σ weight · value
  double weight = 0;  ///< Σ weight
  double count = 0;   ///< number of terms

  SOFTF1_HD void merge(term_sums const& o) {
    sum += o.sum;
    weight += o.weight;
    count += o.count;
  }
};

/// The factor of the sum in the loss, and of each term's gradient: 1 / divisor, or 0 without terms.
SOFTF1_HD double scale_of(term_sums const& sums, loss_reduction reduction) {
  double const divisor = reduction == loss_reduction::mean  ? sums.count
                         : reduction == loss_reduction::sum ? 1.0
                                                            : sums.weight;
  return divisor > 0 ? 1.0 / divisor : 0.0;
}

/// The reduction that adds an array of term sums; one column.
struct add_term_sums {
  using scalar = double;
  using partial = term_sums;
  using total = term_sums;
  term_sums const* terms;

  SOFTF1_HD static partial identity() { return {}; }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t) const { state.merge(terms[i]); }
  SOFTF1_HD static void merge(total& to, partial const& from) { to.merge(from); }
};

/// value and scale, from `count` term sums, on the backend; nothing is read back.
template <class B>
void finish_terms(context<B>& ctx, buffer<term_sums, B> const& terms, loss_reduction reduction,
                  vector_view<double, B> value, vector_view<double, B> scale) {
  buffer<term_sums, B> all(ctx, 1);
  fill(ctx, all.view(), term_sums{});
  reduce_columns(ctx, terms.size(), 1, add_term_sums{terms.data()}, all.view());
  for_each(ctx, 1, [value, scale, reduction, sums = std::as_const(all).view()](std::size_t) {
    scale(0) = scale_of(sums(0), reduction);
    value(0) = sums(0).sum * scale(0);
  });
}

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::loss_options;
using losses::loss_reduction;
}  // namespace softf1::inline SOFTF1_ABI
