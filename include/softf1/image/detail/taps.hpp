// The weights of a resize along one axis.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <softf1/config.hpp>
#include <softf1/image/resize_filter.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// For each of `count` outputs: `width` inputs from `firsts[k]` on, and their weights, which sum to 1 and begin at
/// `weights[k * stride]`. Outputs of fewer inputs have weights of 0, so that loops have the same length everywhere.
struct axis_taps {
  std::vector<std::size_t> firsts;
  std::vector<float> weights;
  std::size_t stride = 0, width = 0;

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
  taps.firsts.resize(count);
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
    taps.firsts[k] = first;
    taps.width = std::max(taps.width, width);
    for (std::size_t j = 0; j < width; ++j) taps.weights[k * taps.stride + j] = static_cast<float>(exact[j] / sum);
  }
  // At the end of the axis, inputs of weight 0 come first.
  for (std::size_t k = 0; k < count; ++k) {
    std::size_t const first = taps.firsts[k];
    std::size_t const over = first + taps.width > from ? first + taps.width - from : 0;
    auto const begin = taps.weights.begin() + static_cast<std::ptrdiff_t>(k * taps.stride);
    std::rotate(begin, begin + static_cast<std::ptrdiff_t>(taps.width - over),
                begin + static_cast<std::ptrdiff_t>(taps.width));
    taps.firsts[k] = first - over;
  }
  return taps;
}

/// The same outputs from last to first: a mirrored axis.
inline axis_taps mirrored(axis_taps taps) {
  std::size_t const count = taps.firsts.size();
  std::reverse(taps.firsts.begin(), taps.firsts.end());
  for (std::size_t k = 0; k < count / 2; ++k)
    std::swap_ranges(taps.weights.begin() + static_cast<std::ptrdiff_t>(k * taps.stride),
                     taps.weights.begin() + static_cast<std::ptrdiff_t>((k + 1) * taps.stride),
                     taps.weights.begin() + static_cast<std::ptrdiff_t>((count - 1 - k) * taps.stride));
  return taps;
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
