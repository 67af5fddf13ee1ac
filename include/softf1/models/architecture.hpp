// A published network: its table of blocks, and what other libraries call them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/image/pixel_range.hpp>
#include <softf1/layers/table.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// Whose key names a file of weights uses.
enum class key_names { torchvision, timm, keras, slim };

inline constexpr key_names all_key_names[] = {key_names::torchvision, key_names::timm, key_names::keras,
                                              key_names::slim};

constexpr std::string_view name_of(key_names names) {
  return names == key_names::torchvision ? "torchvision"
         : names == key_names::timm      ? "timm"
         : names == key_names::keras     ? "keras"
                                         : "slim";
}

/// The names of one block with parameters. The block's own is torchvision's; of networks that torchvision does not have,
/// names in its manner. Empty: the library has no such network. A block of two convolutions (squeeze_excite) has both
/// their names in Keras, with a bar between them.
struct block_names {
  std::string torchvision, timm, keras, slim = {};

  std::string const& in(key_names names) const {
    return names == key_names::torchvision ? torchvision
           : names == key_names::timm      ? timm
           : names == key_names::keras     ? keras
                                           : slim;
  }
};

/// A network with the names of its blocks.
struct architecture {
  std::string name;  ///< "mobilenet_v2"
  layers::table blocks;
  std::vector<block_names> names;  ///< of the blocks that have parameters
  std::string features;            ///< the end-point that a classifier's head reads
};

/// What a published network is made from; what is not given is as its weights were trained.
struct architecture_options {
  double width = 1;         ///< multiplier of all channels, > 0
  std::size_t classes = 0;  ///< outputs of the classifier; 0: the network ends with the pooled features
  std::optional<layers::padding> padding = {};
  std::optional<double> epsilon = {};  ///< of batch-norm
};

/// How a network is fed, and its batch-norm's epsilon, where nothing else is said.
struct feeding {
  std::size_t image_size = 224;
  layers::padding padding = layers::padding::tensorflow_same;
  image::pixel_range pixels = image::pixel_range::minus_one_one;
  double epsilon = 1e-5;
};

}  // namespace softf1::inline SOFTF1_ABI::models
