// What makes features comparable: the network, its weights and how images are fed to it.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <softf1/image/preprocess.hpp>
#include <softf1/io/json_value.hpp>
#include <softf1/layers/padding.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// A feature extractor in all that its features depend on. Features of extractors that differ must not be mixed.
struct extractor_identity {
  std::string architecture = "mobilenet_v2";
  double width = 1;
  layers::padding padding = layers::padding::tensorflow_same;
  double epsilon = 1e-5;
  image::preprocessing input = {};
  std::string weights;  ///< "fnv1a:" and the hash of the arrays, or how random weights were drawn: "random:seed=0"
  std::string end_point = {};  ///< the block whose values are the features; empty: the architecture's

  friend bool operator==(extractor_identity const&, extractor_identity const&) = default;

  bool is_random() const { return weights.starts_with(random_weights); }
  /// True for the architecture "pixels", which is no network.
  bool is_pixels() const { return architecture == "pixels"; }
  /// True where a file of weights belongs to it.
  bool needs_file() const { return !is_random() && !is_pixels(); }

  /// The seed of random weights. Throws value_error for a text that names none.
  std::uint64_t seed() const {
    std::uint64_t number = 0;
    std::string_view const text = std::string_view(weights).substr(is_random() ? random_weights.size() : 0);
    auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    require_value(is_random() && code == std::errc{} && end == text.data() + text.size(), "extractor",
                  "random weights must be random:seed= and a whole number, got '" + weights + "'");
    return number;
  }

  static constexpr std::string_view random_weights = "random:seed=";
  static constexpr std::string_view no_weights = "none";  ///< of what has no network
};

/// Throws value_error where image_size is not in [32, 4096] (pixels: [8, 4096]), width not in (0, 4] (ResNets: (0, 1]) or epsilon not
/// positive and finite.
inline void check(extractor_identity const& id) {
  std::size_t const least = id.is_pixels() ? 8 : 32;
  require_value(
      id.input.image_size >= least && id.input.image_size <= 4096, "extractor",
      "image_size must be from " + std::to_string(least) + " to 4096, got " + std::to_string(id.input.image_size));
  require_value(id.input.resize_to == 0 || (id.input.resize_to >= id.input.image_size && id.input.resize_to <= 65535),
                "extractor",
                "resize_to must be 0, or from image_size to 65535, got " + std::to_string(id.input.resize_to));
  // ResNets have ten times as many numbers as the others; no wider ones are published.
  int const widest = id.architecture.starts_with("resnet") ? 1 : 4;
  require_value(id.width > 0 && id.width <= widest, "extractor",
                "width must be > 0 and at most " + std::to_string(widest) + ", got " + number_text(id.width));
  // The maps of one image, in memory once a thread: of all architectures, about as large at the same size and width.
  require_value(id.width * static_cast<double>(id.input.image_size) <= 4096, "extractor",
                "width times image_size must be at most 4096, got " +
                    number_text(id.width * static_cast<double>(id.input.image_size)));
  if (id.is_random()) id.seed();
  require_value(id.epsilon > 0 && id.epsilon * 0 == 0, "extractor",
                "batch_norm_epsilon must be finite and > 0, got " + number_text(id.epsilon));
}

/// The file form of an identity.
inline io::json_value to_json(extractor_identity const& id) {
  io::json_value form{{"architecture", id.architecture},
                      {"width", id.width},
                      {"padding", name_of(id.padding)},
                      {"batch_norm_epsilon", id.epsilon},
                      {"image_size", id.input.image_size},
                      {"resize", image::name_of(id.input.resize)},
                      {"filter", image::name_of(id.input.filter)},
                      {"pixels", image::name_of(id.input.pixels)},
                      {"weights", id.weights}};
  // Left out where it is the architecture's: files and caches from before there was a choice stay valid.
  if (!id.end_point.empty()) form["end_point"] = id.end_point;
  if (id.input.resize_to > 0) form["resize_to"] = id.input.resize_to;
  return form;
}

/// Reads the file form. Throws io_error naming the file where a member is missing, of another kind or out of range.
inline extractor_identity identity_from_json(io::json_value const& form, std::string_view path) {
  extractor_identity id;
  try {
    id.architecture = form.at("architecture").get<std::string>();
    id.width = form.at("width").get<double>();
    id.padding = layers::padding_named(form.at("padding").get<std::string>());
    id.epsilon = form.at("batch_norm_epsilon").get<double>();
    id.input.image_size = form.at("image_size").get<std::size_t>();
    id.input.resize = image::parse<image::resize_mode>(form.at("resize").get<std::string>());
    id.input.filter = image::parse<image::resize_filter>(form.at("filter").get<std::string>());
    id.input.pixels = image::parse<image::pixel_range>(form.at("pixels").get<std::string>());
    id.weights = form.at("weights").get<std::string>();
    id.end_point = form.value("end_point", std::string());
    id.input.resize_to = form.value("resize_to", std::size_t{0});
    check(id);
  } catch (nlohmann::json::exception const& e) {
    throw io_error(std::string(path) + ": the extractor's description is not one (" + e.what() + ")");
  } catch (value_error const& e) {
    throw io_error(std::string(path) + ": the extractor's description is not one (" + e.what() + ")");
  }
  return id;
}

/// For reading: "mobilenet_v2 1, 224 × 224 pixels, resize stretch (antialiased), pixels minus_one_one, padding
/// tensorflow_same, weights fnv1a:…".
inline std::string to_text(extractor_identity const& id) {
  std::string const size = std::to_string(id.input.image_size);
  return id.architecture + " " + number_text(id.width) + ", " + size + " x " + size + " pixels, resize " +
         std::string(image::name_of(id.input.resize)) +
         (id.input.resize_to > 0 ? " to " + std::to_string(id.input.resize_to) : "") + " (" +
         std::string(image::name_of(id.input.filter)) + "), pixels " + std::string(image::name_of(id.input.pixels)) +
         ", padding " + std::string(name_of(id.padding)) + ", weights " + id.weights +
         (id.end_point.empty() ? "" : ", end-point " + id.end_point);
}

}  // namespace softf1::inline SOFTF1_ABI::models
