// Losses that keep a rate above a bound: recall at a precision, precision at a recall, and the greatest F.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <softf1/core/named.hpp>
#include <softf1/losses/axis_wise.hpp>
#include <softf1/losses/running_average.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Hinges of the positives and of the negatives of a label, which bound its false negatives and false positives from
/// above: L+ = Σ w y max(0, 1 − z), L− = Σ w (1 − y) max(0, 1 + z), beside P = Σ w y and N = Σ w (1 − y).
struct hinge_counter {
  static constexpr bool ignores_place = true;
  template <class T>
  struct state {
    T positive_loss, negative_loss, positives, negatives;

    SOFTF1_HD static state identity() { return {T(0), T(0), T(0), T(0)}; }
    template <class U>
    SOFTF1_HD void merge(state<U> const& o) {
      positive_loss += static_cast<T>(o.positive_loss);
      negative_loss += static_cast<T>(o.negative_loss);
      positives += static_cast<T>(o.positives);
      negatives += static_cast<T>(o.negatives);
    }
  };

  /// What L+ and L− cost.
  struct slopes {
    double positive, negative;
  };

  template <class T>
  SOFTF1_HD void add(state<T>& s, cell<T> const& c) const {
    T const yes = c.weight * c.target, no = c.weight * (T(1) - c.target);
    s.positive_loss += select(yes == T(0), T(0), yes * above_zero(T(1) - c.logit));
    s.negative_loss += select(no == T(0), T(0), no * above_zero(T(1) + c.logit));
    s.positives += yes;
    s.negatives += no;
  }

  template <class T>
  SOFTF1_HD T gradient(cell<T> const& c, slopes const& s) const {
    T const up = select(c.logit < T(1), static_cast<T>(s.positive), T(0));
    T const down = select(c.logit > T(-1), static_cast<T>(s.negative), T(0));
    return c.weight * ((T(1) - c.target) * down - c.target * up);
  }

 private:
  template <class T>
  static SOFTF1_HD T above_zero(T x) {
    return select(x < T(0), T(0), x);
  }
};

/// Sums of a label, from which losses under a constraint are made.
using hinge_sums = hinge_counter::state<double>;

/// A label's loss with a multiplier m: positive(m) L+ + negative(m) L− − constant(m) P, divided by P + N.
/// `Goal` has these, `start`, `moved(m, averages)`, the multiplier after a step, and `judged(sums)`, the value of the
/// constrained problem itself.
template <class Goal>
struct constrained_functor {
  using slopes = hinge_counter::slopes;

  Goal goal;
  double* multipliers;  ///< (units,)
  running_average<hinge_sums> averages;
  bool judging;

  SOFTF1_HD hinge_counter counter() const { return {}; }

  SOFTF1_HD axis_term<slopes> finish(hinge_sums const& s, std::size_t unit) const {
    double const total = s.positives + s.negatives, m = multipliers[unit];
    if (total == 0) return {0.0, false, {0.0, 0.0}};
    double const up = goal.positive(m), down = goal.negative(m);
    double const lagrangian = cost(up, s.positive_loss) + cost(down, s.negative_loss) - goal.constant(m) * s.positives;
    return {(judging ? goal.judged(s) : lagrangian) / total, true, {up / total, down / total}};
  }

  SOFTF1_HD void advance(hinge_sums const& s, std::size_t unit) const {
    double const total = s.positives + s.negatives, losses = s.positive_loss + s.negative_loss;
    if (!(total > 0) || losses - losses != 0) return;
    multipliers[unit] = goal.moved(multipliers[unit], averages.with(s, unit));
    averages.advance(s, unit);
  }

 private:
  // 0 · ∞ is 0: what costs nothing costs nothing at an infinite logit.
  static SOFTF1_HD double cost(double rate, double loss) { return rate == 0 && loss == loss ? 0.0 : rate * loss; }
};

/// How far a ≤ b is from holding, in [−1, 1].
SOFTF1_HD double relative_excess(double a, double b) { return a + b > 0 ? (a - b) / (a + b) : 0.0; }

/// λ moves up while the constraint a ≤ b is broken, and down to 0 while it holds.
SOFTF1_HD double dual_step(double multiplier, double rate, double a, double b) {
  double const next = multiplier + rate * relative_excess(a, b);
  return next < 0 ? 0.0 : next;
}

/// L+ subject to L+ + ρ L− ≤ P, ρ = precision / (1 − precision), which implies that precision.
struct recall_goal {
  double ratio, rate;
  static constexpr double start = 1;

  SOFTF1_HD double positive(double m) const { return 1 + m; }
  SOFTF1_HD double negative(double m) const { return m * ratio; }
  SOFTF1_HD double constant(double m) const { return m; }
  SOFTF1_HD double moved(double m, hinge_sums const& s) const {
    return dual_step(m, rate, s.positive_loss + ratio * s.negative_loss, s.positives);
  }
  SOFTF1_HD double judged(hinge_sums const& s) const {
    double const excess = s.positive_loss + ratio * s.negative_loss - s.positives;
    return s.positive_loss + (excess > 0 ? excess : 0.0);
  }
};

/// L− subject to L+ ≤ (1 − recall) P, which implies that recall.
struct precision_goal {
  double missed, rate;
  static constexpr double start = 1;

  SOFTF1_HD double positive(double m) const { return m; }
  SOFTF1_HD double negative(double) const { return 1; }
  SOFTF1_HD double constant(double m) const { return m * missed; }
  SOFTF1_HD double moved(double m, hinge_sums const& s) const {
    return dual_step(m, rate, s.positive_loss, missed * s.positives);
  }
  SOFTF1_HD double judged(hinge_sums const& s) const {
    double const excess = s.positive_loss - missed * s.positives;
    return s.negative_loss + (excess > 0 ? excess : 0.0);
  }
};

/// The F that the hinges promise, (1 + β²) (P − L+) / ((1 + β²) P − L+ + L−), by the difference of its parts at the F
/// that was reached.
struct maximum_f_goal {
  double twice;  // 1 + β²
  static constexpr double start = 0.5;

  SOFTF1_HD double positive(double m) const { return twice - m; }
  SOFTF1_HD double negative(double m) const { return m; }
  SOFTF1_HD double constant(double m) const { return twice * (1 - m); }
  SOFTF1_HD double moved(double, hinge_sums const& s) const { return promised(s); }
  SOFTF1_HD double judged(hinge_sums const& s) const { return (1 - promised(s)) * (s.positives + s.negatives); }

 private:
  SOFTF1_HD double promised(hinge_sums const& s) const {
    double const hits = twice * (s.positives - s.positive_loss);
    return hits > 0 ? hits / (twice * s.positives - s.positive_loss + s.negative_loss) : 0.0;
  }
};

/// What the three losses share: options, and what they remember.
struct constrained_options {
  static constexpr loss_kind kind = loss_kind::axis_wise;
  static constexpr std::array<std::string_view, 1> word_names{"average"};

  averaging average = averaging::macro;  ///< macro (a constraint a label) or micro (one for all)
  double decay = 0.9;                    ///< of the averages by which multipliers move, a step, in [0, 1)

  void set_word(std::string_view key, std::string_view value) {
    average = static_cast<averaging>(place_of_word(value, scores::averaging_names, key));
  }
  void check(std::string_view who) const {
    require_value(decay >= 0 && decay < 1, who, "decay must be in [0, 1), got " + number_text(decay));
    require_value(average == averaging::macro || average == averaging::micro, who,
                  "average must be macro or micro: a row has no memory");
  }

 protected:
  void check_constraint(std::string_view who, std::string_view what, double least, double rate) const {
    check(who);
    require_value(least > 0 && least < 1, who, std::string(what) + " must be in (0, 1), got " + number_text(least));
    require_value(rate >= 0 && rate * 0 == 0, who, "rate must be finite and >= 0, got " + number_text(rate));
  }

  template <class Goal, class B>
  struct bound {
    constrained_functor<Goal> functor;
    buffer<double, B> multipliers, averages;

    constrained_functor<Goal> get() const { return functor; }
    constrained_functor<Goal> exact() const {
      auto f = functor;
      f.judging = true;
      return f;
    }
    template <class Visit>
    void each_memory(Visit const& visit) {
      visit("multipliers", multipliers.view());
      visit("running_losses", averages.view());
    }
  };

  template <class Goal, class B>
  bound<Goal, B> bind_goal(context<B>& ctx, Goal const& goal, std::size_t labels) const {
    using memory = running_average<hinge_sums>;
    std::size_t const units = average == averaging::macro ? labels : 1;
    buffer<double, B> multipliers(ctx, units), averages(ctx, units * memory::width);
    fill(ctx, multipliers.view(), Goal::start);
    fill(ctx, averages.view(), 0.0);
    constrained_functor<Goal> const f{goal, multipliers.data(), memory{averages.data(), decay}, false};
    return {f, std::move(multipliers), std::move(averages)};
  }
};

/// As much recall as there can be at `precision`, a label: L+ + λ (L+ + ρ L− − P), divided by P + N, ρ = precision /
/// (1 − precision); L+ and L− sum the hinges max(0, 1 − z) of positives and max(0, 1 + z) of negatives. Deciding at
/// z > 0 has at least this precision on the rows at hand once the constraint L+ + ρ L− ≤ P holds. Hinges bound counts
/// loosely: where classes overlap so much that nothing keeps the constraint, λ grows and the label is never decided.
/// λ >= 0, 1 at first, a label's own, is a constant to the gradient and moves in `advance`, by `rate` times
/// (a − b) / (a + b) of running averages of both sides of the constraint. `exact_value` is L+ plus what the constraint is
/// broken by, divided by P + N. Range [−λ, ∞); exact_value [0, ∞). Targets in [0, 1]. Convex in the logits for a given λ.
/// Memory: 6 numbers a label, kept in checkpoints. Cost: two passes, no exponential.
/// Source: Eban et al., "Scalable learning of non-decomposable objectives", AISTATS, 2017; the step made free of scale, here.
struct constrained_recall : constrained_options {
  static constexpr std::string_view name = "constrained_recall";
  static constexpr std::array<std::string_view, 3> option_names{"precision", "rate", "decay"};

  double precision = 0.9;  ///< in (0, 1)
  double rate = 0.1;       ///< of λ, a step, finite, >= 0

  constexpr double& option(std::size_t k) { return k == 0 ? precision : k == 1 ? rate : decay; }
  void check(std::string_view who) const {
    check_constraint(who, "precision", precision, rate);
  }
  template <class B>
  auto bind(context<B>& ctx, std::size_t labels) const {
    return bind_goal(ctx, recall_goal{precision / (1 - precision), rate}, labels);
  }
};

/// As much precision as there can be at `recall`, a label: L− + λ (L+ − (1 − recall) P), divided by P + N; otherwise as
/// constrained_recall. A label without positives has its negatives alone.
/// Source: Eban et al., "Scalable learning of non-decomposable objectives", AISTATS, 2017.
struct constrained_precision : constrained_options {
  static constexpr std::string_view name = "constrained_precision";
  static constexpr std::array<std::string_view, 3> option_names{"recall", "rate", "decay"};

  double recall = 0.9;  ///< in (0, 1)
  double rate = 0.1;    ///< of λ, a step, finite, >= 0

  constexpr double& option(std::size_t k) { return k == 0 ? recall : k == 1 ? rate : decay; }
  void check(std::string_view who) const {
    check_constraint(who, "recall", recall, rate);
  }
  template <class B>
  auto bind(context<B>& ctx, std::size_t labels) const {
    return bind_goal(ctx, precision_goal{1 - recall, rate}, labels);
  }
};

/// The greatest F-beta, a label: (1 + β² − φ) L+ + φ L− − (1 + β²) (1 − φ) P, divided by P + N, for the F φ that was
/// reached: below 0 where the hinges promise more than φ. φ, 0.5 at first, is a constant to the gradient; `advance` sets
/// it to (1 + β²) (P − L+) / ((1 + β²) P − L+ + L−) of running averages, at least 0: what F of deciding at z > 0 is at least.
/// `exact_value` is 1 minus that of the rows at hand, in [0, 1]. Otherwise as constrained_recall.
/// Source: Eban et al., "Scalable learning of non-decomposable objectives", AISTATS, 2017; the multiplier is moved as by
/// Dinkelbach, "On nonlinear fractional programming", 1967.
struct maximum_f_beta : constrained_options {
  static constexpr std::string_view name = "maximum_f_beta";
  static constexpr std::array<std::string_view, 2> option_names{"beta", "decay"};

  double beta = 1;  ///< finite, > 0

  constexpr double& option(std::size_t k) { return k == 0 ? beta : decay; }
  void check(std::string_view who) const {
    constrained_options::check(who);
    require_value(beta > 0 && beta * 0 == 0, who, "beta must be finite and > 0, got " + number_text(beta));
  }
  template <class B>
  auto bind(context<B>& ctx, std::size_t labels) const {
    return bind_goal(ctx, maximum_f_goal{1 + beta * beta}, labels);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::maximum_f_beta;
using losses::constrained_precision;
using losses::constrained_recall;
}  // namespace softf1::inline SOFTF1_ABI
