// What the metrics of decisions take beside scores and targets.
#pragma once

#include <string_view>
#include <vector>

#include <softf1/core/cells.hpp>
#include <softf1/core/errors.hpp>
#include <softf1/decisions/decision_rule.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// Options of every metric of decided scores. Name them in this order.
template <class B = cpu>
struct metric_options {
  score_domain domain = score_domain::logit;  ///< of the scores: logits unless told otherwise
  decision_rule decision = {};                ///< probability 0.5 unless told otherwise; `score >= threshold`
  mask_view<B> mask = {};                     ///< (N, L), != 0 is present
  weights_view<B> row_weights = {};           ///< (N,)
  double zero_division = 0;                   ///< replaces an undefined score: 0, 1, or NaN = leave out of the mean
  std::vector<double> label_weights = {};     ///< (L,), on the host: of labels in macro, micro and weighted averages
};

namespace detail {

/// For what does not use them: throws value_error where they are given.
template <class B>
void refuse_label_weights(metric_options<B> const& options, std::string_view who) {
  require_value(options.label_weights.empty(), who, "label weights are for macro, micro and weighted alone");
}

}  // namespace detail

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::metric_options;
}
