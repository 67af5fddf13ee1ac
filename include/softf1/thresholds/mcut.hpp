// Rows cut where their scores fall most: nothing is searched.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `mcut`: the rule largest_gap, for scores of this domain, whatever the rows are.
/// Source: Largeron, Moulin and Géry, IDA 2012.
struct mcut {
  static constexpr std::string_view name = "mcut";
  static constexpr auto option_names = no_options;

  decision_rule operator()(curve_source const& source, objective_function const&) const {
    return decisions::largest_gap{source.domain()};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
