// Several crops of each image at evaluation, whose predictions are averaged.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/named.hpp>
#include <softf1/core/view.hpp>
#include <softf1/image/preprocess.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// Crops of one resize of an image.
enum class crop_set : unsigned char {
  plain,    ///< 1: what `preprocess` gives
  flip,     ///< 2: the same, and its mirror image
  ten_crop  ///< 10: the corners top left, top right, bottom left, bottom right and the middle; the same five of the
            ///< mirror image, in this order: torchvision's TenCrop
};

namespace detail {

template <>
struct names_of<crop_set> {
  static constexpr std::string_view what = "set of crops";
  static constexpr std::array<std::string_view, 3> names = {"plain", "flip", "ten_crop"};
};

}  // namespace detail

/// A set of crops, and the resize before them: the shorter side becomes `resize` pixels (with resize_mode::stretch,
/// both do); 0: as the preprocessing says, and for ten_crop without a word there, round(S * 256 / 224).
struct crop_scale {
  crop_set set = crop_set::plain;
  std::size_t resize = 0;

  friend bool operator==(crop_scale const&, crop_scale const&) = default;
};

/// The crops of one scale after the other; none is the plain preprocessing.
struct crop_list {
  std::vector<crop_scale> scales;

  /// Images made of one.
  std::size_t count() const {
    std::size_t sum = 0;
    for (auto const& scale : scales) sum += scale.set == crop_set::plain ? 1u : scale.set == crop_set::flip ? 2u : 10u;
    return scales.empty() ? 1 : sum;
  }

  friend bool operator==(crop_list const&, crop_list const&) = default;
};

/// "ten_crop:resize=255", and several scales "ten_crop:resize=256+ten_crop:resize=288". Throws value_error for other
/// names and options, and a resize that is no whole number from 0 to 65535.
inline crop_list parse_crops(std::string_view text) {
  crop_list list;
  for (auto const& spec : parse_specs(text)) {
    crop_scale scale{parse<crop_set>(spec.name), 0};
    for (auto const& [key, value] : spec.parameters) {
      if (key != "resize") throw value_error(spec.name + " has no option '" + key + "', it has resize");
      double const number = parse_number(value, spec.name + ": resize");
      if (!(number >= 0 && number <= 65535) || number != static_cast<double>(static_cast<std::size_t>(number)))
        throw value_error(spec.name + ": resize must be a whole number from 0 to 65535, got " + value);
      scale.resize = static_cast<std::size_t>(number);
    }
    list.scales.push_back(scale);
  }
  return list;
}

/// What parse_crops reads; "plain" for no scales.
inline std::string to_text(crop_list const& list) {
  std::string text;
  for (auto const& scale : list.scales) {
    text += (text.empty() ? "" : "+") + std::string(name_of(scale.set));
    if (scale.resize > 0) text += ":resize=" + std::to_string(scale.resize);
  }
  return text.empty() ? "plain" : text;
}

namespace detail {

/// One crop: where it lies in the resized image; mirrored: in the resized image's mirror image.
struct crop_place {
  std::size_t top, left;
  bool is_mirrored;
};

template <class To, class Convert>
void make_crop(rgb_view const& image, resize_filter filter, frame_size const& frame, crop_place const& place,
               tensor_view<To, 3> out, Convert const& convert) {
  std::size_t const size = out.extent(0);
  std::size_t const left = place.is_mirrored ? frame.width - size - place.left : place.left;
  auto along = make_taps(image.width, frame.width, left, size, filter);
  if (place.is_mirrored) along = mirrored(std::move(along));
  resample(image.view(), make_taps(image.height, frame.height, place.top, size, filter), along,
           converted_rows<To, Convert>{out, convert});
}

inline frame_size frame_of(rgb_view const& image, crop_scale const& scale, preprocessing const& how) {
  if (scale.set != crop_set::ten_crop && scale.resize == 0) {
    auto const square = find_square(image.height, image.width, how);
    return {square.height, square.width};
  }
  return find_frame(image.height, image.width, how, scale.resize, "crops");
}

inline std::vector<crop_place> places_of(crop_set set, frame_size const& frame, std::size_t size) {
  crop_place const middle{middle_of(frame.height, size), middle_of(frame.width, size), false};
  std::size_t const bottom = frame.height - size, right = frame.width - size;
  std::vector<crop_place> places;
  if (set == crop_set::ten_crop)
    places = {{0, 0, false}, {0, right, false}, {bottom, 0, false}, {bottom, right, false}};
  places.push_back(middle);
  if (set == crop_set::plain) return places;
  std::size_t const plain = places.size();
  for (std::size_t k = 0; k < plain; ++k) places.push_back({places[k].top, places[k].left, true});
  // The mirror image of the plain crop itself, not a crop of the mirror image, which can lie one pixel off.
  if (set == crop_set::flip) places.back().left = frame.width - size - middle.left;
  return places;
}

template <class To, class Convert>
void make_crops(rgb_view const& image, crop_list const& list, preprocessing const& how, tensor_view<To, 4> out,
                Convert const& convert) {
  std::size_t const size = how.image_size;
  require_image(image, "crops");
  require_value(size > 0, "crops", "image_size must be at least 1, got 0");
  require_shape("crops", "the result", {list.count(), size, size, 3}, out.shape());
  std::size_t k = 0;
  auto const next = [&] {
    return tensor_view<To, 3>(out.data() + static_cast<std::ptrdiff_t>(k++) * out.stride(0), {size, size, 3},
                              {out.stride(1), out.stride(2), out.stride(3)});
  };
  if (list.scales.empty()) return make_square(image, how, next(), convert);
  for (auto const& scale : list.scales) {
    auto const frame = frame_of(image, scale, how);
    for (auto const& place : places_of(scale.set, frame, size))
      make_crop(image, how.filter, frame, place, next(), convert);
  }
}

}  // namespace detail

/// Writes the crops of an image into `out`, (list.count(), S, S, 3) with S = how.image_size, any strides: resized as
/// `list`, `how.resize` and `how.filter` say, scaled as `how.pixels` says.
///
/// Throws shape_error for an image without pixels or another shape of `out`, value_error for a resize below S. Cost: a
/// resize of the pixels of each crop. One thread; the same bits always on one machine.
inline void crops(rgb_view const& image, crop_list const& list, preprocessing const& how, tensor_view<float, 4> out) {
  detail::make_crops(image, list, how, out, scaling_of(how.pixels));
}

/// The same, rounded to whole levels 0..255 and not scaled.
inline void crops(rgb_view const& image, crop_list const& list, preprocessing const& how,
                  tensor_view<std::uint8_t, 4> out) {
  detail::make_crops(image, list, how, out, detail::nearest_level{});
}

}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::crop_list;
using image::crop_scale;
using image::crop_set;
using image::parse_crops;
}  // namespace softf1::inline SOFTF1_ABI
