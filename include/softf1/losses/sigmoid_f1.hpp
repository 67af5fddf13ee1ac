// F1 of sharpened probabilities.
#pragma once

#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/scores/f1.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − F1 of soft counts of σ(slope (z + offset)): `sigmoid_f1({.slope = 10})`. In [0, 1]; slope 1 and offset 0 are
/// soft_f1. Source: Bénédict et al., "sigmoidF1: A smooth F1 score surrogate loss for multilabel classification", TMLR,
/// 2022. (Its released code has other defaults in each file; the usual sharp setting is slope 10.)
struct sigmoid_f1 : soft_score<scores::f1, sharpened_link> {
  static constexpr std::string_view name = "sigmoid_f1";
  constexpr sigmoid_f1(sharpened_link l = {}, soft_options o = {}) : soft_score({}, l, o) {}
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::sigmoid_f1;
}  // namespace softf1::inline SOFTF1_ABI
