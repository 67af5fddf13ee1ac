// Heads by name, for vectors and for maps.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <softf1/core/named.hpp>
#include <softf1/training/head.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// Dense layers on all values of the input: see head_table.
struct dense_head {
  static constexpr std::string_view name = "dense";
  static constexpr auto option_names = no_options;

  layers::table table(layers::sample_shape in, std::size_t labels, head_options const& options) const {
    layers::table blocks;
    if (in.pixels() > 1) blocks.emplace_back(layers::flatten{}, "flatten");
    for (auto& b : head_table(labels, options)) blocks.push_back(std::move(b));
    return blocks;
  }
};

/// The mean over all pixels, then dense layers.
struct pool_head {
  static constexpr std::string_view name = "pool";
  static constexpr auto option_names = no_options;

  layers::table table(layers::sample_shape, std::size_t labels, head_options const& options) const {
    layers::table blocks{{layers::global_average_pool{}, "pool"}};
    for (auto& b : head_table(labels, options)) blocks.push_back(std::move(b));
    return blocks;
  }
};

/// A residual adapter on maps, x + up(relu(down(x))) with pointwise convolutions C → width → C, the last of which begins at
/// 0; then as pool_head. Source: Rebuffi et al., "Efficient parametrization of multi-domain deep neural networks", CVPR
/// 2018.
struct adapter_head {
  static constexpr std::string_view name = "adapter";
  static constexpr std::array<std::string_view, 1> option_names{"width"};

  double width = 64;
  constexpr double& option(std::size_t) { return width; }
  void check() const {
    require_value(width >= 1 && width <= 65536 && width == static_cast<double>(static_cast<int>(width)), name,
                  "width must be a whole number from 1 to 65536, got " + number_text(width));
  }

  layers::table table(layers::sample_shape in, std::size_t labels, head_options const& options) const {
    layers::table blocks{{layers::dropout{.rate = 0}, "maps"},  // what the sum can name
                         {layers::convolution{.out = static_cast<std::size_t>(width), .bias = true}, "down"},
                         {layers::relu{}, "relu_down"},
                         {layers::convolution{.out = in.channels, .bias = true, .weights = layers::initialiser::zeros},
                          "up",
                          {.add = "maps"}}};
    for (auto& b : pool_head{}.table(in, labels, options)) blocks.push_back(std::move(b));
    return blocks;
  }
};

/// Three convolutions, each L wide, ReLU between: 1 × 1, 1 × 1, and one over the whole (square) map, without padding.
/// Source: hi-zhengcheng/multi-label-classification, on ResNet-V2-50's 7 × 7 map.
struct convolution_head {
  static constexpr std::string_view name = "convolutions";
  static constexpr auto option_names = no_options;

  layers::table table(layers::sample_shape in, std::size_t labels, head_options const& options) const {
    require_value(in.height == in.width, name, "the input must be square maps, got " + layers::shape_text(in));
    auto const convolution = [&](std::size_t size) {
      return layers::convolution{
          .out = labels, .size = size, .padding = layers::padding::valid, .bias = true, .weights = options.weights};
    };
    return {{convolution(1), "convolution1"},
            {layers::relu{}, "relu1"},
            {convolution(1), "convolution2"},
            {layers::relu{}, "relu2"},
            {convolution(in.height), "output"}};
  }
};

/// A small convolutional network, to be trained from pixels: `depth` times convolution 3 × 3, batch-norm, ReLU and a
/// max-pool of 2, its channels doubled each time from `width` on, then the mean over all pixels, dropout, dense.
struct convnet_head {
  static constexpr std::string_view name = "convnet";
  static constexpr std::array<std::string_view, 2> option_names{"width", "depth"};

  double width = 16, depth = 4;
  constexpr double& option(std::size_t k) { return k == 0 ? width : depth; }
  void check() const {
    auto const whole = [](double x, double most) {
      return x >= 1 && x <= most && x == static_cast<double>(static_cast<int>(x));
    };
    require_value(whole(width, 4096), name, "width must be a whole number from 1 to 4096, got " + number_text(width));
    require_value(whole(depth, 12), name, "depth must be a whole number from 1 to 12, got " + number_text(depth));
  }

  layers::table table(layers::sample_shape in, std::size_t labels, head_options const& options) const {
    std::size_t const stages = static_cast<std::size_t>(depth), least = std::size_t{1} << stages;
    require_value(in.height >= least && in.width >= least, name,
                  "a depth of " + number_text(depth) + " needs images of " + std::to_string(least) +
                      " pixels at least, got " + layers::shape_text(in));
    layers::table blocks;
    for (std::size_t k = 0; k < stages; ++k) {
      auto const at = std::to_string(k + 1);
      blocks.emplace_back(layers::convolution{.out = static_cast<std::size_t>(width) << k, .size = 3},
                          "convolution" + at);
      blocks.emplace_back(layers::batch_norm{}, "norm" + at);
      blocks.emplace_back(layers::relu{}, "relu" + at);
      blocks.emplace_back(layers::max_pool{.size = 2, .stride = 2}, "pool" + at);
    }
    blocks.emplace_back(layers::global_average_pool{}, "pool");
    if (options.dropout > 0) blocks.emplace_back(layers::dropout{options.dropout}, "dropout");
    blocks.emplace_back(layers::dense{.out = labels, .weights = options.weights}, "output");
    return blocks;
  }
};

/// All heads.
using heads = type_list<dense_head, pool_head, adapter_head, convolution_head, convnet_head>;

/// The blocks of the head that a text names ("dense", "convnet:width=32,depth=5"), on inputs of this shape.
/// Throws value_error for a text that names none, listing those there are, and for an input that does not fit.
inline layers::table head_named(std::string_view text, layers::sample_shape in, std::size_t labels,
                                head_options const& options = {}) {
  auto const specs = parse_specs(text);
  require_value(specs.size() == 1, "head", "expected one, got '" + std::string(text) + "'");
  layers::table blocks;
  with_named<heads>(specs.front(), "head", [&](auto const& head) { blocks = head.table(in, labels, options); });
  return blocks;
}

}  // namespace softf1::inline SOFTF1_ABI::training
