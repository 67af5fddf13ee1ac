// The sum of a long array, with the same bits for any number of threads.
#pragma once

#include <cstddef>

#include <softf1/backend/primitives.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers::detail {

inline constexpr std::size_t sum_columns = 64;

// The whole rows of the array as a matrix of 64 columns: columns are added up side by side.
template <class F>
struct sum_terms {
  using scalar = double;
  struct partial {
    double sum;
  };
  using total = double;

  F term;

  SOFTF1_HD static partial identity() { return {0}; }
  SOFTF1_HD void add(partial& p, std::size_t i, std::size_t j) const { p.sum += term(i * sum_columns + j); }
  SOFTF1_HD static total neutral() { return 0; }
  SOFTF1_HD static void merge(total& sum, partial const& p) { sum += p.sum; }
  SOFTF1_HD static void merge(total& sum, total const& part) { sum += part; }
};

// The columns' sums in order, then what did not fill a row.
template <class F>
struct add_columns {
  F term;
  std::size_t begin, end;
  double const* columns;
  double* out;
  SOFTF1_HD void operator()(std::size_t) const {
    double sum = 0;
    for (std::size_t j = 0; j < sum_columns; ++j) sum += columns[j];
    for (std::size_t k = begin; k < end; ++k) sum += term(k);
    *out = sum;
  }
};

/// *out = Σ term(i) over i < size, in double. `term` is a named functor.
template <class B, class F>
void sum(context<B>& ctx, std::size_t size, F term, double* out) {
  buffer<double, B> columns(ctx, sum_columns);
  fill(ctx, columns.view(), 0.0);
  std::size_t const rows = size / sum_columns;
  reduce_columns(ctx, rows, sum_columns, sum_terms<F>{term}, columns.view());
  for_each(ctx, 1, add_columns<F>{term, rows * sum_columns, size, columns.data(), out});
}

}  // namespace softf1::inline SOFTF1_ABI::optimizers::detail
