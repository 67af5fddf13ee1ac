// Small systems of linear equations.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::math {

/// Solves A x = b for a symmetric positive definite A (n, n), row-major, by A = C Cᵀ, C lower triangular: b becomes x,
/// the lower half of A becomes C. Whether A was positive definite; else neither is of use. Host only. Cost: n³ / 6.
inline bool solve_positive_definite(std::vector<double>& a, std::vector<double>& b) {
  std::size_t const n = b.size();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) rest -= a[i * n + k] * a[j * n + k];
      if (i == j && !(rest > 0)) return false;
      a[i * n + j] = i == j ? std::sqrt(rest) : rest / a[j * n + j];
    }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return true;
}

}  // namespace softf1::inline SOFTF1_ABI::math
