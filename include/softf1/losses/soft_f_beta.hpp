// The soft F-beta loss.
#pragma once

#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/scores/f_beta.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − F-beta on soft counts: `soft_f_beta({.beta = 2}, {.average = averaging::micro})`. In [0, 1].
struct soft_f_beta : soft_score<scores::f_beta> {
  static constexpr std::string_view name = "soft_f_beta";
  constexpr soft_f_beta(scores::f_beta s = {}, soft_options o = {}) : soft_score(s, {}, o) {}
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::soft_f_beta;
}  // namespace softf1::inline SOFTF1_ABI
