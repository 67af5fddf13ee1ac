// A network as a table of blocks: what both the trainable network and the forward plan are made from.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/layers/all.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// The options of any layer.
using any_layer = one_of<all>;

/// "dense", "relu6", …
inline std::string_view name_of(any_layer const& layer) {
  return std::visit([](auto const& l) -> std::string_view { return l.name; }, layer);
}

/// Where a block's input comes from, and what is added to its output: names of earlier blocks.
struct block_links {
  std::string input = {};  ///< empty: the block before
  std::string add = {};    ///< empty: nothing
};

/// One layer of a network, with its name (the end-point, and the prefix of its parameters' names).
struct block {
  template <class L>
  block(L const& options, std::string block_name = {}, block_links block_with = {})
      : layer(options), name(std::move(block_name)), links(std::move(block_with)) {}

  any_layer layer;
  std::string name;  ///< empty: its number in the table
  block_links links;
};

/// Blocks in the order in which they run: `table{dense({.out = 1024}), relu{}, dense({.out = 18})}`.
using table = std::vector<block>;

/// A block whose links are places in the table.
struct node {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  any_layer layer;
  std::string name;
  std::size_t input;  ///< none: the input of the network
  std::size_t add;    ///< none: nothing
};

/// Names to places. Throws value_error for an empty table, two blocks of one name, and links to no earlier block.
inline std::vector<node> resolve(table const& blocks) {
  constexpr std::string_view who = "network";
  require_value(!blocks.empty(), who, "expected at least one block, got an empty table");
  std::vector<node> nodes;
  auto const place = [&](std::string const& name) {
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (nodes[i].name == name) return i;
    return node::none;
  };
  for (auto const& b : blocks) {
    std::string const name = b.name.empty() ? std::to_string(nodes.size()) : b.name;
    require_value(place(name) == node::none, who, "two blocks are named '" + name + "'");
    auto const linked = [&](std::string const& to, std::size_t otherwise) {
      if (to.empty()) return otherwise;
      std::size_t const at = place(to);
      require_value(at != node::none, who, "block '" + name + "' names '" + to + "', which is no block before it");
      return at;
    };
    std::size_t const before = nodes.empty() ? node::none : nodes.size() - 1;
    nodes.push_back({b.layer, name, linked(b.links.input, before), linked(b.links.add, node::none)});
  }
  return nodes;
}

}  // namespace softf1::inline SOFTF1_ABI::layers
