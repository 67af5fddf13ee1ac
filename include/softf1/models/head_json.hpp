// The file form of heads: small tables of blocks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <softf1/io/json_value.hpp>
#include <softf1/layers/table.hpp>

namespace softf1::inline SOFTF1_ABI::models {

namespace detail {

inline io::json_value layer_json(layers::dense const& l) { return {{"out", l.out}, {"bias", l.bias}}; }
inline io::json_value layer_json(layers::dropout const& l) { return {{"rate", l.rate}}; }
inline io::json_value layer_json(layers::relu const&) { return io::json_value::object(); }
inline io::json_value layer_json(layers::relu6 const&) { return io::json_value::object(); }
template <class Layer>
io::json_value layer_json(Layer const&) {
  throw value_error("write_model: a head has dense, relu, relu6 and dropout layers, got " + std::string(Layer::name));
}

inline layers::any_layer layer_from_json(io::json_value const& form) {
  auto const kind = form.at("layer").get<std::string>();
  if (kind == layers::dense::name)
    return layers::dense{.out = form.at("out").get<std::size_t>(), .bias = form.at("bias").get<bool>()};
  if (kind == layers::dropout::name) return layers::dropout{.rate = form.at("rate").get<double>()};
  if (kind == layers::relu::name) return layers::relu{};
  if (kind == layers::relu6::name) return layers::relu6{};
  throw value_error("no layer of a head is named '" + kind + "'");
}

}  // namespace detail

/// The file form of a head: one object a block.
inline io::json_value head_json(layers::table const& blocks) {
  auto form = io::json_value::array();
  for (auto const& b : blocks) {
    io::json_value block{{"layer", name_of(b.layer)}, {"name", b.name}};
    block.update(std::visit([](auto const& l) { return detail::layer_json(l); }, b.layer));
    form.push_back(std::move(block));
  }
  return form;
}

/// Reads the file form. Throws io_error naming the file where it is none.
inline layers::table head_from_json(io::json_value const& form, std::string_view path) {
  layers::table blocks;
  try {
    for (auto const& block : form) {
      auto const layer = detail::layer_from_json(block);
      std::visit([&](auto const& l) { blocks.emplace_back(l, block.at("name").get<std::string>()); }, layer);
    }
  } catch (nlohmann::json::exception const& e) {
    throw io_error(std::string(path) + ": the head's description is not one (" + e.what() + ")");
  } catch (value_error const& e) {
    throw io_error(std::string(path) + ": the head's description is not one (" + e.what() + ")");
  }
  return blocks;
}

}  // namespace softf1::inline SOFTF1_ABI::models
