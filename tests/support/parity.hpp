// How far apart the numbers of two backends may be.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include <softf1/core/half.hpp>

namespace softf1_test {

/// Of numbers that are computed and stored as T, relative to the largest of them. What is counted, and what is drawn at
/// random, is the same on all backends.
template <class T>
inline constexpr double parity_tolerance = std::is_same_v<T, double>             ? 1e-12
                                           : std::is_same_v<T, float>            ? 1e-5
                                           : std::is_same_v<T, softf1::half>     ? 0x1p-10
                                           : std::is_same_v<T, softf1::bfloat16> ? 0x1p-7
                                                                                 : 0;

/// The largest difference, relative to the largest number expected; infinite where one of two is NaN or infinite and the
/// other is not the same, and where there are more of one than of the other.
template <class T>
double disparity(std::vector<T> const& got, std::vector<T> const& expected) {
  if (got.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double most = 0, off = 0;
  for (std::size_t k = 0; k < got.size(); ++k) {
    double const a = static_cast<double>(got[k]), b = static_cast<double>(expected[k]);
    if (a == b || (std::isnan(a) && std::isnan(b))) {
      if (std::isfinite(b)) most = std::max(most, std::fabs(b));
      continue;
    }
    if (!std::isfinite(a) || !std::isfinite(b)) return std::numeric_limits<double>::infinity();
    most = std::max(most, std::fabs(b));
    off = std::max(off, std::fabs(a - b));
  }
  return off == 0 ? 0 : off / most;
}

inline double disparity(double got, double expected) {
  return disparity(std::vector<double>{got}, std::vector<double>{expected});
}

/// True where the two are the same numbers; NaN is the same as NaN.
template <class T>
bool are_same(std::vector<T> const& got, std::vector<T> const& expected) {
  return disparity(got, expected) == 0;
}

}  // namespace softf1_test
