// Turned images, erased rectangles, and RandAugment.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/image/augment_colours.hpp>
#include <softf1/image/detail/affine.hpp>
#include <softf1/image/detail/colours.hpp>
#include <softf1/image/detail/draws.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// A turn about the middle by an angle uniform in [-degrees, degrees); corners continue as the edge.
struct rotate {
  static constexpr std::string_view name = "rotate";
  static constexpr std::array<std::string_view, 1> option_names{"degrees"};

  double degrees = 15;

  constexpr double& option(std::size_t) { return degrees; }
  void check() const {
    require_value(degrees >= 0 && degrees <= 180, name, "degrees must lie in [0, 180], got " + number_text(degrees));
  }

  void move(detail::draws& random, detail::planes& image) const {
    detail::move_pixels(image, detail::turned(random.between(-degrees, degrees)));
  }
};

/// With a probability, a rectangle of a random share of the pixels, in [share_low, share_high), with a ratio of sides
/// whose logarithm is uniform between ±log(ratio), is set to mid-gray. Ten tries find one that is smaller than the
/// image; else nothing is erased. Zhong et al., "Random erasing data augmentation", AAAI 2020, and torchvision's numbers.
struct erase {
  static constexpr std::string_view name = "erase";
  static constexpr std::array<std::string_view, 4> option_names{"probability", "share_low", "share_high", "ratio"};

  double probability = 0.5, share_low = 0.02, share_high = 1.0 / 3, ratio = 10.0 / 3;

  constexpr double& option(std::size_t k) {
    return k == 0 ? probability : k == 1 ? share_low : k == 2 ? share_high : ratio;
  }
  void check() const {
    require_value(probability >= 0 && probability <= 1, name,
                  "probability must lie in [0, 1], got " + number_text(probability));
    require_value(share_low > 0 && share_low <= share_high && share_high <= 1, name,
                  "0 < share_low <= share_high <= 1 must hold, got " + number_text(share_low) + " and " +
                      number_text(share_high));
    require_value(ratio >= 1 && ratio <= 100, name, "ratio must lie in [1, 100], got " + number_text(ratio));
  }

  void cover(detail::draws& random, detail::planes& image) const {
    if (!random.happens(probability)) return;
    auto const side = static_cast<double>(image.side);
    for (int attempt = 0; attempt < 10; ++attempt) {
      double const area = side * side * random.between(share_low, share_high);
      double const aspect = std::exp(random.between(-std::log(ratio), std::log(ratio)));
      double const h = std::nearbyint(std::sqrt(area * aspect)), w = std::nearbyint(std::sqrt(area / aspect));
      if (!(h >= 1 && h < side && w >= 1 && w < side)) continue;
      auto const height = static_cast<std::size_t>(h), width = static_cast<std::size_t>(w);
      std::size_t const top = random.below(image.side - height + 1), left = random.below(image.side - width + 1);
      for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t y = top; y < top + height; ++y)
          for (std::size_t x = left; x < left + width; ++x) image.plane(c)[y * image.side + x] = 127.5f;
      return;
    }
  }
};

/// `count` changes one after the other, each drawn from eleven that keep what is seen: nothing; brighter or darker;
/// more or less colour; more or less contrast; fewer levels; the full range of levels; turned; sheared along either
/// axis; shifted along either axis. The strength m = magnitude / 30 makes: factors 1 ± 0.9 m (brightness as a
/// factor, colour about the luma of the pixel, contrast about the mean luma), 8 - 4 m bits of levels, ±30 m degrees,
/// shears of ±0.3 m, shifts of ±0.45 m of the side; signs are random. Clipped behind each. Cubuk et al., "RandAugment",
/// NeurIPS 2020, with torchvision's strengths; equalisation, sharpness, inversion and solarising are left out.
struct rand_augment {
  static constexpr std::string_view name = "rand_augment";
  static constexpr std::array<std::string_view, 2> option_names{"count", "magnitude"};

  double count = 2, magnitude = 9;

  constexpr double& option(std::size_t k) { return k == 0 ? count : magnitude; }
  void check() const {
    require_value(count >= 0 && count <= 16 && count == std::floor(count), name,
                  "count must be a whole number from 0 to 16, got " + number_text(count));
    require_value(magnitude >= 0 && magnitude <= 30, name,
                  "magnitude must lie in [0, 30], got " + number_text(magnitude));
  }

  void move(detail::draws& random, detail::planes& image) const {
    for (int k = 0; k < static_cast<int>(count); ++k) {
      auto const change = random.below(11);
      double const sign = random.happens(0.5) ? 1 : -1;
      apply(change, sign * magnitude / 30, image);
      detail::for_each_pixel(image, detail::clip_levels{});
    }
  }

 private:
  static void apply(std::uint64_t change, double m, detail::planes& image) {
    auto const factor = static_cast<float>(1 + 0.9 * m), shear = static_cast<float>(0.3 * m);
    auto const shift = static_cast<float>(0.45 * m * static_cast<double>(image.side));
    switch (change) {
      case 1:
        return detail::for_each_pixel(image, detail::scale_contrast{factor, {0, 0, 0}});
      case 2:
        return detail::for_each_pixel(image, detail::scale_colour{factor});
      case 3:
        return about_mean_luma(factor, image);
      case 4:
        return fewer_levels(m, image);
      case 5:
        return full_range(image);
      case 6:
        return detail::move_pixels(image, detail::turned(30 * m));
      case 7:
        return detail::move_pixels(image, {1, shear, 0, 0, 1, 0});
      case 8:
        return detail::move_pixels(image, {1, 0, 0, shear, 1, 0});
      case 9:
        return detail::move_pixels(image, {1, 0, shift, 0, 1, 0});
      case 10:
        return detail::move_pixels(image, {1, 0, 0, 0, 1, shift});
      default:
        return;
    }
  }

  static void about_mean_luma(float factor, detail::planes& image) {
    float const mean = 0.299f * detail::mean_of_plane(image, 0) + 0.587f * detail::mean_of_plane(image, 1) +
                       0.114f * detail::mean_of_plane(image, 2);
    detail::for_each_pixel(image, detail::scale_contrast{factor, {mean, mean, mean}});
  }

  static void fewer_levels(double m, detail::planes& image) {
    auto const step = static_cast<float>(std::exp2(std::nearbyint(4 * std::abs(m))));
    for (std::size_t i = 0; i < 3 * image.size(); ++i) image.values[i] = std::floor(image.values[i] / step) * step;
  }

  /// Each channel from its least and largest level to 0 and 255.
  static void full_range(detail::planes& image) {
    for (std::size_t c = 0; c < 3; ++c) {
      float* const plane = image.plane(c);
      float low = 255, high = 0;
      for (std::size_t i = 0; i < image.size(); ++i) {
        low = plane[i] < low ? plane[i] : low;
        high = plane[i] > high ? plane[i] : high;
      }
      if (!(high > low)) continue;
      float const scale = 255 / (high - low);
      for (std::size_t i = 0; i < image.size(); ++i) plane[i] = (plane[i] - low) * scale;
    }
  }
};

}  // namespace softf1::inline SOFTF1_ABI::image
