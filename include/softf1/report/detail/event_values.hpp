// What TensorBoard draws, counted: histograms, and curves of precision and recall.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

/// Numbers in buckets: bucket k counts those below limits[k], and not below the limit before.
struct event_histogram {
  double min = 0, max = 0, sum = 0, squares = 0;
  std::size_t count = 0, left_out = 0;  ///< numbers, and those that are not finite
  std::vector<double> limits, counts;
};

/// 0, and powers of 1.1 from 1e-12 to 1e20 with both signs, and the largest number: the limits of TensorFlow's histograms.
inline std::vector<double> const& bucket_limits() {
  static std::vector<double> const limits = [] {
    std::vector<double> positive;
    for (double x = 1e-12; x < 1e20; x *= 1.1) positive.push_back(x);
    positive.push_back(std::numeric_limits<double>::max());
    std::vector<double> all;
    for (auto x = positive.rbegin(); x != positive.rend(); ++x) all.push_back(-*x);
    all.push_back(0);
    all.insert(all.end(), positive.begin(), positive.end());
    return all;
  }();
  return limits;
}

/// Buckets in a row that hold nothing are one, and there are none before the first and behind the last that hold any: so
/// that TensorBoard, which puts min and max to both ends, gets them in order.
inline void keep_buckets(std::vector<double> const& counts, event_histogram& h) {
  std::size_t first = 0, end = counts.size();
  while (first + 1 < end && counts[first] == 0) ++first;
  while (end > first + 1 && counts[end - 1] == 0) --end;
  for (std::size_t k = first; k < end; ++k) {
    bool const goes_on = counts[k] == 0 && !h.counts.empty() && h.counts.back() == 0;
    if (goes_on) {
      h.limits.back() = bucket_limits()[k];
    } else {
      h.limits.push_back(bucket_limits()[k]);
      h.counts.push_back(counts[k]);
    }
  }
}

inline event_histogram count_buckets(std::span<float const> values) {
  event_histogram h;
  h.min = std::numeric_limits<double>::max();
  h.max = -h.min;
  std::vector<double> counts(bucket_limits().size());
  for (double const x : values) {
    if (!std::isfinite(x)) {
      ++h.left_out;
      continue;
    }
    auto const bucket = std::upper_bound(bucket_limits().begin(), bucket_limits().end(), x) - bucket_limits().begin();
    ++counts[static_cast<std::size_t>(bucket)];
    ++h.count;
    h.min = std::min(h.min, x);
    h.max = std::max(h.max, x);
    h.sum += x;
    h.squares += x * x;
  }
  if (h.count == 0) h.min = h.max = 0;
  keep_buckets(counts, h);
  return h;
}

/// tp, fp, tn, fn, precision and recall, each at the thresholds k / (thresholds - 1), one after the other: what is
/// positive has a score of at least the threshold. Ratios of nothing are 0.
inline std::vector<float> curve_of(std::span<float const> scores, std::span<std::uint8_t const> targets,
                                   std::size_t thresholds) {
  std::vector<double> hits(thresholds), misses(thresholds);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    // Rounded as floats are: 0.9f is the threshold 9 / 10.
    auto const at = static_cast<std::size_t>(scores[i] * static_cast<float>(thresholds - 1));
    ++(targets[i] ? hits : misses)[at];
  }
  for (std::size_t k = thresholds - 1; k-- > 0;) {
    hits[k] += hits[k + 1];
    misses[k] += misses[k + 1];
  }
  std::vector<float> rows(6 * thresholds);
  for (std::size_t k = 0; k < thresholds; ++k) {
    double const tp = hits[k], fp = misses[k], tn = misses[0] - fp, fn = hits[0] - tp;
    double const of[] = {tp, fp, tn, fn, tp + fp > 0 ? tp / (tp + fp) : 0, tp + fn > 0 ? tp / (tp + fn) : 0};
    for (std::size_t row = 0; row < 6; ++row) rows[row * thresholds + k] = static_cast<float>(of[row]);
  }
  return rows;
}

}  // namespace softf1::inline SOFTF1_ABI::report::detail
