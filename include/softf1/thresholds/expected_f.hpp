// Rows decided by their own probabilities: nothing is searched.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `expected_f`: the rule decisions::expected_f, whatever the rows are. Errors as there.
struct expected_f {
  static constexpr std::string_view name = "expected_f";
  static constexpr std::array<std::string_view, 1> option_names{"beta"};

  double beta = 1;

  constexpr double& option(std::size_t) { return beta; }
  void check() const { decisions::expected_f{beta}.check(); }

  decision_rule operator()(curve_source const&, objective_function const&) const {
    check();
    return decisions::expected_f{beta};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
