// The architectures that there are, by name.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <softf1/models/efficientnet.hpp>
#include <softf1/models/mobilenet_v2.hpp>
#include <softf1/models/mobilenet_v3.hpp>
#include <softf1/models/pixels.hpp>
#include <softf1/models/resnet.hpp>
#include <softf1/models/resnet_v2.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// An architecture of the list.
struct known_architecture {
  std::string_view name;
  architecture (*make)(architecture_options const&);
  feeding (*fed)(key_names);  ///< by whose weights
};

/// The list: options of programs, identities of extractors and tests know what is in it.
inline constexpr known_architecture known_architectures[] = {
    {"mobilenet_v2", mobilenet_v2_of, mobilenet_v2_feeding},
    {"mobilenet_v3_small", mobilenet_v3_small_of, mobilenet_v3_feeding},
    {"mobilenet_v3_large", mobilenet_v3_large_of, mobilenet_v3_feeding},
    {"resnet_50", resnet_50_of, resnet_feeding},
    {"resnet_101", resnet_101_of, resnet_feeding},
    {"resnet_v2_50", resnet_v2_50_of, resnet_v2_feeding},
    {"resnet_v2_101", resnet_v2_101_of, resnet_v2_feeding},
    {"efficientnet_b0", efficientnet_b0_of, efficientnet_feeding},
    {"pixels", pixels_of, pixels_feeding},
};

/// The architecture of the list of this name. Throws value_error naming those there are.
inline known_architecture const& find_architecture(std::string_view name) {
  std::string names;
  for (auto const& known : known_architectures) {
    if (known.name == name) return known;
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  throw value_error("no architecture is named '" + std::string(name) + "', there are " + names);
}

/// The table of blocks of an architecture by its name. Throws value_error for a name that is not in the list, and as the
/// architecture's own function.
inline architecture architecture_named(std::string_view name, architecture_options const& options = {}) {
  return find_architecture(name).make(options);
}

/// The architecture without the blocks behind one of them, which becomes its features (empty: those it has). A name that
/// several blocks begin with, such as "layer3" or "block4.unit_1", means the last of them. Throws value_error where there
/// is no such block.
inline architecture up_to(architecture of, std::string_view end_point) {
  std::string const wanted = end_point.empty() ? of.features : std::string(end_point);
  auto const is = [&](layers::block const& b) { return b.name == wanted; };
  auto const is_within = [&](layers::block const& b) { return b.name.starts_with(wanted + "."); };
  auto last = std::find_if(of.blocks.rbegin(), of.blocks.rend(), is);
  if (last == of.blocks.rend()) last = std::find_if(of.blocks.rbegin(), of.blocks.rend(), is_within);
  if (last == of.blocks.rend()) throw value_error(of.name + ": there is no end-point '" + wanted + "'");
  of.features = last->name;
  of.blocks.erase(last.base(), of.blocks.end());
  return of;
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::architecture_named;
}  // namespace softf1::inline SOFTF1_ABI
