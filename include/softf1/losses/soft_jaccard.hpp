// The soft Jaccard loss.
#pragma once

#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/scores/jaccard.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − tp / (tp + fp + fn) on soft counts: "soft IoU". In [0, 1]. Source: Rahman and Wang, "Optimizing
/// intersection-over-union in deep neural networks for image segmentation", ISVC, 2016.
struct soft_jaccard : soft_score<scores::jaccard> {
  static constexpr std::string_view name = "soft_jaccard";
  constexpr soft_jaccard(soft_options o = {}) : soft_score({}, {}, o) {}
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::soft_jaccard;
}  // namespace softf1::inline SOFTF1_ABI
