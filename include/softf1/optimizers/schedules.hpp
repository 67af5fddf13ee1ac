// How a learning rate changes: one small rule each, multiplied by `schedule`.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <string>
#include <string_view>

#include <softf1/core/named.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// Where a training run is.
struct schedule_place {
  std::uint64_t step = 0;                  ///< steps taken before this one
  std::uint64_t steps = 1;                 ///< of the whole run, all epochs
  std::span<double const> monitored = {};  ///< a figure of each finished epoch, the greater the better

  /// How much of the run is over, in [0, 1].
  double progress() const {
    return steps == 0 ? 1 : std::fmin(1.0, static_cast<double>(step) / static_cast<double>(steps));
  }
};

namespace detail {
inline void require_positive(std::string_view who, std::string_view what, double x) {
  require_value(x > 0 && std::isfinite(x), who, std::string(what) + " must be finite and > 0, got " + number_text(x));
}
inline void require_share(std::string_view who, std::string_view what, double x) {
  require_value(x >= 0 && x <= 1, who, std::string(what) + " must be in [0, 1], got " + number_text(x));
}
/// From a to b as x goes from 0 to 1, along half a cosine.
inline double cosine_between(double a, double b, double x) {
  return b + (a - b) * 0.5 * (1 + std::cos(std::numbers::pi * x));
}
}  // namespace detail

/// start + (1 − start) · min(1, (step + 1) / steps): the first `steps` steps lead up to the whole rate.
struct warmup {
  static constexpr std::string_view name = "warmup";
  static constexpr std::array<std::string_view, 2> option_names{"steps", "start"};
  double steps = 500, start = 0;
  constexpr double& option(std::size_t k) { return k == 0 ? steps : start; }
  void check() const {
    detail::require_positive(name, "steps", steps);
    detail::require_share(name, "start", start);
  }
  double factor(schedule_place const& at) const {
    return start + (1 - start) * std::fmin(1.0, (static_cast<double>(at.step) + 1) / steps);
  }
};

/// decay ^ ⌊step / steps⌋. Source: tf.keras ExponentialDecay with staircase.
struct staircase {
  static constexpr std::string_view name = "staircase";
  static constexpr std::array<std::string_view, 2> option_names{"decay", "steps"};
  double decay = 0.9, steps = 1000;
  constexpr double& option(std::size_t k) { return k == 0 ? decay : steps; }
  void check() const {
    detail::require_share(name, "decay", decay);
    detail::require_positive(name, "steps", steps);
  }
  double factor(schedule_place const& at) const {
    return std::pow(decay, std::floor(static_cast<double>(at.step) / steps));
  }
};

/// decay ^ (step / steps).
struct exponential {
  static constexpr std::string_view name = "exponential";
  static constexpr std::array<std::string_view, 2> option_names{"decay", "steps"};
  double decay = 0.9, steps = 1000;
  constexpr double& option(std::size_t k) { return k == 0 ? decay : steps; }
  void check() const {
    detail::require_share(name, "decay", decay);
    detail::require_positive(name, "steps", steps);
  }
  double factor(schedule_place const& at) const { return std::pow(decay, static_cast<double>(at.step) / steps); }
};

/// From 1 to `floor` over the whole run.
struct linear {
  static constexpr std::string_view name = "linear";
  static constexpr std::array<std::string_view, 1> option_names{"floor"};
  double floor = 0;
  constexpr double& option(std::size_t) { return floor; }
  void check() const { detail::require_share(name, "floor", floor); }
  double factor(schedule_place const& at) const { return 1 + (floor - 1) * at.progress(); }
};

/// From 1 to `floor` over the whole run, along half a cosine. Source: Loshchilov and Hutter, "SGDR", ICLR 2017.
struct cosine {
  static constexpr std::string_view name = "cosine";
  static constexpr std::array<std::string_view, 1> option_names{"floor"};
  double floor = 0;
  constexpr double& option(std::size_t) { return floor; }
  void check() const { detail::require_share(name, "floor", floor); }
  double factor(schedule_place const& at) const { return detail::cosine_between(1, floor, at.progress()); }
};

/// From `start` to 1 over the share `warm` of the run, then down to `end`, along half cosines.
/// Source: torch's OneCycleLR; Smith and Topin, "Super-convergence", 2018.
struct one_cycle {
  static constexpr std::string_view name = "one_cycle";
  static constexpr std::array<std::string_view, 3> option_names{"warm", "start", "end"};
  double warm = 0.3, start = 0.04, end = 4e-6;
  constexpr double& option(std::size_t k) { return k == 0 ? warm : k == 1 ? start : end; }
  void check() const {
    require_value(warm > 0 && warm < 1, name, "warm must be in (0, 1), got " + number_text(warm));
    detail::require_share(name, "start", start);
    detail::require_share(name, "end", end);
  }
  double factor(schedule_place const& at) const {
    double const x = at.progress();
    return x < warm ? detail::cosine_between(start, 1, x / warm)
                    : detail::cosine_between(1, end, (x - warm) / (1 - warm));
  }
};

/// `decay` once more whenever the figure of the validation rows has not been better for `patience` epochs.
/// Source: torch's ReduceLROnPlateau (threshold 0, no cool-down).
struct plateau {
  static constexpr std::string_view name = "plateau";
  static constexpr std::array<std::string_view, 2> option_names{"decay", "patience"};
  double decay = 0.1, patience = 5;
  constexpr double& option(std::size_t k) { return k == 0 ? decay : patience; }
  void check() const {
    detail::require_share(name, "decay", decay);
    require_value(patience >= 0 && std::isfinite(patience), name,
                  "patience must be finite and >= 0, got " + number_text(patience));
  }
  double factor(schedule_place const& at) const {
    double product = 1, worse = 0;
    double const* best = nullptr;
    for (double const& value : at.monitored) {
      bool const better = best ? value > *best : value == value;
      if (better) best = &value;
      worse = better ? 0 : worse + 1;
      if (worse <= patience) continue;
      product *= decay;
      worse = 0;
    }
    return product;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers
