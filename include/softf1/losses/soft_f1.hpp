// The soft-F1 losses.
#pragma once

#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/scores/both_classes.hpp>
#include <softf1/scores/f1.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − 2tp / (2tp + fn + fp) on soft counts; the mean over labels ("macro soft-F1") unless told otherwise.
/// In [0, 1]; 1 − F1 of the constant probability where all logits are equal.
/// Source: Maiza, "The unknown benefits of using a soft-F1 loss in classification systems", 2019.
struct soft_f1 : soft_score<scores::f1> {
  static constexpr std::string_view name = "soft_f1";
  constexpr soft_f1(soft_options o = {}) : soft_score({}, {}, o) {}
};

/// ½ [(1 − F1(tp, fp, fn)) + (1 − F1(tn, fn, fp))] on soft counts: both classes of each label. In [0, 1].
/// A label without positives still has a gradient, from its negatives. Source: Maiza 2019 ("double soft F1").
struct double_soft_f1 : soft_score<both_classes<scores::f1>> {
  static constexpr std::string_view name = "double_soft_f1";
  constexpr double_soft_f1(soft_options o = {}) : soft_score({}, {}, o) {}
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::double_soft_f1;
using losses::soft_f1;
}  // namespace softf1::inline SOFTF1_ABI
