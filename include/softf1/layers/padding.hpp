// How convolutions treat the edges of an image.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/core/window.hpp>
#include <softf1/layers/sample_shape.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// tensorflow_same: out = ⌈in / stride⌉, and of an odd number of zeros the larger half goes after the image.
/// symmetric: ⌊(size − 1) / 2⌋ zeros at each side, as PyTorch's models do. valid: none.
/// They differ where stride is 2: weights trained with one lose about a tenth of their accuracy with the other.
enum class padding { tensorflow_same, symmetric, valid };

constexpr std::string_view name_of(padding p) {
  return p == padding::tensorflow_same ? "tensorflow_same" : p == padding::symmetric ? "symmetric" : "valid";
}

/// Throws value_error where there is none of that name.
inline padding padding_named(std::string_view name) {
  for (padding p : {padding::tensorflow_same, padding::symmetric, padding::valid})
    if (name_of(p) == name) return p;
  throw value_error("no padding is named '" + std::string(name) + "', there are tensorflow_same, symmetric, valid");
}

namespace detail {
struct padded_axis {
  std::size_t before, out;
};

inline padded_axis pad_axis(std::size_t in, std::size_t size, std::size_t stride, padding p) {
  if (p == padding::tensorflow_same) {
    std::size_t const out = (in + stride - 1) / stride, reach = (out - 1) * stride + size;
    return {reach > in ? (reach - in) / 2 : 0, out};
  }
  std::size_t const before = p == padding::symmetric ? (size - 1) / 2 : 0;
  require_value(in + 2 * before >= size, "convolution",
                "the window is " + std::to_string(size) + " wide, the image only " + std::to_string(in));
  return {before, (in + 2 * before - size) / stride + 1};
}
}  // namespace detail

/// The window of a convolution on samples of shape `in`.
/// Throws value_error for a size or stride of 0, and for a window that is wider than the padded image.
inline window window_of(sample_shape in, std::size_t size, std::size_t stride, padding p) {
  require_value(size > 0 && stride > 0, "convolution", "size and stride must be at least 1");
  auto const rows = detail::pad_axis(in.height, size, stride, p), cols = detail::pad_axis(in.width, size, stride, p);
  return {size, stride, rows.before, cols.before, rows.out, cols.out};
}

}  // namespace softf1::inline SOFTF1_ABI::layers
