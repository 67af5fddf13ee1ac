// Dropout.
#pragma once

#include <memory>
#include <string_view>

#include <softf1/core/random.hpp>
#include <softf1/layers/functors.hpp>
#include <softf1/layers/module.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// to = from / (1 − rate) where a random number is at least the rate, else 0: four elements of a sample at a time.
template <class T, class B>
struct drop {
  vector_view<const T, B> from;
  vector_view<T, B> to;
  std::size_t size, quads;  // of a sample
  T rate;
  std::uint64_t seed, layer;
  vector_view<std::uint64_t const, B> epoch, places;

  SOFTF1_HD void operator()(std::size_t k) const {
    std::size_t const i = k / quads, first = 4 * (k % quads);
    random_stream const random(seed, random_purpose::dropout, (layer << 32) | (epoch.size() ? epoch(0) : 0),
                               places.size() ? places(i) : i);
    auto const block = random.block(k % quads);
    T const scale = T(1) / (T(1) - rate);
    for (std::size_t j = 0; j < 4 && first + j < size; ++j) {
      T const u = static_cast<T>(block.word[j] >> 8) * static_cast<T>(0x1p-24);
      to(i * size + first + j) = u >= rate ? from(i * size + first + j) * scale : T(0);
    }
  }
};

/// Dropout, bound to its input.
template <class T, class B>
class dropout_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  dropout_layer(sample_shape shape, T rate) : shape_(shape), rate_(rate) {}

  sample_shape output_shape() const override { return shape_; }

  void forward(context<B>& ctx, pass<B> const& how, in_maps x, out_maps y) override { apply(ctx, how, x, y); }

  void backward(context<B>& ctx, pass<B> const& how, in_maps, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (grad_x.data()) apply(ctx, how, grad_y, grad_x);
  }

 private:
  // Linear, with the same random numbers both ways.
  void apply(context<B>& ctx, pass<B> const& how, in_maps x, out_maps y) {
    T const rate = how.training() ? rate_ : T(0);
    if (rate == T(0)) return copy(ctx, elements_of(x), elements_of(y));
    std::size_t const quads = (shape_.size() + 3) / 4;
    for_each(ctx, x.extent(0) * quads,
             drop<T, B>{elements_of(x), elements_of(y), shape_.size(), quads, rate, how.seed, this->index, how.epoch,
                        how.places});
  }

  sample_shape shape_;
  T rate_;
};

/// In training, each element is 0 with probability `rate`, else x / (1 − rate); at inference, y = x.
/// The random numbers are a pure function of (seed, epoch, place, layer, element).
/// Source: Srivastava et al., "Dropout", 2014.
struct dropout {
  static constexpr std::string_view name = "dropout";

  double rate = 0.5;  ///< in [0, 1)

  /// visit(name, value) for each option.
  template <class Self, class Visit>
  static void each_option(Self& self, Visit&& visit) {
    visit("rate", self.rate);
  }

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    require_value(rate >= 0 && rate < 1, name, "rate must be in [0, 1), got " + number_text(rate));
    return std::make_unique<dropout_layer<T, B>>(in, static_cast<T>(rate));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
