// The resize itself: separable, row by row, without a copy of the image.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <softf1/backend/cpu/instruction_set.hpp>
#include <softf1/core/view.hpp>
#include <softf1/image/detail/pixel_lanes.hpp>
#include <softf1/image/detail/taps.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// sum[i] = or += the weighted pixels of `Count` rows: the sum is read and written once for all of them.
template <std::size_t Count, bool IsFirst>
[[gnu::always_inline]] inline void add_rows(std::uint8_t const* const* rows, std::size_t size, float const* weights,
                                            float* sum) {
  std::uint8_t const* from[Count];
  float by[Count];
  for (std::size_t j = 0; j < Count; ++j) {
    from[j] = rows[j];
    by[j] = weights[j];
  }
  for (std::size_t i = 0; i < size; ++i) {
    float s = by[0] * static_cast<float>(from[0][i]);
    if constexpr (!IsFirst) s += sum[i];
    for (std::size_t j = 1; j < Count; ++j) s += by[j] * static_cast<float>(from[j][i]);
    sum[i] = s;
  }
}

/// The weighted sum of any number of rows.
[[gnu::always_inline]] inline void sum_rows(std::uint8_t const* const* rows, std::size_t count, std::size_t size,
                                            float const* weights, float* sum) {
  if (count == 1) return add_rows<1, true>(rows, size, weights, sum);
  if (count == 3) return add_rows<3, true>(rows, size, weights, sum);
  if (count < 4) return add_rows<2, true>(rows, size, weights, sum);
  add_rows<4, true>(rows, size, weights, sum);
  std::size_t j = 4;
  for (; j + 4 <= count; j += 4) add_rows<4, false>(rows + j, size, weights + j, sum);
  for (; j < count; ++j) add_rows<1, false>(rows + j, size, weights + j, sum);
}

/// A row of three-channel pixels, resized along its length. Both rows have room for one more float. For the host alone:
/// taps are vectors.
template <std::size_t Width>
[[gnu::always_inline]] inline void resize_row(float const* row, axis_taps const& taps, float* out) {
  std::size_t const count = taps.firsts.size(), width = Width > 0 ? Width : taps.width;
  for (std::size_t x = 0; x < count; ++x) {
    float const* const weights = taps.at(x);
    float const* pixel = row + taps.firsts[x] * 3;
    pixel_lanes sum{};
    for (std::size_t j = 0; j < width; ++j, pixel += 3) sum += weights[j] * load_pixel(pixel);
    store_pixel(out + 3 * x, sum);
  }
}

[[gnu::always_inline]] inline void resize_row_any(float const* row, axis_taps const& taps, float* out) {
  switch (taps.width) {
    case 1:
      return resize_row<1>(row, taps, out);
    case 2:
      return resize_row<2>(row, taps, out);
    case 3:
      return resize_row<3>(row, taps, out);
    case 4:
      return resize_row<4>(row, taps, out);
    case 5:
      return resize_row<5>(row, taps, out);
    default:
      return resize_row<0>(row, taps, out);
  }
}

/// Calls sink(y, row) for each output row in order; a row holds three floats a pixel, in 0..255. Rows are added up
/// first: that loop is long and contiguous, and the loop along a row then runs once per output row only.
template <class Sink>
void resample(tensor_view<std::uint8_t const, 3> from, axis_taps const& down, axis_taps const& along,
              Sink const& sink) {
  std::size_t const size = from.extent(1) * 3;
  bool const dense = from.stride(2) == 1 && from.stride(1) == 3;
  std::vector<float> sum(size + 1), row(along.firsts.size() * 3 + 1);
  std::vector<std::uint8_t> copies(dense ? 0 : size * down.width);
  std::vector<std::uint8_t const*> rows(down.width);
  auto const pixels = [&](std::size_t y, std::size_t j) {
    std::uint8_t const* const start = from.data() + static_cast<std::ptrdiff_t>(y) * from.stride(0);
    if (dense) return start;
    std::uint8_t* const copy = copies.data() + j * size;
    for (std::size_t i = 0; i < size; ++i)
      copy[i] = start[static_cast<std::ptrdiff_t>(i / 3) * from.stride(1) +
                      static_cast<std::ptrdiff_t>(i % 3) * from.stride(2)];
    return static_cast<std::uint8_t const*>(copy);
  };
  auto const body = [&] {
    for (std::size_t y = 0; y < down.firsts.size(); ++y) {
      for (std::size_t j = 0; j < down.width; ++j) rows[j] = pixels(down.firsts[y] + j, j);
      sum_rows(rows.data(), down.width, size, down.at(y), sum.data());
      resize_row_any(sum.data(), along, row.data());
      sink(y, static_cast<float const*>(row.data()));
    }
  };
  softf1::detail::run_for(best_instruction_set(), body);
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
