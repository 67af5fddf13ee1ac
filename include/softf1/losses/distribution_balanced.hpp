// The distribution-balanced loss.
#pragma once

#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/losses/focal_cell.hpp>
#include <softf1/losses/row_wise.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Cross-entropy whose cells weigh more where their label is rarer than those of its row, and whose negatives give in
/// early. With n_l positives of label l in `rows` training rows, in a row with the positives P:
/// r = (1/n_l) / Σ_{j ∈ P} 1/n_j, w = σ(beta (r − mu)) + alpha, ν_l = kappa ln(rows/n_l − 1) / lambda, z ← z − ν_l, and for
/// negatives z ← lambda z and w ← w / lambda; then scale · w · (1 − p_t)^γ · cross-entropy of z. In a row without
/// positives w = 1 + alpha. Each present cell is a term. Range [0, ∞). Targets 0 or 1.
/// Cost: two walks over a row; a number a cell of scratch.
/// Source: Wu et al., "Distribution-balanced loss for multi-label classification in long-tailed datasets", ECCV, 2020
/// (defaults: its COCO-MLT; focal weights without its α).
struct distribution_balanced {
  static constexpr loss_kind kind = loss_kind::row_wise;
  static constexpr std::string_view name = "distribution_balanced";
  static constexpr std::array<std::string_view, 7> option_names{"alpha", "beta",  "mu",   "lambda",
                                                                "kappa", "gamma", "scale"};
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  std::vector<double> label_counts =
      {};               ///< (L,) positives of each label in the training rows; empty: all labels alike
  double rows = 0;      ///< how many training rows there were; 0: no ν
  double alpha = 0.1;   ///< finite, >= 0
  double beta = 10;     ///< finite, >= 0
  double mu = 0.2;      ///< finite
  double lambda = 2;    ///< finite, > 0
  double kappa = 0.05;  ///< finite
  double gamma = 2;     ///< finite, >= 0
  double scale = 2;     ///< finite, > 0

  double& option(std::size_t k) {
    double* const options[] = {&alpha, &beta, &mu, &lambda, &kappa, &gamma, &scale};
    return *options[k];
  }
  void check(std::string_view who) const {
    for (double x : {alpha, beta, gamma})
      require_value(x >= 0 && x * 0 == 0, who, "alpha, beta and gamma must be finite and >= 0, got " + number_text(x));
    for (double x : {lambda, scale})
      require_value(x > 0 && x * 0 == 0, who, "lambda and scale must be finite and > 0, got " + number_text(x));
    require_value(rows >= 0 && rows * 0 == 0, who, "rows must be finite and >= 0, got " + number_text(rows));
    for (double x : {mu, kappa}) require_value(x * 0 == 0, who, "mu and kappa must be finite, got " + number_text(x));
  }

  template <class Focus>
  struct functor {
    double const* rarity;  // 1/n
    double const* offset;  // ν
    double alpha, beta, mu, lambda, scale;
    Focus focus;

    template <class Row>
    SOFTF1_HD term_sums operator()(Row const& row, typename Row::number* slopes) const {
      using T = typename Row::number;
      double rarities = 0;
      for (std::size_t j = 0; j < row.size(); ++j) rarities += row[j].target != T(0) ? rarity[j] : 0.0;
      term_sums sums;
      for (std::size_t j = 0; j < row.size(); ++j) {
        auto const c = row[j];
        if (!c.present) continue;
        bool const yes = c.target != T(0);
        double const share = rarities > 0 ? math::sigmoid(beta * (rarity[j] / rarities - mu)) : 1.0;
        T const stretch = yes ? T(1) : static_cast<T>(lambda);
        T const z = stretch * (c.logit - static_cast<T>(offset[j]));
        T const w = c.weight * static_cast<T>(scale * (share + alpha)) / stretch, y = binary_target(c.target);
        auto const at = focal_cell(z, w * y, w * (T(1) - y), focus);
        sums.merge({static_cast<double>(at.value), static_cast<double>(c.weight), 1.0});
        if (slopes) slopes[j] += stretch * at.slope;
      }
      return sums;
    }
  };

  template <class B>
  struct bound {
    functor<any_focus> loss;
    buffer<double, B> rarity, offset;
    functor<any_focus> get() const { return loss; }
    template <class Use>
    void with(Use const& use) const {
      with_focus(loss.focus.exponent, [&]<class Focus>(Focus focus) {
        use(functor<Focus>{loss.rarity, loss.offset, loss.alpha, loss.beta, loss.mu, loss.lambda, loss.scale, focus});
      });
    }
  };

  /// Throws shape_error unless label_counts is empty or one a label, value_error where one is negative or not finite.
  template <class B>
  bound<B> bind(context<B>& ctx, std::size_t labels) const {
    label_numbers(ctx, label_counts, labels, name, "label_counts");
    std::vector<double> rarity(labels, 1), offset(labels, 0);
    for (std::size_t j = 0; j < label_counts.size(); ++j) {
      double const n = label_counts[j] < 1 ? 1.0 : label_counts[j];
      rarity[j] = 1 / n;
      if (rows > n) offset[j] = kappa * std::log(rows / n - 1) / lambda;
    }
    buffer<double, B> there(ctx, labels), offsets(ctx, labels);
    copy(ctx, vector_view<double const>(rarity.data(), labels), there.view());
    copy(ctx, vector_view<double const>(offset.data(), labels), offsets.view());
    functor<any_focus> const loss{there.data(), offsets.data(), alpha, beta, mu, lambda, scale, {gamma}};
    return {loss, std::move(there), std::move(offsets)};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::distribution_balanced;
}  // namespace softf1::inline SOFTF1_ABI
