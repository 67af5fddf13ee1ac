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

template <class Cells, class Key>
std::size_t gather_column(Cells const& cells, std::size_t j, ranked_cell<Key>* out, column_totals& totals) {
  using score = typename Cells::score;
  using ranking = ranking_of<Cells>;
  std::size_t n = 0;
  totals = {};
  for (std::size_t i = 0; i < cells.rows(); ++i) {
    if (!cells.present(i, j)) continue;
    score const s = cells.logit(i, j), t = cells.target(i, j);
    bool const positive = t == score(1);
    totals.invalid += is_bad_cell<Cells>(s, t);
    (positive ? totals.positives : totals.negatives) += cells.weight(i);
    ++totals.cells;
    out[n++] = {ranking::key_of(s), ranking::payload_of(i, positive)};
  }
  return n;
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
/// then no group is walked. Cost: one sort a column, 16 (float scores) or 32 bytes of scratch a row and thread; columns
/// in parallel; the same bits for any number of threads. With a mask or weights and float scores, rows < 2^31.
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
  buffer<detail::ranked_cell<key>> scratch(ctx, 2 * rows * tasks);
  detail::parallel_tasks(threads, tasks, [&](std::size_t task) {
    auto* const mine = scratch.data() + 2 * rows * task;
    for (std::size_t j = task; j < cols; j += tasks) {
      column_totals totals;
      std::size_t const n = detail::gather_column(cells, j, mine, totals);
      auto state = f.identity();
      if (totals.invalid == 0) {
        auto const* const sorted = detail::radix_sort(mine, mine + rows, n);
        if constexpr (Cells::weighted) detail::weigh_in_order(cells, sorted, n, totals);
        detail::walk_groups(cells, sorted, n, totals, f, state);
      }
      out(j) = f.finish(j, state, totals);
    }
  });
}

}  // namespace softf1::inline SOFTF1_ABI
