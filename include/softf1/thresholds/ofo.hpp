// A threshold that follows half of the F reached so far, row by row.
#pragma once

#include <algorithm>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `ofo`: online F-measure optimisation. Rows come one after the other; a label is predicted where its
/// probability reaches a / b, with a the hits and b the predictions and true labels so far (so F = 2a / b): the last a / b
/// is the threshold. One pass, two numbers a label; the order of rows matters. Looks at no objective. A label without
/// positives keeps probability 0.5, marked. Cost: O(cells). Source: Busa-Fekete, Szörényi, Dembczyński and Hüllermeier,
/// "Online F-measure optimization", NeurIPS 2015.
struct ofo {
  static constexpr std::string_view name = "ofo";
  static constexpr auto option_names = no_options;

  threshold_set operator()(tuning_rows const& rows, objective_function const&) const {
    set_maker made(rows, name);
    for (std::size_t j = 0; j < rows.labels(); ++j) {
      double hits = 0, marks = 0, positives = 0;
      for (std::size_t i = 0; i < rows.rows(); ++i) {
        if (!rows.present(i, j) || !(rows.weight(i) > 0)) continue;
        double const threshold = marks > 0 ? hits / marks : 0;
        bool const yes = decisions::to_probability(rows.score(i, j), rows.domain()) >= threshold;
        bool const is = rows.positive(i, j);
        hits += yes && is ? rows.weight(i) : 0;
        marks += rows.weight(i) * (yes + is);
        positives += is ? rows.weight(i) : 0;
      }
      if (positives > 0)
        made.add(decisions::from_probability(hits / marks, rows.domain()), name);
      else
        made.add_neutral();
    }
    return made.take();
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
