// Pairs of labels as JSON.
#pragma once

#include <vector>

#include <softf1/io/json_value.hpp>
#include <softf1/metrics/cooccurrence.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// {"together": [[…]], "taken_for": [[…]]}: row a, column b, as label_pairs has them.
inline json_value label_pairs_json(metrics::label_pairs const& pairs) {
  auto const matrix = [&](std::vector<double> const& numbers) {
    auto rows = json_value::array();
    for (std::size_t a = 0; a < pairs.labels(); ++a) {
      rows.push_back(json_value::array());
      for (std::size_t b = 0; b < pairs.labels(); ++b)
        rows.back().push_back(json_count(numbers[a * pairs.labels() + b]));
    }
    return rows;
  };
  json_value form{{"together", matrix(pairs.together())}};
  form["taken_for"] = matrix(pairs.taken_for());
  return form;
}

}  // namespace softf1::inline SOFTF1_ABI::io
