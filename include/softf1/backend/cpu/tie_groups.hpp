// The one sorted sequence: for each column, its cells in descending order of score, in groups of equal score.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include <softf1/backend/contracts.hpp>
#include <softf1/backend/cpu/elementwise.hpp>
#include <softf1/backend/ranked_cell.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/tie_group.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

/// A cell to be sorted: see ranking_of.
template <class Key>
struct ranked_cell {
  Key key;
  Key payload;
};

// Below this many elements comparison sort is faster than the passes of a radix sort.
inline constexpr std::size_t radix_threshold = 512;

/// Sorts cells by key, ascending, stable: least significant digit first, 11 bits a pass, passes of one digit skipped.
/// Returns where the result lies: `cells` or `other`. Cost: at most 3 (32-bit keys) or 6 (64-bit) passes.
template <class Key>
ranked_cell<Key>* radix_sort(ranked_cell<Key>* cells, ranked_cell<Key>* other, std::size_t n) {
  constexpr int digit_bits = 11, digits = 1 << digit_bits, passes = (8 * sizeof(Key) + digit_bits - 1) / digit_bits;
  if (n < radix_threshold) {
    std::sort(cells, cells + n,
              [](auto const& a, auto const& b) { return a.key < b.key || (a.key == b.key && a.payload < b.payload); });
    return cells;
  }
  std::size_t counts[passes][digits] = {};
  for (std::size_t i = 0; i < n; ++i)
    for (int p = 0; p < passes; ++p) ++counts[p][(cells[i].key >> (p * digit_bits)) & (digits - 1)];
  for (int p = 0; p < passes; ++p) {
    int const shift = p * digit_bits;
    if (counts[p][(cells[0].key >> shift) & (digits - 1)] == n) continue;
    std::size_t sum = 0;
    for (std::size_t& c : counts[p]) {
      std::size_t const here = c;
      c = sum;
      sum += here;
    }
    for (std::size_t i = 0; i < n; ++i) other[counts[p][(cells[i].key >> shift) & (digits - 1)]++] = cells[i];
    std::swap(cells, other);
  }
  return cells;
}

// Columns are gathered a few at once, in pieces of rows that stay in the cache: whole lines of memory are used. More at
// once would be faster on one thread, and slower on two, which share a cache.
inline constexpr std::size_t columns_at_once = 8, rows_at_once = 64;

/// Cells of some rows and columns as they are sorted: their keys, and 1 for a positive cell, 2 more for a bad one.
template <class Cells>
struct gathered_cells {
  using ranking = ranking_of<Cells>;
  using key = typename ranking::key;
  alignas(64) key keys[rows_at_once][columns_at_once], marks[rows_at_once][columns_at_once];

  /// Rows [begin, end), columns [first, first + count). Along rows, in vectors.
  void read(Cells const& cells, std::size_t begin, std::size_t end, std::size_t first, std::size_t count) {
    for (std::size_t i = begin; i < end; ++i)
      vector_loop(count, [&](std::size_t k) {
        auto const s = cells.logit(i, first + k), t = cells.target(i, first + k);
        keys[i - begin][k] = ranking::key_of(s);
        marks[i - begin][k] = static_cast<key>((t == 1 ? 1 : 0) | (is_bad_cell<Cells>(s, t) ? 2 : 0));
      });
  }

  /// Appends the present cells of column j, the k-th of those that were read, and counts them in the totals.
  void append(Cells const& cells, std::size_t begin, std::size_t end, std::size_t j, std::size_t k,
              ranked_cell<key>* out, column_totals& totals) const {
    using sum = std::conditional_t<Cells::weighted, double, std::size_t>;  // whole numbers are added faster
    sum positives = 0, all = 0;
    std::size_t n = totals.cells, invalid = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (!cells.present(i, j)) continue;
      key const mark = marks[i - begin][k];
      sum const w = static_cast<sum>(cells.weight(i));
      positives += mark & 1 ? w : sum(0);
      all += w;
      invalid += mark >> 1;
      out[n++] = {keys[i - begin][k], ranking::payload_of(i, mark & 1)};
    }
    totals.positives += static_cast<double>(positives);
    totals.negatives += static_cast<double>(all - positives);
    totals.invalid += invalid;
    totals.cells = n;
  }
};

/// The present cells of column first + k at out + k · rows, for k in [0, count), and their totals.
template <class Cells, class Key>
void gather_columns(context<cpu> const& ctx, Cells const& cells, std::size_t first, std::size_t count,
                    ranked_cell<Key>* out, column_totals* totals) {
  gathered_cells<Cells> gathered;
  std::size_t const rows = cells.rows();
  std::fill(totals, totals + count, column_totals{});
  for (std::size_t begin = 0; begin < rows; begin += rows_at_once) {
    std::size_t const end = std::min(rows, begin + rows_at_once);
    run_for(ctx.set(), [&] { gathered.read(cells, begin, end, first, count); });
    for (std::size_t k = 0; k < count; ++k) gathered.append(cells, begin, end, first + k, k, out + k * rows, totals[k]);
  }
}

/// The totals of a weighted column, summed in the order of the walk: so its last counts are the totals to the bit, and
/// what is left of them is never negative.
template <class Cells, class Key>
void weigh_in_order(Cells const& cells, ranked_cell<Key> const* sorted, std::size_t n, column_totals& totals) {
  totals.positives = totals.negatives = 0;
  for (std::size_t k = 0; k < n; ++k)
    (ranking_of<Cells>::positive(sorted[k].payload) ? totals.positives : totals.negatives) +=
        ranking_of<Cells>::weight(cells, sorted[k].payload);
}

// Pieces of many groups have a state each, merged in order, as on backends that walk the pieces at once.
inline constexpr std::size_t groups_a_piece = 4096;

template <class Cells, class Key, class F>
void walk_groups(Cells const& cells, ranked_cell<Key> const* sorted, std::size_t n, column_totals const& totals,
                 F const& f, typename F::state& state) {
  using ranking = ranking_of<Cells>;
  tie_group<typename Cells::score> group{};
  for (std::size_t k = 0; k < n;) {
    auto piece = f.identity();
    for (std::size_t groups = 0; k < n && groups < groups_a_piece; ++groups) {
      Key const key = sorted[k].key;
      group.tp_before = group.tp;
      group.fp_before = group.fp;
      for (; k < n && sorted[k].key == key; ++k) {
        (ranking::positive(sorted[k].payload) ? group.tp : group.fp) += ranking::weight(cells, sorted[k].payload);
      }
      group.value = ranking::score_of(key);
      group.is_last = k == n;
      group.next = group.is_last ? group.value : ranking::score_of(sorted[k].key);
      f.add(piece, group, totals);
    }
    f.merge(state, piece);
  }
}

}  // namespace detail

/// For each column j of the cells, f, a tie_group_reduction, over its tie groups in descending order of score;
/// out(j) = f.finish(j, state, totals).
/// Missing cells are left out; cells with a NaN score or a target that is not 0 or 1 are counted in totals.invalid, and
/// then no group is walked. Cost: one sort a column, 8 (float scores) or 16 bytes of scratch a row for each of at most 9
/// columns a thread; columns in parallel; the same bits for any number of threads. With a mask or weights and float
/// scores, rows < 2^31.
template <class Cells, class F>
void reduce_tie_groups(context<cpu>& ctx, Cells const& cells, F f, vector_view<typename F::result, cpu> out) {
  using key = typename detail::ranking_of<Cells>::key;
  detail::check_tie_group_reduction<F, typename Cells::score>();
  std::size_t const rows = cells.rows(), cols = cells.cols();
  require_shape("reduce_tie_groups", "out", {cols}, out.shape());
  require_value(!Cells::weighted || sizeof(key) == 8 || rows < (std::size_t{1} << 31), "reduce_tie_groups",
                "a column with a mask or weights must have less than 2^31 cells, got " + std::to_string(rows));
  int const threads = detail::threads_for(ctx, rows * cols);
  std::size_t const tasks = std::min(cols, static_cast<std::size_t>(threads));
  if (tasks == 0) return;
  // Each thread has as many blocks of columns as the others.
  std::size_t const blocks = tasks * ((cols + tasks * detail::columns_at_once - 1) / (tasks * detail::columns_at_once));
  std::size_t const width = (cols + blocks - 1) / blocks, scratch_of_task = (width + 1) * rows;
  buffer<detail::ranked_cell<key>> scratch(ctx, tasks * scratch_of_task);
  detail::parallel_tasks(threads, tasks, [&](std::size_t task) {
    auto* const mine = scratch.data() + task * scratch_of_task;
    for (std::size_t first = task * width; first < cols; first += tasks * width) {
      std::size_t const count = std::min(width, cols - first);
      column_totals totals[detail::columns_at_once];
      detail::gather_columns(ctx, cells, first, count, mine, totals);
      for (std::size_t k = 0; k < count; ++k) {
        auto state = f.identity();
        if (totals[k].invalid == 0) {
          std::size_t const n = totals[k].cells;
          auto const* const sorted = detail::radix_sort(mine + k * rows, mine + width * rows, n);
          if constexpr (Cells::weighted) detail::weigh_in_order(cells, sorted, n, totals[k]);
          detail::walk_groups(cells, sorted, n, totals[k], f, state);
        }
        out(first + k) = f.finish(first + k, state, totals[k]);
      }
    }
  });
}

}  // namespace softf1::inline SOFTF1_ABI
