// The same probability for every label.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/thresholds/options.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `fixed`: probability `at` (default 0.5) for every label, in the scores' domain. Looks at no target.
/// Throws value_error for `at` outside [0, 1]. Cost: O(L).
struct fixed {
  static constexpr std::string_view name = "fixed";
  static constexpr std::array<std::string_view, 1> option_names{"at"};

  double at = 0.5;

  constexpr double& option(std::size_t) { return at; }
  void check() const {
    require_value(at >= 0 && at <= 1, name, "at must be a probability in [0, 1], got " + number_text(at));
  }

  template <class Score, class S, class Y, class B>
  threshold_set operator()(context<B>&, Score const&, matrix_view<const S, B> scores, matrix_view<const Y, B>,
                           threshold_options<B> const& options = {}) const {
    threshold_set set;
    set.domain = options.domain;
    set.thresholds.assign(scores.cols(), decisions::from_probability(at, options.domain));
    set.reasons.assign(scores.cols(), "fixed");
    set.origin = {{"strategy", "fixed"}, {"rows", std::to_string(scores.rows())}};
    return set;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
