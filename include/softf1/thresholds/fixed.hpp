// The same probability for every label.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `fixed`: probability `at` (default 0.5) for every label, in the scores' domain. Looks at no target.
/// Throws value_error for `at` outside [0, 1]. Cost: O(L).
struct fixed {
  static constexpr std::string_view name = "fixed";
  static constexpr std::array<std::string_view, 1> option_names{"at"};

  double at = 0.5;

  constexpr double& option(std::size_t) { return at; }
  void check() const {
    require_value(at >= 0 && at <= 1, name, "at must be a probability in [0, 1], got " + number_text(at));
  }

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    check();
    set_maker made(source, name);
    for (std::size_t j = 0; j < source.labels(); ++j) made.add(decisions::from_probability(at, source.domain()), name);
    return made.take();
  }
};
}  // namespace softf1::inline SOFTF1_ABI::thresholds
