// MobileNetV2.
#pragma once

#include <cstddef>
#include <string>

#include <softf1/models/detail/builder.hpp>

namespace softf1::inline SOFTF1_ABI::models {

struct mobilenet_v2_options {
  double width = 1;         ///< multiplier of all channels, > 0
  std::size_t classes = 0;  ///< outputs of the classifier; 0: the network ends with the pooled features
  layers::padding padding = layers::padding::tensorflow_same;
  double epsilon = 1e-5;  ///< of batch-norm: 1e-5 in PyTorch's models, 1e-3 in Keras's
  double momentum = 0.1;  ///< of batch-norm
};

namespace detail {

class mobilenet_v2_builder {
 public:
  explicit mobilenet_v2_builder(mobilenet_v2_options const& options) : options_(options), net_("mobilenet_v2") {
    require_width("mobilenet_v2", options.width);
  }

  architecture run() {
    convolve("features.0", {"features.0.0", "conv_stem", "Conv1", "MobilenetV2/Conv"},
             {"features.0.1", "bn1", "bn_Conv1", "MobilenetV2/Conv/BatchNorm"}, wide(32), 3, 2);
    struct stage {
      std::size_t expansion, channels, blocks, stride;
    };
    // Table 2 of the paper.
    constexpr stage stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    std::size_t in = wide(32), index = 1;
    for (std::size_t s = 0; s < 7; ++s)
      for (std::size_t k = 0; k < stages[s].blocks; ++k, ++index) {
        std::size_t const out = wide(stages[s].channels);
        std::string const timm = "blocks." + std::to_string(s) + "." + std::to_string(k);
        inverted_residual(index, timm, in, out, stages[s].expansion, k == 0 ? stages[s].stride : 1);
        in = out;
      }
    std::size_t const last = options_.width > 1 ? wide(1280) : 1280;
    convolve("features.18", {"features.18.0", "conv_head", "Conv_1", "MobilenetV2/Conv_1"},
             {"features.18.1", "bn2", "Conv_1_bn", "MobilenetV2/Conv_1/BatchNorm"}, last, 1, 1);
    net_.pool();
    if (options_.classes > 0)
      net_.add(layers::dense{.out = options_.classes},
               {"classifier.1", "classifier", "predictions", "MobilenetV2/Logits/Conv2d_1c_1x1"});
    return net_.finish();
  }

 private:
  std::size_t wide(std::size_t channels) const {
    return rounded_channels(static_cast<double>(channels) * options_.width);
  }
  void normalise(block_names const& names, layers::block_links links = {}) {
    net_.add(layers::batch_norm{.epsilon = options_.epsilon, .momentum = options_.momentum}, names, std::move(links));
  }

  // Convolution, batch-norm, ReLU6.
  void convolve(std::string const& name, block_names const& convolution, block_names const& norm, std::size_t out,
                std::size_t size, std::size_t stride) {
    net_.add(layers::convolution{.out = out, .size = size, .stride = stride, .padding = options_.padding}, convolution);
    normalise(norm);
    net_.add(layers::relu6{}, name + ".2");
  }

  void inverted_residual(std::size_t index, std::string const& timm, std::size_t in, std::size_t out,
                         std::size_t expansion, std::size_t stride) {
    std::string const before = net_.last(), torch = "features." + std::to_string(index) + ".conv.";
    std::string const keras = index == 1 ? "expanded_conv" : "block_" + std::to_string(index - 1);
    std::string const slim = "MobilenetV2/expanded_conv" + (index == 1 ? "" : "_" + std::to_string(index - 1)) + "/";
    std::size_t part = 0, norm = 1;
    auto const own = [&] { return torch + std::to_string(part); };
    auto const timm_norm = [&] { return timm + ".bn" + std::to_string(norm); };
    bool const expands = expansion > 1;
    if (expands) {
      convolve(own(), {own() + ".0", timm + ".conv_pw", keras + "_expand", slim + "expand"},
               {own() + ".1", timm_norm(), keras + "_expand_BN", slim + "expand/BatchNorm"}, in * expansion, 1, 1);
      ++part, ++norm;
    }
    net_.add(layers::depthwise_convolution{.size = 3, .stride = stride, .padding = options_.padding},
             {own() + ".0", timm + ".conv_dw", keras + "_depthwise", slim + "depthwise"});
    normalise({own() + ".1", timm_norm(), keras + "_depthwise_BN", slim + "depthwise/BatchNorm"});
    net_.add(layers::relu6{}, own() + ".2");
    ++part, ++norm;
    net_.add(layers::convolution{.out = out, .size = 1, .padding = options_.padding},
             {own(), timm + (expands ? ".conv_pwl" : ".conv_pw"), keras + "_project", slim + "project"});
    ++part;
    normalise({own(), timm_norm(), keras + "_project_BN", slim + "project/BatchNorm"},
              {.add = stride == 1 && in == out ? before : std::string()});
  }

  mobilenet_v2_options options_;
  builder net_;
};

}  // namespace detail

/// MobileNetV2 for images (224, 224, 3) or of other sizes: 1,280 pooled features (more where width > 1) at the
/// end-point "pool", and a classifier behind them where `classes` > 0.
/// Throws value_error for a width that is not positive.
/// Source: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018, table 2.
inline architecture mobilenet_v2(mobilenet_v2_options const& options = {}) {
  return detail::mobilenet_v2_builder(options).run();
}

/// The architecture as the list of architectures makes it.
inline architecture mobilenet_v2_of(architecture_options const& o) {
  return mobilenet_v2(detail::asked(o, mobilenet_v2_options{}));
}

/// TensorFlow's range and padding whoever named the weights: the first ones are TensorFlow's.
inline feeding mobilenet_v2_feeding(key_names names) {
  return {.epsilon = names == key_names::keras || names == key_names::slim ? 1e-3 : 1e-5};
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::mobilenet_v2;
}  // namespace softf1::inline SOFTF1_ABI
