// The layers under test: every type of layers::all, and variants of them. One row here buys all properties.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/layers/table.hpp>

#include "support/backends.hpp"

namespace softf1_test {

struct layer_case {
  std::string name;
  softf1::layers::any_layer layer;
  softf1::layers::sample_shape in;
  double spread = 1;  ///< inputs lie in ±spread
};

inline std::vector<layer_case> layer_cases() {
  using namespace softf1::layers;
  using enum padding;
  using softf1::activation;
  return {
      {"dense", dense({.out = 4}), {1, 1, 5}},
      {"dense of every pixel, without bias", dense({.out = 3, .bias = false}), {2, 3, 4}},
      {"convolution 1 x 1", convolution({.out = 5}), {3, 2, 4}},
      {"convolution 3 x 3", convolution({.out = 3, .size = 3, .bias = true}), {5, 4, 2}},
      {"convolution 3 x 3 / 2", convolution({.out = 2, .size = 3, .stride = 2}), {6, 5, 3}},
      {"convolution 3 x 3 / 2, symmetric",
       convolution({.out = 2, .size = 3, .stride = 2, .padding = symmetric}),
       {6, 5, 3}},
      {"convolution 2 x 2 / 3, valid", convolution({.out = 2, .size = 2, .stride = 3, .padding = valid}), {7, 6, 2}},
      {"convolution 1 x 1 / 2", convolution({.out = 3, .stride = 2, .bias = true}), {5, 4, 3}},
      {"convolution of groups, dilated",
       convolution({.out = 6, .size = 3, .padding = symmetric, .bias = true, .groups = 2, .dilation = 2}),
       {6, 5, 4}},
      {"convolution 1 x 1 of groups", convolution({.out = 6, .bias = true, .groups = 3}), {2, 3, 6}},
      {"convolution of a group a channel",
       convolution({.out = 4, .size = 3, .stride = 2, .groups = 4, .zeros = zero_border{1, 2, 0, 2}}),
       {4, 5, 4}},
      {"depthwise 3 x 3", depthwise_convolution({}), {4, 5, 3}},
      {"depthwise 3 x 3 / 2", depthwise_convolution({.stride = 2}), {6, 5, 3}},
      {"depthwise 5 x 5 / 2, symmetric",
       depthwise_convolution({.size = 5, .stride = 2, .padding = symmetric}),
       {6, 7, 2}},
      {"depthwise 2 x 2, valid", depthwise_convolution({.size = 2, .padding = valid}), {3, 4, 2}},
      {"depthwise 3 x 3, dilated", depthwise_convolution({.padding = symmetric, .dilation = 2}), {5, 4, 2}},
      {"batch_norm", batch_norm({}), {3, 2, 4}},
      {"batch_norm of vectors", batch_norm({.epsilon = 1e-3, .momentum = 0.5}), {1, 1, 6}},
      {"batch_norm, frozen", batch_norm({.policy = norm_policy::frozen}), {3, 2, 4}},
      {"layer_norm", layer_norm({}), {3, 2, 5}},
      {"layer_norm of vectors", layer_norm({.epsilon = 1e-3}), {1, 1, 7}},
      {"relu", relu{}, {2, 3, 4}, 8},
      {"relu6", relu6{}, {2, 3, 4}, 8},
      {"swish", swish{}, {2, 3, 4}, 8},
      {"hard_swish", hard_swish{}, {2, 3, 4}, 8},
      {"sigmoid", sigmoid{}, {2, 3, 4}, 8},
      {"hard_sigmoid", hard_sigmoid{}, {2, 3, 4}, 8},
      {"squeeze_excite", squeeze_excite({.reduced = 3}), {3, 2, 4}},
      {"squeeze_excite, swish and hard_sigmoid",
       squeeze_excite({.reduced = 3, .inner = activation::swish, .gate = activation::hard_sigmoid}),
       {2, 3, 4}},
      {"max_pool", max_pool({}), {4, 6, 3}},
      {"max_pool 3 x 3 / 2, symmetric", max_pool({.size = 3, .padding = symmetric}), {5, 6, 3}},
      {"max_pool 3 x 3 / 1", max_pool({.size = 3, .stride = 1, .padding = tensorflow_same}), {4, 3, 2}},
      {"average_pool", average_pool({}), {5, 6, 3}},
      {"average_pool 3 x 3 / 2", average_pool({.size = 3, .padding = tensorflow_same}), {6, 5, 3}},
      {"average_pool 3 x 3 / 2, with its padding",
       average_pool({.size = 3, .padding = symmetric, .count_padding = true}),
       {6, 5, 3}},
      {"flatten", flatten{}, {2, 3, 4}},
      {"dropout", dropout({.rate = 0.3}), {3, 2, 3}},
      {"dropout of nothing", dropout({.rate = 0}), {1, 1, 5}},
      {"global_average_pool", global_average_pool{}, {3, 4, 5}},
  };
}

/// Numbers in ±spread that keep away from where rectifiers bend.
template <class T>
std::vector<T> layer_numbers(std::size_t n, std::uint64_t seed, double spread = 1) {
  softf1::random_stream const random(seed);
  std::vector<T> numbers(n);
  for (std::size_t k = 0; k < n; ++k) {
    double const x = spread * (2 * random.uniform(k) - 1);
    bool is_close = false;
    for (double bend : {-3, 0, 3, 6}) is_close = is_close || std::fabs(x - bend) < 1e-3;
    numbers[k] = static_cast<T>(is_close ? x + 2e-3 : x);
  }
  return numbers;
}

/// A layer on backend B with parameters of its own, trained ones in ±1, running variances around 1. All is given and got
/// in plain vectors of the host; each pass takes them to the backend and back.
template <class T, class B = softf1::cpu>
class bound_layer {
 public:
  using context = softf1::context<B>;
  using pass = softf1::layers::pass<B>;

  explicit bound_layer(layer_case const& c, std::uint64_t seed = 1) : in_(c.in) {
    using namespace softf1::layers;
    module_ = std::visit([&](auto const& l) { return l.template make<T, B>(c.in); }, c.layer);
    for (auto& p : module_->parameters()) {
      auto values = layer_numbers<T>(p.size(), ++seed);
      for (auto& v : values) v = p.initial == initialiser::ones ? v / 2 + 1 : v;
      values_.push_back(std::move(values));
      gradients_.emplace_back(p.size(), T(0));
    }
  }

  softf1::layers::sample_shape in() const { return in_; }
  softf1::layers::sample_shape out() const { return module_->output_shape(); }
  std::size_t parameters() const { return values_.size(); }
  bool is_trained(std::size_t k) const {
    return module_->parameters()[k].role == softf1::layers::parameter_role::trained;
  }
  std::vector<T>& values(std::size_t k) { return values_[k]; }
  std::vector<T>& gradients(std::size_t k) { return gradients_[k]; }
  softf1::layers::module<T, B>& get() { return *module_; }

  std::vector<T> forward(context& ctx, pass const& how, std::vector<T> const& x) {
    bound const arrays(ctx, *this);
    return download(ctx, forward_there(ctx, how, x.size() / in_.size(), upload(ctx, x)));
  }

  /// The gradient by x; empty where it is not asked for. Gradients by the parameters are added to `gradients`.
  std::vector<T> backward(context& ctx, pass const& how, std::vector<T> const& x, std::vector<T> const& grad_y,
                          bool by_x = true) {
    bound const arrays(ctx, *this);
    std::size_t const n = x.size() / in_.size();
    auto const from = upload(ctx, x), slopes = upload(ctx, grad_y);
    auto const y = forward_there(ctx, how, n, from);
    auto grad_x = upload(ctx, std::vector<T>(by_x ? x.size() : 0, T(-77)));
    auto const to = by_x ? maps(grad_x.data(), n, in_) : softf1::layers::feature_maps<T, B>{};
    module_->backward(ctx, how, maps(from.data(), n, in_), maps(y.data(), n, out()), maps(slopes.data(), n, out()), to);
    return download(ctx, grad_x);
  }

 private:
  template <class U>
  static softf1::layers::feature_maps<U, B> maps(U* data, std::size_t n, softf1::layers::sample_shape s) {
    return {data, {n, s.height, s.width, s.channels}};
  }

  // The parameters on the backend, for a pass; what it made of them comes back at the end.
  class bound {
   public:
    bound(context& ctx, bound_layer& layer) : ctx_(ctx), layer_(layer) {
      for (std::size_t k = 0; k < layer.values_.size(); ++k) {
        auto& p = layer.module_->parameters()[k];
        p.values = values_.emplace_back(upload(ctx, layer.values_[k])).view();
        p.gradients = gradients_.emplace_back(upload(ctx, layer.gradients_[k])).view();
      }
    }
    bound(bound const&) = delete;
    bound& operator=(bound const&) = delete;
    ~bound() {
      for (std::size_t k = 0; k < values_.size(); ++k) {
        layer_.values_[k] = download(ctx_, values_[k]);
        layer_.gradients_[k] = download(ctx_, gradients_[k]);
      }
    }

   private:
    context& ctx_;
    bound_layer& layer_;
    std::vector<softf1::buffer<T, B>> values_, gradients_;
  };

  softf1::buffer<T, B> forward_there(context& ctx, pass const& how, std::size_t n, softf1::buffer<T, B> const& x) {
    auto y = upload(ctx, std::vector<T>(n * out().size(), T(-77)));
    module_->forward(ctx, how, maps(x.data(), n, in_), maps(y.data(), n, out()));
    return y;
  }

  softf1::layers::sample_shape in_;
  std::unique_ptr<softf1::layers::module<T, B>> module_;
  std::vector<std::vector<T>> values_, gradients_;
};

}  // namespace softf1_test
