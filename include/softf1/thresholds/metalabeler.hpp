// As many labels a row as its scores promise: a small regression on them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/math/cholesky.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `metalabeler`: the rule predicted_size, with the weights θ for which
/// Σ_i w_i (θ·x_i − n_i)² + ridge Σ_{f > 0} θ_f² is least, where n_i is the number of true labels of row i and x_i is
/// 1, the sum of the row's probabilities, and the highest of them in descending order (8, or L where that is less);
/// sizes lie between the least and the greatest n_i. Only present cells count, and rows that have one; without rows,
/// the sum of the probabilities is the size. Looks at no objective. Throws value_error unless ridge is finite and > 0.
/// Cost: a sort of each row. Source: Tang, Rajan and Narayanan, "Large scale multi-label classification via
/// MetaLabeler", WWW 2009; least squares in place of their classifier, as they too propose.
struct metalabeler {
  static constexpr std::string_view name = "metalabeler";
  static constexpr std::array<std::string_view, 1> option_names{"ridge"};

  double ridge = 1;

  constexpr double& option(std::size_t) { return ridge; }
  void check() const {
    require_value(ridge > 0 && ridge * 0 == 0, name, "ridge must be finite and > 0, got " + number_text(ridge));
  }

  decision_rule operator()(tuning_rows const& rows, objective_function const&) const {
    check();
    std::size_t const n = std::min(rows.labels() + 2, decisions::predicted_size::most_weights);
    std::vector<double> products(n * n), weights(n);
    decisions::predicted_size rule{{0, 1}, rows.labels(), 0};
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      auto const [x, truth] = features(rows, i, n);
      if (!(rows.weight(i) > 0) || x.empty()) continue;
      for (std::size_t a = 0; a < n; ++a) {
        weights[a] += rows.weight(i) * x[a] * static_cast<double>(truth);
        for (std::size_t b = 0; b <= a; ++b) products[a * n + b] += rows.weight(i) * x[a] * x[b];
      }
      rule.least = std::min(rule.least, truth);
      rule.most = std::max(rule.most, truth);
    }
    for (std::size_t a = 1; a < n; ++a) products[a * n + a] += ridge;
    if (rule.least > rule.most || !math::solve_positive_definite(products, weights))
      return decisions::predicted_size{{0, 1}};
    rule.weights = std::move(weights);
    return rule;
  }

 private:
  // x_i and n_i; nothing for a row without cells.
  static std::pair<std::vector<double>, std::size_t> features(tuning_rows const& rows, std::size_t i, std::size_t n) {
    bool const is_logit = rows.domain() == score_domain::logit;
    std::vector<double> highest, x(n);
    std::size_t truth = 0;
    for (std::size_t j = 0; j < rows.labels(); ++j) {
      if (!rows.present(i, j)) continue;
      highest.push_back(decisions::detail::probability_of(rows.score(i, j), is_logit));
      truth += rows.positive(i, j);
    }
    if (highest.empty()) return {{}, 0};
    std::sort(highest.begin(), highest.end(), std::greater<>());
    x[0] = 1;
    for (double p : highest) x[1] += p;
    std::copy_n(highest.begin(), std::min(n - 2, highest.size()), x.begin() + 2);
    return {std::move(x), truth};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
