// The logarithm of a sum of exponentials, as a mergeable state.
#pragma once

#include <softf1/core/bits.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/losses/loss.hpp>
#include <softf1/math/log.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// e^{a − b}, 1 where both are the same infinity.
template <class T>
SOFTF1_HD T exp_of_gap(T a, T b) {
  return math::exp(difference(a, b));
}

/// log Σ w e^x of what was added, as its greatest x and Σ w e^{x − maximum}: never overflows.
template <class T>
struct log_sum_exp {
  T maximum, sum;

  template <class U>
  SOFTF1_HD friend log_sum_exp operator+(log_sum_exp const& a, log_sum_exp<U> const& b) {
    T const theirs = static_cast<T>(b.maximum), more = static_cast<T>(b.sum);
    bool const higher = theirs > a.maximum;
    T const above = select(higher, theirs, a.maximum), below = select(higher, a.maximum, theirs);
    T const factor = exp_of_gap(below, above);
    return {above, select(higher, a.sum * factor + more, a.sum + more * factor)};
  }

  /// −∞ where nothing was added.
  SOFTF1_HD double value() const {
    double const x = static_cast<double>(sum), log = math::log(x) + (x - x);  // NaN stays NaN
    return select(x == 0, -infinity<double>(), static_cast<double>(maximum) + log);
  }
};

/// Two of them, of the positives and of the negatives of a row or label: a state of four numbers.
template <class T>
struct both_log_sum_exp {
  T positive_maximum, positive_sum, negative_maximum, negative_sum;

  SOFTF1_HD static both_log_sum_exp identity() { return {-infinity<T>(), T(0), -infinity<T>(), T(0)}; }
  SOFTF1_HD log_sum_exp<T> positive() const { return {positive_maximum, positive_sum}; }
  SOFTF1_HD log_sum_exp<T> negative() const { return {negative_maximum, negative_sum}; }

  template <class U>
  SOFTF1_HD void merge(both_log_sum_exp<U> const& o) {
    auto const p = positive() + o.positive();
    auto const n = negative() + o.negative();
    *this = {p.maximum, p.sum, n.maximum, n.sum};
  }

  /// Takes in a cell of weight w: x_positive where its target y is 1, x_negative where it is 0; NaN for others.
  /// A cell of weight 0, as a missing one, leaves the sums as they are.
  SOFTF1_HD void add(T y, T w, T x_positive, T x_negative) {
    bool const yes = y != T(0), sure = (y == T(0)) | (y == T(1));
    // One exponential, not two: only one of the sums takes the cell in.
    auto const old = log_sum_exp<T>{select(yes, positive_maximum, negative_maximum), select(yes, positive_sum, negative_sum)};
    T const given = select(yes, x_positive, x_negative);
    bool const nothing = (w == T(0)) & (given == given);
    auto const more = old + log_sum_exp<T>{select(nothing, -infinity<T>(), given), select(sure, w, quiet_nan<T>())};
    positive_maximum = select(yes, more.maximum, positive_maximum);
    positive_sum = select(yes, more.sum, positive_sum);
    negative_maximum = select(yes, negative_maximum, more.maximum);
    negative_sum = select(yes, negative_sum, more.sum);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses
