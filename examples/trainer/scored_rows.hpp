// Scores with what is known of their rows.
#pragma once

#include <cstdint>
#include <variant>

#include <softf1/decisions/domain.hpp>
#include <softf1/core/view.hpp>

namespace program {

/// Scores (N, L) with targets of 0 and 1.
struct scored_rows {
  std::variant<softf1::matrix_view<const float>, softf1::matrix_view<const double>> scores;
  softf1::matrix_view<const std::uint8_t> targets;
  softf1::score_domain domain = softf1::logit;
  softf1::matrix_view<const std::uint8_t> mask = {};   ///< without data: every cell is present
  softf1::vector_view<const double> row_weights = {};  ///< without data: every row weighs 1
};

}  // namespace program
