// Which arrays a table of blocks has, before any memory is taken for them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <softf1/layers/network.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// An array of a network: its full name, its shape, and whether it is trained or carried along as state.
struct array_layout {
  std::string name;
  std::vector<std::size_t> shape;
  std::size_t size;
  layers::parameter_role role;
};

namespace detail {

struct table_layout {
  std::vector<array_layout> arrays;
  layers::sample_shape output;
};

inline table_layout lay_out(layers::sample_shape input, layers::table const& blocks) {
  auto const require_small = [](std::vector<std::size_t> const& shape) {
    double numbers = 1;
    for (std::size_t extent : shape) numbers *= static_cast<double>(extent);
    require_value(numbers <= 0x1p40, "network", "an array of shape " + shape_text(shape) + " is too large");
  };
  table_layout found;
  std::vector<layers::sample_shape> shapes;
  for (auto const& n : layers::resolve(blocks)) {
    auto const in = n.input == layers::node::none ? input : shapes[n.input];
    auto const layer = std::visit([&](auto const& l) { return l.template make<float, cpu>(in); }, n.layer);
    found.output = layer->output_shape();
    require_small({found.output.height, found.output.width, found.output.channels});
    shapes.push_back(found.output);
    for (auto const& p : layer->parameters()) {
      require_small(p.shape);
      found.arrays.push_back({n.name + "." + p.name, p.shape, p.size(), p.role});
    }
  }
  return found;
}

}  // namespace detail

/// The arrays of the network of these blocks, in its order. Throws value_error and shape_error where they make no
/// network, or one with an array or a map of more than 2^40 numbers.
inline std::vector<array_layout> layout_of(layers::sample_shape input, layers::table const& blocks) {
  return detail::lay_out(input, blocks).arrays;
}

/// The shape of what the last of these blocks gives. Throws as layout_of.
inline layers::sample_shape shape_after(layers::sample_shape input, layers::table const& blocks) {
  return detail::lay_out(input, blocks).output;
}

/// Arrays by their full names, cut out of the flat arrays of trained values and of state. Throws shape_error where those
/// are of other lengths.
inline std::map<std::string, std::vector<float>> arrays_by_name(std::vector<array_layout> const& layout,
                                                                std::vector<float> const& trained,
                                                                std::vector<float> const& state) {
  std::size_t sizes[2] = {0, 0};
  for (auto const& a : layout) sizes[a.role == layers::parameter_role::state] += a.size;
  require_shape("arrays_by_name", "trained values", {sizes[0]}, std::vector<std::size_t>{trained.size()});
  require_shape("arrays_by_name", "state", {sizes[1]}, std::vector<std::size_t>{state.size()});
  std::map<std::string, std::vector<float>> arrays;
  auto next = trained.begin(), next_state = state.begin();
  for (auto const& a : layout) {
    auto& at = a.role == layers::parameter_role::state ? next_state : next;
    auto const end = at + static_cast<std::ptrdiff_t>(a.size);
    arrays[a.name].assign(at, end);
    at = end;
  }
  return arrays;
}

}  // namespace softf1::inline SOFTF1_ABI::models
