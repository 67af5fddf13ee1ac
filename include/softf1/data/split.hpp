// Splitting rows into training, validation and test parts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/core/view.hpp>
#include <softf1/data/detail/part_sizes.hpp>
#include <softf1/data/detail/part_swaps.hpp>
#include <softf1/data/detail/sparse_labels.hpp>
#include <softf1/data/detail/stratifier.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// What a row is used for.
enum class part : std::uint8_t { train, validation, test };

/// All parts, and their names in files.
inline constexpr std::array<part, 3> parts{part::train, part::validation, part::test};
inline constexpr std::array<std::string_view, 3> part_names{"train", "validation", "test"};

/// "train", "validation" or "test".
constexpr std::string_view name_of(part p) { return part_names[static_cast<std::size_t>(p)]; }

/// How rows are split.
struct split_options {
  std::array<double, 3> shares{0.7, 0.1, 0.2};  ///< of training, validation and test rows; ≥ 0, their sum is 1
  std::uint64_t seed = 0;
};

namespace detail {

inline std::vector<part> as_parts(std::vector<std::uint8_t> const& numbers) {
  std::vector<part> result;
  result.reserve(numbers.size());
  for (auto const n : numbers) result.push_back(static_cast<part>(n));
  return result;
}

}  // namespace detail

/// Splits N rows at random: a part per row. Parts have N · share rows, rounded by largest remainders (of equal ones the
/// earlier part's is rounded up), so that every row has one part. The same rows and options give the same parts.
/// Throws value_error for shares that are negative, NaN, or do not sum to 1 within 1e-9. Cost: O(N log N).
inline std::vector<part> shuffle_split(std::size_t rows, split_options const& options = {}) {
  auto const sizes = detail::part_sizes(rows, options.shares, "shuffle_split");
  auto const order = detail::random_order(rows, random_stream(options.seed, random_purpose::split, 0));
  std::vector<part> result(rows);
  std::size_t next = 0;
  for (auto const p : parts)
    for (std::size_t k = 0; k < sizes[static_cast<std::size_t>(p)]; ++k) result[order[next++]] = p;
  return result;
}

/// Splits rows so that every label has about the same share of positives in every part: iterative stratification.
/// `targets` (N, L) are 0 or 1. The label with the fewest rows not yet given away goes first; each of its rows goes to
/// the part that lacks most rows of this label, of equal ones to the part that lacks most rows, then by lot. Rows
/// without labels go to the parts that lack most rows. Unlike in the paper, parts have exactly the sizes that
/// shuffle_split gives them (a part that is full gets no more rows), and at the end rows are swapped between parts
/// where that lessens the sum of (positives − wanted)² / positives over labels and parts: a frequent label is then
/// within about one row of its shares. The same targets and options give the same parts.
/// Throws value_error like shuffle_split, and with row and label for a target that is neither 0 nor 1.
/// Cost: one pass over the N · L targets, then O(N log N + P log L) for P positives; 0.1 s for 100,000 rows of 100
/// labels, three a row. Source: Sechidis, Tsoumakas, Vlahavas, "On the stratification of multi-label data", ECML PKDD
/// 2011, algorithm 1.
inline std::vector<part> stratified_split(matrix_view<std::uint8_t const> targets, split_options const& options = {}) {
  auto const sizes = detail::part_sizes(targets.rows(), options.shares, "stratified_split");
  random_stream const random(options.seed, random_purpose::split, 1);
  detail::sparse_labels const labels(targets, "stratified_split");
  auto row_parts = detail::stratifier(labels, options.shares, sizes, random).split();
  detail::part_swaps(labels, options.shares, row_parts).run(detail::random_order(targets.rows(), random), 4);
  return detail::as_parts(row_parts);
}

/// The rows of one part, in order.
inline std::vector<std::size_t> rows_of(std::span<part const> row_parts, part which) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < row_parts.size(); ++i)
    if (row_parts[i] == which) rows.push_back(i);
  return rows;
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::rows_of;
using data::shuffle_split;
using data::split_options;
using data::stratified_split;
}  // namespace softf1::inline SOFTF1_ABI
