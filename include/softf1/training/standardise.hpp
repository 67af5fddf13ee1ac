// Features of mean 0 and variance 1, as a help for training that leaves no trace in the model.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include <softf1/layers/network.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// x → (x − mean) / deviation, a feature.
struct feature_scaling {
  std::vector<double> mean, deviation;  ///< (D,); a feature that is constant but for rounding has deviation 1
};

/// Mean and deviation of each feature over the rows: features (N, D), N > 0, on the host. Cost: two passes, in double.
template <class T>
feature_scaling measure_scaling(matrix_view<const T> features) {
  require_value(features.rows() > 0, "measure_scaling", "expected at least one row, got 0");
  auto const rows = static_cast<double>(features.rows());
  std::size_t const width = features.cols();
  feature_scaling s{std::vector<double>(width), std::vector<double>(width)};
  for (std::size_t i = 0; i < features.rows(); ++i)
    for (std::size_t j = 0; j < width; ++j) s.mean[j] += static_cast<double>(features(i, j));
  for (double& m : s.mean) m /= rows;
  for (std::size_t i = 0; i < features.rows(); ++i)
    for (std::size_t j = 0; j < width; ++j) {
      double const d = static_cast<double>(features(i, j)) - s.mean[j];
      s.deviation[j] += d * d;
    }
  // What varies by less than the precision of float is constant: dividing by it would blow rounding errors up.
  for (std::size_t j = 0; j < width; ++j) {
    double const variance = s.deviation[j] / rows;
    s.deviation[j] = variance > 1e-10 * s.mean[j] * s.mean[j] ? std::sqrt(variance) : 1;
  }
  return s;
}

/// The features, scaled: (N, D), dense.
template <class T>
std::vector<T> scaled(matrix_view<const T> features, feature_scaling const& s) {
  require_shape("scaled", "mean", {features.cols()}, std::vector<std::size_t>{s.mean.size()});
  std::vector<T> to;
  to.reserve(features.size());
  for (std::size_t i = 0; i < features.rows(); ++i)
    for (std::size_t j = 0; j < features.cols(); ++j)
      to.push_back(static_cast<T>((static_cast<double>(features(i, j)) - s.mean[j]) / s.deviation[j]));
  return to;
}

/// Changes a head that was trained on scaled features so that it gives the same for the features themselves:
/// W(d, j) becomes W(d, j) / deviation(d), b(j) becomes b(j) − Σ_d mean(d) · W(d, j) / deviation(d).
/// Throws value_error where its first block with weights is not a dense layer with a bias that reads the features alone.
template <class T>
void fold_scaling(layers::network<T>& net, feature_scaling const& s) {
  std::size_t first = 0;
  while (first < net.nodes().size() && std::holds_alternative<layers::dropout>(net.nodes()[first].layer)) ++first;
  auto const* const dense =
      first < net.nodes().size() ? std::get_if<layers::dense>(&net.nodes()[first].layer) : nullptr;
  require_value(
      dense && dense->bias && net.named()[0].shape[0] == s.mean.size(), "fold_scaling",
      "the head must begin with a dense layer with a bias, for " + std::to_string(s.mean.size()) + " features");
  auto const weight = net.named()[0].values, bias = net.named()[1].values;
  std::size_t const out = bias.size();
  std::vector<double> shift(out);
  for (std::size_t d = 0; d < s.mean.size(); ++d)
    for (std::size_t j = 0; j < out; ++j) {
      double const w = static_cast<double>(weight(d * out + j)) / s.deviation[d];
      shift[j] += s.mean[d] * w;
      weight(d * out + j) = static_cast<T>(w);
    }
  for (std::size_t j = 0; j < out; ++j) bias(j) = static_cast<T>(static_cast<double>(bias(j)) - shift[j]);
}

}  // namespace softf1::inline SOFTF1_ABI::training
