// The middle of thresholds that are found on most of the rows, again and again.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/resampling.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds::refinements {

/// Puts other thresholds in place of those of a set, for labels of which a search knows something.
inline threshold_set replaced(threshold_set set, std::vector<double> const& thresholds, std::string_view refinement) {
  for (std::size_t j = 0; j < set.labels(); ++j) {
    if (is_unknown(set, j)) continue;
    set.thresholds[j] = thresholds[j];
    add_reason(set, j, refinement);
  }
  return set;
}

/// The seed of what a refinement draws: other numbers than those that divide and draw rows to measure the refined search.
constexpr std::uint64_t refinement_seed(double seed) { return static_cast<std::uint64_t>(seed) + 0x7265'6669'6e65; }

/// The refinement `k_fold`: of each label the median (with `mean=1` the mean) of the thresholds that the strategy finds
/// without each of `folds` folds. One threshold for the counts of all folds together would be the strategy's own, so there
/// is no such option. Throws value_error for less than 2 folds or more than rows. Cost: a search a fold.
struct k_fold {
  static constexpr std::string_view name = "k_fold";
  static constexpr std::array<std::string_view, 3> option_names{"folds", "mean", "seed"};

  double folds = 5, mean = 0, seed = 0;

  constexpr double& option(std::size_t k) { return k == 0 ? folds : k == 1 ? mean : seed; }
  void check() const {
    require_value(folds >= 2 && folds == std::floor(folds) && folds < 1e9, name,
                  "folds must be a whole number >= 2, got " + number_text(folds));
    require_value(mean == 0 || mean == 1, name, "mean must be 0 or 1, got " + number_text(mean));
    require_value(seed >= 0 && seed == std::floor(seed) && seed < 1e15, name,
                  "seed must be a whole number >= 0, got " + number_text(seed));
  }

  threshold_set operator()(search_function const& search, tuning_rows const& rows, objective_function const&) const {
    check();
    context<cpu> ctx({.threads = 1});
    threshold_set set = thresholds_in(search(rows), name);
    auto const folds_of = shuffled_folds(rows.rows(), static_cast<std::size_t>(folds), refinement_seed(seed));
    auto const found = cross_validate(ctx, rows, search, folds_of);
    return replaced(std::move(set), middle_thresholds(found.rules, mean != 0), name);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds::refinements
