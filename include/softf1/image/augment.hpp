// Random changes of training images that leave their labels alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/named.hpp>
#include <softf1/core/random.hpp>
#include <softf1/core/view.hpp>
#include <softf1/image/augment_colours.hpp>
#include <softf1/image/augment_places.hpp>
#include <softf1/image/augment_shapes.hpp>
#include <softf1/image/detail/draws.hpp>
#include <softf1/image/detail/placement.hpp>
#include <softf1/image/detail/planes.hpp>
#include <softf1/image/preprocess.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// Every step, in the order in which an image goes through them; the four of colour take a random order.
using augmentation_steps = type_list<random_crop, random_resized_crop, flip, rotate, rand_augment, brightness,
                                     saturation, contrast, hue, erase>;

/// Steps, each at most once; the order in which they are listed means nothing. None: the plain preprocessing.
struct augmentation {
  std::vector<one_of<augmentation_steps>> steps;

  bool empty() const { return steps.empty(); }
};

/// The second of the tutorials that softf1 began from: resize to 255, random crop, flip, brightness ± 32 / 255,
/// saturation and contrast 0.5 to 1.5, hue ± 0.032.
inline augmentation tutorial_augmentation() {
  return {{random_crop{255}, flip{}, brightness{}, saturation{}, contrast{}, hue{}}};
}

/// Throws value_error for options out of range, a step that is there twice, and both kinds of crops.
inline void check(augmentation const& what) {
  std::array<bool, augmentation_steps::size> seen{};
  for (auto const& step : what.steps) {
    std::visit([](auto const& one) { one.check(); }, step);
    if (std::exchange(seen[step.index()], true))
      throw value_error("augmentation: " + std::visit([](auto const& one) { return std::string(one.name); }, step) +
                        " is given twice");
  }
  require_value(!(seen[0] && seen[1]), "augmentation", "random_crop and random_resized_crop exclude each other");
}

/// "random_crop:resize=255+flip+hue:delta=0.03"; "tutorial" stands for `tutorial_augmentation`, "none" for no step.
/// Throws value_error for other names, options and values, and as `check`.
inline augmentation parse_augmentation(std::string_view text) {
  augmentation result;
  if (text == "none") return result;
  for (auto const& spec : parse_specs(text)) {
    if (spec.name == "tutorial") {
      require_value(spec.parameters.empty(), "tutorial", "it takes no options");
      for (auto& step : tutorial_augmentation().steps) result.steps.push_back(std::move(step));
      continue;
    }
    with_named<augmentation_steps>(spec, "augmentation", [&](auto const& step) { result.steps.push_back(step); });
  }
  check(result);
  return result;
}

/// What parse_augmentation reads, with every option; "none" for no step.
inline std::string to_text(augmentation const& what) {
  std::string text;
  for (auto const& any : what.steps)
    std::visit(
        [&](auto step) {
          text += (text.empty() ? "" : "+") + std::string(step.name);
          for (std::size_t k = 0; k < step.option_names.size(); ++k)
            text += (k ? "," : ":") + std::string(step.option_names[k]) + "=" + number_text(step.option(k));
        },
        any);
  return text.empty() ? "none" : text;
}

namespace detail {

/// What a step does: choose pixels, move or cover those that were chosen, or change their colours.
template <class Step>
concept placing_step = requires(Step const& s, rgb_view const& i, preprocessing const& how, draws& d, placement& at) {
  s.place(i, how, d, at);
};
template <class Step>
concept moving_step = requires(Step const& s, draws& d, planes& image) { s.move(d, image); };
template <class Step>
concept colour_step = requires(Step const& s, draws& d, planes& image) { s.recolour(d, image); };
template <class Step>
concept covering_step = requires(Step const& s, draws& d, planes& image) { s.cover(d, image); };

/// An augmentation at one image: each step draws from a stream of its own.
class augmenting {
 public:
  augmenting(augmentation const& what, random_stream const& random) : what_(what), random_(random) {}

  placement place(rgb_view const& image, preprocessing const& how) const {
    auto at = plain_placement(image, how);
    for_each([&]<class Step>(Step const& step, draws& mine) {
      if constexpr (placing_step<Step>) step.place(image, how, mine, at);
    });
    return at;
  }

  bool changes_pixels() const {
    return std::any_of(what_.steps.begin(), what_.steps.end(), [](auto const& any) {
      return std::visit([]<class Step>(Step const&) { return !placing_step<Step>; }, any);
    });
  }

  void change(planes& image) const {
    std::vector<std::size_t> colours;
    for_each([&]<class Step>(Step const& step, draws& mine, std::size_t kind) {
      if constexpr (moving_step<Step>) step.move(mine, image);
      if constexpr (colour_step<Step>) colours.push_back(kind);
    });
    recolour(colours, image);
    for_each([&]<class Step>(Step const& step, draws& mine) {
      if constexpr (covering_step<Step>) step.cover(mine, image);
    });
  }

 private:
  void recolour(std::vector<std::size_t>& kinds, planes& image) const {
    if (kinds.empty()) return;
    draws order(random_, order_of_colours);
    for (std::size_t k = kinds.size(); k > 1; --k) std::swap(kinds[k - 1], kinds[order.below(k)]);
    for (std::size_t const kind : kinds)
      use_kind(kind, [&]<class Step>(Step const& step, draws& mine) {
        if constexpr (colour_step<Step>) step.recolour(mine, image);
      });
    for_each_pixel(image, clip_levels{});
  }

  /// In the order of the type list.
  template <class Use>
  void for_each(Use const& use) const {
    for (std::size_t kind = 0; kind < augmentation_steps::size; ++kind) use_kind(kind, use);
  }

  template <class Use>
  void use_kind(std::size_t kind, Use const& use) const {
    for (auto const& any : what_.steps) {
      if (any.index() != kind) continue;
      draws mine(random_, kind);
      std::visit(
          [&](auto const& step) {
            if constexpr (requires { use(step, mine, kind); })
              use(step, mine, kind);
            else
              use(step, mine);
          },
          any);
    }
  }

  static constexpr std::uint64_t order_of_colours = 1 << 16;  // no step's place in the list

  augmentation const& what_;
  random_stream random_;
};

template <class To, class Convert>
void augment(rgb_view const& image, augmentation const& what, preprocessing const& how, random_stream const& random,
             tensor_view<To, 3> out, Convert const& convert) {
  std::size_t const size = how.image_size;
  require_image(image, "augment");
  require_value(size > 0, "augment", "image_size must be at least 1, got 0");
  require_shape("augment", "the result", {size, size, 3}, out.shape());
  augmenting const at_image(what, random);
  auto const at = at_image.place(image, how);
  if (!at_image.changes_pixels()) return resample_placed(image, at, how, converted_rows<To, Convert>{out, convert});
  planes pixels(size);
  resample_placed(image, at, how, plane_rows{pixels.plane(0), size});
  at_image.change(pixels);
  interleave(pixels, converted_rows<To, Convert>{out, convert});
}

}  // namespace detail

/// Writes the image, changed at random, into `out`, (S, S, 3) with S = how.image_size, any strides: placed (crop,
/// mirror image) and resized in one pass, turned, recoloured, clipped to 0..255, erased, then scaled as `how.pixels`
/// says. Without a crop step, what is resized is what the preprocessing resizes; without any step, the result is the
/// preprocessing's to the bit.
///
/// What an image becomes is a pure function of the image, the options and `random`: of
/// `random_stream(seed, random_purpose::augment, epoch, row)`, say. `what` must have passed `check`, as all that
/// parse_augmentation gives has. Throws shape_error for an image without pixels or another shape of `out`, value_error for
/// a resize below S. Cost: a resize, and a pass over S * S floats for each step that changes pixels. One thread.
inline void augment(rgb_view const& image, augmentation const& what, preprocessing const& how,
                    random_stream const& random, tensor_view<float, 3> out) {
  detail::augment(image, what, how, random, out, scaling_of(how.pixels));
}

/// The same, rounded to whole levels 0..255 and not scaled.
inline void augment(rgb_view const& image, augmentation const& what, preprocessing const& how,
                    random_stream const& random, tensor_view<std::uint8_t, 3> out) {
  detail::augment(image, what, how, random, out, detail::nearest_level{});
}

}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::augment;
using image::augmentation;
using image::parse_augmentation;
using image::tutorial_augmentation;
}  // namespace softf1::inline SOFTF1_ABI
