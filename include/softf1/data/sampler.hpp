// Rows of an epoch in which rare labels come more often.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/random.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// How the rows of an epoch are drawn, with replacement.
enum class sampling : unsigned char {
  class_aware,    ///< a label, all alike, then one of its rows, all alike
  label_balanced  ///< a row, weighted by the sum of 1 / n^power over its labels, n the rows that a label has
};

/// The kind that a name means: "class_aware", "label_balanced". Throws value_error listing them.
inline sampling parse_sampling(std::string_view text) {
  constexpr std::array<std::string_view, 2> names = {"class_aware", "label_balanced"};
  for (std::size_t k = 0; k < names.size(); ++k)
    if (names[k] == text) return static_cast<sampling>(k);
  throw value_error("no sampling is named '" + std::string(text) + "', there are class_aware, label_balanced");
}

struct sampler_options {
  sampling kind = sampling::class_aware;
  std::size_t count = 0;   ///< rows of an epoch; 0: as many as there are
  double power = 1;        ///< label_balanced: in [0, 4]; 1 draws labels nearly alike, 0 leaves their shares
  bool unlabelled = true;  ///< rows without a label count as having one more label, of their own; else they never come
};

namespace detail {

/// The rows of each label that has any, and at the end those without one, if wanted.
inline std::vector<std::vector<std::uint64_t>> rows_by_label(matrix_view<std::uint8_t const> targets, bool unlabelled) {
  std::vector<std::vector<std::uint64_t>> rows(targets.cols() + 1);
  for (std::size_t i = 0; i < targets.rows(); ++i) {
    bool has_any = false;
    for (std::size_t j = 0; j < targets.cols(); ++j)
      if (targets(i, j) != 0) {
        rows[j].push_back(i);
        has_any = true;
      }
    if (!has_any && unlabelled) rows.back().push_back(i);
  }
  std::erase_if(rows, [](auto const& of_label) { return of_label.empty(); });
  return rows;
}

}  // namespace detail

/// The rows of an epoch, in the order drawn, which is a shuffled one: options.count numbers below N, with repeats.
/// `targets`: (N, L), 0 or not 0; missing ones stand as 0. A pure function of the arguments.
///
/// Throws value_error where there is no row to draw, or a power out of range. Cost: one pass over the targets, scratch
/// for one number a positive; a draw takes constant time, or with label_balanced log N steps. Source of class_aware:
/// Shen et al., "Relay backpropagation for effective learning of deep convolutional neural networks", ECCV 2016.
inline std::vector<std::uint64_t> sampled_rows(matrix_view<std::uint8_t const> targets, sampler_options const& options,
                                               std::uint64_t seed, std::uint64_t epoch) {
  require_value(options.power >= 0 && options.power <= 4, "sampled_rows",
                "power must lie in [0, 4], got " + number_text(options.power));
  auto const labels = detail::rows_by_label(targets, options.unlabelled);
  require_value(!labels.empty(), "sampled_rows", "there is no row to draw: no row has a label");
  random_stream const random(seed, random_purpose::sample, epoch);
  std::vector<std::uint64_t> drawn(options.count > 0 ? options.count : targets.rows());
  if (options.kind == sampling::class_aware) {
    for (std::size_t k = 0; k < drawn.size(); ++k) {
      auto const& rows = labels[random.below(2 * k, labels.size())];
      drawn[k] = rows[random.below(2 * k + 1, rows.size())];
    }
    return drawn;
  }
  std::vector<double> until(targets.rows());
  for (auto const& rows : labels)
    for (auto const row : rows) until[row] += std::pow(static_cast<double>(rows.size()), -options.power);
  for (std::size_t i = 1; i < until.size(); ++i) until[i] += until[i - 1];
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    // Below the sum even where the product is rounded up to it.
    double const at = std::min(random.uniform(k) * until.back(), std::nextafter(until.back(), 0.0));
    drawn[k] = static_cast<std::uint64_t>(std::upper_bound(until.begin(), until.end(), at) - until.begin());
  }
  return drawn;
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::parse_sampling;
using data::sampled_rows;
using data::sampler_options;
using data::sampling;
}  // namespace softf1::inline SOFTF1_ABI
