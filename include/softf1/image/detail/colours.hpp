// Changes of colour on planes, in loops that vectorise.
#pragma once

#include <cstddef>

#include <softf1/backend/cpu/instruction_set.hpp>
#include <softf1/image/detail/planes.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Eight values of a plane. Explicit vectors, because compilers do not make them of loops that choose.
using lanes = float __attribute__((vector_size(32)));

// Results go through references: wide vectors have no common way of being returned.
[[gnu::always_inline]] inline void largest(lanes const& r, lanes const& g, lanes const& b, lanes& result) {
  result = r > g ? r : g;
  result = result > b ? result : b;
}
[[gnu::always_inline]] inline void smallest(lanes const& r, lanes const& g, lanes const& b, lanes& result) {
  result = r < g ? r : g;
  result = result < b ? result : b;
}

/// change(red, green, blue) for each pixel, eight at a time, compiled for what the machine has.
template <class Change>
void for_each_pixel(planes& image, Change const& change) {
  float* const red = image.plane(0);
  float* const green = image.plane(1);
  float* const blue = image.plane(2);
  std::size_t const size = image.size();
  constexpr std::size_t width = sizeof(lanes) / sizeof(float);
  auto const part = [&](std::size_t at, std::size_t bytes) {
    lanes r{}, g{}, b{};
    __builtin_memcpy(&r, red + at, bytes);
    __builtin_memcpy(&g, green + at, bytes);
    __builtin_memcpy(&b, blue + at, bytes);
    change(r, g, b);
    __builtin_memcpy(red + at, &r, bytes);
    __builtin_memcpy(green + at, &g, bytes);
    __builtin_memcpy(blue + at, &b, bytes);
  };
  softf1::detail::run_for(best_instruction_set(), [&] {
    std::size_t i = 0;
    for (; i + width <= size; i += width) part(i, sizeof(lanes));
    if (i < size) part(i, (size - i) * sizeof(float));
  });
}

/// x + delta.
struct add_level {
  float delta;

  [[gnu::always_inline]] void operator()(lanes& r, lanes& g, lanes& b) const {
    r += delta;
    g += delta;
    b += delta;
  }
};

/// The value V = max and the hue stay, the saturation (V - min) / V is multiplied and kept in [0, 1]. A pixel without a
/// positive channel becomes gray.
struct scale_saturation {
  float factor;

  [[gnu::always_inline]] void operator()(lanes& r, lanes& g, lanes& b) const {
    lanes const none{}, factors = none + factor, tiny = none + 1e-6f;
    lanes high, low;
    largest(r, g, b, high);
    smallest(r, g, b, low);
    lanes const distance = high - low;
    // In HSV, each channel is V - S * (a number of the hue alone).
    lanes const most = high / (distance > tiny ? distance : tiny);
    lanes const kept = most < factors ? most : factors;
    lanes const scale = high > none ? kept : none;
    r = high - (high - r) * scale;
    g = high - (high - g) * scale;
    b = high - (high - b) * scale;
  }
};

/// The hue turns by `sixths` sixths of the circle, in [-3, 3]; the largest and the smallest channel keep their values.
struct turn_hue {
  float sixths;

  [[gnu::always_inline]] void operator()(lanes& r, lanes& g, lanes& b) const {
    lanes const none{}, tiny = none + 1e-6f;
    lanes high, low;
    largest(r, g, b, high);
    smallest(r, g, b, low);
    lanes const distance = high - low;
    lanes const inverse = 1.0f / (distance > tiny ? distance : tiny);
    lanes const from_red = (g - b) * inverse, from_green = 2.0f + (b - r) * inverse;
    lanes const from_blue = 4.0f + (r - g) * inverse;
    lanes const not_red = high == g ? from_green : from_blue;
    lanes const hue = (high == r ? from_red : not_red) + sixths;
    r = high - distance;
    g = r;
    b = r;
    add_ramp(hue + 5.0f, distance, r);
    add_ramp(hue + 3.0f, distance, g);
    add_ramp(hue + 1.0f, distance, b);
  }

 private:
  /// What a channel has above the smallest: all of it in two sixths of the circle, nothing in two.
  [[gnu::always_inline]] static void add_ramp(lanes const& hue, lanes const& distance, lanes& channel) {
    lanes const none{}, one = none + 1.0f, circle = none + 6.0f;
    lanes at = hue + (hue < none ? circle : none);
    at -= at >= circle ? circle : none;
    at -= at >= circle ? circle : none;
    lanes const down = 4.0f - at;
    lanes const least = at < down ? at : down;
    lanes const positive = least > none ? least : none;
    channel += distance * (1.0f - (positive < one ? positive : one));
  }
};

/// centre + (x - centre) * factor, with a centre a channel.
struct scale_contrast {
  float factor, centre[3];

  [[gnu::always_inline]] void operator()(lanes& r, lanes& g, lanes& b) const {
    r = centre[0] + (r - centre[0]) * factor;
    g = centre[1] + (g - centre[1]) * factor;
    b = centre[2] + (b - centre[2]) * factor;
  }
};

/// gray + (x - gray) * factor, where gray is the luma of the pixel.
struct scale_colour {
  float factor;

  [[gnu::always_inline]] void operator()(lanes& r, lanes& g, lanes& b) const {
    lanes const gray = 0.299f * r + 0.587f * g + 0.114f * b;
    r = gray + (r - gray) * factor;
    g = gray + (g - gray) * factor;
    b = gray + (b - gray) * factor;
  }
};

/// Into 0..255.
struct clip_levels {
  [[gnu::always_inline]] void operator()(lanes& r, lanes& g, lanes& b) const {
    clip(r);
    clip(g);
    clip(b);
  }

 private:
  [[gnu::always_inline]] static void clip(lanes& x) {
    lanes const none{}, full = none + 255.0f;
    x = x > none ? x : none;
    x = x < full ? x : full;
  }
};

/// The mean of a plane, added up in sixteen sums that vectorise.
inline float mean_of_plane(planes const& image, std::size_t c) {
  float const* const plane = image.plane(c);
  std::size_t const size = image.size();
  float sums[16] = {};
  softf1::detail::run_for(best_instruction_set(), [&] {
    std::size_t i = 0;
    for (; i + 16 <= size; i += 16)
      for (std::size_t k = 0; k < 16; ++k) sums[k] += plane[i + k];
    for (; i < size; ++i) sums[i % 16] += plane[i];
  });
  double sum = 0;
  for (float const s : sums) sum += static_cast<double>(s);
  return static_cast<float>(sum / static_cast<double>(size));
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
