// Pairs of labels as a table for people.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <softf1/core/text_table.hpp>
#include <softf1/metrics/cooccurrence.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {

/// The pairs with the greatest numbers, at most `most`, none of 0; of equal ones the first.
inline std::vector<std::size_t> greatest_pairs(std::vector<double> const& numbers, std::size_t labels, bool one_way,
                                               std::size_t most) {
  std::vector<std::size_t> pairs;
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    bool const is_asked = one_way ? k / labels < k % labels : k / labels != k % labels;
    if (is_asked && numbers[k] > 0) pairs.push_back(k);
  }
  auto const end = pairs.begin() + static_cast<std::ptrdiff_t>(std::min(most, pairs.size()));
  std::partial_sort(pairs.begin(), end, pairs.end(), [&](std::size_t a, std::size_t b) {
    return numbers[a] != numbers[b] ? numbers[a] > numbers[b] : a < b;
  });
  pairs.erase(end, pairs.end());
  return pairs;
}

}  // namespace detail

/// The labels that are true together most often, and those that are most often taken for each other: a line a pair, at
/// most `most` of each. `names`: as many as labels. Cost: O(L² log most).
inline std::string label_pairs_text(label_pairs const& pairs, std::vector<std::string> const& names,
                                    std::size_t most = 20) {
  std::size_t const labels = pairs.labels();
  auto const support = [&](std::size_t j) { return pairs.together()[j * labels + j]; };
  std::vector<std::vector<std::string>> together{{"label", "together with", "rows", "of the first", "of the second"}},
      taken{{"label", "taken for", "rows", "of the label"}};
  for (std::size_t const k : detail::greatest_pairs(pairs.together(), labels, true, most)) {
    std::size_t const a = k / labels, b = k % labels;
    double const rows = pairs.together()[k];
    together.push_back(
        {names[a], names[b], figure_text(rows, "%g"), figure_text(rows / support(a)), figure_text(rows / support(b))});
  }
  for (std::size_t const k : detail::greatest_pairs(pairs.taken_for(), labels, false, most)) {
    std::size_t const a = k / labels, b = k % labels;
    double const rows = pairs.taken_for()[k];
    taken.push_back({names[a], names[b], figure_text(rows, "%g"), figure_text(rows / support(a))});
  }
  return text_table(together) + "\n" + text_table(taken);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::label_pairs_text;
}  // namespace softf1::inline SOFTF1_ABI
