// Changes of colour on planes, in loops that vectorise.
#pragma once

#include <cstddef>

#include <softf1/backend/cpu/instruction_set.hpp>
#include <softf1/image/detail/planes.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// change(red, green, blue) for each pixel, compiled for what the machine has.
template <class Change>
void for_each_pixel(planes& image, Change const& change) {
  float* const red = image.plane(0);
  float* const green = image.plane(1);
  float* const blue = image.plane(2);
  std::size_t const size = image.size();
  softf1::detail::run_for(best_instruction_set(), [&] {
  // One plane does not overlap another, which the compiler cannot know.
#pragma GCC ivdep
    for (std::size_t i = 0; i < size; ++i) change(red[i], green[i], blue[i]);
  });
}

/// x + delta.
struct add_level {
  float delta;

  SOFTF1_HD void operator()(float& r, float& g, float& b) const {
    r += delta;
    g += delta;
    b += delta;
  }
};

/// The value V = max and the hue stay, the saturation (V - min) / V is multiplied and kept in [0, 1]. A pixel without a
/// positive channel becomes gray.
struct scale_saturation {
  float factor;

  SOFTF1_HD void operator()(float& r, float& g, float& b) const {
    float const high = r > g ? (r > b ? r : b) : (g > b ? g : b);
    float const low = r < g ? (r < b ? r : b) : (g < b ? g : b);
    float const distance = high - low;
    // In HSV, each channel is V - S * (a number of the hue alone).
    float const most = high / (distance > 0.0f ? distance : 1.0f);
    float const scale = high > 0.0f ? (distance > 0.0f && most < factor ? most : factor) : 0.0f;
    r = high - (high - r) * scale;
    g = high - (high - g) * scale;
    b = high - (high - b) * scale;
  }
};

/// The hue turns by `sixths` sixths of the circle, in [-3, 3]; the largest and the smallest channel keep their values.
struct turn_hue {
  float sixths;

  SOFTF1_HD static float ramp(float at) {
    at = at < 0.0f ? at + 6.0f : at;
    at = at >= 6.0f ? at - 6.0f : at;
    at = at >= 6.0f ? at - 6.0f : at;
    float const down = 4.0f - at;
    float const least = at < down ? at : down;
    return least < 0.0f ? 0.0f : least > 1.0f ? 1.0f : least;
  }

  SOFTF1_HD void operator()(float& r, float& g, float& b) const {
    float const high = r > g ? (r > b ? r : b) : (g > b ? g : b);
    float const low = r < g ? (r < b ? r : b) : (g < b ? g : b);
    float const distance = high - low;
    float const inverse = 1.0f / (distance > 0.0f ? distance : 1.0f);
    float const from_red = (g - b) * inverse, from_green = 2.0f + (b - r) * inverse;
    float const from_blue = 4.0f + (r - g) * inverse;
    float const hue = (high == r ? from_red : high == g ? from_green : from_blue) + sixths;
    r = high - distance * ramp(5.0f + hue);
    g = high - distance * ramp(3.0f + hue);
    b = high - distance * ramp(1.0f + hue);
  }
};

/// centre + (x - centre) * factor, with a centre a channel.
struct scale_contrast {
  float factor, centre[3];

  SOFTF1_HD void operator()(float& r, float& g, float& b) const {
    r = centre[0] + (r - centre[0]) * factor;
    g = centre[1] + (g - centre[1]) * factor;
    b = centre[2] + (b - centre[2]) * factor;
  }
};

/// gray + (x - gray) * factor, where gray is the luma of the pixel.
struct scale_colour {
  float factor;

  SOFTF1_HD void operator()(float& r, float& g, float& b) const {
    float const gray = 0.299f * r + 0.587f * g + 0.114f * b;
    r = gray + (r - gray) * factor;
    g = gray + (g - gray) * factor;
    b = gray + (b - gray) * factor;
  }
};

/// Into 0..255.
struct clip_levels {
  SOFTF1_HD static float clip(float x) { return !(x > 0.0f) ? 0.0f : x > 255.0f ? 255.0f : x; }
  SOFTF1_HD void operator()(float& r, float& g, float& b) const {
    r = clip(r);
    g = clip(g);
    b = clip(b);
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
