// The threshold where wrong decisions cost least.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `cost`: for each label the threshold with the least fp · `fp` + fn · `fn`: what a false alarm and a miss
/// cost; of equals the highest. With calibrated probabilities it is near fp / (fp + fn). Looks at no objective.
/// Throws value_error for costs that are negative or not finite. Cost: O(points) a label.
/// Source: Elkan, "The foundations of cost-sensitive learning", IJCAI 2001.
struct cost {
  static constexpr std::string_view name = "cost";
  static constexpr std::array<std::string_view, 2> option_names{"fp", "fn"};

  double fp = 1, fn = 1;

  constexpr double& option(std::size_t k) { return k == 0 ? fp : fn; }
  void check() const {
    require_value(fp >= 0 && fn >= 0 && fp * 0 == 0 && fn * 0 == 0, name, "fp and fn must be finite and >= 0");
  }

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    check();
    return search_each_label(source, name, [this](count_curve const& curve, std::size_t k) {
      return -(fp * curve.points[k].fp + fn * (curve.positives - curve.points[k].tp));
    });
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
