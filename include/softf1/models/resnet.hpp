// ResNet, version 1.5.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include <softf1/models/detail/builder.hpp>

namespace softf1::inline SOFTF1_ABI::models {

struct resnet_options {
  std::array<std::size_t, 4> units = {3, 4, 6, 3};  ///< of each layer: ResNet-50; 101: {3, 4, 23, 3}
  std::size_t stem = 64;                            ///< channels of the first convolution
  std::size_t channels = 64;  ///< of the first layer, which gives four times as many; doubled by each next one
  double inner = 1;           ///< multiplier of the channels inside a bottleneck: 2 in Wide-ResNet
  std::size_t classes = 0;    ///< outputs of the classifier; 0: the network ends with the pooled features
  layers::padding padding = layers::padding::symmetric;
  double epsilon = 1e-5;  ///< of batch-norm
  double momentum = 0.1;  ///< of batch-norm
  std::string name = "resnet_50";
};

namespace detail {

class resnet_builder {
 public:
  explicit resnet_builder(resnet_options const& options) : options_(options), net_(options.name) {}

  architecture run() {
    convolve("conv1", "bn1", options_.stem, 7, 2);
    net_.add(layers::relu{}, std::string("relu"));
    net_.add(layers::max_pool{.size = 3, .stride = 2, .padding = options_.padding}, std::string("maxpool"));
    std::size_t in = options_.stem;
    for (std::size_t l = 0; l < 4; ++l)
      for (std::size_t u = 0; u < options_.units[l]; ++u) {
        std::size_t const channels = options_.channels << l;
        unit("layer" + std::to_string(l + 1) + "." + std::to_string(u) + ".", in, channels, l > 0 && u == 0 ? 2 : 1);
        in = 4 * channels;
      }
    net_.pool();
    if (options_.classes > 0) net_.add(layers::dense{.out = options_.classes}, block_names{"fc", "", ""});
    return net_.finish();
  }

 private:
  void convolve(std::string const& name, std::string const& norm, std::size_t out, std::size_t size, std::size_t stride,
                layers::block_links const& links = {}, std::string const& add = {}) {
    net_.add(layers::convolution{.out = out, .size = size, .stride = stride, .padding = options_.padding},
             block_names{name, "", ""}, links);
    net_.add(layers::batch_norm{.epsilon = options_.epsilon, .momentum = options_.momentum}, block_names{norm, "", ""},
             {.add = add});
  }

  // The stride is in the window of 3: what makes the version 1.5.
  void unit(std::string const& own, std::size_t in, std::size_t channels, std::size_t stride) {
    std::string const before = net_.last();
    auto const inner = static_cast<std::size_t>(static_cast<double>(channels) * options_.inner);
    std::string shortcut = before;
    if (stride > 1 || in != 4 * channels) {
      shortcut = own + "downsample.1";
      convolve(own + "downsample.0", shortcut, 4 * channels, 1, stride);
    }
    convolve(own + "conv1", own + "bn1", inner, 1, 1, {.input = before});
    net_.add(layers::relu{}, own + "relu1");
    convolve(own + "conv2", own + "bn2", inner, 3, stride);
    net_.add(layers::relu{}, own + "relu2");
    convolve(own + "conv3", own + "bn3", 4 * channels, 1, 1, {}, shortcut);
    net_.add(layers::relu{}, own + "relu");
  }

  resnet_options options_;
  builder net_;
};

}  // namespace detail

/// ResNet of bottlenecks for images (224, 224, 3) or of other sizes: 2,048 pooled features at the end-point "pool"; at
/// "layer4.2.relu" they are maps (7, 7, 2048). Key names are torchvision's, which timm shares.
/// Source: He et al., "Deep residual learning for image recognition", CVPR 2016; version 1.5 as torchvision has it.
inline architecture resnet(resnet_options const& options = {}) { return detail::resnet_builder(options).run(); }

/// The architectures as the list of architectures makes them.
inline architecture resnet_50_of(architecture_options const& o) { return resnet(detail::asked(o, resnet_options{})); }
inline architecture resnet_101_of(architecture_options const& o) {
  return resnet(detail::asked(o, resnet_options{.units = {3, 4, 23, 3}, .name = "resnet_101"}));
}
inline feeding resnet_feeding(key_names) {
  return {.padding = layers::padding::symmetric, .pixels = image::pixel_range::imagenet};
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::resnet;
}  // namespace softf1::inline SOFTF1_ABI
