// What a network consists of, as a table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <softf1/layers/network.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// One block: what it gives and how many numbers it holds. State (running statistics) counts.
struct summary_row {
  std::string name, kind;
  sample_shape output;
  std::size_t parameters;
};

/// The blocks of a network that is trained, or of one that is frozen before it.
struct network_summary {
  std::vector<summary_row> rows;
  std::size_t trained = 0, frozen = 0;  ///< numbers; state, frozen arrays and all of a frozen network are frozen

  std::size_t total() const { return trained + frozen; }
};

/// Counts the blocks of `net`; all of it is frozen where `frozen` is true. Batch-norm counts four numbers a channel.
template <class T, class B>
network_summary summarise(network<T, B> const& net, bool frozen = false) {
  network_summary s;
  std::size_t k = 0;
  for (std::size_t i = 0; i < net.nodes().size(); ++i) {
    summary_row row{net.nodes()[i].name, std::string(name_of(net.nodes()[i].layer)), net.shape_after(i), 0};
    for (; k < net.named().size() && net.owner(k) == i; ++k) {
      std::size_t const size = net.named()[k].size();
      row.parameters += size;
      (frozen || !net.named()[k].trained ? s.frozen : s.trained) += size;
    }
    s.rows.push_back(std::move(row));
  }
  return s;
}

/// 2257984 as "2,257,984".
inline std::string grouped(std::size_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

/// A table for reading: a line a block, then the totals.
inline std::string to_text(network_summary const& s) {
  std::size_t name = 5, kind = 4, shape = 12;
  for (auto const& r : s.rows) {
    name = std::max(name, r.name.size());
    kind = std::max(kind, r.kind.size());
    shape = std::max(shape, shape_text(r.output).size());
  }
  auto const line = [&](std::string const& a, std::string const& b, std::string const& c, std::string const& d) {
    auto const padded = [](std::string const& t, std::size_t width) { return t + std::string(width - t.size(), ' '); };
    return padded(a, name) + "  " + padded(b, kind) + "  " + padded(c, shape) + "  " +
           std::string(d.size() < 12 ? 12 - d.size() : 0, ' ') + d + "\n";
  };
  std::string text = line("block", "kind", "output shape", "parameters");
  for (auto const& r : s.rows) text += line(r.name, r.kind, shape_text(r.output), grouped(r.parameters));
  return text + "total " + grouped(s.total()) + ", trainable " + grouped(s.trained) + ", frozen " + grouped(s.frozen) +
         "\n";
}

}  // namespace softf1::inline SOFTF1_ABI::layers
