// The cells of a label of rows that are kept, sorted once for many walks.
#pragma once

#include <cstdint>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/ordered_key.hpp>

namespace softf1::inline SOFTF1_ABI::metrics::detail {

/// In descending order of score: row · 4 + positive · 2 + (last of its tie group).
using ranked_column = std::vector<std::uint32_t>;

using column_cell = softf1::detail::ranked_cell<std::uint64_t>;

/// Cell (i, j) of rows that have value(i, j) and positive(i, j), which counts as one of row `row`.
template <class Rows>
column_cell cell_of(Rows const& rows, std::size_t i, std::size_t j, std::size_t row) {
  return {~ordered_key<double>::from(rows.value(i, j)), row * 4 + (rows.positive(i, j) ? 2u : 0u)};
}

/// By the sort of all rankings.
inline ranked_column in_descending_order(std::vector<column_cell>& cells) {
  std::vector<column_cell> other(cells.size());
  auto const* const in_order = softf1::detail::radix_sort(cells.data(), other.data(), cells.size());
  ranked_column column;
  for (std::size_t k = 0; k < cells.size(); ++k) {
    bool const ends = k + 1 == cells.size() || in_order[k + 1].key != in_order[k].key;
    column.push_back(static_cast<std::uint32_t>(in_order[k].payload) | (ends ? 1u : 0u));
  }
  return column;
}

/// The present cells of labels [first, last) as one column. Rows of weight 0 are left out.
template <class Rows>
ranked_column sorted_column(Rows const& rows, std::size_t first, std::size_t last) {
  std::vector<column_cell> cells;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t j = first; j < last; ++j)
      if (rows.present(i, j) && rows.weight(i) > 0) cells.push_back(cell_of(rows, i, j, i));
  return in_descending_order(cells);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics::detail
