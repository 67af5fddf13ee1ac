// Thresholds on a backend, compared like doubles at the speed of the scores' own type.
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/half.hpp>
#include <softf1/decisions/decision_rule.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// The least T that is >= t: for every T x, `double(x) >= t` exactly where `x >= round_up<T>(t)`.
template <class T>
T round_up(double t) {
  if constexpr (std::is_same_v<T, double>) {
    return t;
  } else {
    if (t > static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::infinity();
    T const near = static_cast<T>(t);
    return static_cast<double>(near) < t ? std::nextafter(near, std::numeric_limits<T>::infinity()) : near;
  }
}

/// A rule on a backend: `get()` is a functor `decide(score, row, label)`.
template <class T, class B = cpu>
class decider {
 public:
  struct functor {
    T const* thresholds;
    SOFTF1_HD bool operator()(T score, std::size_t, std::size_t label) const { return score >= thresholds[label]; }
  };

  /// Throws as thresholds_of.
  decider(context<B>& ctx, decision_rule const& rule, std::size_t labels, score_domain domain, std::string_view who)
      : thresholds_(ctx, labels) {
    auto const doubles = thresholds_of(rule, labels, domain, who);
    std::vector<T> rounded(labels);
    for (std::size_t j = 0; j < labels; ++j) rounded[j] = round_up<T>(doubles[j]);
    copy(ctx, vector_view<const T>(rounded.data(), labels), thresholds_.view());
  }

  functor get() const { return {thresholds_.data()}; }

 private:
  buffer<T, B> thresholds_;
};

}  // namespace softf1::inline SOFTF1_ABI::decisions
