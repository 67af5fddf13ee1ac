// What colours are changed in: three planes of floats, which vectorise.
#pragma once

#include <cstddef>
#include <memory>

#include <softf1/backend/cpu/instruction_set.hpp>
#include <softf1/config.hpp>

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

/// Calls sink(y, row) with rows of interleaved floats.
template <class Sink>
void interleave(planes const& from, Sink const& sink) {
  std::size_t const side = from.side;
  auto const row = std::make_unique_for_overwrite<float[]>(3 * side);
  softf1::detail::run_for(best_instruction_set(), [&] {
    float* const out = row.get();
    for (std::size_t y = 0; y < side; ++y) {
      float const* const red = from.plane(0) + y * side;
      float const* const green = from.plane(1) + y * side;
      float const* const blue = from.plane(2) + y * side;
      for (std::size_t x = 0; x < side; ++x) {
        out[3 * x] = red[x];
        out[3 * x + 1] = green[x];
        out[3 * x + 2] = blue[x];
      }
      sink(y, static_cast<float const*>(out));
    }
  });
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
