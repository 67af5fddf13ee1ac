// The steps of inference that a network comes down to.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/backend/transfer.hpp>
#include <softf1/layers/network.hpp>

namespace softf1::inline SOFTF1_ABI::layers::detail {

/// product: a convolution over all channels (or dense layer). depthwise: one by channel, of which scaling and activation
/// alone are the case of one tap. mean: over all pixels. scale: the input by the residual, a factor a channel and image.
/// normalise: over the channels of each pixel, by weights and bias.
enum class step_kind { product, depthwise, mean, max_pool, average_pool, scale, normalise };

/// One step, with weights on the host. Links are places among the steps.
template <class T>
struct folded_step {
  step_kind kind;
  std::size_t input = node::none, residual = node::none;
  window win = {};
  sample_shape in = {}, out = {};
  std::vector<T> weights = {}, bias = {};  // output channels running fastest
  activation act = activation::none;
  bool count_padding = false;  // of pools
  double epsilon = 0;          // of normalise

  bool ends_in_sums() const { return kind == step_kind::product || kind == step_kind::depthwise; }
};

/// The place behind the block of a name (empty: the last block). Throws value_error where there is none.
inline std::size_t end_of(std::vector<node> const& nodes, std::string_view end_point) {
  if (end_point.empty()) return nodes.size();
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].name == end_point) return i + 1;
  throw value_error("forward_plan: the network has no block '" + std::string(end_point) + "'");
}

template <class T, class B>
class folder {
 public:
  folder(context<B>& ctx, network<T, B> const& net, std::string_view end_point)
      : ctx_(ctx), net_(net), nodes_(net.nodes()), end_(end_of(nodes_, end_point)) {
    count_uses();
  }

  std::vector<folded_step<T>> run() {
    for (std::size_t i = 0; i < end_; ++i) {
      std::visit([&](auto const& layer) { fold(i, layer); }, nodes_[i].layer);
      if (nodes_[i].add != node::none) add(i);
    }
    // What is behind the end-point's step belongs to blocks that it does not read.
    steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(step_of_[end_ - 1]) + 1, steps_.end());
    return std::move(steps_);
  }

 private:
  using step = folded_step<T>;

  void count_uses() {
    uses_.assign(nodes_.size(), 0);
    step_of_.assign(nodes_.size(), node::none);
    for (std::size_t i = 0; i < end_; ++i) {
      if (nodes_[i].input != node::none) ++uses_[nodes_[i].input];
      if (nodes_[i].add != node::none) ++uses_[nodes_[i].add];
    }
  }

  std::size_t step_of(std::size_t i) const { return i == node::none ? node::none : step_of_[i]; }

  sample_shape in_shape(std::size_t i) const {
    return nodes_[i].input == node::none ? net_.input_shape() : net_.shape_after(nodes_[i].input);
  }

  /// The step before block i, where i can be folded into it: nothing else reads what it gives.
  step* foldable(std::size_t i) {
    std::size_t const before = nodes_[i].input;
    if (before == node::none || uses_[before] != 1) return nullptr;
    auto& s = steps_[step_of_[before]];
    return s.ends_in_sums() && s.act == activation::none && s.out == in_shape(i) ? &s : nullptr;
  }

  std::vector<T> values(std::size_t i, std::string_view name) const {
    for (auto const& p : net_.named())
      if (p.name == nodes_[i].name + "." + std::string(name)) return download(ctx_, p.values);
    return {};
  }

  /// The next step, of block i, from what block i reads to what it gives.
  void append(std::size_t i, step s) {
    s.input = step_of(nodes_[i].input);
    s.in = in_shape(i);
    s.out = net_.shape_after(i);
    append_as_is(i, std::move(s));
  }
  void append_as_is(std::size_t i, step s) {
    s.bias.resize(s.out.channels);
    step_of_[i] = steps_.size();
    steps_.push_back(std::move(s));
  }

  static window one_pixel(sample_shape in) { return {.out_height = in.height, .out_width = in.width}; }

  void fold(std::size_t i, dense const&) {
    append(i, {.kind = step_kind::product,
               .win = one_pixel(in_shape(i)),
               .weights = values(i, "weight"),
               .bias = values(i, "bias")});
  }
  void fold(std::size_t i, convolution const& c) {
    std::size_t const in = in_shape(i).channels;
    bool const is_depthwise = c.groups > 1 && c.groups == in && c.out == in && c.size <= 7;
    auto weights = values(i, "weight");
    if (c.groups > 1 && !is_depthwise) weights = over_all_channels(weights, in / c.groups, c);
    append(i, {.kind = is_depthwise ? step_kind::depthwise : step_kind::product,
               .win = c.window_on(in_shape(i)),
               .weights = std::move(weights),
               .bias = values(i, "bias")});
  }
  /// The weights of groups (of `in` channels) as those over all channels, 0 from one group to another.
  static std::vector<T> over_all_channels(std::vector<T> const& weights, std::size_t in, convolution const& c) {
    std::vector<T> all(weights.size() * c.groups, T(0));
    for (std::size_t k = 0; k < weights.size(); ++k) {
      std::size_t const f = k % c.out, channel = k / c.out % in, tap = k / c.out / in;
      std::size_t const group = f / (c.out / c.groups);
      all[((tap * c.groups + group) * in + channel) * c.out + f] = weights[k];
    }
    return all;
  }
  void fold(std::size_t i, depthwise_convolution const& c) {
    require_value(c.size <= 7, "forward_plan",
                  "the window of block '" + nodes_[i].name + "' must be at most 7 wide, got " + std::to_string(c.size));
    append(i, {.kind = step_kind::depthwise, .win = c.window_on(in_shape(i)), .weights = values(i, "weight")});
  }
  void fold(std::size_t i, global_average_pool const&) { append(i, {.kind = step_kind::mean}); }
  void fold(std::size_t i, max_pool const& p) {
    append(i, {.kind = step_kind::max_pool, .win = p.window_on(in_shape(i)), .count_padding = p.count_padding});
  }
  void fold(std::size_t i, average_pool const& p) {
    append(i, {.kind = step_kind::average_pool, .win = p.window_on(in_shape(i)), .count_padding = p.count_padding});
  }
  void fold(std::size_t i, layer_norm const& norm) {
    append(i, {.kind = step_kind::normalise,
               .weights = values(i, "weight"),
               .bias = values(i, "bias"),
               .epsilon = norm.epsilon});
  }

  /// The mean of each channel, two products with their activations, and the input by what they give.
  void fold(std::size_t i, squeeze_excite const& s) {
    sample_shape const in = in_shape(i), mean{1, 1, in.channels}, reduced{1, 1, s.reduced};
    std::size_t const input = step_of(nodes_[i].input);
    append_as_is(i, {.kind = step_kind::mean, .input = input, .in = in, .out = mean});
    append_as_is(i, {.kind = step_kind::product,
                     .input = step_of_[i],
                     .win = one_pixel(mean),
                     .in = mean,
                     .out = reduced,
                     .weights = values(i, "reduce.weight"),
                     .bias = values(i, "reduce.bias"),
                     .act = s.inner});
    append_as_is(i, {.kind = step_kind::product,
                     .input = step_of_[i],
                     .win = one_pixel(reduced),
                     .in = reduced,
                     .out = mean,
                     .weights = values(i, "expand.weight"),
                     .bias = values(i, "expand.bias"),
                     .act = s.gate});
    append(i, {.kind = step_kind::scale, .residual = step_of_[i]});
  }

  /// Scale and shift of each channel, into the weights and bias of the step before, or as a step of one tap.
  void fold(std::size_t i, batch_norm const& norm) {
    auto const gamma = values(i, "weight"), beta = values(i, "bias");
    auto const mean = values(i, "running_mean"), variance = values(i, "running_var");
    auto* s = foldable(i);
    if (!s || s->residual != node::none) s = one_tap(i);
    std::size_t const channels = s->out.channels;
    for (std::size_t c = 0; c < channels; ++c) {
      double const scale = static_cast<double>(gamma[c]) / std::sqrt(static_cast<double>(variance[c]) + norm.epsilon);
      for (std::size_t k = c; k < s->weights.size(); k += channels)
        s->weights[k] = static_cast<T>(s->weights[k] * scale);
      s->bias[c] = static_cast<T>((static_cast<double>(s->bias[c]) - static_cast<double>(mean[c])) * scale +
                                  static_cast<double>(beta[c]));
    }
    joined(i, s);
  }

  template <class Layer>
    requires requires { Layer::act; }
  void fold(std::size_t i, Layer const&) {
    activate(i, Layer::act);
  }
  void activate(std::size_t i, activation act) {
    auto* s = foldable(i);
    if (!s) s = one_tap(i);
    s->act = act;
    joined(i, s);
  }

  void fold(std::size_t i, dropout const&) { pass_on(i); }
  /// The elements lie as they are read.
  void fold(std::size_t i, flatten const&) { pass_on(i); }
  void pass_on(std::size_t i) {
    std::size_t const before = nodes_[i].input;
    if (before != node::none && uses_[before] == 1)
      step_of_[i] = step_of_[before];
    else
      one_tap(i);
  }

  /// The residual of block i: into its step, which adds it before it clamps, or as a step of one tap.
  void add(std::size_t i) {
    std::size_t const other = step_of_[nodes_[i].add], own = step_of_[i];
    auto const& s = steps_[own];
    bool const fits = other < own && s.ends_in_sums() && s.act == activation::none && s.residual == node::none;
    if (!fits) one_tap(i, own);
    steps_[step_of_[i]].residual = other;
  }

  // y = 1 · x + 0: what scaling, activation and adding become where they cannot be folded.
  step* one_tap(std::size_t i) { return one_tap(i, step_of(nodes_[i].input)); }
  step* one_tap(std::size_t i, std::size_t input) {
    sample_shape const shape = net_.shape_after(i);
    append_as_is(i, {.kind = step_kind::depthwise,
                     .input = input,
                     .win = one_pixel(shape),
                     .in = shape,
                     .out = shape,
                     .weights = std::vector<T>(shape.channels, T(1))});
    return &steps_.back();
  }
  void joined(std::size_t i, step const* s) { step_of_[i] = static_cast<std::size_t>(s - steps_.data()); }

  context<B>& ctx_;
  network<T, B> const& net_;
  std::vector<node> const& nodes_;
  std::size_t end_;
  std::vector<std::size_t> uses_ = {}, step_of_ = {};
  std::vector<step> steps_;
};

/// The steps up to a block (empty: the last one).
template <class T, class B>
std::vector<folded_step<T>> fold_network(context<B>& ctx, network<T, B> const& net, std::string_view end_point) {
  return folder<T, B>(ctx, net, end_point).run();
}

}  // namespace softf1::inline SOFTF1_ABI::layers::detail
