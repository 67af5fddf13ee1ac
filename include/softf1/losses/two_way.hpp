// The two-way loss.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include <softf1/core/named.hpp>
#include <softf1/losses/axis_wise.hpp>
#include <softf1/losses/log_sum_exp.hpp>
#include <softf1/losses/weighted_loss.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// softplus(Tn · LSE_{y=0}(z / Tn) + Tp · LSE_{y=1}(−z / Tp)) over the cells of a label, or of a row: the mean over those
/// that have positives. One without negatives has value 0 and gradient 0. Range [0, ∞). Targets 0 or 1.
/// Source: Kobayashi, "Two-way multi-label loss", CVPR, 2023.
struct one_way {
  static constexpr loss_kind kind = loss_kind::axis_wise;
  static constexpr std::string_view name = "two_way";  // errors speak of what it is half of
  static constexpr bool ignores_place = true;
  static constexpr std::array<std::string_view, 2> option_names{"positive_temperature", "negative_temperature"};
  static constexpr std::array<std::string_view, 1> word_names{"average"};
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  double positive_temperature = 4;         ///< Tp, finite, > 0
  double negative_temperature = 1;         ///< Tn, finite, > 0
  averaging average = averaging::samples;  ///< samples (a term a row), macro (a term a label) or micro

  constexpr double& option(std::size_t k) { return k == 0 ? positive_temperature : negative_temperature; }
  void set_word(std::string_view key, std::string_view value) {
    average = static_cast<averaging>(place_of_word(value, scores::averaging_names, key));
  }
  void check(std::string_view who) const {
    for (double t : {positive_temperature, negative_temperature})
      require_value(t > 0 && t * 0 == 0, who, "temperatures must be finite and > 0, got " + number_text(t));
  }

  template <class T>
  using state = both_log_sum_exp<T>;

  /// The log-sum-exps, and σ of their sum.
  struct slopes {
    double positive, negative, share;
  };

  template <class T>
  SOFTF1_HD void add(both_log_sum_exp<T>& s, cell<T> const& c) const {
    T const yes = -c.logit / static_cast<T>(positive_temperature), no = c.logit / static_cast<T>(negative_temperature);
    s.add(c.target, c.weight, yes, no);
  }

  SOFTF1_HD axis_term<slopes> finish(state<double> const& s, std::size_t) const {
    double const positive = s.positive().value(), negative = s.negative().value();
    bool const has_both = (s.positive_sum != 0 && s.negative_sum != 0) || s.negative_sum != s.negative_sum;
    double const sum = negative_temperature * negative + positive_temperature * positive;
    // Where a positive and a negative tie at the same infinity, the infinities cancel, as equal logits do.
    bool const tied = sum != sum && negative == -positive;
    double const gap =
        !has_both ? -infinity<double>()
        : tied    ? negative_temperature * math::log(s.negative_sum) + positive_temperature * math::log(s.positive_sum)
                  : sum;
    // A NaN among negatives alone is a term, so that it is seen.
    bool const qualifies = s.positive_sum != 0 || s.negative_sum != s.negative_sum;
    return {math::softplus(gap), qualifies, {positive, negative, math::sigmoid(gap)}};
  }

  template <class T>
  SOFTF1_HD T gradient(cell<T> const& c, slopes const& s) const {
    bool const yes = c.target != T(0);
    T const share = static_cast<T>(s.share) * c.weight;
    T const x = yes ? -c.logit / static_cast<T>(positive_temperature) : c.logit / static_cast<T>(negative_temperature);
    T const part = select(share == T(0), T(0), share * exp_of_gap(x, static_cast<T>(yes ? s.positive : s.negative)));
    return yes ? -part : part;
  }
};

/// The mean over labels with positives of softplus(Tn · LSE_{y=0}(z/Tn) + Tp · LSE_{y=1}(−z/Tp)), plus the same over rows:
/// positives of a label above its negatives, and of a row above its negatives. Range [0, ∞). Targets 0 or 1.
/// Cost: two passes for the value, four for the gradient; two exponentials a cell and pass.
/// Source: Kobayashi, "Two-way multi-label loss", CVPR, 2023.
struct two_way {
  static constexpr std::string_view name = "two_way";
  static constexpr auto option_names = one_way::option_names;
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  double positive_temperature = 4;  ///< Tp, finite, > 0
  double negative_temperature = 1;  ///< Tn, finite, > 0

  constexpr double& option(std::size_t k) { return k == 0 ? positive_temperature : negative_temperature; }
  void check(std::string_view who) const { one_way{positive_temperature, negative_temperature}.check(who); }

  auto terms() const {
    one_way const labels{positive_temperature, negative_temperature, averaging::macro};
    one_way const rows{positive_temperature, negative_temperature, averaging::samples};
    return std::tuple(weighted_loss<one_way>{1, labels}, weighted_loss<one_way>{1, rows});
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::one_way;
using losses::two_way;
}  // namespace softf1::inline SOFTF1_ABI
