// What makes architectures block by block.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include <softf1/models/architecture.hpp>

namespace softf1::inline SOFTF1_ABI::models::detail {

/// Channels as multiples of 8 that never lose more than a tenth by rounding.
inline std::size_t rounded_channels(double channels) {
  auto const nearest = static_cast<std::size_t>(channels + 4) / 8 * 8;
  std::size_t const rounded = nearest < 8 ? 8 : nearest;
  return static_cast<double>(rounded) < 0.9 * channels ? rounded + 8 : rounded;
}

inline void require_width(std::string const& who, double width) {
  require_value(width > 0 && width < 100, who, "width must be > 0, got " + number_text(width));
}

/// A network's own options with those that the list of architectures was asked for. Networks without a width of their own
/// have 64 channels where it is 1.
template <class Options>
Options asked(architecture_options const& o, Options of) {
  if constexpr (requires { of.width; }) {
    of.width = o.width;
  } else {
    require_width(of.name, o.width);
    of.stem = of.channels = rounded_channels(64 * o.width);
  }
  of.classes = o.classes;
  of.padding = o.padding.value_or(of.padding);
  of.epsilon = o.epsilon.value_or(of.epsilon);
  return of;
}

/// An architecture that grows at its end.
class builder {
 public:
  explicit builder(std::string name) { result_.name = std::move(name); }

  /// The name of the last block.
  std::string const& last() const { return result_.blocks.back().name; }

  /// A block without parameters.
  template <class Layer>
  void add(Layer const& layer, std::string const& name, layers::block_links links = {}) {
    result_.blocks.emplace_back(layer, name, std::move(links));
  }
  /// A block with parameters, by its names.
  template <class Layer>
  void add(Layer const& layer, block_names names, layers::block_links links = {}) {
    result_.blocks.emplace_back(layer, names.torchvision, std::move(links));
    result_.names.push_back(std::move(names));
  }

  /// "pool" over all pixels: the features of all networks here.
  void pool() {
    add(layers::global_average_pool{}, std::string("pool"));
    result_.features = "pool";
  }

  architecture finish() { return std::move(result_); }

 private:
  architecture result_;
};

}  // namespace softf1::inline SOFTF1_ABI::models::detail
