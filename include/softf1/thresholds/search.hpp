// Strategies by name, with what refines them: `best:smooth=0.1+shrunk:strength=20`.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <softf1/thresholds/all.hpp>
#include <softf1/thresholds/refinements/all.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The search that a text names: a strategy, and behind each `+` a refinement of what stands before it.
/// `auto const found = search_named("best+bagged:resamples=20", f1{})(rows)`: `decide(scores, found)` applies it, and
/// `found.rule` is what metrics take.
/// Throws value_error for a name or option that is not there. The search throws value_error where a strategy that gives a
/// rule of whole rows is refined.
inline search_function search_named(std::string_view text, objective_function score) {
  auto const specs = parse_specs(text);
  require_value(!specs.empty(), "strategy", "a name is missing");
  search_function search;
  with_named<all>(specs.front(), "strategy", [&]<class Strategy>(Strategy const& strategy) {
    search = [strategy, score](tuning_rows const& rows) -> calibrated_rule { return strategy(rows, score); };
  });
  for (std::size_t k = 1; k < specs.size(); ++k)
    with_named<refinements::all>(specs[k], "refinement", [&]<class Refinement>(Refinement const& refinement) {
      search = [refinement, inner = std::move(search), score](tuning_rows const& rows) -> calibrated_rule {
        return refinement(inner, rows, score);
      };
    });
  return search;
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::search_named;
}
