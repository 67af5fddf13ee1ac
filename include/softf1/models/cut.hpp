// Where a network is cut for fine-tuning: what stays frozen, and what is trained behind it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/models/architecture.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// An architecture in two parts. The tail begins with a block that changes nothing and has the end-point's name, so that
/// the links of the other blocks stay as they are: a network on maps of the shape that the end-point gives.
struct cut {
  std::string end_point;  ///< the last block that stays frozen
  layers::table tail;     ///< from there to the architecture's features
};

namespace detail {

inline std::size_t place_of(architecture const& of, std::string const& block) {
  for (std::size_t k = 0; k < of.blocks.size(); ++k)
    if (of.blocks[k].name == block) return k;
  for (std::size_t k = 0; k < of.blocks.size(); ++k)
    if (of.blocks[k].name.starts_with(block + ".")) return k;
  throw value_error("cut_at: " + of.name + " has no block '" + block + "'");
}

/// The places where nothing links across but to the block before: a tail may begin there.
inline std::vector<std::size_t> possible_cuts(architecture const& of) {
  auto const& blocks = of.blocks;
  std::vector<std::size_t> possible;
  std::size_t const end = place_of(of, of.features);
  std::size_t earliest = end;  // that blocks from k on read
  for (std::size_t k = end + 1; k-- > 1;) {
    auto const& links = blocks[k].links;
    earliest = std::min(earliest, links.input.empty() ? k - 1 : place_of(of, links.input));
    if (!links.add.empty()) earliest = std::min(earliest, place_of(of, links.add));
    if (earliest == k - 1) possible.push_back(k);
  }
  std::reverse(possible.begin(), possible.end());
  return possible;
}

}  // namespace detail

/// The names of blocks at which an architecture can be cut, in the order of its table.
inline std::vector<std::string> cuts_of(architecture const& of) {
  std::vector<std::string> names;
  for (std::size_t k : detail::possible_cuts(of)) names.push_back(of.blocks[k].name);
  return names;
}

/// Cuts before `block`: it and all behind it, up to the architecture's features, are the tail. A name that several blocks
/// begin with, such as "layer4" or "block4.unit_1", means the first of them.
/// Throws value_error where there is no such block, and where blocks of the tail read others than the one before it; the
/// nearest possible cuts are named.
inline cut cut_at(architecture const& of, std::string_view block) {
  std::size_t const at = detail::place_of(of, std::string(block));
  auto const possible = detail::possible_cuts(of);
  auto const next = std::lower_bound(possible.begin(), possible.end(), at);
  if (next == possible.end() || *next != at) {
    std::string near;
    if (next != possible.begin()) near += "'" + of.blocks[*(next - 1)].name + "' before it";
    if (next != possible.end()) near += (near.empty() ? "'" : ", '") + of.blocks[*next].name + "' behind it";
    throw value_error("cut_at: " + of.name + " cannot be cut at '" + std::string(block) +
                      "', whose other side is read around it; it can be cut at " + near);
  }
  cut result{of.blocks[at - 1].name, {}};
  result.tail.emplace_back(layers::dropout{.rate = 0}, result.end_point);
  std::size_t const end = detail::place_of(of, of.features);
  result.tail.insert(result.tail.end(), of.blocks.begin() + static_cast<std::ptrdiff_t>(at),
                     of.blocks.begin() + static_cast<std::ptrdiff_t>(end) + 1);
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::cut_at;
}  // namespace softf1::inline SOFTF1_ABI
