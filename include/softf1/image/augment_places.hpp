// Random crops and mirror images.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/image/detail/draws.hpp>
#include <softf1/image/detail/placement.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// The image is resized so that its shorter side has `resize` pixels (both sides, with resize_mode::stretch), and a
/// square of S is taken from anywhere in it, all places alike. 0: the preprocessing's resize_to, else
/// round(S * 256 / 224). A resize below S is refused when it meets an image.
struct random_crop {
  static constexpr std::string_view name = "random_crop";
  static constexpr std::array<std::string_view, 1> option_names{"resize"};

  double resize = 0;

  constexpr double& option(std::size_t) { return resize; }
  void check() const {
    require_value(resize >= 0 && resize <= 65535 && resize == std::floor(resize), name,
                  "resize must be a whole number from 0 to 65535, got " + number_text(resize));
  }

  void place(rgb_view const& image, preprocessing const& how, detail::draws& random, detail::placement& at) const {
    at.frame = detail::find_frame(image.height, image.width, how, static_cast<std::size_t>(resize), name);
    at.from_top = random.below(at.frame.height - how.image_size + 1);
    at.from_left = random.below(at.frame.width - how.image_size + 1);
  }
};

/// A rectangle of a random share of the image's pixels, in [scale_low, scale_high), and a random ratio of width to
/// height, whose logarithm is uniform between those of ratio_low and ratio_high, stretched to S × S. Ten tries find one
/// that fits into the image; else the largest middle of a legal ratio is taken. torchvision's RandomResizedCrop.
struct random_resized_crop {
  static constexpr std::string_view name = "random_resized_crop";
  static constexpr std::array<std::string_view, 4> option_names{"scale_low", "scale_high", "ratio_low", "ratio_high"};

  double scale_low = 0.08, scale_high = 1, ratio_low = 3.0 / 4, ratio_high = 4.0 / 3;

  constexpr double& option(std::size_t k) {
    return k == 0 ? scale_low : k == 1 ? scale_high : k == 2 ? ratio_low : ratio_high;
  }
  void check() const {
    require_value(scale_low > 0 && scale_low <= scale_high && scale_high <= 1, name,
                  "0 < scale_low <= scale_high <= 1 must hold, got " + number_text(scale_low) + " and " +
                      number_text(scale_high));
    require_value(ratio_low > 0 && ratio_low <= ratio_high && ratio_high <= 100, name,
                  "0 < ratio_low <= ratio_high <= 100 must hold, got " + number_text(ratio_low) + " and " +
                      number_text(ratio_high));
  }

  void place(rgb_view const& image, preprocessing const& how, detail::draws& random, detail::placement& at) const {
    auto const height = static_cast<double>(image.height), width = static_cast<double>(image.width);
    double w = 0, h = 0;
    bool fits = false;
    for (int attempt = 0; attempt < 10 && !fits; ++attempt) {
      double const area = height * width * random.between(scale_low, scale_high);
      double const ratio = std::exp(random.between(std::log(ratio_low), std::log(ratio_high)));
      w = std::nearbyint(std::sqrt(area * ratio));
      h = std::nearbyint(std::sqrt(area / ratio));
      fits = w >= 1 && w <= width && h >= 1 && h <= height;
    }
    if (!fits) {
      double const ratio = width / height;
      w = ratio > ratio_high ? std::fmax(1, std::nearbyint(height * ratio_high)) : width;
      h = ratio < ratio_low ? std::fmax(1, std::nearbyint(width / ratio_low)) : height;
    }
    at.height = static_cast<std::size_t>(h);
    at.width = static_cast<std::size_t>(w);
    at.top = fits ? random.below(image.height - at.height + 1) : (image.height - at.height) / 2;
    at.left = fits ? random.below(image.width - at.width + 1) : (image.width - at.width) / 2;
    at.frame = {how.image_size, how.image_size};
    at.from_top = at.from_left = 0;
  }
};

/// The mirror image, left for right, with a probability.
struct flip {
  static constexpr std::string_view name = "flip";
  static constexpr std::array<std::string_view, 1> option_names{"probability"};

  double probability = 0.5;

  constexpr double& option(std::size_t) { return probability; }
  void check() const {
    require_value(probability >= 0 && probability <= 1, name,
                  "probability must lie in [0, 1], got " + number_text(probability));
  }

  void place(rgb_view const&, preprocessing const&, detail::draws& random, detail::placement& at) const {
    if (random.happens(probability)) at.is_mirrored = !at.is_mirrored;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::image
