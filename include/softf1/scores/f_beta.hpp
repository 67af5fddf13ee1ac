// The F-measure.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// (1 + β²) tp / ((1 + β²) tp + β² fn + fp): the weighted harmonic mean of precision and recall; β > 1 favours recall.
/// In [0, 1]; undefined only where tp + fp + fn = 0, and for β = 0, which is precision, where tp + fp = 0. β >= 0,
/// finite. F1 of the all-positive predictor is 2π / (1 + π) at prevalence π. Source: van Rijsbergen, Information
/// Retrieval, 1979.
struct f_beta {
  static constexpr std::string_view name = "f_beta";
  static constexpr std::array<std::string_view, 1> option_names{"beta"};
  static constexpr score_range range{};

  double beta = 1;

  constexpr double& option(std::size_t) { return beta; }
  void check() const {
    require_value(beta >= 0 && beta * 0 == 0, name, "beta must be finite and >= 0, got " + number_text(beta));
  }

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    T const b2 = T(beta * beta);
    T const weighted = (T(1) + b2) * c.tp;
    return ratio(weighted, weighted + b2 * c.fn + c.fp);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::f_beta;
}
