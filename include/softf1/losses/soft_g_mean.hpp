// The loss of the geometric mean of recall and specificity.
#pragma once

#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/scores/g_mean.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − √(recall · specificity) of soft counts. In [0, 1]; a label of one class has value 1 and gradient 0.
struct soft_g_mean : soft_score<scores::g_mean> {
  static constexpr std::string_view name = "soft_g_mean";
  constexpr soft_g_mean(soft_options o = {}) : soft_score({}, {}, o) {}
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::soft_g_mean;
}  // namespace softf1::inline SOFTF1_ABI
