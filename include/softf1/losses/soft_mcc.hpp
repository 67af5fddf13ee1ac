// The loss of Matthews' correlation.
#pragma once

#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/scores/mcc.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − Matthews' correlation coefficient of soft counts. In [0, 2]; 1 where all logits are equal, with gradient 0 where
/// a label has one class only. Source: Abhishek and Hamarneh, "Matthews correlation coefficient loss for deep
/// convolutional networks", ISBI, 2021.
struct soft_mcc : soft_score<scores::mcc> {
  static constexpr std::string_view name = "soft_mcc";
  constexpr soft_mcc(soft_options o = {}) : soft_score({}, {}, o) {}
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::soft_mcc;
}  // namespace softf1::inline SOFTF1_ABI
