// How the probabilities of one label are distributed, apart for its negatives and its positives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::report {

/// Counts in bins of equal width over the probabilities from 0 to 1; both vectors have as many bins.
struct histogram {
  std::string label;
  std::vector<std::size_t> negatives, positives;
  double threshold = std::numeric_limits<double>::quiet_NaN();  ///< a probability; NaN: none is drawn
};

/// The histogram of one label: bin k of K counts the probabilities in [k / K, (k + 1) / K), the last one 1 as well.
/// probabilities, targets: (N,), strides are legal; targets are 0 or 1. mask: (N,), 0 where a target is missing, or
/// empty. Throws shape_error where lengths differ, value_error for a present probability outside [0, 1] or NaN, a
/// present target that is neither 0 nor 1, and bins = 0. Cost: one pass on the host.
template <class T, class Y>
histogram probability_histogram(std::string label, vector_view<T> probabilities, vector_view<Y> targets,
                                double threshold = std::numeric_limits<double>::quiet_NaN(), std::size_t bins = 20,
                                vector_view<std::uint8_t const> mask = {}) {
  constexpr std::string_view who = "probability_histogram";
  std::size_t const rows = probabilities.size();
  require_shape(who, "targets", {rows}, targets.shape());
  if (mask.data()) require_shape(who, "mask", {rows}, mask.shape());
  require_value(bins > 0, who, "bins must be > 0, got 0");
  histogram h{std::move(label), std::vector<std::size_t>(bins), std::vector<std::size_t>(bins), threshold};
  for (std::size_t i = 0; i < rows; ++i) {
    if (mask.data() && mask(i) == 0) continue;
    double const p = static_cast<double>(probabilities(i)), y = static_cast<double>(targets(i));
    if (!(p >= 0 && p <= 1))
      throw value_error(std::string(who) + ": probabilities must be in [0, 1], got " + number_text(p) + " at row " +
                        std::to_string(i));
    if (y != 0 && y != 1)
      throw value_error(std::string(who) + ": targets must be 0 or 1, got " + number_text(y) + " at row " +
                        std::to_string(i));
    auto const bin = static_cast<std::size_t>(p * static_cast<double>(bins));
    ++(y == 1 ? h.positives : h.negatives)[bin < bins ? bin : bins - 1];
  }
  return h;
}

}  // namespace softf1::inline SOFTF1_ABI::report

namespace softf1::inline SOFTF1_ABI {
using report::probability_histogram;
}
