// Random changes of colour: those of tf.image, on levels 0..255 in place of 0..1. They act in a random order; what leaves
// the range is clipped behind the last of them.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/image/detail/colours.hpp>
#include <softf1/image/detail/draws.hpp>

namespace softf1::inline SOFTF1_ABI::image {

namespace detail {

inline void check_factors(double low, double high, std::string_view name) {
  require_value(low >= 0 && low <= high && high <= 100, name,
                "0 <= low <= high <= 100 must hold, got " + number_text(low) + " and " + number_text(high));
}

}  // namespace detail

/// x + d on [0, 1], d uniform in [-delta, delta): tf.image.random_brightness.
struct brightness {
  static constexpr std::string_view name = "brightness";
  static constexpr std::array<std::string_view, 1> option_names{"delta"};

  double delta = 32.0 / 255;

  constexpr double& option(std::size_t) { return delta; }
  void check() const {
    require_value(delta >= 0 && delta <= 1, name, "delta must lie in [0, 1], got " + number_text(delta));
  }

  void recolour(detail::draws& random, detail::planes& image) const { shift(random.between(-delta, delta), image); }
  static void shift(double by, detail::planes& image) {
    detail::for_each_pixel(image, detail::add_level{static_cast<float>(255 * by)});
  }
};

/// The saturation of HSV times f, kept in [0, 1]; f uniform in [low, high): tf.image.random_saturation.
struct saturation {
  static constexpr std::string_view name = "saturation";
  static constexpr std::array<std::string_view, 2> option_names{"low", "high"};

  double low = 0.5, high = 1.5;

  constexpr double& option(std::size_t k) { return k == 0 ? low : high; }
  void check() const { detail::check_factors(low, high, name); }

  void recolour(detail::draws& random, detail::planes& image) const { scale(random.between(low, high), image); }
  static void scale(double by, detail::planes& image) {
    detail::for_each_pixel(image, detail::scale_saturation{static_cast<float>(by)});
  }
};

/// mean + (x - mean) * f with the mean of the channel over the image; f uniform in [low, high):
/// tf.image.random_contrast.
struct contrast {
  static constexpr std::string_view name = "contrast";
  static constexpr std::array<std::string_view, 2> option_names{"low", "high"};

  double low = 0.5, high = 1.5;

  constexpr double& option(std::size_t k) { return k == 0 ? low : high; }
  void check() const { detail::check_factors(low, high, name); }

  void recolour(detail::draws& random, detail::planes& image) const { scale(random.between(low, high), image); }
  static void scale(double by, detail::planes& image) {
    detail::for_each_pixel(image,
                           detail::scale_contrast{static_cast<float>(by),
                                                  {detail::mean_of_plane(image, 0), detail::mean_of_plane(image, 1),
                                                   detail::mean_of_plane(image, 2)}});
  }
};

/// The hue of HSV turns by d of a full circle, d uniform in [-delta, delta): tf.image.random_hue.
struct hue {
  static constexpr std::string_view name = "hue";
  static constexpr std::array<std::string_view, 1> option_names{"delta"};

  double delta = 0.032;

  constexpr double& option(std::size_t) { return delta; }
  void check() const {
    require_value(delta >= 0 && delta <= 0.5, name, "delta must lie in [0, 0.5], got " + number_text(delta));
  }

  void recolour(detail::draws& random, detail::planes& image) const { turn(random.between(-delta, delta), image); }
  static void turn(double by, detail::planes& image) {
    detail::for_each_pixel(image, detail::turn_hue{static_cast<float>(6 * by)});
  }
};

}  // namespace softf1::inline SOFTF1_ABI::image
