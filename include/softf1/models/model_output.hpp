// What a model's logits mean: probabilities, and labels.
#pragma once

#include <cstddef>
#include <vector>

#include <softf1/decisions/apply.hpp>
#include <softf1/decisions/probabilities.hpp>
#include <softf1/models/model.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// Writes the probabilities that logits (N, L) mean: by the model's calibration where it has one, else sigmoid, or
/// softmax for one label a row. out (N, L). Throws shape_error for shapes that do not fit. Cost: one pass; scratch of N
/// L doubles.
inline void find_probabilities(context<cpu>& ctx, model const& m, matrix_view<const float> logits,
                               matrix_view<double> out) {
  if (m.calibration) return m.calibration->apply(ctx, logits, out);
  std::vector<double> wide;
  for (std::size_t i = 0; i < logits.rows(); ++i)
    for (std::size_t j = 0; j < logits.cols(); ++j) wide.push_back(logits(i, j));
  matrix_view<const double> const from(wide.data(), logits.rows(), logits.cols());
  if (m.task == task::multiclass)
    decisions::softmax(ctx, from, out);
  else
    decisions::sigmoid(ctx, from, out);
}

/// The labels of each row that the model's rule decides, ascending: by its probabilities where it has a calibration
/// (see find_probabilities), else by its logits.
inline std::vector<std::vector<std::size_t>> decide_labels(model const& m, matrix_view<const float> logits,
                                                           matrix_view<const double> probabilities) {
  if (m.calibration) return decide_lists(probabilities, m.rule, {.domain = score_domain::calibrated});
  return decide_lists(logits, m.rule);
}

}  // namespace softf1::inline SOFTF1_ABI::models
