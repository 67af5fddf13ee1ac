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

/// product: a convolution over all channels (or dense layer). depthwise: one by channel, of which scaling and clamping
/// alone are the case of one tap.
enum class step_kind { product, depthwise, mean };

/// One step, with weights on the host. Links are places among the steps.
template <class T>
struct folded_step {
  step_kind kind;
  std::size_t input, residual = node::none;
  window win;
  sample_shape out;
  std::vector<T> weights, bias;  // output channels running fastest
  activation act = activation::none;
};

template <class T, class B>
class folder {
 public:
  folder(context<B>& ctx, network<T, B> const& net, std::string_view end_point)
      : ctx_(ctx), net_(net), nodes_(net.nodes()) {
    end_ = nodes_.size();
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (nodes_[i].name == end_point) end_ = i + 1;
    require_value(end_point.empty() || nodes_[end_ - 1].name == end_point, "forward_plan",
                  "the network has no block '" + std::string(end_point) + "'");
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
    return s.kind == step_kind::mean || s.act != activation::none ? nullptr : &s;
  }

  std::vector<T> values(std::size_t i, std::string_view name) const {
    for (auto const& p : net_.named())
      if (p.name == nodes_[i].name + "." + std::string(name)) return download(ctx_, p.values);
    return {};
  }

  void append(std::size_t i, step s) { append(i, step_of(nodes_[i].input), std::move(s)); }
  void append(std::size_t i, std::size_t input, step s) {
    s.input = input;
    s.out = net_.shape_after(i);
    s.bias.resize(s.out.channels);
    step_of_[i] = steps_.size();
    steps_.push_back(std::move(s));
  }

  static window one_pixel(sample_shape in) { return {.out_height = in.height, .out_width = in.width}; }

  void fold(std::size_t i, dense const&) {
    append(i, {.kind = step_kind::product,
               .input = 0,
               .win = one_pixel(in_shape(i)),
               .out = {},
               .weights = values(i, "weight"),
               .bias = values(i, "bias")});
  }
  void fold(std::size_t i, convolution const& c) {
    append(i, {.kind = step_kind::product,
               .input = 0,
               .win = window_of(in_shape(i), c.size, c.stride, c.padding),
               .out = {},
               .weights = values(i, "weight"),
               .bias = values(i, "bias")});
  }
  void fold(std::size_t i, depthwise_convolution const& c) {
    require_value(c.size <= 7, "forward_plan",
                  "the window of block '" + nodes_[i].name + "' must be at most 7 wide, got " + std::to_string(c.size));
    append(i, {.kind = step_kind::depthwise,
               .input = 0,
               .win = window_of(in_shape(i), c.size, c.stride, c.padding),
               .out = {},
               .weights = values(i, "weight"),
               .bias = {}});
  }
  void fold(std::size_t i, global_average_pool const&) {
    append(i, {.kind = step_kind::mean, .input = 0, .win = {}, .out = {}, .weights = {}, .bias = {}});
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

  void fold(std::size_t i, relu const&) { clamp(i, relu::act); }
  void fold(std::size_t i, relu6 const&) { clamp(i, relu6::act); }
  void clamp(std::size_t i, activation act) {
    auto* s = foldable(i);
    if (!s) s = one_tap(i);
    s->act = act;
    joined(i, s);
  }

  void fold(std::size_t i, dropout const&) {
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
    bool const fits = other < own && s.kind != step_kind::mean && s.act == activation::none && s.residual == node::none;
    if (!fits) one_tap(i, own, s.out);
    steps_[step_of_[i]].residual = other;
  }

  // y = 1 · x + 0: what scaling, clamping and adding become where they cannot be folded.
  step* one_tap(std::size_t i) { return one_tap(i, step_of(nodes_[i].input), in_shape(i)); }
  step* one_tap(std::size_t i, std::size_t input, sample_shape in) {
    append(i, input,
           {.kind = step_kind::depthwise,
            .input = 0,
            .win = one_pixel(in),
            .out = {},
            .weights = std::vector<T>(in.channels, T(1)),
            .bias = {}});
    return &steps_.back();
  }
  void joined(std::size_t i, step const* s) { step_of_[i] = static_cast<std::size_t>(s - steps_.data()); }

  context<B>& ctx_;
  network<T, B> const& net_;
  std::vector<node> const& nodes_;
  std::size_t end_;
  std::vector<std::size_t> uses_, step_of_;
  std::vector<step> steps_;
};

/// The steps up to a block (empty: the last one).
template <class T, class B>
std::vector<folded_step<T>> fold_network(context<B>& ctx, network<T, B> const& net, std::string_view end_point) {
  return folder<T, B>(ctx, net, end_point).run();
}

}  // namespace softf1::inline SOFTF1_ABI::layers::detail
