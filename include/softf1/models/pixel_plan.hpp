// A network's plan that reads images as bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <softf1/backend/transfer.hpp>
#include <softf1/core/half.hpp>
#include <softf1/image/pixel_range.hpp>
#include <softf1/models/on_backend.hpp>

namespace softf1::inline SOFTF1_ABI::models {

namespace detail {

/// maps(p, c) = (bytes(p, c) - shift(c)) / scale(c): as on the host, then rounded to T.
template <class T, class B>
struct scale_bytes {
  matrix_view<const std::uint8_t, B> bytes;
  image::pixel_scaling scaling;
  matrix_view<T, B> maps;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    maps(p, c) = static_cast<T>(scaling(static_cast<float>(bytes(p, c)), c));
  }
};

}  // namespace detail

/// A forward_plan on backend B whose weights and maps are stored as T (float; on the device also half and bfloat16),
/// from images as bytes to rows of float. Immutable: any number of threads may run it, each with its own context.
template <class T, class B = cpu>
class pixel_plan {
  static_assert(std::is_same_v<compute_type<T>, float>, "softf1: a pixel_plan stores float, half or bfloat16");

 public:
  /// Copies the weights of `net`, folded. `range`: what the network expects of pixels.
  pixel_plan(context<B>& ctx, layers::network<float, B> const& net, image::pixel_range range)
      : plan_(ctx, net), scaling_(image::scaling_of(range)) {}

  layers::sample_shape input_shape() const { return plan_.input_shape(); }
  /// D: the numbers that an image becomes.
  std::size_t dimension() const { return plan_.output_shape().size(); }

  /// features(i, ·) of images (N, S, S, 3) of levels 0..255: features (N, D), dense rows. All on the backend; what lies
  /// between is taken from the context's memory, for at most 64 images at once.
  /// Throws shape_error for shapes that do not fit.
  void run(context<B>& ctx, layers::feature_maps<const std::uint8_t, B> images, matrix_view<float, B> features) const {
    auto const in = input_shape();
    require_shape("pixel_plan", "images", {images.extent(0), in.height, in.width, in.channels}, images.shape());
    require_shape("pixel_plan", "features", {images.extent(0), dimension()}, features.shape());
    layers::require_dense("pixel_plan", "images", images);
    layers::require_dense("pixel_plan", "features", features);
    std::size_t const most = std::min(images.extent(0), images_at_once);
    buffer<T, B> maps(ctx, most * in.size());
    for (std::size_t first = 0; first < images.extent(0); first += images_at_once) {
      std::size_t const count = std::min(images_at_once, images.extent(0) - first), pixels = count * in.pixels();
      for_each_cell(
          ctx, pixels, in.channels,
          detail::scale_bytes<T, B>{
              {images.data() + first * in.size(), pixels, in.channels}, scaling_, maps.matrix(pixels, in.channels)});
      run_plan(ctx, {maps.data(), {count, in.height, in.width, in.channels}},
               {features.data() + first * dimension(), count, dimension()});
    }
  }

  /// The same for images and features of the host, which are brought to the backend and back.
  void run_from_host(context<B>& ctx, tensor_view<const std::uint8_t, 4> images, matrix_view<float> features) const {
    auto const in = input_shape();
    require_shape("pixel_plan", "images", {images.extent(0), in.height, in.width, in.channels}, images.shape());
    require_shape("pixel_plan", "features", {images.extent(0), dimension()}, features.shape());
    layers::require_dense("pixel_plan", "images", images);
    detail::run_from_host(ctx, matrix_view<const std::uint8_t>(images.data(), images.extent(0), in.size()), features,
                          images_at_once, [&](matrix_view<const std::uint8_t, B> x, matrix_view<float, B> y) {
                            run(ctx, {x.data(), {x.rows(), in.height, in.width, in.channels}}, y);
                          });
  }

 private:
  static constexpr std::size_t images_at_once = 64;

  void run_plan(context<B>& ctx, layers::feature_maps<const T, B> maps, matrix_view<float, B> features) const {
    if constexpr (std::is_same_v<T, float>) {
      plan_.run(ctx, maps, features);
    } else {
      buffer<T, B> stored(ctx, features.size());
      auto const rows = stored.matrix(features.rows(), features.cols());
      plan_.run(ctx, maps, rows);
      for_each_cell(ctx, rows.rows(), rows.cols(), convert_cells<T, float, B>{rows, features});
    }
  }

  layers::forward_plan<T, B> plan_;
  image::pixel_scaling scaling_;
};

}  // namespace softf1::inline SOFTF1_ABI::models
