// What colours are changed in: three planes of floats, which vectorise.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include <softf1/config.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// A square image as planes of red, green and blue, in 0..255.
struct planes {
  std::size_t side = 0;
  std::unique_ptr<float[]> values;

  explicit planes(std::size_t size) : side(size), values(std::make_unique_for_overwrite<float[]>(3 * size * size)) {}

  std::size_t size() const { return side * side; }
  float* plane(std::size_t c) { return values.get() + c * size(); }
  float const* plane(std::size_t c) const { return values.get() + c * size(); }
};

/// Takes rows of interleaved floats apart.
struct plane_rows {
  float* to;
  std::size_t side;

  SOFTF1_HD void operator()(std::size_t y, float const* row) const {
    float* const red = to + y * side;
    float* const green = red + side * side;
    float* const blue = green + side * side;
    for (std::size_t x = 0; x < side; ++x) {
      red[x] = row[3 * x];
      green[x] = row[3 * x + 1];
      blue[x] = row[3 * x + 2];
    }
  }
};

/// Writes planes as `convert(value, channel)` into a view of any strides.
template <class To, class Convert>
void write_planes(planes const& from, tensor_view<To, 3> to, Convert const& convert) {
  for (std::size_t y = 0; y < from.side; ++y) {
    To* const start = to.data() + static_cast<std::ptrdiff_t>(y) * to.stride(0);
    for (std::size_t c = 0; c < 3; ++c) {
      float const* const row = from.plane(c) + y * from.side;
      for (std::size_t x = 0; x < from.side; ++x)
        start[static_cast<std::ptrdiff_t>(x) * to.stride(1) + static_cast<std::ptrdiff_t>(c) * to.stride(2)] =
            convert(row[x], c);
    }
  }
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
