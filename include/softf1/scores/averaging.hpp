// How the scores of labels or rows become one number.
#pragma once

#include <array>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// macro: the mean over labels; micro: the score of all cells' counts; weighted: the mean over labels weighted by
/// support; samples: the mean over rows. Names and meaning as in scikit-learn.
enum class averaging { macro, micro, weighted, samples };

inline constexpr std::array<std::string_view, 4> averaging_names{"macro", "micro", "weighted", "samples"};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::averaging;
}
