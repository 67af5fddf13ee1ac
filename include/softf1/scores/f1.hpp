// The F1 score under its own name.
#pragma once

#include <string_view>

#include <softf1/scores/f_beta.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// 2 tp / (2 tp + fp + fn): f_beta with β = 1. In [0, 1]; undefined only where tp + fp + fn = 0.
/// Source: van Rijsbergen, Information Retrieval, 1979.
struct f1 {
  static constexpr std::string_view name = "f1";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return f_beta{}(c);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::f1;
}
