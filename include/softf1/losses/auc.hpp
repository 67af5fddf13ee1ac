// Surrogates of AUROC: pairs of a positive and a negative row of the same label.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/column_wise.hpp>
#include <softf1/losses/pairwise.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// The mean of curve(z_p − z_n) over the pairs of a label, each times the weights of both cells.
template <class Curve>
struct mean_over_pairs {
  struct note {
    double sum, weight, own;
  };

  Curve curve;

  SOFTF1_HD value_and_slope<double> score(double logit) const { return {logit, 1.0}; }

  SOFTF1_HD note look(column_cell const& positive, column_of_cells const& all, cell_place const&) const {
    note mine{};
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto const& other = all[i];
      if (!is_negative(other)) continue;
      double const w = positive.weight * other.weight;
      auto const at = curve(difference(positive.score, other.score));
      mine.sum += w * at.value;
      mine.weight += w;
      mine.own += w * at.slope;
    }
    return mine;
  }

  SOFTF1_HD double pull(column_cell const& mine, column_cell const& positive, note const&) const {
    if (!is_negative(mine)) return 0;
    return -(positive.weight * mine.weight) * curve(difference(positive.score, mine.score)).slope;
  }

 private:
  static SOFTF1_HD bool is_negative(column_cell const& c) { return c.target == 0 && c.weight != 0; }
};

/// max(0, margin − (z_p − z_n)), the mean over the pairs of a positive and a negative row of a label: an upper bound, for
/// margin 1, of 1 − AUROC. Range [0, ∞); `margin` at equal logits. The mean over labels with both classes. Targets 0 or 1.
/// Cost: P · N steps a label of P positives in N rows, for the value and again for the gradient.
/// Source: Joachims, "A support vector method for multivariate performance measures", ICML, 2005. (Not consistent with
/// AUROC: Gao and Zhou, "On the consistency of AUC pairwise optimization", IJCAI, 2015.)
struct auc_hinge {
  static constexpr loss_kind kind = loss_kind::column_wise;
  static constexpr std::string_view name = "auc_hinge";
  static constexpr std::array<std::string_view, 1> option_names{"margin"};
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  double margin = 1;  ///< a logit, finite, > 0

  constexpr double& option(std::size_t) { return margin; }
  void check(std::string_view who) const { pairwise_hinge{margin}.check(who); }

  template <class B>
  self_bound<mean_over_pairs<pairwise_hinge>> bind(context<B>&, std::size_t) const {
    return {{pairwise_hinge{margin}}};
  }
};

/// log(1 + e^{−(z_p − z_n)}), the mean over the pairs of a positive and a negative row of a label; consistent with AUROC.
/// Range [0, ∞); log 2 at equal logits. The mean over labels with both classes. Targets 0 or 1.
/// Cost: as auc_hinge, an exponential and a logarithm a step.
/// Source: Gao and Zhou, "On the consistency of AUC pairwise optimization", IJCAI, 2015; Yan et al., "Optimizing
/// classifier performance via an approximation to the Wilcoxon-Mann-Whitney statistic", ICML, 2003.
struct auc_logistic {
  static constexpr loss_kind kind = loss_kind::column_wise;
  static constexpr std::string_view name = "auc_logistic";
  static constexpr auto option_names = no_options;
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  template <class B>
  self_bound<mean_over_pairs<pairwise_logistic>> bind(context<B>&, std::size_t) const {
    return {};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::auc_hinge;
using losses::auc_logistic;
}  // namespace softf1::inline SOFTF1_ABI
