// A search of each label by itself.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/on_curve.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The rule whose threshold of each label is at the reachable point where value(curve, k, label) is greatest; of equals
/// the one that accepts least. A label without positives, or where no point has a value, keeps probability 0.5, marked.
template <class Value>
threshold_set search_each_label(curve_source const& source, std::string_view strategy, Value const& value) {
  set_maker made(source, strategy);
  for (std::size_t j = 0; j < source.labels(); ++j) {
    auto const curve = source.label(j);
    auto const best = best_point(curve, [&](std::size_t k) { return value(curve, k, j); });
    if (!(curve.positives > 0) || best.at == curve_point::none)
      made.add_neutral(curve.positives > 0 ? undefined : no_positives);
    else
      made.add(threshold_at(curve, best.at), strategy);
  }
  return made.take();
}

/// The same for the objective, where it reaches `least`; a label for which it does not gets low(curve), marked.
template <class Low>
threshold_set search_each_label_above(curve_source const& source, std::string_view strategy,
                                      objective_function const& score, double least, Low const& low) {
  set_maker made(source, strategy);
  for (std::size_t j = 0; j < source.labels(); ++j) {
    auto const curve = source.label(j);
    auto const best = best_point(curve, [&](std::size_t k) { return source.defined(score(curve.counts(k))); });
    if (!(curve.positives > 0) || best.at == curve_point::none)
      made.add_neutral(curve.positives > 0 ? undefined : no_positives);
    else if (best.value < least)
      made.add(low(curve), "below fbr");
    else
      made.add(threshold_at(curve, best.at), strategy);
  }
  return made.take();
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds
