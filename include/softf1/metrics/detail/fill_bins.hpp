// Counting cells into the bins of their labels.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/atomic.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/metrics/detail/score_bins.hpp>

namespace softf1::inline SOFTF1_ABI::metrics::detail {

/// Weights are counted in units of 2^-20.
inline constexpr std::uint64_t units_of_one = std::uint64_t{1} << 20;

/// The units of a weight, rounded to the nearest; 2^63 from weight 2^42 on, which is refused.
SOFTF1_HD constexpr std::uint64_t weight_units(double weight) {
  return weight < 0x1p42 ? static_cast<std::uint64_t>(weight * 0x1p20 + 0.5) : std::uint64_t{1} << 63;
}

SOFTF1_HD constexpr std::uint64_t greatest_common_divisor(std::uint64_t a, std::uint64_t b) {
  while (b != 0) {
    std::uint64_t const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// a + b, or the largest number.
SOFTF1_HD constexpr std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  return a + b < a ? ~std::uint64_t{0} : a + b;
}

/// The sum and the greatest common divisor of the rows' weights, in units; one column.
struct weight_summary {
  std::uint64_t sum, divisor;
};
template <class Cells>
struct sum_weights {
  using scalar = std::uint64_t;
  using partial = weight_summary;
  using total = weight_summary;
  Cells cells;
  SOFTF1_HD static partial identity() { return {0, 0}; }
  SOFTF1_HD static total neutral() { return {0, 0}; }
  SOFTF1_HD void add(partial& to, std::size_t i, std::size_t) const {
    std::uint64_t const units = weight_units(cells.weight(i));
    merge(to, {units, units});
  }
  SOFTF1_HD static void merge(total& to, partial const& from) {
    to.sum = saturating_sum(to.sum, from.sum);
    to.divisor = greatest_common_divisor(to.divisor, from.divisor);
  }
};

/// Of each label, the cells that cannot be counted.
template <class Cells>
struct count_bad_cells {
  using scalar = std::uint32_t;
  struct partial {
    std::uint32_t bad;
  };
  using total = std::uint64_t;
  Cells cells;
  SOFTF1_HD static partial identity() { return {0}; }
  SOFTF1_HD static total neutral() { return 0; }
  SOFTF1_HD void add(partial& to, std::size_t i, std::size_t j) const {
    auto const s = cells.logit(i, j);
    auto const t = cells.target(i, j);
    bool const present = cells.present(i, j), bad = is_bad_cell<Cells>(s, t);  // no branch: loops of this vectorise
    to.bad += (present & bad) ? 1u : 0u;
  }
  SOFTF1_HD static void merge(total& to, partial const& from) { to += from.bad; }
  SOFTF1_HD static void merge(total& to, total const& from) { to += from; }
};

/// Where a cell is counted: (bins, negatives before positives) of its label.
template <class Cells>
struct cell_bin {
  Cells cells;
  score_bins bins;
  SOFTF1_HD std::uint32_t operator()(std::size_t i, std::size_t j) const {
    return 2 * bins(cells.logit(i, j)) + (cells.target(i, j) == 1 ? 1u : 0u);
  }
};

/// Counts one cell, whoever else counts at the same time.
template <class Cells>
struct count_cell_into_bin {
  cell_bin<Cells> place;
  std::uint64_t* counts;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    if (place.cells.present(i, j))
      atomic_add(counts + 2 * j * place.bins.size() + place(i, j), weight_units(place.cells.weight(i)));
  }
};

/// Counts a part of the rows of 16 labels, alone in its memory, some rows at once: cells are gathered from wherever
/// they lie, their places found in a loop that vectorises, and counted.
template <class Cells>
struct count_strip {
  static constexpr std::size_t labels = 16, tile = 512;
  Cells cells;
  score_bins bins;
  std::uint64_t *counts, *more;  // of the first part of the rows; of the others
  std::size_t strips, parts;

  template <std::size_t width>
  void walk(std::size_t begin, std::size_t end, std::size_t first, std::size_t some, std::uint64_t* to) const {
    std::size_t const n = width ? width : some, stride = 2 * bins.size(), rows = tile / n;
    to += first * stride;
    typename Cells::score scores[tile] = {};
    std::uint32_t at[tile] = {};
    for (; begin < end; begin += rows) {
      std::size_t const here = end - begin < rows ? end - begin : rows;
      for (std::size_t i = 0; i < here; ++i)
        for (std::size_t k = 0; k < n; ++k) {
          scores[i * n + k] = cells.logit(begin + i, first + k);
          at[i * n + k] = cells.target(begin + i, first + k) == 1 ? 1 : 0;
        }
      for (std::size_t k = 0; k < tile; ++k) at[k] += 2 * bins(scores[k]);
      for (std::size_t i = 0; i < here; ++i) {
        std::uint64_t const units = Cells::weighted ? weight_units(cells.weight(begin + i)) : units_of_one;
        for (std::size_t k = 0; k < n; ++k)
          to[k * stride + at[i * n + k]] += cells.present(begin + i, first + k) ? units : 0;
      }
    }
  }

  void operator()(std::size_t task) const {
    std::size_t const part = task / strips, first = task % strips * labels, rows = cells.rows();
    std::size_t const cols = cells.cols(), begin = rows * part / parts, end = rows * (part + 1) / parts;
    std::uint64_t* const to = part == 0 ? counts : more + (part - 1) * cols * 2 * bins.size();
    if (cols - first >= labels)
      walk<labels>(begin, end, first, labels, to);
    else
      walk<0>(begin, end, first, cols - first, to);
  }
};

/// to(i) += the counts of all further parts.
struct add_parts {
  std::uint64_t* to;
  std::uint64_t const* more;
  std::size_t size, parts;
  SOFTF1_HD void operator()(std::size_t i) const {
    for (std::size_t p = 1; p < parts; ++p) to[i] += more[(p - 1) * size + i];
  }
};

/// Adds the cells to counts (L × bins × 2) on the host, where each thread has labels, or memory, of its own.
template <class Cells>
void fill_bins(context<cpu>& ctx, Cells const& cells, score_bins const& bins, std::vector<std::uint64_t>& counts) {
  std::size_t const cols = cells.cols(), strips = (cols + 15) / 16, size = counts.size();
  if (cols == 0 || cells.rows() == 0) return;
  std::size_t const wanted = (2 * static_cast<std::size_t>(ctx.threads()) + strips - 1) / strips;
  std::size_t const worth = 1 + cells.rows() * cols / (8 * size);
  std::size_t const parts = ctx.threads() == 1 ? 1 : wanted < worth ? wanted : worth;
  buffer<std::uint64_t> more(ctx, (parts - 1) * size);
  fill(ctx, more.view(), std::uint64_t{0});
  std::size_t const cells_a_task = cells.rows() * cols / (strips * parts) + 1;
  for_each_row(ctx, strips * parts, cells_a_task,
               count_strip<Cells>{cells, bins, counts.data(), more.data(), strips, parts});
  if (parts > 1) for_each(ctx, size, add_parts{counts.data(), more.data(), size, parts});
}

/// The same on another backend, by atomics: integers, so the order does not show.
template <class B, class Cells>
void fill_bins(context<B>& ctx, Cells const& cells, score_bins const& bins, std::vector<std::uint64_t>& counts) {
  buffer<std::uint64_t, B> batch(ctx, counts.size());
  fill(ctx, batch.view(), std::uint64_t{0});
  for_each_cell(ctx, cells.rows(), cells.cols(), count_cell_into_bin<Cells>{{cells, bins}, batch.data()});
  std::vector<std::uint64_t> host(counts.size());
  copy(ctx, std::as_const(batch).view(), vector_view<std::uint64_t>(host.data(), host.size()));
  for (std::size_t k = 0; k < host.size(); ++k) counts[k] += host[k];
}

}  // namespace softf1::inline SOFTF1_ABI::metrics::detail
