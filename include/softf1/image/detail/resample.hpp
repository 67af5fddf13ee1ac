// The resize itself: separable, row by row, without a copy of the image.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <softf1/backend/cpu/instruction_set.hpp>
#include <softf1/core/view.hpp>
#include <softf1/image/detail/taps.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// sum[i] += weight * pixels[i]; the first row of a sum replaces what was there.
SOFTF1_HD void add_row(std::uint8_t const* pixels, std::size_t size, float weight, bool is_first, float* sum) {
  if (is_first)
    for (std::size_t i = 0; i < size; ++i) sum[i] = weight * static_cast<float>(pixels[i]);
  else
    for (std::size_t i = 0; i < size; ++i) sum[i] += weight * static_cast<float>(pixels[i]);
}

/// A row of three-channel pixels, resized along its length. For the host alone: taps are vectors.
[[gnu::always_inline]] inline void resize_row(float const* row, axis_taps const& taps, float* out) {
  for (std::size_t x = 0; x < taps.ranges.size(); ++x) {
    auto const [first, width] = taps.ranges[x];
    float const* const weights = taps.at(x);
    float const* pixel = row + first * 3;
    float red = 0, green = 0, blue = 0;
    for (std::size_t j = 0; j < width; ++j, pixel += 3) {
      red += weights[j] * pixel[0];
      green += weights[j] * pixel[1];
      blue += weights[j] * pixel[2];
    }
    out[3 * x] = red;
    out[3 * x + 1] = green;
    out[3 * x + 2] = blue;
  }
}

/// Calls sink(y, row) for each output row in order; a row holds three floats a pixel, in 0..255. Rows are added up
/// first: that loop is long and contiguous, and the loop along a row then runs once per output row only.
template <class Sink>
void resample(tensor_view<std::uint8_t const, 3> from, axis_taps const& down, axis_taps const& along,
              Sink const& sink) {
  std::size_t const size = from.extent(1) * 3;
  bool const dense = from.stride(2) == 1 && from.stride(1) == 3;
  std::vector<float> sum(size), row(along.ranges.size() * 3);
  std::vector<std::uint8_t> copy(dense ? 0 : size);
  auto const pixels = [&](std::size_t y) {
    std::uint8_t const* const start = from.data() + static_cast<std::ptrdiff_t>(y) * from.stride(0);
    if (dense) return start;
    for (std::size_t i = 0; i < size; ++i)
      copy[i] = start[static_cast<std::ptrdiff_t>(i / 3) * from.stride(1) +
                      static_cast<std::ptrdiff_t>(i % 3) * from.stride(2)];
    return static_cast<std::uint8_t const*>(copy.data());
  };
  auto const body = [&] {
    for (std::size_t y = 0; y < down.ranges.size(); ++y) {
      auto const [first, width] = down.ranges[y];
      for (std::size_t j = 0; j < width; ++j) add_row(pixels(first + j), size, down.at(y)[j], j == 0, sum.data());
      resize_row(sum.data(), along, row.data());
      sink(y, static_cast<float const*>(row.data()));
    }
  };
  softf1::detail::run_for(best_instruction_set(), body);
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
