// The domains in which scores and thresholds live.
#pragma once

#include <cmath>
#include <limits>
#include <string_view>

#include <softf1/core/cells.hpp>
#include <softf1/core/errors.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// What a score is: a logit (any number), its sigmoid, or the output of a calibration map.
enum class score_domain { logit, probability, calibrated };

/// "logit", "probability", "calibrated": the names of the file form.
constexpr std::string_view name_of(score_domain domain) {
  return domain == score_domain::logit ? "logit" : domain == score_domain::probability ? "probability" : "calibrated";
}

/// The domain of that name. Throws value_error for another text.
inline score_domain domain_named(std::string_view name) {
  for (auto domain : {score_domain::logit, score_domain::probability, score_domain::calibrated})
    if (name == name_of(domain)) return domain;
  throw value_error("decision_rule: domain must be logit, probability or calibrated, got '" + std::string(name) + "'");
}

/// The domain of scores of type S: decisions (integers, packed bits) are the probabilities 0 and 1, whatever one is
/// told.
template <class S>
constexpr score_domain domain_of(score_domain told) {
  return decision_type<S> ? score_domain::probability : told;
}

/// The number in `domain` that stands for probability p in [0, 1], converted once, in double: log(p / (1 − p)) for
/// logits (0 gives −inf, 1 gives +inf), p itself otherwise. Throws value_error outside [0, 1].
inline double from_probability(double p, score_domain domain) {
  require_value(p >= 0 && p <= 1, "threshold", "a probability must lie in [0, 1], got " + number_text(p));
  if (domain != score_domain::logit) return p;
  double const infinity = std::numeric_limits<double>::infinity();
  return p == 0 ? -infinity : p == 1 ? infinity : std::log(p) - std::log1p(-p);
}

/// The probability that stands for a score of `domain`: 1 / (1 + e^−z) for logits, the score itself otherwise. ±inf
/// give 1 and 0, NaN gives NaN.
inline double to_probability(double score, score_domain domain) {
  return domain == score_domain::logit ? 1 / (1 + std::exp(-score)) : score;
}

/// The smallest number above t: `score >= strictly_above(t)` decides like `score > t`, for doubles and for floats.
/// The compatibility option for those who compare with tools that decide by `>`.
inline double strictly_above(double t) { return std::nextafter(t, std::numeric_limits<double>::infinity()); }

inline constexpr score_domain logit = score_domain::logit;
inline constexpr score_domain probability = score_domain::probability;

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::logit;
using decisions::probability;
using decisions::score_domain;
using decisions::strictly_above;
}  // namespace softf1::inline SOFTF1_ABI
