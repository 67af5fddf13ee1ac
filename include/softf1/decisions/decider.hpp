// Thresholds on a backend, compared like doubles at the speed of the scores' own type.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/half.hpp>
#include <softf1/core/limits.hpp>
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

namespace detail {

// −∞, which every score but NaN reaches, for the k first highest present scores of a row; NaN, which none reaches, for
// the others.
template <class S, class T, class B>
struct top_thresholds {
  matrix_view<const S, B> scores;
  matrix_view<const std::uint8_t, B> mask;  // empty: all are present
  std::size_t k;
  T* to;
  SOFTF1_HD void operator()(std::size_t i) const {
    std::size_t const labels = scores.cols();
    T* const row = to + i * labels;
    for (std::size_t j = 0; j < labels; ++j) row[j] = quiet_nan<T>();
    for (std::size_t chosen = 0; chosen < k; ++chosen) {
      std::size_t winner = labels;
      for (std::size_t j = 0; j < labels; ++j) {
        bool const is_free = row[j] != row[j] && (!mask.data() || mask(i, j) != 0);
        if (is_free && (winner == labels || static_cast<T>(scores(i, j)) > static_cast<T>(scores(i, winner))))
          winner = j;
      }
      if (winner == labels) return;
      row[winner] = -infinity<T>();
    }
  }
};

}  // namespace detail

/// A rule on a backend, for given scores: `get()` is a functor `decide(score, row, label)`.
template <class T, class B = cpu>
class decider {
 public:
  struct functor {
    T const* thresholds;
    std::size_t row_stride;  // 0: the same thresholds for each row
    SOFTF1_HD bool operator()(T score, std::size_t row, std::size_t label) const {
      return score >= thresholds[row * row_stride + label];
    }
  };

  /// Throws as thresholds_of. A rule that looks at whole rows takes a table of N · L elements of scratch, and k passes.
  /// Scores that are decisions already (integers, packed bits) take no rule but the default: else value_error.
  template <class S>
  decider(context<B>& ctx, decision_rule const& rule, matrix_view<const S, B> scores, score_domain domain,
          std::string_view who, matrix_view<const std::uint8_t, B> mask = {}) {
    std::size_t const labels = scores.cols();
    if constexpr (decision_type<S>) {
      auto const* const fixed = std::get_if<probability_threshold>(&rule);
      require_value(fixed && fixed->value == 0.5, who, "integers are decisions already: expected no decision rule");
      set_thresholds(ctx, std::vector<double>(labels, 0.5));
    } else {
      decide_by(ctx, rule, scores, domain, who, mask);
    }
  }

  functor get() const { return functor{thresholds_.data(), row_stride_}; }

 private:
  template <class S>
  void decide_by(context<B>& ctx, decision_rule const& rule, matrix_view<const S, B> scores, score_domain domain,
                 std::string_view who, matrix_view<const std::uint8_t, B> mask) {
    std::size_t const labels = scores.cols();
    if (std::size_t const k = labels_a_row(rule); k > 0) {
      if (mask.data()) require_shape(who, "mask", {scores.rows(), labels}, mask.shape());
      thresholds_ = buffer<T, B>(ctx, scores.size());
      row_stride_ = labels;
      for_each(ctx, scores.rows(), detail::top_thresholds<S, T, B>{scores, mask, k, thresholds_.data()});
      return;
    }
    set_thresholds(ctx, thresholds_of(rule, labels, domain, who));
  }

  void set_thresholds(context<B>& ctx, std::vector<double> const& doubles) {
    std::vector<T> rounded;
    for (double t : doubles) rounded.push_back(round_up<T>(t));
    thresholds_ = buffer<T, B>(ctx, rounded.size());
    copy(ctx, vector_view<const T>(rounded.data(), rounded.size()), thresholds_.view());
  }

  buffer<T, B> thresholds_;
  std::size_t row_stride_ = 0;
};

}  // namespace softf1::inline SOFTF1_ABI::decisions
