// Weights from .safetensors files into networks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <softf1/io/safetensors.hpp>
#include <softf1/layers/network.hpp>
#include <softf1/models/architecture.hpp>

namespace softf1::inline SOFTF1_ABI::models {

namespace detail {

/// How an array lies in a file, to be turned into the network's order (size, size, in, out).
enum class weight_layout { as_is, oihw, depthwise_oihw, hwio_depthwise, out_in };

struct stored_name {
  std::string key;
  weight_layout layout;
};

inline bool is_keras(key_names names) { return names == key_names::keras; }

/// The key and layout of a parameter of a layer, given the block's name in the file.
inline stored_name stored(layers::any_layer const& layer, std::string const& block, std::string const& parameter,
                          key_names names) {
  auto const key = [&](std::string_view torch, std::string_view keras) {
    return is_keras(names) ? block + "/" + std::string(keras) : block + "." + std::string(torch);
  };
  using enum weight_layout;
  if (parameter == "running_mean") return {key("running_mean", "moving_mean"), as_is};
  if (parameter == "running_var") return {key("running_var", "moving_variance"), as_is};
  if (std::holds_alternative<layers::batch_norm>(layer))
    return parameter == "weight" ? stored_name{key("weight", "gamma"), as_is} : stored_name{key("bias", "beta"), as_is};
  if (parameter == "bias") return {key("bias", "bias"), as_is};
  if (std::holds_alternative<layers::convolution>(layer))
    return {key("weight", "kernel"), is_keras(names) ? as_is : oihw};
  if (std::holds_alternative<layers::depthwise_convolution>(layer))
    return {key("weight", "depthwise_kernel"), is_keras(names) ? hwio_depthwise : depthwise_oihw};
  return {key("weight", "kernel"), is_keras(names) ? as_is : out_in};
}

/// The shape that the file must have for a parameter of `shape`.
inline std::vector<std::size_t> stored_shape(std::vector<std::size_t> const& s, weight_layout layout) {
  using enum weight_layout;
  switch (layout) {
    case oihw:
      return {s[3], s[2], s[0], s[1]};
    case depthwise_oihw:
      return {s[2], 1, s[0], s[1]};
    case hwio_depthwise:
      return {s[0], s[1], s[2], 1};
    case out_in:
      return {s[1], s[0]};
    case as_is:
      break;
  }
  return s;
}

/// values in the file's order to the network's.
template <class T>
std::vector<T> reordered(std::vector<T> const& from, std::vector<std::size_t> const& shape, weight_layout layout) {
  using enum weight_layout;
  if (layout == as_is || layout == hwio_depthwise) return from;
  // The network's order is (taps, in, out), the file's (out, in, taps), or (in, taps) for depthwise ones.
  bool const dense = layout == out_in;
  std::size_t const taps = dense ? 1 : shape[0] * shape[1], in = dense ? shape[0] : shape[2];
  std::size_t const out = dense ? shape[1] : layout == oihw ? shape[3] : 1;
  std::vector<T> to(from.size());
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t t = 0; t < taps; ++t) to[(t * in + i) * out + o] = from[(o * in + i) * taps + t];
  return to;
}

inline std::string listed(std::vector<std::string> const& names) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t k = 0; k < names.size() && k < most; ++k) text += (k ? ", " : "") + names[k];
  if (names.size() > most) text += ", … (" + std::to_string(names.size()) + " in all)";
  return text;
}

}  // namespace detail

/// Keys that a file has and the network does not use, and the other way round.
struct key_differences {
  std::vector<std::string> missing, unexpected;
};

/// Puts the arrays of a file into a network made from `of.blocks`, converting their order.
class weights_reader {
 public:
  /// `prefix`: what all keys of the network begin with in the file; keys with other beginnings are not looked at.
  weights_reader(io::safetensors_file const& file, architecture const& of, std::string prefix = {})
      : file_(file), of_(of), prefix_(std::move(prefix)), names_(best_names()) {}

  key_names names() const { return names_; }

  /// How many channels a block's convolution gives in the file; 0 where the file has no such array.
  std::size_t out_channels(std::string const& block) const {
    auto const found =
        std::find_if(of_.blocks.begin(), of_.blocks.end(), [&](auto const& b) { return b.name == block; });
    if (found == of_.blocks.end()) return 0;
    auto const key = prefix_ + detail::stored(found->layer, names_of_block(block).in(names_), "weight", names_).key;
    if (!file_.contains(key)) return 0;
    auto const& shape = file_.entry(key).shape;
    return shape.empty() ? 0 : detail::is_keras(names_) ? shape.back() : shape.front();
  }

  /// The keys by which file and network differ. PyTorch's counters of batches, and classifiers that the network does
  /// not have, are not unexpected.
  key_differences differences() const {
    key_differences d;
    std::set<std::string> known;
    for (auto const& key : keys(names_)) {
      known.insert(prefix_ + key);
      if (!file_.contains(prefix_ + key)) d.missing.push_back(key);
    }
    for (auto const& entry : file_.entries())
      if (entry.name.starts_with(prefix_) && !known.contains(entry.name) && !is_left_out(entry.name))
        d.unexpected.push_back(entry.name);
    return d;
  }

  /// Throws io_error naming missing and unexpected keys, or the array whose shape differs, expected and got; the
  /// network is then as it was.
  template <class T, class B>
  void load(context<B>& ctx, layers::network<T, B>& net) const {
    auto const d = differences();
    if (!d.missing.empty() || !d.unexpected.empty())
      throw io_error(file_.path() + ": the weights are not those of " + of_.name +
                     (d.missing.empty() ? "" : "; missing: " + detail::listed(d.missing)) +
                     (d.unexpected.empty() ? "" : "; unexpected: " + detail::listed(d.unexpected)));
    // All shapes before the first value is written.
    std::size_t k = 0, next = 0;
    each_parameter<T>(net, [&](detail::stored_name const& stored) { check_shape(net.named()[k++], stored); });
    each_parameter<T>(net, [&](detail::stored_name const& stored) { load_one(ctx, net.named()[next++], stored); });
  }

 private:
  block_names const& names_of_block(std::string const& block) const {
    for (auto const& n : of_.names)
      if (n.torchvision == block) return n;
    throw value_error("load_weights: the architecture gives block '" + block + "' no names");
  }

  /// What the network's parameters are called, found from a network of the table: on the smallest input that fits.
  std::vector<std::string> keys(key_names names) const {
    std::vector<std::string> result;
    for (auto const& b : of_.blocks)
      for (auto const& parameter : parameter_names(b.layer))
        result.push_back(detail::stored(b.layer, names_of_block(b.name).in(names), parameter, names).key);
    return result;
  }

  static std::vector<std::string> parameter_names(layers::any_layer const& layer) {
    return std::visit(
        [](auto const& l) {
          std::vector<std::string> found;
          auto const made = l.template make<float, cpu>({64, 64, 1});
          for (auto const& p : made->parameters()) found.push_back(p.name);
          return found;
        },
        layer);
  }

  template <class T, class B, class Visit>
  void each_parameter(layers::network<T, B> const& net, Visit const& visit) const {
    for (auto const& n : net.nodes())
      for (auto const& parameter : parameter_names(n.layer))
        visit(detail::stored(n.layer, names_of_block(n.name).in(names_), parameter, names_));
  }

  key_names best_names() const {
    auto best = key_names::torchvision;
    std::size_t most = 0;
    for (auto names : {key_names::torchvision, key_names::timm, key_names::keras}) {
      auto const all = keys(names);
      auto const found = static_cast<std::size_t>(
          std::count_if(all.begin(), all.end(), [&](std::string const& key) { return file_.contains(prefix_ + key); }));
      if (found > most) best = names, most = found;
    }
    return best;
  }

  bool is_left_out(std::string const& key) const {
    auto const name = std::string_view(key).substr(prefix_.size());
    return name.ends_with("num_batches_tracked") || name.starts_with("classifier.") || name.starts_with("predictions/");
  }

  template <class T, class B>
  void check_shape(layers::parameter<T, B> const& p, detail::stored_name const& stored) const {
    std::string const key = prefix_ + stored.key;
    auto const& got = file_.entry(key).shape;
    auto const expected = detail::stored_shape(p.shape, stored.layout);
    if (got != expected)
      throw io_error(file_.path() + ": " + key + " must have shape " + shape_text(expected) + ", got " +
                     shape_text(got));
  }

  template <class T, class B>
  void load_one(context<B>& ctx, layers::parameter<T, B> const& p, detail::stored_name const& stored) const {
    auto const host = detail::reordered(file_.tensor(prefix_ + stored.key).template as<T>(), p.shape, stored.layout);
    copy(ctx, vector_view<const T>(host.data(), host.size()), p.values);
  }

  io::safetensors_file const& file_;
  architecture of_;
  std::string prefix_;
  key_names names_;
};

}  // namespace softf1::inline SOFTF1_ABI::models
