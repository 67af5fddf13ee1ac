// How convolutions and poolings treat the edges of an image.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/core/window.hpp>
#include <softf1/layers/sample_shape.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// tensorflow_same: out = ⌈in / stride⌉, and of an odd number of zeros the larger half goes after the image.
/// symmetric: ⌊dilation · (size − 1) / 2⌋ zeros at each side, as PyTorch's models do. valid: none.
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

/// Rows and columns of zeros around an image, counted: what an option `zeros` gives in the place of a `padding`.
struct zero_border {
  std::size_t top = 0, bottom = 0, left = 0, right = 0;
  friend constexpr bool operator==(zero_border const&, zero_border const&) = default;
};

/// What a window is made from.
struct window_options {
  std::size_t size = 1, stride = 1;
  layers::padding padding = layers::padding::tensorflow_same;
  std::size_t dilation = 1;
  std::optional<zero_border> zeros = {};  ///< where given, `padding` is not looked at
};

namespace detail {

struct padded_axis {
  std::size_t before, out;
};

/// `reach`: from the first tap of a window to its last, both counted.
inline padded_axis pad_axis(std::size_t in, std::size_t reach, std::size_t stride, std::size_t before,
                            std::size_t after, std::string_view who) {
  require_value(in + before + after >= reach, who,
                "the window is " + std::to_string(reach) + " wide, the image only " + std::to_string(in));
  return {before, (in + before + after - reach) / stride + 1};
}

inline padded_axis pad_axis(std::size_t in, std::size_t reach, std::size_t stride, padding p, std::string_view who) {
  if (p == padding::tensorflow_same) {
    std::size_t const out = (in + stride - 1) / stride, end = (out - 1) * stride + reach;
    return {end > in ? (end - in) / 2 : 0, out};
  }
  std::size_t const each = p == padding::symmetric ? (reach - 1) / 2 : 0;
  return pad_axis(in, reach, stride, each, each, who);
}

}  // namespace detail

/// A window on samples of shape `in`.
/// Throws value_error for a size, stride or dilation of 0, for a window that is wider than the padded image, and for
/// zeros on which a whole window could lie.
inline window window_of(sample_shape in, window_options const& o, std::string_view who = "convolution") {
  require_value(o.size > 0 && o.stride > 0, who, "size and stride must be at least 1");
  require_value(o.dilation > 0, who, "dilation must be at least 1, got 0");
  std::size_t const reach = o.dilation * (o.size - 1) + 1;
  auto const placed = [&](detail::padded_axis rows, detail::padded_axis cols) {
    return window{o.size, o.stride, rows.before, cols.before, rows.out, cols.out, o.dilation};
  };
  if (!o.zeros)
    return placed(detail::pad_axis(in.height, reach, o.stride, o.padding, who),
                  detail::pad_axis(in.width, reach, o.stride, o.padding, who));
  auto const& z = *o.zeros;
  for (std::size_t zeros : {z.top, z.bottom, z.left, z.right})
    require_value(
        zeros < reach, who,
        "zeros must be fewer than the window is wide, " + std::to_string(reach) + ", got " + std::to_string(zeros));
  return placed(detail::pad_axis(in.height, reach, o.stride, z.top, z.bottom, who),
                detail::pad_axis(in.width, reach, o.stride, z.left, z.right, who));
}

inline window window_of(sample_shape in, std::size_t size, std::size_t stride, padding p) {
  return window_of(in, {.size = size, .stride = stride, .padding = p});
}

}  // namespace softf1::inline SOFTF1_ABI::layers
