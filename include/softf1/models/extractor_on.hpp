// Images to features on a backend of choice, from bytes.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <softf1/models/extractor.hpp>
#include <softf1/models/pixel_plan.hpp>

namespace softf1::inline SOFTF1_ABI::models {

namespace detail {

/// What products of a context round their factors to; empty: nothing.
template <class B>
std::string_view rounding_of(context<B> const& ctx) {
  if constexpr (requires { ctx.precision(); }) {
    using precision = decltype(ctx.precision());
    auto const p = ctx.precision();
    if (p == precision::tf32) return "tf32";
    if (p == precision::bf16) return "bf16 products";
    if (p == precision::fp16) return "fp16 products";
  }
  return {};
}

}  // namespace detail

/// An extractor's network on backend B, with weights and maps stored as T (float; on the device also half and bfloat16).
/// It reads images as bytes: `preprocess` to bytes, which travel at a quarter of the size of floats.
template <class T = float, class B = cpu>
class extractor_on {
 public:
  /// The weights of `of`, folded. Products are as exact as `ctx` says. Throws as extractor::network.
  extractor_on(context<B>& ctx, models::extractor const& of)
      : identity_(of.identity()),
        precision_(std::is_same_v<T, half>       ? "fp16"
                   : std::is_same_v<T, bfloat16> ? "bf16"
                                                 : detail::rounding_of(ctx)),
        plan_(ctx, of.template network<B>(ctx), of.input().pixels) {}

  extractor_identity const& identity() const { return identity_; }
  image::preprocessing const& input() const { return identity_.input; }
  std::size_t dimension() const { return plan_.dimension(); }
  /// "fp16", "bf16", "tf32" …: what features are rounded by on their way; empty: float throughout.
  std::string_view precision() const { return precision_; }

  /// features(i, ·) of images (N, S, S, 3) of levels 0..255, all on the backend. Throws shape_error.
  /// On the device an image's bits depend on how many are given at once.
  void run(context<B>& ctx, layers::feature_maps<const std::uint8_t, B> pixels, matrix_view<float, B> features) const {
    plan_.run(ctx, pixels, features);
  }

  /// The same for images and features of the host, in batches.
  void run_from_host(context<B>& ctx, tensor_view<const std::uint8_t, 4> pixels, matrix_view<float> features) const {
    plan_.run_from_host(ctx, pixels, features);
  }

 private:
  extractor_identity identity_;
  std::string_view precision_;
  pixel_plan<T, B> plan_;
};

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::extractor_on;
}  // namespace softf1::inline SOFTF1_ABI
