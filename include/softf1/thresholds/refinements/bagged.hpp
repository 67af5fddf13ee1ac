// The middle of thresholds that are found on rows drawn anew.
#pragma once

#include <array>
#include <string_view>

#include <softf1/thresholds/refinements/k_fold.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds::refinements {

/// The refinement `bagged`: of each label the median (with `mean=1` the mean) of the thresholds that the strategy finds on
/// `resamples` bootstrap samples of the rows. Throws value_error for resamples that are no whole number >= 1.
/// Cost: a search a resample. Source: Breiman, "Bagging predictors", Machine Learning 24, 1996.
struct bagged {
  static constexpr std::string_view name = "bagged";
  static constexpr std::array<std::string_view, 3> option_names{"resamples", "mean", "seed"};

  double resamples = 50, mean = 0, seed = 0;

  constexpr double& option(std::size_t k) { return k == 0 ? resamples : k == 1 ? mean : seed; }
  void check() const {
    require_value(resamples >= 1 && resamples == std::floor(resamples) && resamples < 1e9, name,
                  "resamples must be a whole number >= 1, got " + number_text(resamples));
    k_fold{.mean = mean, .seed = seed}.check();
  }

  threshold_set operator()(search_function const& search, tuning_rows const& rows, objective_function const&) const {
    check();
    context<cpu> ctx({.threads = 1});
    threshold_set set = thresholds_in(search(rows), name);
    auto const found = bootstrap_search(ctx, rows, search, static_cast<std::size_t>(resamples), refinement_seed(seed));
    return replaced(std::move(set), middle_thresholds(found.rules, mean != 0), name);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds::refinements
