// Any score of confusion counts as a loss, on soft counts.
#pragma once

#include <string_view>

#include <softf1/losses/axis_wise.hpp>
#include <softf1/losses/links.hpp>
#include <softf1/scores/confusion.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// What becomes of a label without positives (Σ weight·y = 0 over its present cells; decided from its support only).
/// zero: its score stands as it comes (for F-beta: score 0, so value 1, and gradient 0). skip: it leaves the mean.
enum class absent_labels { zero, skip };

/// 1 − score(soft counts): tp = Σ w p y, fp = Σ w p (1−y), fn = Σ w (1−p) y, tn = Σ w (1−p)(1−y), p = link(logit).
/// average: macro (per label, the mean over labels), micro (counts summed over labels first), samples (per row).
/// The gradient is exact: ∂score/∂(tp, fp, fn, tn) by dual numbers through the score, four numbers a label. An
/// undefined score (0/0) counts as 0 with gradient 0. Targets in [0, 1]; soft targets are legal. Range [0, 1] for
/// scores in [0, 1].
/// Cost: two passes, one exponential a cell each; O(L) scratch. Source: Maiza 2019 (soft F1); design of one functor,
/// here.
template <class Score, class Link = sigmoid_link>
struct soft_score {
  static constexpr loss_kind kind = loss_kind::axis_wise;
  static constexpr std::string_view name = "soft_score";

  Score score = {};
  Link link = {};
  averaging average = averaging::macro;
  absent_labels absent = absent_labels::zero;

  template <class T>
  struct state {
    T tp, fp, fn, tn;

    SOFTF1_HD static state identity() { return {T(0), T(0), T(0), T(0)}; }
    template <class U>
    SOFTF1_HD void merge(state<U> const& o) {
      tp += static_cast<T>(o.tp);
      fp += static_cast<T>(o.fp);
      fn += static_cast<T>(o.fn);
      tn += static_cast<T>(o.tn);
    }
  };

  /// d(term)/dp for a positive and for a negative cell.
  struct slopes {
    double positive, negative;
  };

  template <class T>
  SOFTF1_HD void add(state<T>& s, cell<T> const& c) const {
    auto const p = link(c.logit);
    T const positive = c.weight * c.target, negative = c.weight * (T(1) - c.target);
    s.tp += positive * p.value;
    s.fp += negative * p.value;
    s.fn += positive * p.complement;
    s.tn += negative * p.complement;
  }

  SOFTF1_HD axis_term<slopes> finish(state<double> const& s, std::size_t) const {
    using number = math::dual<double, 4>;
    number const value = score(confusion<number>{number::variable(s.tp, 0), number::variable(s.fp, 1),
                                                 number::variable(s.fn, 2), number::variable(s.tn, 3)});
    double const total = (s.tp + s.fn) + (s.fp + s.tn);
    bool const qualifies = total != 0 && (absent == absent_labels::zero || s.tp + s.fn != 0);
    bool const undefined = value.value != value.value && total == total;
    if (undefined) return {1.0, qualifies, {0.0, 0.0}};
    auto const& d = value.derivative;
    return {1.0 - value.value, qualifies, {d[2] - d[0], d[3] - d[1]}};
  }

  template <class T>
  SOFTF1_HD T gradient(cell<T> const& c, slopes const& s) const {
    T const up = static_cast<T>(s.positive), down = static_cast<T>(s.negative);
    return link(c.logit).derivative * (c.target * up + (T(1) - c.target) * down);
  }
};

/// Options of `soft`. Name them in this order.
struct soft_options {
  averaging average = averaging::macro;
  absent_labels absent = absent_labels::zero;
};

/// A score as a loss, counted by another link.
template <class Score, class Link>
constexpr soft_score<Score, Link> soft(Score score, Link link, soft_options options) {
  static_assert(scores::score<Score>, "softf1: soft(x) takes a score: a functor of confusion<T> for any number type T");
  return {score, link, options.average, options.absent};
}

/// A score as a loss: `value_and_gradient(soft(f_beta{}), logits, targets)`.
template <class Score>
constexpr soft_score<Score> soft(Score score, soft_options options = {}) {
  return soft(score, sigmoid_link{}, options);
}

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::absent_labels;
using losses::soft;
}  // namespace softf1::inline SOFTF1_ABI
