// Images as vectors.
#pragma once

#include <memory>
#include <string_view>

#include <softf1/layers/functors.hpp>
#include <softf1/layers/module.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// The flattening, bound to its input.
template <class T, class B>
class flatten_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  explicit flatten_layer(sample_shape in) : size_(in.size()) {}

  sample_shape output_shape() const override { return {1, 1, size_}; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    copy(ctx, elements_of(x), elements_of(y));
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (grad_x.data()) copy(ctx, elements_of(grad_y), elements_of(grad_x));
  }

 private:
  std::size_t size_;
};

/// (H, W, C) to (1, 1, H · W · C), in the order of rows, columns and channels.
struct flatten {
  static constexpr std::string_view name = "flatten";

  /// It has no options.
  template <class Self, class Visit>
  static void each_option(Self&, Visit&&) {}

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    return std::make_unique<flatten_layer<T, B>>(in);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
