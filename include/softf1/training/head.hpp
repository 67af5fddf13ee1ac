// Classifier heads: what is trained on the features of a frozen network.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <softf1/layers/network.hpp>

namespace softf1::inline SOFTF1_ABI::training {

struct head_options {
  std::size_t hidden = 1024;  ///< units of the hidden layer; 0: none, the head is linear
  double dropout = 0.3;       ///< rate, behind the hidden layer, or before the output where there is none
  layers::initialiser weights = layers::initialiser::fan_in_uniform;
};

/// D → hidden → L: dense, ReLU, dropout, dense; or dropout and dense alone.
inline layers::table head_table(std::size_t labels, head_options const& options = {}) {
  layers::table blocks;
  if (options.hidden > 0) {
    blocks.emplace_back(layers::dense{.out = options.hidden, .weights = options.weights}, "hidden");
    blocks.emplace_back(layers::relu{}, "relu");
  }
  if (options.dropout > 0) blocks.emplace_back(layers::dropout{options.dropout}, "dropout");
  blocks.emplace_back(layers::dense{.out = labels, .weights = options.weights}, "output");
  return blocks;
}

/// The number of rows with each label: targets (N, L) of 0 and 1, on the host.
template <class Y>
std::vector<std::size_t> count_positives(matrix_view<const Y> targets) {
  std::vector<std::size_t> counts(targets.cols());
  for (std::size_t i = 0; i < targets.rows(); ++i)
    for (std::size_t j = 0; j < targets.cols(); ++j) counts[j] += targets(i, j) != Y(0);
  return counts;
}

/// The number of rows in which each label's target is known: all, or where a mask (N, L) is not 0.
inline std::vector<std::size_t> count_present(matrix_view<std::uint8_t const> mask, std::size_t rows,
                                              std::size_t labels) {
  std::vector<std::size_t> counts(labels, mask.data() ? 0 : rows);
  for (std::size_t i = 0; mask.data() && i < rows; ++i)
    for (std::size_t j = 0; j < labels; ++j) counts[j] += mask(i, j) != 0;
  return counts;
}

/// The logit of each label's share of the rows, counted with one more positive and one more negative, so that it is
/// finite: the best constant logits, with which an output begins well.
inline std::vector<double> prior_logits(std::vector<std::size_t> const& positives,
                                        std::vector<std::size_t> const& rows) {
  std::vector<double> logits;
  for (std::size_t j = 0; j < positives.size(); ++j)
    logits.push_back(
        std::log((static_cast<double>(positives[j]) + 1) / (static_cast<double>(rows[j] - positives[j]) + 1)));
  return logits;
}
inline std::vector<double> prior_logits(std::vector<std::size_t> const& positives, std::size_t rows) {
  return prior_logits(positives, std::vector<std::size_t>(positives.size(), rows));
}

/// negatives / positives of each label (1 where it has no positives): with it as pos_weight, both classes weigh the same.
inline std::vector<double> balanced_pos_weight(std::vector<std::size_t> const& positives,
                                               std::vector<std::size_t> const& rows) {
  std::vector<double> weights;
  for (std::size_t j = 0; j < positives.size(); ++j)
    weights.push_back(
        positives[j] == 0 ? 1.0 : static_cast<double>(rows[j] - positives[j]) / static_cast<double>(positives[j]));
  return weights;
}
inline std::vector<double> balanced_pos_weight(std::vector<std::size_t> const& positives, std::size_t rows) {
  return balanced_pos_weight(positives, std::vector<std::size_t>(positives.size(), rows));
}

/// Sets the bias of a head's output. Throws shape_error for another number of labels.
template <class T, class B>
void set_output_bias(context<B>& ctx, layers::network<T, B>& net, std::vector<double> const& bias) {
  auto const& p = net.named().back();
  require_shape("set_output_bias", "bias", {p.size()}, std::vector<std::size_t>{bias.size()});
  std::vector<T> const host(bias.begin(), bias.end());
  copy(ctx, vector_view<const T>(host.data(), host.size()), p.values);
}

/// How alike labels are: S_jk = n_jk / sqrt(n_j n_k), the cosine of their columns of targets (N, L) on the host, of values in
/// [0, 1]; 0 for a label without positives. Returns (L, L), row-major. Cost: N L² / 2.
template <class Y>
std::vector<double> label_cosines(matrix_view<Y const> targets) {
  std::size_t const labels = targets.cols();
  std::vector<double> together(labels * labels);
  for (std::size_t i = 0; i < targets.rows(); ++i)
    for (std::size_t j = 0; j < labels; ++j) {
      double const y = static_cast<double>(targets(i, j));
      if (y == 0) continue;
      for (std::size_t k = 0; k <= j; ++k) together[j * labels + k] += y * static_cast<double>(targets(i, k));
    }
  std::vector<double> cosines(labels * labels);
  for (std::size_t j = 0; j < labels; ++j)
    for (std::size_t k = 0; k <= j; ++k) {
      double const product = together[j * labels + j] * together[k * labels + k];
      double const s = product > 0 ? together[j * labels + k] / std::sqrt(product) : 0;
      cosines[j * labels + k] = cosines[k * labels + j] = s;
    }
  return cosines;
}

}  // namespace softf1::inline SOFTF1_ABI::training
