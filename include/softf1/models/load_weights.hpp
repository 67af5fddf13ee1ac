// Weights from .safetensors files into networks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
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
enum class weight_layout { as_is, oihw, depthwise_oihw, hwio_depthwise, out_in, one_pixel };

struct stored_name {
  std::string key;
  weight_layout layout;
};

/// True where arrays lie as TensorFlow has them.
inline bool is_tensorflow(key_names names) { return names == key_names::keras || names == key_names::slim; }

/// The same for squeeze_excite, whose two products are convolutions of one pixel in all libraries.
inline stored_name stored_gate(std::string const& block, std::string const& parameter, key_names names) {
  bool const reduces = parameter.starts_with("reduce"), weight = parameter.ends_with("weight");
  std::string const kind = weight ? "weight" : "bias";
  auto const layout = weight && !is_tensorflow(names) ? weight_layout::oihw : weight_layout::as_is;
  if (names == key_names::torchvision) return {block + (reduces ? ".fc1." : ".fc2.") + kind, layout};
  if (names == key_names::timm) return {block + (reduces ? ".conv_reduce." : ".conv_expand.") + kind, layout};
  auto const bar = block.find('|');
  return {(reduces ? block.substr(0, bar) : block.substr(bar + 1)) + (weight ? "/kernel" : "/bias"), layout};
}

/// The key and layout of a parameter of a layer, given the block's name in the file.
inline stored_name stored(layers::any_layer const& layer, std::string const& block, std::string const& parameter,
                          key_names names) {
  bool const slim = names == key_names::slim, tensorflow = is_tensorflow(names);
  auto const key = [&](std::string_view torch, std::string_view keras, std::string_view of_slim) {
    return tensorflow ? block + "/" + std::string(slim ? of_slim : keras) : block + "." + std::string(torch);
  };
  using enum weight_layout;
  if (std::holds_alternative<layers::squeeze_excite>(layer)) return stored_gate(block, parameter, names);
  if (parameter == "running_mean") return {key("running_mean", "moving_mean", "moving_mean"), as_is};
  if (parameter == "running_var") return {key("running_var", "moving_variance", "moving_variance"), as_is};
  bool const weight = parameter == "weight";
  if (std::holds_alternative<layers::batch_norm>(layer))
    return {weight ? key("weight", "gamma", "gamma") : key("bias", "beta", "beta"), as_is};
  if (parameter == "bias") return {key("bias", "bias", "biases"), as_is};
  if (std::holds_alternative<layers::convolution>(layer))
    return {key("weight", "kernel", "weights"), tensorflow ? as_is : oihw};
  if (std::holds_alternative<layers::depthwise_convolution>(layer))
    return {key("weight", "depthwise_kernel", "depthwise_weights"), tensorflow ? hwio_depthwise : depthwise_oihw};
  // slim's classifiers are convolutions of one pixel.
  return {key("weight", "kernel", "weights"), slim ? one_pixel : tensorflow ? as_is : out_in};
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
    case one_pixel:
      return {1, 1, s[0], s[1]};
    case as_is:
      break;
  }
  return s;
}

/// values in the file's order to the network's.
template <class T>
std::vector<T> reordered(std::vector<T> const& from, std::vector<std::size_t> const& shape, weight_layout layout) {
  using enum weight_layout;
  if (layout == as_is || layout == hwio_depthwise || layout == one_pixel) return from;
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
  /// The same for a file whose key names are known.
  weights_reader(io::safetensors_file const& file, architecture const& of, std::string prefix, key_names names)
      : file_(file), of_(of), prefix_(std::move(prefix)), names_(names) {}

  key_names names() const { return names_; }

  /// How many channels a block's convolution gives in the file; 0 where the file has no such array.
  std::size_t out_channels(std::string const& block) const {
    auto const found =
        std::find_if(of_.blocks.begin(), of_.blocks.end(), [&](auto const& b) { return b.name == block; });
    if (found == of_.blocks.end()) return 0;
    auto const key = prefix_ + detail::stored(found->layer, names_of_block(block).in(names_), "weight", names_).key;
    if (!file_.contains(key)) return 0;
    auto const& shape = file_.entry(key).shape;
    return shape.empty() ? 0 : detail::is_tensorflow(names_) ? shape.back() : shape.front();
  }

  /// True where the convolutions of the architecture give as many channels as in the file.
  bool channels_fit() const {
    return std::all_of(of_.blocks.begin(), of_.blocks.end(), [&](layers::block const& b) {
      auto const* const c = std::get_if<layers::convolution>(&b.layer);
      return !c || out_channels(b.name) == c->out;
    });
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
  /// network is then as it was. Throws value_error where a block of the network is none of the architecture's.
  template <class T, class B>
  void load(context<B>& ctx, layers::network<T, B>& net) const {
    for (auto const& n : net.nodes())
      if (!parameter_names(n.layer).empty()) names_of_block(n.name);
    load_known(ctx, net);
  }

  /// The same for a network that has other blocks besides: those stay as they are.
  template <class T, class B>
  void load_known(context<B>& ctx, layers::network<T, B>& net) const {
    auto const d = differences();
    if (!d.missing.empty() || !d.unexpected.empty())
      throw io_error(file_.path() + ": the weights are not those of " + of_.name +
                     (d.missing.empty() ? "" : "; missing: " + detail::listed(d.missing)) +
                     (d.unexpected.empty() ? "" : "; unexpected: " + detail::listed(d.unexpected)));
    // All shapes before the first value is written.
    each_parameter(net, [&](auto const& p, detail::stored_name const& stored) { check_shape(p, stored); });
    each_parameter(net, [&](auto const& p, detail::stored_name const& stored) { load_one(ctx, p, stored); });
  }

 private:
  block_names const* find_names(std::string const& block) const {
    for (auto const& n : of_.names)
      if (n.torchvision == block) return &n;
    return nullptr;
  }
  block_names const& names_of_block(std::string const& block) const {
    if (auto const* const found = find_names(block)) return *found;
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
    for (std::size_t k = 0; k < net.named().size(); ++k) {
      auto const& p = net.named()[k];
      auto const& n = net.nodes()[net.owner(k)];
      if (auto const* const names = find_names(n.name))
        visit(p, detail::stored(n.layer, names->in(names_), p.name.substr(n.name.size() + 1), names_));
    }
  }

  key_names best_names() const {
    auto best = key_names::torchvision;
    std::size_t most = 0;
    for (auto names : all_key_names) {
      if (!of_.names.empty() && of_.names.front().in(names).empty()) continue;
      auto const all = keys(names);
      auto const found = static_cast<std::size_t>(
          std::count_if(all.begin(), all.end(), [&](std::string const& key) { return file_.contains(prefix_ + key); }));
      if (found > most) best = names, most = found;
    }
    return best;
  }

  bool is_left_out(std::string const& key) const {
    auto const name = std::string_view(key).substr(prefix_.size());
    // The hidden layers of MobileNetV3's classifiers are convolutions in timm and Keras.
    constexpr std::string_view classifiers[] = {"classifier.", "fc.",     "head.fc.",  "predictions/",
                                                "Logits/",     "logits/", "conv_head", "conv_2/"};
    return name.ends_with("num_batches_tracked") || name.find("/logits/") != name.npos ||
           name.find("/Logits/") != name.npos ||
           std::any_of(std::begin(classifiers), std::end(classifiers), [&](auto c) { return name.starts_with(c); });
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
