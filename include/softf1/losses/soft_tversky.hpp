// The Tversky losses.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/soft_score.hpp>
#include <softf1/math/power.hpp>
#include <softf1/scores/tversky.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − tp / (tp + α fp + β fn) on soft counts: `soft_tversky({.alpha = 0.3, .beta = 0.7})`. In [0, 1].
/// Source: Salehi et al., "Tversky loss function for image segmentation using 3D fully convolutional deep networks",
/// MLMI, 2017.
struct soft_tversky : soft_score<scores::tversky> {
  static constexpr std::string_view name = "soft_tversky";
  constexpr soft_tversky(scores::tversky s = {}, soft_options o = {}) : soft_score(s, {}, o) {}
};

/// 1 − (1 − Tversky)^γ: as a loss (1 − Tversky)^γ.
struct focal_tversky_score {
  double alpha = 0.3;   ///< of false positives, >= 0
  double beta = 0.7;    ///< of false negatives, >= 0
  double gamma = 0.75;  ///< finite, > 0; below 1, labels that do badly weigh less, above 1 more

  static constexpr std::array<std::string_view, 3> option_names{"alpha", "beta", "gamma"};
  constexpr double& option(std::size_t k) { return k == 0 ? alpha : k == 1 ? beta : gamma; }
  void check() const {
    scores::tversky{alpha, beta}.check();
    require_value(gamma > 0 && gamma * 0 == 0, "focal_tversky",
                  "gamma must be finite and > 0, got " + number_text(gamma));
  }

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    return T(1) - math::safe_power(T(1) - scores::tversky{alpha, beta}(c), gamma);
  }
};

/// (1 − tp / (tp + α fp + β fn))^γ on soft counts. In [0, 1]. A label that is right to the last bit has gradient 0.
/// Source: Abraham and Khan, "A novel focal Tversky loss function with improved attention U-Net for lesion
/// segmentation", ISBI, 2019, whose exponent 1/γ with γ = 4/3 is `gamma` 0.75 here.
struct focal_tversky : soft_score<focal_tversky_score> {
  static constexpr std::string_view name = "focal_tversky";
  constexpr focal_tversky(focal_tversky_score s = {}, soft_options o = {}) : soft_score(s, {}, o) {}
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::focal_tversky;
using losses::soft_tversky;
}  // namespace softf1::inline SOFTF1_ABI
