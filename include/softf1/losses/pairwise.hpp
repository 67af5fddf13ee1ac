// Losses of pairs of a positive and a negative of a row.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/element_wise.hpp>
#include <softf1/losses/row_wise.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// The pairs of a row: f(margin of z_p over z_n) for each positive p and negative n, times the weights of both.
/// `curve(d)` gives value and slope of a pair by d = z_p − z_n.
template <class Row, class Curve>
SOFTF1_HD term_sums sum_pairs(Row const& row, typename Row::number* slopes, Curve const& curve) {
  using T = typename Row::number;
  term_sums sums;
  for (std::size_t p = 0; p < row.size(); ++p) {
    auto const yes = row[p];
    // A NaN, or a target between, is seen even in a row without pairs.
    T const y = binary_target(yes.target), poison = (y - y) + select(yes.logit == yes.logit, T(0), yes.logit);
    sums.sum += static_cast<double>(poison);
    if (y == T(0) || !yes.present) continue;
    T sum = T(0), slope = T(0), weight = T(0);
    for (std::size_t n = 0; n < row.size(); ++n) {
      auto const no = row[n];
      bool const pair = no.present & (no.target == T(0));
      auto const at = curve(difference(yes.logit, no.logit));
      T const w = select(pair, yes.weight * no.weight, T(0));
      sum += select(w == T(0), T(0), w * at.value);
      slope += select(pair, w * at.slope, T(0));
      weight += w;
      if (slopes) slopes[n] -= select(pair, w * at.slope, T(0));
    }
    if (slopes) slopes[p] += slope;
    sums.merge({static_cast<double>(sum), static_cast<double>(weight), 0});
  }
  return sums;
}

/// The mean over a row's pairs in place of their sum: one term.
template <class T>
SOFTF1_HD term_sums mean_of_pairs(term_sums const& sums, T* slopes, std::size_t cols) {
  double const divisor = sums.weight;
  if (divisor == 0) return {sums.sum, 0, sums.sum == 0 ? 0.0 : 1.0};
  if (slopes)
    for (std::size_t j = 0; j < cols; ++j) slopes[j] = static_cast<T>(static_cast<double>(slopes[j]) / divisor);
  return {sums.sum / divisor, 1, 1};
}

/// max(0, margin − (z_p − z_n)), the mean over the pairs of a positive p and a negative n of a row. Range [0, ∞); `margin`
/// at equal logits. A row without a pair is no term. Targets 0 or 1. Cost: P · L steps a row of P positives.
/// Source: Elisseeff and Weston, "A kernel method for multi-labelled classification", NeurIPS, 2001.
struct pairwise_hinge {
  static constexpr loss_kind kind = loss_kind::row_wise;
  static constexpr std::string_view name = "pairwise_hinge";
  static constexpr std::array<std::string_view, 1> option_names{"margin"};
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  double margin = 1;  ///< a logit, finite, > 0

  constexpr double& option(std::size_t) { return margin; }
  void check(std::string_view who) const {
    require_value(margin > 0 && margin * 0 == 0, who, "margin must be finite and > 0, got " + number_text(margin));
  }

  /// One pair.
  template <class T>
  SOFTF1_HD value_and_slope<T> operator()(T difference) const {
    T const gap = static_cast<T>(margin) - difference;
    return {select(gap <= T(0), T(0), gap), select(gap <= T(0), T(0), T(-1))};
  }
  template <class Row>
  SOFTF1_HD term_sums operator()(Row const& row, typename Row::number* slopes) const {
    return mean_of_pairs(sum_pairs(row, slopes, *this), slopes, row.size());
  }
};

/// log(1 + e^{−(z_p − z_n)}), the mean over the pairs of a positive p and a negative n of a row. Range [0, ∞); log 2 at
/// equal logits. A row without a pair is no term. Targets 0 or 1. Cost: P · L exponentials a row of P positives.
/// Source: Dembczyński et al., "Consistent multilabel ranking through univariate losses", ICML, 2012; Burges et al.,
/// "Learning to rank using gradient descent", ICML, 2005.
struct pairwise_logistic {
  static constexpr loss_kind kind = loss_kind::row_wise;
  static constexpr std::string_view name = "pairwise_logistic";
  static constexpr auto option_names = no_options;
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  /// One pair.
  template <class T>
  SOFTF1_HD value_and_slope<T> operator()(T difference) const {
    auto const parts = math::softplus_with_sigmoid(difference);
    return {parts.of_minus_logit, -parts.complement};
  }
  template <class Row>
  SOFTF1_HD term_sums operator()(Row const& row, typename Row::number* slopes) const {
    return mean_of_pairs(sum_pairs(row, slopes, *this), slopes, row.size());
  }
};

/// Σ max(0, 1 − (z_p − z_n)) over the pairs of a row, divided by its present cells. Range [0, ∞). Every row with a present
/// cell is a term, without a pair 0. Targets 0 or 1. Cost: as pairwise_hinge. Source: torch.nn.MultiLabelMarginLoss.
struct multilabel_margin {
  static constexpr loss_kind kind = loss_kind::row_wise;
  static constexpr std::string_view name = "multilabel_margin";
  static constexpr auto option_names = no_options;
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  template <class Row>
  SOFTF1_HD term_sums operator()(Row const& row, typename Row::number* slopes) const {
    using T = typename Row::number;
    double cells = 0;
    for (std::size_t j = 0; j < row.size(); ++j) cells += row[j].present ? 1.0 : 0.0;
    if (cells == 0) return {};
    double const sum = sum_pairs(row, slopes, pairwise_hinge{}).sum;
    if (slopes)
      for (std::size_t j = 0; j < row.size(); ++j) slopes[j] = static_cast<T>(static_cast<double>(slopes[j]) / cells);
    return {sum / cells, 1, 1};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::multilabel_margin;
using losses::pairwise_hinge;
using losses::pairwise_logistic;
}  // namespace softf1::inline SOFTF1_ABI
