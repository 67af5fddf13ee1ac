// Images to features, by a frozen network.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/hash.hpp>
#include <softf1/core/named.hpp>
#include <softf1/layers/forward_plan.hpp>
#include <softf1/layers/summary.hpp>
#include <softf1/models/architectures.hpp>
#include <softf1/models/cut.hpp>
#include <softf1/models/identity.hpp>
#include <softf1/models/load_weights.hpp>
#include <softf1/models/random_weights.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// Which network, and how images are fed to it, where it is not to be as the weights' file says (and where that says
/// nothing, as the architecture's `feeding`).
struct extractor_options {
  std::optional<std::string> architecture = {};  ///< of known_architectures; nothing said at all: "mobilenet_v2"
  std::string end_point = {};                    ///< the block whose values are the features; empty: the architecture's
  std::string before = {};  ///< in place of it: the block, of those that cut.hpp can cut at, that takes the features
  std::optional<layers::padding> padding = {};
  std::optional<image::pixel_range> pixels = {};
  std::optional<image::resize_mode> resize = {};
  std::optional<image::resize_filter> filter = {};
  std::optional<std::size_t> image_size = {};
  std::optional<std::size_t> resize_to = {};  ///< see image::preprocessing; with another image_size, 0
};

namespace detail {

/// The hash of all arrays whose names begin with `prefix`, without it: names, types, shapes and bytes.
inline std::string hash_of(io::safetensors_file const& file, std::string const& prefix) {
  std::map<std::string, std::string> names;
  for (auto const& e : file.entries())
    if (e.name.starts_with(prefix)) names[e.name.substr(prefix.size())] = e.name;
  hasher hash;
  for (auto const& [name, stored] : names) {
    auto const& entry = file.entry(stored);
    hash.add(name + " " + std::string(io::name_of(entry.type)) + " " + shape_text(entry.shape) + "\n");
    hash.add(file.tensor(stored).bytes());
  }
  return "fnv1a:" + hash.hex();
}

/// Metadata of weights, as examples/weights/convert.py writes them: defaults of the options.
class weights_metadata {
 public:
  explicit weights_metadata(io::safetensors_file const& file) : file_(file) {}

  template <class Use>
  void with(char const* key, Use const& use) const {
    auto const found = file_.metadata().find(key);
    if (found == file_.metadata().end()) return;
    try {
      use(found->second);
    } catch (value_error const& e) {
      throw io_error(file_.path() + ": metadata '" + key + "': " + e.what());
    }
  }

 private:
  io::safetensors_file const& file_;
};

/// The number of pixels that a text spells. Throws value_error for what is no small whole number.
inline std::size_t whole_number(std::string const& text) {
  double const x = parse_number(text, "the value");
  require_value(x >= 0 && x <= 1e6 && x == std::floor(x), "the value", "must be a whole number, got " + text);
  return static_cast<std::size_t>(x);
}

/// The width multiplier whose channels are those of the file; 1 where none fits.
inline double find_width(io::safetensors_file const& file, known_architecture const& known, key_names names) {
  auto const fits = [&](double width) {
    return weights_reader(file, known.make({.width = width}), {}, names).channels_fit();
  };
  // First of all 1, since widths near it may be rounded to the same channels.
  if (fits(1)) return 1;
  for (int step = 1; step <= 80; ++step)
    if (fits(step / 20.0)) return step / 20.0;
  return 1;
}

/// The architecture of an identity, without what its features do not need. Throws value_error.
inline architecture architecture_of(extractor_identity const& id) {
  return architecture_named(id.architecture, {.width = id.width, .padding = id.padding, .epsilon = id.epsilon});
}

}  // namespace detail

/// A frozen network without its classifier, folded for inference: immutable, so that any number of threads may use it,
/// each with its own context. Its features are an end-point's values, one after the other: of most networks a vector,
/// where `end_point` names an inner block its maps (H, W, C).
class extractor {
 public:
  /// From a .safetensors file with the key names of torchvision, timm, Keras or slim; the width is found from its shapes.
  /// Throws io_error for a file that cannot be read, is of another architecture (missing and unexpected keys listed) or
  /// whose metadata are none, value_error for an architecture or end-point that there is not.
  static extractor from_file(context<cpu>& ctx, std::string const& path, extractor_options const& options = {}) {
    auto file = std::make_shared<io::safetensors_file const>(path);
    extractor_identity id;
    detail::weights_metadata const metadata(*file);
    if (options.architecture)
      id.architecture = *options.architecture;
    else
      metadata.with("architecture", [&](auto const& text) { id.architecture = find_architecture(text).name; });
    auto const& known = find_architecture(id.architecture);
    require_value(!id.is_pixels(), "extractor", "the architecture pixels has no weights");
    auto const names = weights_reader(*file, known.make({})).names();
    apply(known.fed(names), id);
    metadata.with("batch_norm_epsilon", [&](auto const& text) {
      id.epsilon = parse_number(text, "the value");
      check(id);
    });
    metadata.with("padding", [&](auto const& text) { id.padding = layers::padding_named(text); });
    metadata.with("pixels", [&](auto const& text) { id.input.pixels = image::parse<image::pixel_range>(text); });
    metadata.with("resize", [&](auto const& text) { id.input.resize = image::parse<image::resize_mode>(text); });
    metadata.with("filter", [&](auto const& text) { id.input.filter = image::parse<image::resize_filter>(text); });
    metadata.with("image_size", [&](auto const& text) {
      id.input.image_size = detail::whole_number(text);
      check(id);
    });
    metadata.with("resize_to", [&](auto const& text) {
      id.input.resize_to = detail::whole_number(text);
      check(id);
    });
    apply(options, id);
    id.width = detail::find_width(*file, known, names);
    check(id);
    id.weights = detail::hash_of(*file, {});
    return extractor(ctx, std::move(id), std::move(file), {});
  }

  /// With seeded random weights and normalised activations. Throws value_error for an architecture or end-point that
  /// there is not.
  static extractor random(context<cpu>& ctx, std::uint64_t seed = 0, extractor_options const& options = {}) {
    extractor_identity id;
    id.architecture = options.architecture.value_or(id.architecture);
    apply(find_architecture(id.architecture).fed(key_names::torchvision), id);
    apply(options, id);
    id.weights = id.is_pixels() ? std::string(extractor_identity::no_weights)
                                : std::string(extractor_identity::random_weights) + std::to_string(seed);
    return extractor(ctx, std::move(id), nullptr, {});
  }

  /// The extractor that `id` describes, from a file of weights, or arrays of a larger file that begin with `prefix`;
  /// random ones need no file. Throws io_error where the arrays are not those that `id` names, or there is no such network.
  static extractor restore(context<cpu>& ctx, extractor_identity id, std::string const& path,
                           std::string const& prefix = {}) {
    try {
      up_to(detail::architecture_of(id), id.end_point);
    } catch (value_error const& e) {
      throw io_error(path + ": the extractor is none of this softf1's (" + e.what() + ")");
    }
    if (!id.needs_file()) return extractor(ctx, std::move(id), nullptr, {});
    auto file = std::make_shared<io::safetensors_file const>(path);
    auto const found = detail::hash_of(*file, prefix);
    if (found != id.weights)
      throw io_error(path + ": expected the weights " + id.weights + ", with which the model was trained, got " +
                     found);
    return extractor(ctx, std::move(id), std::move(file), prefix);
  }

  extractor_identity const& identity() const { return identity_; }
  image::preprocessing const& input() const { return identity_.input; }
  /// D: the number of features, H · W · C of the end-point.
  std::size_t dimension() const { return plan_.output_shape().size(); }
  /// (H, W, C) of the end-point; (1, 1, D) where it is a vector. Features are its values in this order.
  layers::sample_shape output_shape() const { return plan_.output_shape(); }
  /// The whole network, also behind the end-point, up to what its makers take as features.
  models::architecture architecture() const { return detail::architecture_of(identity_); }
  /// Blocks, shapes and numbers of the network before folding; all of it is frozen.
  layers::network_summary const& summary() const { return summary_; }

  /// The network before folding, with its weights, on a backend: read or drawn again. Throws as from_file.
  template <class B>
  layers::network<float, B> network(context<B>& ctx) const {
    return load(ctx, identity_, file_.get(), prefix_, identity_.end_point);
  }

  /// Puts the weights of the whole network into those blocks of `net` that have the names of its blocks, such as the
  /// tail behind the end-point (see cut.hpp); others stay as they are. Throws as from_file.
  template <class B>
  void load_into(context<B>& ctx, layers::network<float, B>& net) const {
    if (file_) return weights_reader(*file_, architecture(), prefix_).load_known(ctx, net);
    context<cpu> host;
    auto const whole = load(host, identity_, nullptr, {}, {});
    for (auto const& to : net.named())
      for (auto const& from : whole.named())
        if (from.name == to.name && from.shape == to.shape) copy(ctx, vector_view<const float>(from.values), to.values);
  }

  /// features(i, ·) of preprocessed images (N, S, S, 3): features (N, D), dense rows.
  /// Throws shape_error for shapes that do not fit. An image's bits depend on nothing but the image.
  void run(context<cpu>& ctx, layers::feature_maps<const float> images, matrix_view<float> features) const {
    plan_.run(ctx, images, features);
  }

  /// The arrays of the weights' file, to be written into a larger file; none for random weights.
  std::vector<io::named_array> arrays(std::string const& prefix) const {
    std::vector<io::named_array> all;
    if (!file_) return all;
    for (auto const& e : file_->entries())
      if (e.name.starts_with(prefix_)) all.push_back({prefix + e.name.substr(prefix_.size()), file_->tensor(e.name)});
    return all;
  }

 private:
  static void apply(extractor_options const& o, extractor_identity& id) {
    id.padding = o.padding.value_or(id.padding);
    id.input.pixels = o.pixels.value_or(id.input.pixels);
    id.input.resize = o.resize.value_or(id.input.resize);
    id.input.filter = o.filter.value_or(id.input.filter);
    // What the weights say is meant for their size.
    bool const same_size = o.image_size.value_or(id.input.image_size) == id.input.image_size;
    id.input.resize_to = o.resize_to.value_or(same_size ? id.input.resize_to : 0);
    id.input.image_size = o.image_size.value_or(id.input.image_size);
    require_value(o.end_point.empty() || o.before.empty(), "extractor", "end_point and before exclude each other");
    id.end_point =
        o.before.empty() ? o.end_point : cut_at(find_architecture(id.architecture).make({}), o.before).end_point;
    check(id);
  }
  static void apply(feeding const& f, extractor_identity& id) {
    id.input.image_size = f.image_size;
    id.input.pixels = f.pixels;
    id.padding = f.padding;
    id.epsilon = f.epsilon;
  }

  extractor(context<cpu>& ctx, extractor_identity id, std::shared_ptr<io::safetensors_file const> file,
            std::string prefix)
      : extractor(ctx, id, file, prefix, load(ctx, id, file.get(), prefix, id.end_point)) {}
  extractor(context<cpu>& ctx, extractor_identity id, std::shared_ptr<io::safetensors_file const> file,
            std::string prefix, layers::network<float> const& net)
      : identity_(std::move(id)),
        file_(std::move(file)),
        prefix_(std::move(prefix)),
        plan_(ctx, net),
        summary_(layers::summarise(net, true)) {}

  template <class B>
  static layers::network<float, B> load(context<B>& ctx, extractor_identity const& id, io::safetensors_file const* file,
                                        std::string const& prefix, std::string_view end_point) {
    auto const of = detail::architecture_of(id);
    std::size_t const size = id.input.image_size;
    layers::network<float, B> net(ctx, {size, size, 3}, up_to(of, end_point).blocks, std::nullopt);
    if (file)
      weights_reader(*file, of, prefix).load(ctx, net);
    else if (id.is_random())
      draw_random_weights(ctx, net, id.seed());
    return net;
  }

  extractor_identity identity_;
  std::shared_ptr<io::safetensors_file const> file_;
  std::string prefix_;
  layers::forward_plan<float> plan_;
  layers::network_summary summary_;
};

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::extractor;
}  // namespace softf1::inline SOFTF1_ABI
