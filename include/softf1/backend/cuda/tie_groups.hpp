// The one sorted sequence on the device: all columns are sorted at once and walked in pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <softf1/backend/cuda/reduce.hpp>
#include <softf1/backend/cuda/sort_columns.hpp>
#include <softf1/backend/ranked_cell.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/tie_group.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

/// Columns [first, first + count) of the cells, each as `rows` keys and payloads one after the other: see ranking_of.
template <class Key>
struct sorted_columns {
  std::size_t first, rows;
  Key *keys, *payloads;
};

template <class Cells, class Key>
struct gather_cells {
  Cells cells;
  sorted_columns<Key> to;
  SOFTF1_HD void operator()(std::size_t i, std::size_t column) const {
    using ranking = ranking_of<Cells>;
    std::size_t const j = to.first + column, at = column * to.rows + i;
    to.keys[at] = cells.present(i, j) ? ranking::key_of(cells.logit(i, j)) : ranking::missing();
    to.payloads[at] = ranking::payload_of(i, cells.target(i, j) == typename Cells::score(1));
  }
};

/// Totals of each column.
template <class Cells>
struct total_cells {
  using scalar = double;
  struct partial {
    double positives, negatives, cells, invalid;
  };
  using total = column_totals;

  Cells cells;
  std::size_t first;

  SOFTF1_HD static partial identity() { return {0, 0, 0, 0}; }
  SOFTF1_HD static total neutral() { return total{}; }
  SOFTF1_HD void add(partial& to, std::size_t i, std::size_t column) const {
    using score = typename Cells::score;
    std::size_t const j = first + column;
    score const s = cells.logit(i, j), t = cells.target(i, j);
    bool const here = cells.present(i, j), positive = t == score(1);
    double const w = here ? cells.weight(i) : 0.0;
    to.positives += positive ? w : 0.0;
    to.negatives += positive ? 0.0 : w;
    to.cells += here ? 1.0 : 0.0;
    to.invalid += here && is_bad_cell<Cells>(s, t) ? 1.0 : 0.0;
  }
  template <class Part>
  SOFTF1_HD static void merge(total& to, Part const& from) {
    to.positives += from.positives;
    to.negatives += from.negatives;
    to.cells += static_cast<std::size_t>(from.cells);
    to.invalid += static_cast<std::size_t>(from.invalid);
  }
};

/// Weights of the positive and negative cells of a piece; and of those of them that stand before the last group that
/// begins in it.
struct piece_counts {
  double tp, fp, tp_before, fp_before;
  bool begins;
};

/// Sorted columns in pieces: what walks them.
template <class Cells, class Key>
struct column_pieces {
  Cells cells;
  sorted_columns<Key> from;
  std::size_t length, pieces;  // cells of a piece, pieces of a column
  column_totals* totals;

  /// Cells that are walked: none where there are bad ones.
  SOFTF1_HD std::size_t size(std::size_t column) const {
    return totals[column].invalid == 0 ? totals[column].cells : std::size_t{0};
  }
  SOFTF1_HD Key key(std::size_t column, std::size_t k) const { return from.keys[column * from.rows + k]; }
  SOFTF1_HD bool begins(std::size_t column, std::size_t k) const {
    return k == 0 || key(column, k) != key(column, k - 1);
  }
  /// Adds cell k to the counts of its class.
  SOFTF1_HD void count(std::size_t column, std::size_t k, double& tp, double& fp) const {
    Key const payload = from.payloads[column * from.rows + k];
    double const w = ranking_of<Cells>::weight(cells, payload);
    bool const positive = ranking_of<Cells>::positive(payload);
    tp += positive ? w : 0.0;
    fp += positive ? 0.0 : w;
  }
};

template <class Cells, class Key>
struct count_pieces {
  column_pieces<Cells, Key> in;
  piece_counts* out;
  SOFTF1_HD void operator()(std::size_t index) const {
    std::size_t const column = index / in.pieces, begin = index % in.pieces * in.length, n = in.size(column);
    std::size_t const end = begin + in.length < n ? begin + in.length : n;
    piece_counts c{0, 0, 0, 0, false};
    for (std::size_t k = begin; k < end; ++k) {
      if (in.begins(column, k)) {
        c.tp_before = c.tp;
        c.fp_before = c.fp;
        c.begins = true;
      }
      in.count(column, k, c.tp, c.fp);
    }
    out[index] = c;
  }
};

/// Turns the counts of pieces into those before each piece, and before the group that is open where it begins.
/// With weights the totals become the sums in this order: so what is left of them is never negative.
template <class Cells, class Key>
struct chain_pieces {
  column_pieces<Cells, Key> in;
  piece_counts* counts;
  SOFTF1_HD void operator()(std::size_t column) const {
    double tp = 0, fp = 0, tp_open = 0, fp_open = 0;
    for (std::size_t p = 0; p < in.pieces; ++p) {
      piece_counts& here = counts[column * in.pieces + p];
      piece_counts const c = here;
      here = {tp, fp, tp_open, fp_open, c.begins};
      if (c.begins) {
        tp_open = tp + c.tp_before;
        fp_open = fp + c.fp_before;
      }
      tp += c.tp;
      fp += c.fp;
    }
    if (!Cells::weighted || in.size(column) == 0) return;
    in.totals[column].positives = tp;
    in.totals[column].negatives = fp;
  }
};

/// Hands the groups that end in a piece to f.
template <class Cells, class Key, class F>
struct walk_piece {
  column_pieces<Cells, Key> in;
  piece_counts const* counts;
  F f;
  typename F::state* out;

  SOFTF1_HD void operator()(std::size_t index) const {
    using ranking = ranking_of<Cells>;
    std::size_t const column = index / in.pieces, begin = index % in.pieces * in.length, n = in.size(column);
    std::size_t const end = begin + in.length < n ? begin + in.length : n;
    piece_counts const before = counts[index];
    column_totals const totals = in.totals[column];
    auto state = f.identity();
    double tp = 0, fp = 0;
    tie_group<typename Cells::score> group{};
    group.tp_before = before.tp_before;
    group.fp_before = before.fp_before;
    for (std::size_t k = begin; k < end; ++k) {
      if (in.begins(column, k)) {
        group.tp_before = before.tp + tp;
        group.fp_before = before.fp + fp;
      }
      in.count(column, k, tp, fp);
      group.is_last = k + 1 == n;
      if (!group.is_last && !in.begins(column, k + 1)) continue;
      group.tp = before.tp + tp;
      group.fp = before.fp + fp;
      group.value = ranking::score_of(in.key(column, k));
      group.next = group.is_last ? group.value : ranking::score_of(in.key(column, k + 1));
      f.add(state, group, totals);
    }
    out[index] = state;
  }
};

template <class Cells, class Key, class F>
struct finish_columns {
  column_pieces<Cells, Key> in;
  typename F::state const* states;
  F f;
  vector_view<typename F::result, cuda> out;
  SOFTF1_HD void operator()(std::size_t column) const {
    auto state = f.identity();
    for (std::size_t p = 0; p * in.length < in.size(column); ++p) F::merge(state, states[column * in.pieces + p]);
    out(in.from.first + column) = f.finish(in.from.first + column, state, in.totals[column]);
  }
};

/// Cells that a thread walks: so many that a column has at most 4,096 pieces, which one thread chains.
inline std::size_t cells_a_piece(std::size_t rows) {
  std::size_t length = walked_cells;
  while (rows / length > 4096) length *= 2;
  return length;
}

/// Scratch of one pass over some columns: 4 arrays of keys. More columns than fit take more passes.
inline std::size_t columns_a_pass(std::size_t rows, std::size_t key_bytes) {
  constexpr std::size_t most = std::size_t{1} << 31;  // bytes, and cells that cub counts
  std::size_t const fitting = most / (4 * key_bytes * (rows + 1));
  return fitting == 0 ? 1 : fitting;
}

}  // namespace detail

/// For each column j of the cells, f, a tie_group_reduction, over its tie groups in descending order of score;
/// out(j) = f.finish(j, state, totals). Missing and bad cells are treated as on the CPU.
/// Cost: a sort of all columns at once, 16 (float scores) or 32 bytes of scratch a cell, at most 2 GB or one column;
/// columns are walked in pieces, merged in order: the same bits each time. With a mask or weights and float scores, rows < 2^31.
template <class Cells, class F>
void reduce_tie_groups(context<cuda>& ctx, Cells const& cells, F f, vector_view<typename F::result, cuda> out) {
  using key = typename detail::ranking_of<Cells>::key;
  detail::check_tie_group_reduction<F, typename Cells::score>();
  std::size_t const rows = cells.rows(), cols = cells.cols();
  require_shape("reduce_tie_groups", "out", {cols}, out.shape());
  require_value(!Cells::weighted || sizeof(key) == 8 || rows < (std::size_t{1} << 31), "reduce_tie_groups",
                "a column with a mask or weights must have less than 2^31 cells, got " + std::to_string(rows));
  std::size_t const pass = std::min(cols, detail::columns_a_pass(rows, sizeof(key)));
  for (std::size_t first = 0; first < cols; first += pass) {
    std::size_t const count = std::min(pass, cols - first);
    buffer<key, cuda> keys(ctx, count * rows), payloads(ctx, count * rows);
    buffer<column_totals, cuda> totals(ctx, count);
    detail::sorted_columns<key> const columns{first, rows, keys.data(), payloads.data()};
    detail::launch_turned(ctx, rows, count, detail::gather_cells<Cells, key>{cells, columns});
    fill(ctx, totals.view(), column_totals{});
    reduce_columns(ctx, rows, count, detail::total_cells<Cells>{cells, first}, totals.view());
    detail::sort_columns(ctx, keys, payloads, rows, count);

    std::size_t const length = detail::cells_a_piece(rows), of_column = (rows + length - 1) / length;
    detail::column_pieces<Cells, key> const in{
        cells, {first, rows, keys.data(), payloads.data()}, length, of_column, totals.data()};
    buffer<detail::piece_counts, cuda> counts(ctx, count * of_column);
    buffer<typename F::state, cuda> states(ctx, count * of_column);
    detail::thrust_for_each(ctx, count * of_column, detail::count_pieces<Cells, key>{in, counts.data()});
    detail::thrust_for_each(ctx, count, detail::chain_pieces<Cells, key>{in, counts.data()});
    detail::thrust_for_each(ctx, count * of_column,
                            detail::walk_piece<Cells, key, F>{in, counts.data(), f, states.data()});
    detail::thrust_for_each(ctx, count, detail::finish_columns<Cells, key, F>{in, states.data(), f, out});
  }
}

}  // namespace softf1::inline SOFTF1_ABI
