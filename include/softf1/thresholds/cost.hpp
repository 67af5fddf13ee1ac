// The threshold where wrong decisions cost least.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// What the four kinds of decisions about one label cost.
struct label_cost {
  double fp = 1, fn = 1, tp = 0, tn = 0;
};

/// The strategy `cost`: for each label the threshold with the least fp · `fp` + fn · `fn`: what a false alarm and a
/// miss cost; of equals the highest. With calibrated probabilities it is near fp / (fp + fn). Looks at no objective.
/// With `per_label`, which is for programs in C++, each label has a matrix of costs of its own: the least
/// fp · FP + fn · FN + tp · TP + tn · TN, near (fp − tn) / (fp − tn + fn − tp).
/// Throws value_error for costs that are not finite, or `fp` and `fn` that are negative; shape_error unless per_label
/// is empty or (L,). Cost: O(points) a label. Source: Elkan, "The foundations of cost-sensitive learning", IJCAI 2001.
struct cost {
  static constexpr std::string_view name = "cost";
  static constexpr std::array<std::string_view, 2> option_names{"fp", "fn"};

  double fp = 1, fn = 1;
  std::vector<label_cost> per_label = {};  ///< in place of fp and fn

  double& option(std::size_t k) { return k == 0 ? fp : fn; }
  void check() const {
    require_value(fp >= 0 && fn >= 0 && fp * 0 == 0 && fn * 0 == 0, name, "fp and fn must be finite and >= 0");
    for (auto const& c : per_label)
      require_value((c.fp + c.fn + c.tp + c.tn) * 0 == 0, name, "costs of labels must be finite");
  }

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    check();
    if (!per_label.empty())
      require_shape(name, "per_label", {source.labels()}, std::vector<std::size_t>{per_label.size()});
    return search_each_label(source, name, [&](count_curve const& curve, std::size_t k, std::size_t j) {
      auto const all = curve.counts(k);
      auto const c = per_label.empty() ? label_cost{fp, fn} : per_label[j];
      return -(c.fp * all.fp + c.fn * all.fn + c.tp * all.tp + c.tn * all.tn);
    });
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
