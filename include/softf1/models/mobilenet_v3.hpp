// MobileNetV3, small and large.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <softf1/models/detail/builder.hpp>

namespace softf1::inline SOFTF1_ABI::models {

struct mobilenet_v3_options {
  bool large = true;        ///< else the small one
  double width = 1;         ///< multiplier of all channels, > 0
  std::size_t classes = 0;  ///< outputs of the classifier; 0: the network ends with the pooled features
  layers::padding padding = layers::padding::symmetric;
  double epsilon = 1e-3;   ///< of batch-norm: 1e-3 in torchvision and Keras, 1e-5 in timm
  double momentum = 0.01;  ///< of batch-norm
};

namespace detail {

class mobilenet_v3_builder {
 public:
  explicit mobilenet_v3_builder(mobilenet_v3_options const& options)
      : options_(options), net_(options.large ? "mobilenet_v3_large" : "mobilenet_v3_small") {
    require_width("mobilenet_v3", options.width);
  }

  architecture run() {
    convolve("features.0", {"features.0.0", "conv_stem", "conv"}, {"features.0.1", "bn1", "conv_bn"}, wide(16), 3, 2,
             true);
    // Tables 1 and 2 of the paper: window, channels inside and out, squeeze and excitation, hard swish, stride.
    static constexpr unit large[] = {
        {3, 16, 16, false, false, 1}, {3, 64, 24, false, false, 2}, {3, 72, 24, false, false, 1},
        {5, 72, 40, true, false, 2},  {5, 120, 40, true, false, 1}, {5, 120, 40, true, false, 1},
        {3, 240, 80, false, true, 2}, {3, 200, 80, false, true, 1}, {3, 184, 80, false, true, 1},
        {3, 184, 80, false, true, 1}, {3, 480, 112, true, true, 1}, {3, 672, 112, true, true, 1},
        {5, 672, 160, true, true, 2}, {5, 960, 160, true, true, 1}, {5, 960, 160, true, true, 1}};
    static constexpr unit small[] = {
        {3, 16, 16, true, false, 2}, {3, 72, 24, false, false, 2}, {3, 88, 24, false, false, 1},
        {5, 96, 40, true, true, 2},  {5, 240, 40, true, true, 1},  {5, 240, 40, true, true, 1},
        {5, 120, 48, true, true, 1}, {5, 144, 48, true, true, 1},  {5, 288, 96, true, true, 2},
        {5, 576, 96, true, true, 1}, {5, 576, 96, true, true, 1}};
    std::size_t in = wide(16), index = 1, stage = 0, of_stage = 0;
    for (unit const& u : options_.large ? std::span<unit const>(large) : std::span<unit const>(small)) {
      std::size_t const out = wide(u.out);
      // timm's stages end where the table's channels change.
      if (index > 1 && u.out != before_) ++stage, of_stage = 0;
      before_ = u.out;
      add(u, index++, "blocks." + std::to_string(stage) + "." + std::to_string(of_stage++), in, out);
      in = out;
    }
    std::string const last = "features." + std::to_string(index);
    std::string const timm = "blocks." + std::to_string(stage + 1) + ".0";
    convolve(last, {last + ".0", timm + ".conv", "conv_1"}, {last + ".1", timm + ".bn1", "conv_1_bn"}, 6 * in, 1, 1,
             true);
    net_.pool();
    if (options_.classes > 0) {
      net_.add(layers::dense{.out = wide(options_.large ? 1280 : 1024)}, block_names{"classifier.0", "", ""});
      net_.add(layers::hard_swish{}, std::string("classifier.1"));
      net_.add(layers::dropout{.rate = 0.2}, std::string("classifier.2"));
      net_.add(layers::dense{.out = options_.classes}, block_names{"classifier.3", "", ""});
    }
    return net_.finish();
  }

 private:
  struct unit {
    std::size_t size, inner, out;
    bool squeezes, hard_swish;
    std::size_t stride;
  };

  std::size_t wide(std::size_t channels) const {
    return rounded_channels(static_cast<double>(channels) * options_.width);
  }
  void normalise(block_names const& names, layers::block_links links = {}) {
    net_.add(layers::batch_norm{.epsilon = options_.epsilon, .momentum = options_.momentum}, names, std::move(links));
  }
  void activate(bool hard_swish, std::string const& name) {
    if (hard_swish)
      net_.add(layers::hard_swish{}, name);
    else
      net_.add(layers::relu{}, name);
  }

  // Convolution, batch-norm, activation.
  void convolve(std::string const& name, block_names const& convolution, block_names const& norm, std::size_t out,
                std::size_t size, std::size_t stride, bool hard_swish) {
    net_.add(layers::convolution{.out = out, .size = size, .stride = stride, .padding = options_.padding}, convolution);
    normalise(norm);
    activate(hard_swish, name + ".2");
  }

  void add(unit const& u, std::size_t index, std::string const& timm, std::size_t in, std::size_t out) {
    std::string const before = net_.last(), torch = "features." + std::to_string(index) + ".block.";
    std::string const keras = index == 1 ? "expanded_conv_" : "expanded_conv_" + std::to_string(index - 1) + "_";
    std::size_t const inner = wide(u.inner);
    std::size_t part = 0, norm = 1;
    auto const own = [&] { return torch + std::to_string(part); };
    auto const timm_norm = [&] { return timm + ".bn" + std::to_string(norm); };
    bool const expands = inner != in;
    if (expands) {
      convolve(own(), {own() + ".0", timm + ".conv_pw", keras + "expand"},
               {own() + ".1", timm_norm(), keras + "expand_bn"}, inner, 1, 1, u.hard_swish);
      ++part, ++norm;
    }
    net_.add(layers::depthwise_convolution{.size = u.size, .stride = u.stride, .padding = options_.padding},
             {own() + ".0", timm + ".conv_dw", keras + "depthwise"});
    normalise({own() + ".1", timm_norm(), keras + "depthwise_bn"});
    activate(u.hard_swish, own() + ".2");
    ++part, ++norm;
    if (u.squeezes) {
      net_.add(layers::squeeze_excite{.reduced = rounded_channels(static_cast<double>(inner / 4)),
                                      .inner = activation::relu,
                                      .gate = activation::hard_sigmoid},
               {own(), timm + ".se", keras + "squeeze_excite_conv|" + keras + "squeeze_excite_conv_1"});
      ++part;
    }
    net_.add(layers::convolution{.out = out, .size = 1, .padding = options_.padding},
             {own() + ".0", timm + (expands ? ".conv_pwl" : ".conv_pw"), keras + "project"});
    normalise({own() + ".1", timm_norm(), keras + "project_bn"},
              {.add = u.stride == 1 && in == out ? before : std::string()});
  }

  mobilenet_v3_options options_;
  builder net_;
  std::size_t before_ = 0;
};

}  // namespace detail

/// MobileNetV3 for images (224, 224, 3) or of other sizes: 960 (large) or 576 pooled features at the end-point "pool",
/// before the classifier's hidden layer.
/// Throws value_error for a width that is not positive.
/// Source: Howard et al., "Searching for MobileNetV3", ICCV 2019, tables 1 and 2.
inline architecture mobilenet_v3(mobilenet_v3_options const& options = {}) {
  return detail::mobilenet_v3_builder(options).run();
}

/// The architectures as the list of architectures makes them.
inline architecture mobilenet_v3_small_of(architecture_options const& o) {
  return mobilenet_v3(detail::asked(o, mobilenet_v3_options{.large = false}));
}
inline architecture mobilenet_v3_large_of(architecture_options const& o) {
  return mobilenet_v3(detail::asked(o, mobilenet_v3_options{.large = true}));
}
inline feeding mobilenet_v3_feeding(key_names names) {
  if (names == key_names::keras) return {.epsilon = 1e-3};
  return {.padding = layers::padding::symmetric,
          .pixels = image::pixel_range::imagenet,
          .epsilon = names == key_names::timm ? 1e-5 : 1e-3};
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::mobilenet_v3;
}  // namespace softf1::inline SOFTF1_ABI
