// McNemar's test, label by label: which of two models is right more often?
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <softf1/math/normal.hpp>
#include <softf1/metrics/decided_rows.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// The rows on which the decisions for a label differ in being right.
struct mcnemar_result {
  std::size_t only_first;   ///< b: the first model right, the second wrong
  std::size_t only_second;  ///< c: the other way round
  double p;                 ///< two-sided
};

/// The two-sided p-value of b against c. Fewer than 25 in all: exact, min(1, 2 P(X <= min(b, c))) for X binomial
/// (b + c, ½); else the chi-square tail of (|b − c| − 1)² / (b + c), with continuity correction. 1 where b + c = 0.
/// Source: McNemar, Psychometrika, 1947; Edwards, Psychometrika, 1948 (correction).
inline double mcnemar_p_value(std::size_t b, std::size_t c) {
  std::size_t const n = b + c, less = std::min(b, c);
  if (n == 0) return 1;
  if (n >= 25) {
    double const gap = std::max(std::fabs(static_cast<double>(b) - static_cast<double>(c)) - 1, 0.0);
    return math::chi_square_tail(gap * gap / static_cast<double>(n));
  }
  double ways = 1, sum = 0;
  for (std::size_t k = 0; k <= less; ++k) {
    sum += ways;
    ways = ways * static_cast<double>(n - k) / static_cast<double>(k + 1);
  }
  return std::min(1.0, 2 * std::ldexp(sum, -static_cast<int>(n)));
}

/// McNemar's test of each label, over the rows in which the label is present. Rows are counted: weights are not, but a
/// row of weight 0 is left out. Correct the p-values of many labels by holm or benjamini_hochberg.
/// Throws shape_error unless both have as many rows and labels, value_error for other targets, masks or row weights.
/// Cost: one pass over the rows.
inline std::vector<mcnemar_result> mcnemar(decided_rows const& first, decided_rows const& second) {
  first.require_same_data(second, "mcnemar");
  auto const is_wrong = [](std::uint32_t cell) {
    auto const kind = static_cast<cell_kind>(cell & 3);
    return kind == cell_kind::fp || kind == cell_kind::fn;
  };
  std::vector<mcnemar_result> result(first.labels());
  for (std::size_t i = 0; i < first.rows(); ++i) {
    if (!(first.weight(i) > 0)) continue;
    auto const a = first.cells(i), b = second.cells(i);
    std::size_t x = 0, y = 0;
    while (x < a.size() || y < b.size()) {
      // A label that one of them does not list is a true negative there.
      std::uint32_t const label_a = x < a.size() ? a[x] >> 2 : UINT32_MAX,
                          label_b = y < b.size() ? b[y] >> 2 : UINT32_MAX;
      std::uint32_t const label = std::min(label_a, label_b);
      bool wrong_a = false, wrong_b = false, missing = false;
      if (label_a == label) wrong_a = is_wrong(a[x]), missing = (a[x] & 3) == 3, ++x;
      if (label_b == label) wrong_b = is_wrong(b[y]), ++y;
      if (missing) continue;
      result[label].only_first += !wrong_a && wrong_b;
      result[label].only_second += wrong_a && !wrong_b;
    }
  }
  for (auto& r : result) r.p = mcnemar_p_value(r.only_first, r.only_second);
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::mcnemar;
}
