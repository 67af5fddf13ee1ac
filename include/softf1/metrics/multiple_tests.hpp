// p-values of many tests at once.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {

// Where the numbers that are not NaN lie, smallest first.
inline std::vector<std::size_t> ascending_order(std::span<double const> p) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < p.size(); ++k)
    if (!std::isnan(p[k])) order.push_back(k);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  return order;
}

}  // namespace detail

/// Holm's adjusted p-values: with p_(1) <= … <= p_(m), max over i <= k of (m − i + 1) p_(i), at most 1. Rejecting what
/// is <= α keeps the chance of any false rejection at α, however the tests depend on each other. NaN stays NaN and is
/// no test. Cost: O(m log m). Source: Holm, Scandinavian Journal of Statistics, 1979.
inline std::vector<double> holm(std::span<double const> p) {
  std::vector<double> adjusted(p.begin(), p.end());
  auto const order = detail::ascending_order(p);
  double running = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    running = std::max(running, p[order[k]] * static_cast<double>(order.size() - k));
    adjusted[order[k]] = std::min(1.0, running);
  }
  return adjusted;
}

/// Benjamini and Hochberg's adjusted p-values: min over i >= k of m p_(i) / i, at most 1. Rejecting what is <= q keeps
/// the expected share of false among the rejected at q, for tests that are independent or positively dependent. NaN
/// stays NaN and is no test. Cost: O(m log m). Source: Benjamini and Hochberg, Journal of the Royal Statistical Society
/// B, 1995.
inline std::vector<double> benjamini_hochberg(std::span<double const> p) {
  std::vector<double> adjusted(p.begin(), p.end());
  auto const order = detail::ascending_order(p);
  double running = 1, m = static_cast<double>(order.size());
  for (std::size_t k = order.size(); k > 0; --k) {
    running = std::min(running, p[order[k - 1]] * m / static_cast<double>(k));
    adjusted[order[k - 1]] = running;
  }
  return adjusted;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::benjamini_hochberg;
using metrics::holm;
}  // namespace softf1::inline SOFTF1_ABI
