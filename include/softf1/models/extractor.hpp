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
#include <utility>
#include <vector>

#include <softf1/core/hash.hpp>
#include <softf1/core/named.hpp>
#include <softf1/layers/forward_plan.hpp>
#include <softf1/layers/summary.hpp>
#include <softf1/models/identity.hpp>
#include <softf1/models/load_weights.hpp>
#include <softf1/models/mobilenet_v2.hpp>
#include <softf1/models/random_weights.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// How images are fed to a network, where it is not to be as the weights' file says (and where that says nothing, as
/// extractor_identity and preprocessing begin).
struct extractor_options {
  std::optional<layers::padding> padding = {};
  std::optional<image::pixel_range> pixels = {};
  std::optional<image::resize_mode> resize = {};
  std::optional<image::resize_filter> filter = {};
  std::optional<std::size_t> image_size = {};
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
inline double find_width(weights_reader const& reader) {
  constexpr double base[] = {32, 16, 24, 32, 64, 96, 160, 320};
  constexpr char const* blocks[] = {"features.0.0",       "features.1.conv.1", "features.2.conv.2",
                                    "features.4.conv.2",  "features.7.conv.2", "features.11.conv.2",
                                    "features.14.conv.2", "features.17.conv.2"};
  for (int step = 1; step <= 80; ++step) {
    double const width = step / 20.0;
    bool fits = true;
    for (std::size_t k = 0; k < 8; ++k)
      fits = fits && reader.out_channels(blocks[k]) == rounded_channels(base[k] * width);
    if (fits) return width;
  }
  return 1;
}

}  // namespace detail

/// A frozen MobileNetV2 without its classifier, folded for inference: immutable, so that any number of threads may use
/// it, each with its own context.
class extractor {
 public:
  /// From a .safetensors file with the key names of torchvision, timm or Keras; the width is found from its shapes.
  /// Throws io_error for a file that cannot be read, is of another architecture (missing and unexpected keys listed) or
  /// whose metadata are none.
  static extractor from_file(context<cpu>& ctx, std::string const& path, extractor_options const& options = {}) {
    auto file = std::make_shared<io::safetensors_file const>(path);
    extractor_identity id;
    detail::weights_metadata const metadata(*file);
    weights_reader const probe(*file, mobilenet_v2());
    id.epsilon = probe.names() == key_names::keras ? 1e-3 : 1e-5;
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
    apply(options, id);
    id.width = detail::find_width(probe);
    id.weights = detail::hash_of(*file, {});
    return extractor(ctx, std::move(id), std::move(file), {});
  }

  /// With seeded random weights and normalised activations.
  static extractor random(context<cpu>& ctx, std::uint64_t seed = 0, extractor_options const& options = {}) {
    extractor_identity id;
    apply(options, id);
    id.weights = std::string(extractor_identity::random_weights) + std::to_string(seed);
    return extractor(ctx, std::move(id), nullptr, {});
  }

  /// The extractor that `id` describes, from a file of weights, or arrays of a larger file that begin with `prefix`;
  /// random ones need no file. Throws io_error where the arrays are not those that `id` names.
  static extractor restore(context<cpu>& ctx, extractor_identity id, std::string const& path,
                           std::string const& prefix = {}) {
    if (id.is_random()) return extractor(ctx, std::move(id), nullptr, {});
    auto file = std::make_shared<io::safetensors_file const>(path);
    auto const found = detail::hash_of(*file, prefix);
    if (found != id.weights)
      throw io_error(path + ": expected the weights " + id.weights + ", with which the model was trained, got " +
                     found);
    return extractor(ctx, std::move(id), std::move(file), prefix);
  }

  extractor_identity const& identity() const { return identity_; }
  image::preprocessing const& input() const { return identity_.input; }
  /// D: the number of features.
  std::size_t dimension() const { return plan_.output_shape().size(); }
  /// Blocks, shapes and numbers of the network before folding; all of it is frozen.
  layers::network_summary const& summary() const { return summary_; }

  /// The network before folding, with its weights, on a backend: read or drawn again. Throws as from_file.
  template <class B>
  layers::network<float, B> network(context<B>& ctx) const {
    return load(ctx, identity_, file_.get(), prefix_);
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
    id.input.image_size = o.image_size.value_or(id.input.image_size);
    check(id);
  }

  extractor(context<cpu>& ctx, extractor_identity id, std::shared_ptr<io::safetensors_file const> file,
            std::string prefix)
      : extractor(ctx, id, file, prefix, load(ctx, id, file.get(), prefix)) {}
  extractor(context<cpu>& ctx, extractor_identity id, std::shared_ptr<io::safetensors_file const> file,
            std::string prefix, layers::network<float> const& net)
      : identity_(std::move(id)),
        file_(std::move(file)),
        prefix_(std::move(prefix)),
        plan_(ctx, net),
        summary_(layers::summarise(net, true)) {}

  template <class B>
  static layers::network<float, B> load(context<B>& ctx, extractor_identity const& id, io::safetensors_file const* file,
                                        std::string const& prefix) {
    if (id.architecture != "mobilenet_v2")
      throw io_error("extractor: no architecture is named '" + id.architecture + "', there is mobilenet_v2");
    auto const of = mobilenet_v2({.width = id.width, .padding = id.padding, .epsilon = id.epsilon});
    std::size_t const size = id.input.image_size;
    layers::network<float, B> net(ctx, {size, size, 3}, of.blocks, std::nullopt);
    if (file)
      weights_reader(*file, of, prefix).load(ctx, net);
    else
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
