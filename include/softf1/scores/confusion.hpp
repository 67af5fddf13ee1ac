// The four numbers that every score is a function of.
#pragma once

#include <concepts>
#include <type_traits>

#include <softf1/math/ratio.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// Confusion counts of one label (or row, or of all cells): hard, weighted or soft. T is a floating or dual type.
template <class T>
struct confusion {
  T tp;  ///< positives predicted positive
  T fp;  ///< negatives predicted positive
  T fn;  ///< positives predicted negative
  T tn;  ///< negatives predicted negative

  SOFTF1_HD constexpr T predicted() const { return tp + fp; }
  SOFTF1_HD constexpr T support() const { return tp + fn; }
  SOFTF1_HD constexpr T total() const { return (tp + fn) + (fp + tn); }
  /// The same cells with the roles of the two classes exchanged.
  SOFTF1_HD constexpr confusion negated() const { return {tn, fn, fp, tp}; }
  /// The trivial predictor that says "yes" everywhere.
  SOFTF1_HD constexpr confusion all_positive() const { return {tp + fn, fp + tn, T(0), T(0)}; }
  /// The one that says "no" everywhere.
  SOFTF1_HD constexpr confusion all_negative() const { return {T(0), T(0), tp + fn, fp + tn}; }
  /// What is expected of the one that says "yes" at random, as often as the truth does.
  SOFTF1_HD constexpr confusion prior_random() const {
    T const positives = tp + fn, negatives = fp + tn, n = total();
    T const rate = n == T(0) ? T(0) : positives / n;
    return {positives * rate, negatives * rate, positives * (T(1) - rate), negatives * (T(1) - rate)};
  }

  SOFTF1_HD constexpr confusion& operator+=(confusion const& o) {
    tp += o.tp;
    fp += o.fp;
    fn += o.fn;
    tn += o.tn;
    return *this;
  }
};

/// A score: a trivially copyable functor of confusion counts, generic in the number type.
/// `template <class T> SOFTF1_HD T operator()(confusion<T> const& c) const`; divides with `ratio`, takes roots with
/// `safe_sqrt`.
template <class F>
concept score = requires(F const& f, confusion<double> const& c, confusion<math::dual<double, 4>> const& d) {
  { f(c) } -> std::same_as<double>;
  { f(d) } -> std::same_as<math::dual<double, 4>>;
} && std::is_trivially_copyable_v<F>;

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::confusion;
}
