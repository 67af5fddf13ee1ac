// As many labels a row as rows have on average.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `rcut`: the rule top_k, with `k` labels a row; without it the one of 1 … L for which the mean over rows of
/// the objective is greatest, of equals the least. A row has fewer where fewer are present.
/// Throws value_error for a k that is no whole number from 0 to 10^9. Cost: a sort of each row, and an evaluation a cell.
/// Source: Yang, "A study of thresholding strategies for text categorization", SIGIR 2001 (RCut).
struct rcut {
  static constexpr std::string_view name = "rcut";
  static constexpr std::array<std::string_view, 1> option_names{"k"};

  double k = 0;  ///< 0: found

  constexpr double& option(std::size_t) { return k; }
  void check() const {
    require_value(k >= 0 && k == std::floor(k) && k <= 1e9, name,
                  "k must be a whole number from 0 to 1000000000, got " + number_text(k));
  }

  decision_rule operator()(tuning_rows const& rows, objective_function const& score) const {
    check();
    return decisions::top_k{k > 0 ? static_cast<std::size_t>(k) : best_size(rows, score)};
  }

 private:
  static std::size_t best_size(tuning_rows const& rows, objective_function const& score) {
    std::vector<double> gained(rows.labels() + 1);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      if (!(rows.weight(i) > 0)) continue;
      std::vector<std::pair<double, std::size_t>> order;
      confusion<double> c{};
      for (std::size_t j = 0; j < rows.labels(); ++j) {
        if (!rows.present(i, j)) continue;
        order.emplace_back(-rows.score(i, j), j);
        (rows.positive(i, j) ? c.fn : c.tn) += 1;
      }
      std::sort(order.begin(), order.end());
      for (std::size_t size = 1; size <= rows.labels(); ++size) {
        if (size <= order.size()) {
          bool const positive = rows.positive(i, order[size - 1].second);
          (positive ? c.tp : c.fp) += 1;
          (positive ? c.fn : c.tn) -= 1;
        }
        gained[size] += rows.weight(i) * rows.defined(score(c));
      }
    }
    std::size_t best = 1;
    for (std::size_t size = 2; size < gained.size(); ++size)
      if (gained[size] > gained[best]) best = size;
    return best;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
