// The weights of a resize along one axis.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <softf1/config.hpp>
#include <softf1/image/resize_filter.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// For each of `count` outputs: `width` inputs from `first` on, and their weights, which sum to 1 and begin at
/// `weights[k * stride]`.
struct axis_taps {
  struct range {
    std::size_t first, width;
  };
  std::vector<range> ranges;
  std::vector<float> weights;
  std::size_t stride = 0;

  float const* at(std::size_t k) const { return weights.data() + k * stride; }
};

/// Output k of `count`, from output `offset` on of an axis resized from `from` to `to` pixels. Pixel centres lie at
/// halves: output k is centred at (k + offset + 0.5) * from / to.
inline axis_taps make_taps(std::size_t from, std::size_t to, std::size_t offset, std::size_t count,
                           resize_filter filter) {
  double const scale = static_cast<double>(from) / static_cast<double>(to);
  // The triangle reaches as far as the distance of two outputs, or of two inputs if that is more.
  double const reach = filter == resize_filter::antialiased ? std::max(scale, 1.0) : 1.0;
  axis_taps taps;
  taps.stride = static_cast<std::size_t>(std::ceil(reach)) * 2 + 1;
  taps.ranges.resize(count);
  taps.weights.assign(count * taps.stride, 0.0f);
  double const last = static_cast<double>(from);
  std::vector<double> exact(taps.stride);
  for (std::size_t k = 0; k < count; ++k) {
    // Beyond the outermost centres the image continues as its edge.
    double const at = (static_cast<double>(k + offset) + 0.5) * scale;
    double const centre = filter == resize_filter::antialiased ? at : std::clamp(at, 0.5, last - 0.5);
    auto const first = static_cast<std::size_t>(std::max(0.0, std::floor(centre - reach + 0.5)));
    auto const end = static_cast<std::size_t>(std::min(last, std::floor(centre + reach + 0.5)));
    std::size_t const width = std::min(end - first, taps.stride);
    double sum = 0;
    for (std::size_t j = 0; j < width; ++j) {
      exact[j] = std::max(0.0, 1.0 - std::abs((static_cast<double>(first + j) + 0.5 - centre) / reach));
      sum += exact[j];
    }
    taps.ranges[k] = {first, width};
    for (std::size_t j = 0; j < width; ++j) taps.weights[k * taps.stride + j] = static_cast<float>(exact[j] / sum);
  }
  return taps;
}

/// The same outputs from last to first: a mirrored axis.
inline axis_taps mirrored(axis_taps taps) {
  std::size_t const count = taps.ranges.size();
  std::reverse(taps.ranges.begin(), taps.ranges.end());
  for (std::size_t k = 0; k < count / 2; ++k)
    std::swap_ranges(taps.weights.begin() + static_cast<std::ptrdiff_t>(k * taps.stride),
                     taps.weights.begin() + static_cast<std::ptrdiff_t>((k + 1) * taps.stride),
                     taps.weights.begin() + static_cast<std::ptrdiff_t>((count - 1 - k) * taps.stride));
  return taps;
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
