// A published network: its table of blocks, and what other libraries call them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/layers/table.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// Whose key names a file of weights uses. Blocks here have torchvision's names.
enum class key_names { torchvision, timm, keras };

constexpr std::string_view name_of(key_names names) {
  return names == key_names::torchvision ? "torchvision" : names == key_names::timm ? "timm" : "keras";
}

/// The names of one block with parameters: torchvision's is the block's own.
struct block_names {
  std::string torchvision, timm, keras;

  std::string const& in(key_names names) const {
    return names == key_names::torchvision ? torchvision : names == key_names::timm ? timm : keras;
  }
};

/// A network with the names of its blocks.
struct architecture {
  std::string name;  ///< "mobilenet_v2"
  layers::table blocks;
  std::vector<block_names> names;  ///< of the blocks that have parameters
  std::string features;            ///< the end-point that a classifier's head reads
};

}  // namespace softf1::inline SOFTF1_ABI::models
