// The second, locating pass: what was wrong in the data, with row and label.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include <softf1/backend/fetch.hpp>
#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Which targets a caller takes.
enum class targets_rule {
  zero_or_one,  ///< metrics and thresholds
  any_number    ///< losses: soft targets are legal
};

/// Throws value_error naming the first present cell with a NaN score, or a target that the rule forbids; returns where
/// there is none. `scores` is what the caller calls them. Cost: one pass, serial on the host.
template <class Cells>
void refuse_bad_cells(context<typename Cells::backend>& ctx, Cells const& cells, targets_rule rule,
                      std::string_view who, std::string_view scores = "scores") {
  using score = typename Cells::score;
  std::size_t const rows = cells.rows(), cols = cells.cols();
  bool const soft = rule == targets_rule::any_number;
  std::size_t const at = find_first(ctx, rows, cols, [cells, soft](std::size_t i, std::size_t j) {
    score const s = cells.logit(i, j), t = cells.target(i, j);
    return cells.present(i, j) && (s != s || t != t || !(soft || t == score(0) || t == score(1)));
  });
  if (at == rows * cols) return;
  std::size_t const i = at / cols, j = at % cols;
  auto const s = fetch<score>(ctx, [=] { return cells.logit(i, j); });
  auto const t = fetch<score>(ctx, [=] { return cells.target(i, j); });
  if (s != s) throw_bad_cell(who, std::string(scores) + " must not be NaN", static_cast<double>(s), i, j);
  throw_bad_cell(who, soft ? "targets must not be NaN" : "targets must be 0 or 1", static_cast<double>(t), i, j);
}

/// Throws value_error naming the first row whose weight is negative, infinite or NaN. Cost: one pass over the weights;
/// none where there are none.
template <class Cells>
void refuse_bad_weights(context<typename Cells::backend>& ctx, Cells const& cells, std::string_view who) {
  if constexpr (Cells::weighted) {
    if (!cells.has_weights()) return;
    std::size_t const at = find_first(ctx, cells.rows(), 1, [cells](std::size_t i, std::size_t) {
      double const w = cells.weight(i);
      return !(w >= 0) || w * 0 != 0;
    });
    if (at == cells.rows()) return;
    double const w = fetch<double>(ctx, [=] { return cells.weight(at); });
    throw value_error(std::string(who) + ": row weights must be finite and >= 0, got " + number_text(w) + " at row " +
                      std::to_string(at));
  }
}

}  // namespace softf1::inline SOFTF1_ABI
