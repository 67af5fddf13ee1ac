// The file form of heads: tables of blocks.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <softf1/io/json_value.hpp>
#include <softf1/layers/table.hpp>

namespace softf1::inline SOFTF1_ABI::models {

namespace detail {

inline io::json_value option_json(std::size_t value) { return value; }
inline io::json_value option_json(bool value) { return value; }
inline io::json_value option_json(double value) { return value; }
inline io::json_value option_json(layers::initialiser const& value) { return layers::to_text(value); }
inline io::json_value option_json(std::optional<layers::zero_border> const& z) {
  return z ? io::json_value{z->top, z->bottom, z->left, z->right} : io::json_value(nullptr);
}
template <class Named>
  requires std::is_enum_v<Named>
io::json_value option_json(Named value) {
  return name_of(value);
}

/// What a table of blocks may count: more would be no network, and products of it might not fit into a number.
inline constexpr std::size_t most_channels = std::size_t{1} << 20, most_pixels = 1024;

inline std::size_t count_from_json(io::json_value const& form, std::string const& what, std::size_t most) {
  if (!form.is_number_unsigned() || form.get<std::size_t>() > most)
    throw value_error(what + " must be a whole number from 0 to " + std::to_string(most) + ", got " + form.dump());
  return form.get<std::size_t>();
}

inline void read_option(io::json_value const& form, std::string const& what, std::size_t& value) {
  bool const is_channels = what.ends_with(" out") || what.ends_with(" reduced") || what.ends_with(" groups");
  value = count_from_json(form, what, is_channels ? most_channels : most_pixels);
}
inline void read_option(io::json_value const& form, std::string const& what, bool& value) {
  if (!form.is_boolean()) throw value_error(what + " must be true or false, got " + form.dump());
  value = form.get<bool>();
}
inline void read_option(io::json_value const& form, std::string const& what, double& value) {
  if (!form.is_number()) throw value_error(what + " must be a number, got " + form.dump());
  value = form.get<double>();
}
inline std::string text_from_json(io::json_value const& form, std::string const& what) {
  if (!form.is_string()) throw value_error(what + " must be a text, got " + form.dump());
  return form.get<std::string>();
}
inline void read_option(io::json_value const& form, std::string const& what, layers::padding& value) {
  value = layers::padding_named(text_from_json(form, what));
}
inline void read_option(io::json_value const& form, std::string const& what, activation& value) {
  value = activation_named(text_from_json(form, what));
}
inline void read_option(io::json_value const& form, std::string const& what, layers::norm_policy& value) {
  value = layers::norm_policy_named(text_from_json(form, what));
}
inline void read_option(io::json_value const& form, std::string const& what, layers::initialiser& value) {
  value = layers::initialiser_named(text_from_json(form, what));
}
inline void read_option(io::json_value const& form, std::string const& what,
                        std::optional<layers::zero_border>& value) {
  value.reset();
  if (form.is_null()) return;
  if (!form.is_array() || form.size() != 4)
    throw value_error(what + " must be null or four numbers: top, bottom, left, right, got " + form.dump());
  auto const at = [&](std::size_t k) { return count_from_json(form.at(k), what, most_pixels); };
  value = {at(0), at(1), at(2), at(3)};
}

/// Options that came after the first models were written: where a file has them not, they are what they were then.
inline bool may_be_missing(std::string_view layer, std::string_view option) {
  return option == "weights" || (layer == layers::batch_norm::name && option == "policy");
}

/// The layer of a block, and its options. Throws value_error for options that are missing, unknown or of another kind.
template <class Layer>
Layer layer_from_json(io::json_value const& form) {
  constexpr std::array<std::string_view, 4> of_block{"layer", "name", "input", "add"};
  Layer layer;
  std::size_t known = 0;
  for (auto key : of_block) known += form.contains(key);
  Layer::each_option(layer, [&](std::string_view key, auto& value) {
    std::string const what = std::string(Layer::name) + ": " + std::string(key);
    auto const found = form.find(std::string(key));
    if (found == form.end() && may_be_missing(Layer::name, key)) return;
    if (found == form.end()) throw value_error(what + " is missing");
    read_option(*found, what, value);
    ++known;
  });
  if (known != form.size()) throw value_error(std::string(Layer::name) + ": it has options that are not its own");
  return layer;
}

inline layers::any_layer layer_from_json(io::json_value const& form) {
  auto const kind = form.at("layer").get<std::string>();
  std::optional<layers::any_layer> found;
  layers::all::for_each([&]<class Layer>() {
    if (kind == Layer::name) found = layer_from_json<Layer>(form);
  });
  if (!found) throw value_error("no layer of a head is named '" + kind + "'");
  return *found;
}

}  // namespace detail

/// The file form of a head: one object a block, with all options of its layer; `input` and `add` where it has them.
inline io::json_value head_json(layers::table const& blocks) {
  auto form = io::json_value::array();
  for (auto const& b : blocks) {
    io::json_value block{{"layer", name_of(b.layer)}, {"name", b.name}};
    if (!b.links.input.empty()) block["input"] = b.links.input;
    if (!b.links.add.empty()) block["add"] = b.links.add;
    std::visit(
        [&]<class Layer>(Layer const& l) {
          Layer::each_option(l, [&](std::string_view key, auto const& value) {
            block[std::string(key)] = detail::option_json(value);
          });
        },
        b.layer);
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
      auto const link = [&](char const* key) { return block.value(key, std::string()); };
      std::visit(
          [&](auto const& l) {
            blocks.emplace_back(l, block.at("name").get<std::string>(),
                                layers::block_links{.input = link("input"), .add = link("add")});
          },
          layer);
    }
  } catch (nlohmann::json::exception const& e) {
    throw io_error(std::string(path) + ": the head's description is not one (" + e.what() + ")");
  } catch (value_error const& e) {
    throw io_error(std::string(path) + ": the head's description is not one (" + e.what() + ")");
  }
  return blocks;
}

}  // namespace softf1::inline SOFTF1_ABI::models
