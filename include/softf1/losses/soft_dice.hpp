// Dice losses: of soft counts, of squares, and of what is not decided yet.
#pragma once

#include <array>
#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/scores/f1.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Options of dice losses: those of all losses of soft counts, smoothed unless told otherwise. Name them in this order.
struct dice_options {
  averaging average = averaging::macro;
  absent_labels absent = absent_labels::smooth;
  double smoothing = 1;
  double decay = 0.9;
  bool streaming = false;

  constexpr operator soft_options() const { return {average, absent, smoothing, decay, streaming}; }
};

/// 1 − (2Σpy + s) / (Σp + Σy + s), a label: soft-F1, smoothed. In [0, 1). s is `smoothing` (1), added where `absent` is
/// `smooth`, the default here. Source: Milletari et al., "V-Net", 3DV, 2016, with s in place of their squares.
struct soft_dice : soft_score<scores::f1> {
  static constexpr std::string_view name = "soft_dice";
  constexpr soft_dice(dice_options o = {}) : soft_score({}, {}, o) {}
};

/// soft_dice of p (1 − p)^α in place of p: cells that are decided already count less.
/// Source: after Li et al., "Dice loss for data-imbalanced NLP tasks", ACL, 2020, with its α a label; `self_adjusting_dice`
/// has it a cell, as they do.
struct power_dice : soft_score<scores::f1, power_link> {
  static constexpr std::string_view name = "power_dice";
  constexpr power_dice(power_link l = {}, dice_options o = {}) : soft_score({}, l, o) {}
};

/// 1 − (2Σpy + s) / (Σp² + Σy² + s), a label: Dice with squares in the denominator. In [0, 1). s is `smoothing` (1),
/// added where `absent` is `smooth`, the default here; else `zero` or `skip`. Cost as soft_dice, one more sum.
/// Source: Milletari et al., "V-Net: Fully convolutional neural networks for volumetric medical image segmentation",
/// 3DV, 2016.
struct squared_dice : soft_options {
  static constexpr loss_kind kind = loss_kind::axis_wise;
  static constexpr std::string_view name = "squared_dice";
  static constexpr bool ignores_place = true;
  static constexpr std::array<std::string_view, 1> option_names{"smoothing"};
  static constexpr std::array<std::string_view, 2> word_names{"average", "absent"};

  constexpr squared_dice(dice_options o = {}) : soft_options(o) {}

  constexpr double& option(std::size_t) { return smoothing; }
  void set_word(std::string_view key, std::string_view value) {
    if (key == "average")
      average = static_cast<averaging>(place_of_word(value, scores::averaging_names, key));
    else
      absent = static_cast<absent_labels>(place_of_word(value, absent_label_names, key));
  }
  /// Throws value_error for options that have no meaning here.
  void check(std::string_view who) const {
    soft_options::check(who);
    require_value(absent != absent_labels::both_classes && !has_memory(), who,
                  "absent labels must be zero, skip or smooth");
  }

  template <class T>
  struct state {
    T product, p_squared, y_squared, support, total;

    SOFTF1_HD static state identity() { return {T(0), T(0), T(0), T(0), T(0)}; }
    template <class U>
    SOFTF1_HD void merge(state<U> const& o) {
      product += static_cast<T>(o.product);
      p_squared += static_cast<T>(o.p_squared);
      y_squared += static_cast<T>(o.y_squared);
      support += static_cast<T>(o.support);
      total += static_cast<T>(o.total);
    }
  };

  /// d(term)/dp of a cell: product · y + square · p.
  struct slopes {
    double product, square;
  };

  template <class T>
  SOFTF1_HD void add(state<T>& s, cell<T> const& c) const {
    T const p = math::sigmoid_with_parts(c.logit).value;
    T const y = c.weight * c.target;
    s.product += y * p;
    s.p_squared += c.weight * (p * p);
    s.y_squared += y * c.target;
    s.support += y;
    s.total += c.weight;
  }

  SOFTF1_HD axis_term<slopes> finish(state<double> const& s, std::size_t) const {
    double const extra = absent == absent_labels::smooth ? smoothing : 0.0;
    double const top = 2 * s.product + extra, bottom = s.p_squared + s.y_squared + extra;
    bool const qualifies = s.total != 0 && !(s.support == 0 && absent == absent_labels::skip);
    if (bottom == 0) return {1.0, qualifies, {0.0, 0.0}};
    double const value = top / bottom;
    return {1.0 - value, qualifies, {-2 / bottom, 2 * value / bottom}};
  }

  template <class T>
  SOFTF1_HD T gradient(cell<T> const& c, slopes const& s) const {
    auto const p = math::sigmoid_with_parts(c.logit);
    return c.weight * p.derivative * (static_cast<T>(s.product) * c.target + static_cast<T>(s.square) * p.value);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::dice_options;
using losses::power_dice;
using losses::soft_dice;
using losses::squared_dice;
}  // namespace softf1::inline SOFTF1_ABI
