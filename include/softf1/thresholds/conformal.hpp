// One threshold that misses no more than a share of true labels, guaranteed.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `conformal`: the highest threshold, the same for all labels, by which of new rows (drawn as these) the
/// expected share of a row's true labels that are missed is at most `alpha`, whatever the model is:
/// (n R(t) + 1) / (n + 1) <= alpha, with R(t) the mean over the n rows of that share (0 for a row without true labels).
/// −inf, where the rows are too few for alpha. The guarantee is over the draw of these rows and the new one, and holds for
/// rows of weight 1. Looks at no objective. Throws value_error for alpha outside (0, 1).
/// Cost: a sort of the positive cells. Source: Angelopoulos, Bates, Fisch, Lei and Schuster, "Conformal risk control",
/// 2022.
struct conformal {
  static constexpr std::string_view name = "conformal";
  static constexpr std::array<std::string_view, 1> option_names{"alpha"};

  double alpha = 0.1;

  constexpr double& option(std::size_t) { return alpha; }
  void check() const {
    require_value(alpha > 0 && alpha < 1, name, "alpha must lie in (0, 1), got " + number_text(alpha));
  }

  threshold_set operator()(tuning_rows const& rows, objective_function const&) const {
    check();
    std::vector<std::pair<double, double>> missed;  // a positive's score, and what missing it costs
    double n = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      double positives = 0;
      for (std::size_t j = 0; j < rows.labels(); ++j) positives += rows.present(i, j) && rows.positive(i, j);
      n += rows.weight(i);
      for (std::size_t j = 0; j < rows.labels(); ++j)
        if (rows.present(i, j) && rows.positive(i, j))
          missed.emplace_back(rows.score(i, j), rows.weight(i) / positives);
    }
    std::sort(missed.begin(), missed.end());
    // A threshold may be as high as the first positive that must not be missed.
    double loss = 0, threshold = 1 <= alpha * (n + 1) ? infinity<double>() : -infinity<double>();
    for (std::size_t k = 0; k < missed.size() && threshold > 0 - infinity<double>(); ++k) {
      loss += missed[k].second;
      if (loss + 1 <= alpha * (n + 1)) continue;
      threshold = missed[k].first;
      break;
    }
    set_maker made(rows, name);
    made.add_to_all(!missed.empty(), threshold, name);
    return made.take();
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
