// The focusing weights of focal losses: powers of probabilities, fast where the exponent is a small whole number.
#pragma once

#include <softf1/core/bits.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/math/exp.hpp>
#include <softf1/math/log.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// x^exponent for x in [0, 1], exponent a whole number from 0 to 7: a few products.
struct whole_focus {
  static constexpr unsigned most = 7;
  unsigned exponent;

  SOFTF1_HD double gamma() const { return exponent; }
  template <class T>
  SOFTF1_HD T operator()(T x, T) const {
    return power(x, exponent);
  }
  /// x^exponent, and its derivative.
  template <class T>
  SOFTF1_HD void weigh(T x, T& weight, T& slope) const {
    T const below = power(x, exponent == 0 ? 0 : exponent - 1);
    weight = select(exponent == 0, T(1), below * x);
    slope = T(exponent) * below;
  }

 private:
  template <class T>
  static SOFTF1_HD T power(T x, unsigned n) {
    T const square = x * x, fourth = square * square;
    T const one = select((n & 1) != 0, x, T(1)), two = select((n & 2) != 0, square, T(1)),
            four = select((n & 4) != 0, fourth, T(1));
    return one * two * four;
  }
};

/// The same for any exponent >= 0: an exponential.
struct any_focus {
  double exponent;

  SOFTF1_HD double gamma() const { return exponent; }
  /// minus_log: −log x, accurate also where x rounds to 1.
  template <class T>
  SOFTF1_HD T operator()(T x, T minus_log) const {
    T const g = static_cast<T>(exponent);
    (void)x;
    return math::exp(-select(g == T(0), T(0), g * minus_log));  // 0 · ∞ is 0
  }
  template <class T>
  SOFTF1_HD void weigh(T x, T& weight, T& slope) const {
    T const g = static_cast<T>(exponent), tiny = smallest_normal<T>(), base = select(x > tiny, x, tiny);
    weight = select(g == T(0), T(1), math::exp(g * math::log(base)));
    slope = g * weight / base;
  }
};

/// use(focus) with the cheaper of the two for this exponent.
template <class Use>
void with_focus(double exponent, Use const& use) {
  auto const whole = static_cast<unsigned>(exponent <= whole_focus::most ? exponent : 0);
  if (exponent == whole)
    use(whole_focus{whole});
  else
    use(any_focus{exponent});
}

}  // namespace softf1::inline SOFTF1_ABI::losses
