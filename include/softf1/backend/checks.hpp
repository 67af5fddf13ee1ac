// The second, locating pass: what was wrong in the data, with row and label.
#pragma once

#include <string>
#include <string_view>

#include <softf1/backend/fetch.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Which targets a caller takes.
enum class targets_rule {
  zero_or_one,  ///< metrics and thresholds
  any_number    ///< losses: soft targets are legal
};

namespace detail {

struct bad_cell {
  double score, target, weight;
};

template <class Cells>
struct cell_is_bad {
  Cells cells;
  bool soft_targets;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t j) const {
    using score = typename Cells::score;
    score const s = cells.logit(i, j), t = cells.target(i, j);
    return cells.present(i, j) &&
           (is_bad_score<Cells>(s) || t != t || !(soft_targets || t == score(0) || t == score(1)));
  }
};

template <class Cells>
struct weight_is_bad {
  Cells cells;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t) const {
    double const w = cells.weight(i);
    return !(w >= 0) || w * 0 != 0;
  }
};

template <class Cells>
struct factor_is_bad {
  Cells cells;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t j) const {
    auto const w = cells.factor(i, j);
    return !(w >= 0) || w * 0 != 0;
  }
};

template <class Cells>
struct factor_of_cell {
  Cells cells;
  std::size_t row, label;
  SOFTF1_HD double operator()() const { return static_cast<double>(cells.factor(row, label)); }
};

template <class Cells>
struct cell_values {
  Cells cells;
  std::size_t row, label;
  SOFTF1_HD bad_cell operator()() const {
    return {static_cast<double>(cells.logit(row, label)), static_cast<double>(cells.target(row, label)),
            cells.weight(row)};
  }
};

}  // namespace detail

/// Throws value_error naming the first present cell with a NaN score, a decision that is neither 0 nor 1, or a target
/// that the rule forbids; returns where there is none. `scores` is what the caller calls them. Cost: one pass, serial on the host.
template <class Cells>
void refuse_bad_cells(context<typename Cells::backend>& ctx, Cells const& cells, targets_rule rule,
                      std::string_view who, std::string_view scores = "scores") {
  std::size_t const rows = cells.rows(), cols = cells.cols();
  bool const soft = rule == targets_rule::any_number;
  std::size_t const at = find_first(ctx, rows, cols, detail::cell_is_bad<Cells>{cells, soft});
  if (at == rows * cols) return;
  std::size_t const i = at / cols, j = at % cols;
  auto const bad = fetch<detail::bad_cell>(ctx, detail::cell_values<Cells>{cells, i, j});
  if (is_bad_score<Cells>(static_cast<typename Cells::score>(bad.score)))
    throw_bad_cell(who,
                   std::string(scores) + (Cells::decided ? " that are integers must be 0 or 1" : " must not be NaN"),
                   bad.score, i, j);
  throw_bad_cell(who, soft ? "targets must not be NaN" : "targets must be 0 or 1", bad.target, i, j);
}

/// Throws value_error naming the first row whose weight is negative, infinite or NaN. Cost: one pass over the weights;
/// none where there are none.
template <class Cells>
void refuse_bad_weights(context<typename Cells::backend>& ctx, Cells const& cells, std::string_view who) {
  if constexpr (Cells::weighted) {
    if (!cells.has_weights()) return;
    std::size_t const at = find_first(ctx, cells.rows(), 1, detail::weight_is_bad<Cells>{cells});
    if (at == cells.rows() || cells.cols() == 0) return;
    double const w = fetch<detail::bad_cell>(ctx, detail::cell_values<Cells>{cells, at, 0}).weight;
    throw value_error(std::string(who) + ": row weights must be finite and >= 0, got " + number_text(w) + " at row " +
                      std::to_string(at));
  }
}

/// Throws value_error naming the first cell whose own weight is negative, infinite or NaN. Cost: one pass over the
/// weights, serial on the host; none where there are none.
template <class Cells>
void refuse_bad_factors(context<typename Cells::backend>& ctx, Cells const& cells, std::string_view who) {
  if constexpr (requires { cells.has_factors(); }) {
    if (!cells.has_factors()) return;
    std::size_t const at = find_first(ctx, cells.rows(), cells.cols(), detail::factor_is_bad<Cells>{cells});
    if (at == cells.rows() * cells.cols()) return;
    std::size_t const i = at / cells.cols(), j = at % cells.cols();
    double const w = fetch<double>(ctx, detail::factor_of_cell<Cells>{cells, i, j});
    throw value_error(std::string(who) + ": weights of cells and labels must be finite and >= 0, got " +
                      number_text(w) + " at row " + std::to_string(i) + ", label " + std::to_string(j));
  }
}

}  // namespace softf1::inline SOFTF1_ABI
