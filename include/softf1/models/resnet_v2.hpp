// ResNet-V2: residual networks with pre-activation.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include <softf1/models/detail/builder.hpp>

namespace softf1::inline SOFTF1_ABI::models {

struct resnet_v2_options {
  std::array<std::size_t, 4> units = {3, 4, 6, 3};  ///< of each block: ResNet-V2-50; 101: {3, 4, 23, 3}
  std::size_t stem = 64;                            ///< channels of the first convolution
  std::size_t channels = 64;  ///< of the first block's inner convolutions; doubled by each next one
  std::size_t classes = 0;    ///< outputs of the classifier; 0: the network ends with the pooled features
  /// Of the pooling behind the first convolution: tensorflow_same as in slim, symmetric as in Keras, where the zeros
  /// count. All convolutions pad symmetrically in both.
  layers::padding padding = layers::padding::tensorflow_same;
  double epsilon = 1e-5;  ///< of batch-norm: 1e-5 in slim, 1.001e-5 in Keras
  double momentum = 0.1;  ///< of batch-norm
  std::string name = "resnet_v2_50";
};

namespace detail {

class resnet_v2_builder {
 public:
  explicit resnet_v2_builder(resnet_v2_options const& options) : options_(options), net_(options.name) {}

  architecture run() {
    auto const slim = [&](std::string const& part) { return options_.name + "/" + part; };
    net_.add(convolve(options_.stem, 7, 2, true), {"conv1", "", "conv1_conv", slim("conv1")});
    net_.add(first_pool(), std::string("pool1"));
    std::size_t in = options_.stem;
    for (std::size_t b = 0; b < 4; ++b) {
      std::size_t const inner = options_.channels << b;
      for (std::size_t u = 0; u < options_.units[b]; ++u) {
        bool const last = u + 1 == options_.units[b];
        unit(b + 1, u + 1, in, inner, b < 3 && last ? 2 : 1);
        in = 4 * inner;
      }
    }
    net_.add(norm(), {"postnorm", "", "post_bn", slim("postnorm")});
    net_.add(layers::relu{}, std::string("postnorm_relu"));
    net_.pool();
    if (options_.classes > 0)
      net_.add(layers::dense{.out = options_.classes}, {"logits", "", "predictions", slim("logits")});
    return net_.finish();
  }

 private:
  static layers::convolution convolve(std::size_t out, std::size_t size, std::size_t stride, bool bias) {
    return {.out = out, .size = size, .stride = stride, .padding = layers::padding::symmetric, .bias = bias};
  }
  layers::batch_norm norm() const { return {.epsilon = options_.epsilon, .momentum = options_.momentum}; }

  layers::max_pool first_pool() const {
    if (options_.padding == layers::padding::symmetric)
      return {.size = 3, .stride = 2, .zeros = layers::zero_border{1, 1, 1, 1}, .count_padding = true};
    return {.size = 3, .stride = 2, .padding = options_.padding};
  }

  // The stride is in the last unit of a block, whose shortcut is then every other pixel of its input.
  void unit(std::size_t block, std::size_t index, std::size_t in, std::size_t inner, std::size_t stride) {
    std::string const before = net_.last(), number = std::to_string(index);
    std::string const own = "block" + std::to_string(block) + ".unit_" + number + ".";
    std::string const keras = "conv" + std::to_string(block + 1) + "_block" + number + "_";
    std::string const slim = options_.name + "/block" + std::to_string(block) + "/unit_" + number + "/bottleneck_v2/";
    net_.add(norm(), {own + "preact", "", keras + "preact_bn", slim + "preact"});
    std::string const start = own + "preact_relu";
    net_.add(layers::relu{}, start);
    std::string shortcut = before;
    if (in != 4 * inner) {
      shortcut = own + "shortcut";
      net_.add(convolve(4 * inner, 1, stride, true), {shortcut, "", keras + "0_conv", slim + "shortcut"});
    } else if (stride > 1) {
      shortcut = own + "shortcut";
      net_.add(layers::max_pool{.size = 1, .stride = stride}, shortcut, {.input = before});
    }
    part(own, keras, slim, "1", convolve(inner, 1, 1, false), start);
    part(own, keras, slim, "2", convolve(inner, 3, stride, false), {});
    net_.add(convolve(4 * inner, 1, 1, true), {own + "conv3", "", keras + "3_conv", slim + "conv3"}, {.add = shortcut});
  }

  // Convolution, batch-norm, ReLU.
  void part(std::string const& own, std::string const& keras, std::string const& slim, std::string const& number,
            layers::convolution const& layer, std::string const& input) {
    std::string const name = own + "conv" + number, of_slim = slim + "conv" + number;
    net_.add(layer, {name, "", keras + number + "_conv", of_slim}, {.input = input});
    net_.add(norm(), {name + "_norm", "", keras + number + "_bn", of_slim + "/BatchNorm"});
    net_.add(layers::relu{}, name + "_relu");
  }

  resnet_v2_options options_;
  builder net_;
};

}  // namespace detail

/// ResNet-V2 of bottlenecks for images (224, 224, 3) or of other sizes: 2,048 pooled features at the end-point "pool"; at
/// "postnorm_relu" they are maps (7, 7, 2048), at "block1.unit_3.conv3" and its like what a unit gives. slim and Keras
/// stride in the last unit of a block.
/// Source: He et al., "Identity mappings in deep residual networks", ECCV 2016; TF-Slim's nets/resnet_v2.py.
inline architecture resnet_v2(resnet_v2_options const& options = {}) {
  return detail::resnet_v2_builder(options).run();
}

/// The architectures as the list of architectures makes them.
inline architecture resnet_v2_50_of(architecture_options const& o) {
  return resnet_v2(detail::asked(o, resnet_v2_options{}));
}
inline architecture resnet_v2_101_of(architecture_options const& o) {
  return resnet_v2(detail::asked(o, resnet_v2_options{.units = {3, 4, 23, 3}, .name = "resnet_v2_101"}));
}
inline feeding resnet_v2_feeding(key_names names) {
  if (names == key_names::keras) return {.padding = layers::padding::symmetric, .epsilon = 1.001e-5};
  return {};
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::resnet_v2;
}  // namespace softf1::inline SOFTF1_ABI
