// EfficientNet-B0.
#pragma once

#include <cstddef>
#include <string>

#include <softf1/models/detail/builder.hpp>

namespace softf1::inline SOFTF1_ABI::models {

struct efficientnet_options {
  double width = 1;         ///< multiplier of all channels, > 0
  std::size_t classes = 0;  ///< outputs of the classifier; 0: the network ends with the pooled features
  layers::padding padding = layers::padding::symmetric;
  double epsilon = 1e-5;  ///< of batch-norm: 1e-5 in torchvision and timm, 1e-3 in Keras
  double momentum = 0.1;  ///< of batch-norm
};

namespace detail {

class efficientnet_builder {
 public:
  explicit efficientnet_builder(efficientnet_options const& options) : options_(options), net_("efficientnet_b0") {
    require_width("efficientnet", options.width);
  }

  architecture run() {
    convolve("features.0", {"features.0.0", "conv_stem", "stem_conv"}, {"features.0.1", "bn1", "stem_bn"}, wide(32), 3,
             2);
    struct stage {
      std::size_t expansion, size, stride, channels, units;
    };
    // Table 1 of the paper.
    constexpr stage stages[] = {{1, 3, 1, 16, 1},  {6, 3, 2, 24, 2},  {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3},
                                {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1}};
    std::size_t in = wide(32);
    for (std::size_t s = 0; s < 7; ++s)
      for (std::size_t u = 0; u < stages[s].units; ++u) {
        std::size_t const out = wide(stages[s].channels);
        unit({s, u}, in, out, rounded_channels(static_cast<double>(in * stages[s].expansion)), stages[s].size,
             u == 0 ? stages[s].stride : 1);
        in = out;
      }
    convolve("features.8", {"features.8.0", "conv_head", "top_conv"}, {"features.8.1", "bn2", "top_bn"},
             rounded_channels(1280 * options_.width), 1, 1);
    net_.pool();
    if (options_.classes > 0)
      net_.add(layers::dense{.out = options_.classes}, {"classifier.1", "classifier", "predictions"});
    return net_.finish();
  }

 private:
  struct place {
    std::size_t stage, unit;
  };

  std::size_t wide(std::size_t channels) const {
    return rounded_channels(static_cast<double>(channels) * options_.width);
  }
  void normalise(block_names const& names, layers::block_links links = {}) {
    net_.add(layers::batch_norm{.epsilon = options_.epsilon, .momentum = options_.momentum}, names, std::move(links));
  }

  // Convolution, batch-norm, swish.
  void convolve(std::string const& name, block_names const& convolution, block_names const& norm, std::size_t out,
                std::size_t size, std::size_t stride) {
    net_.add(layers::convolution{.out = out, .size = size, .stride = stride, .padding = options_.padding}, convolution);
    normalise(norm);
    net_.add(layers::swish{}, name + ".2");
  }

  void unit(place const& at, std::size_t in, std::size_t out, std::size_t inner, std::size_t size, std::size_t stride) {
    std::string const before = net_.last();
    std::string const stage = std::to_string(at.stage), number = std::to_string(at.unit);
    std::string const torch = "features." + std::to_string(at.stage + 1) + "." + number + ".block.";
    std::string const timm = "blocks." + stage + "." + number;
    std::string const keras =
        "block" + std::to_string(at.stage + 1) + std::string(1, static_cast<char>('a' + at.unit)) + "_";
    std::size_t part = 0, norm = 1;
    auto const own = [&] { return torch + std::to_string(part); };
    auto const timm_norm = [&] { return timm + ".bn" + std::to_string(norm); };
    bool const expands = inner != in;
    if (expands) {
      convolve(own(), {own() + ".0", timm + ".conv_pw", keras + "expand_conv"},
               {own() + ".1", timm_norm(), keras + "expand_bn"}, inner, 1, 1);
      ++part, ++norm;
    }
    net_.add(layers::depthwise_convolution{.size = size, .stride = stride, .padding = options_.padding},
             {own() + ".0", timm + ".conv_dw", keras + "dwconv"});
    normalise({own() + ".1", timm_norm(), keras + "bn"});
    net_.add(layers::swish{}, own() + ".2");
    ++part, ++norm;
    // A quarter of what the unit is given, not of what it is expanded to.
    net_.add(
        layers::squeeze_excite{.reduced = in < 4 ? 1 : in / 4, .inner = activation::swish, .gate = activation::sigmoid},
        {own(), timm + ".se", keras + "se_reduce|" + keras + "se_expand"});
    ++part;
    net_.add(layers::convolution{.out = out, .size = 1, .padding = options_.padding},
             {own() + ".0", timm + (expands ? ".conv_pwl" : ".conv_pw"), keras + "project_conv"});
    normalise({own() + ".1", timm_norm(), keras + "project_bn"},
              {.add = stride == 1 && in == out ? before : std::string()});
  }

  efficientnet_options options_;
  builder net_;
};

}  // namespace detail

/// EfficientNet-B0 for images (224, 224, 3) or of other sizes: 1,280 pooled features at the end-point "pool".
/// Throws value_error for a width that is not positive.
/// Source: Tan & Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019, table 1.
inline architecture efficientnet(efficientnet_options const& options = {}) {
  return detail::efficientnet_builder(options).run();
}

/// The architecture as the list of architectures makes it.
inline architecture efficientnet_b0_of(architecture_options const& o) {
  return efficientnet(detail::asked(o, efficientnet_options{}));
}
inline feeding efficientnet_feeding(key_names names) {
  if (names == key_names::keras) return {.pixels = image::pixel_range::imagenet, .epsilon = 1e-3};
  return {.padding = layers::padding::symmetric, .pixels = image::pixel_range::imagenet};
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::efficientnet;
}  // namespace softf1::inline SOFTF1_ABI
