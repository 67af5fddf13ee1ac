// A network folded and fused for inference.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/inference.hpp>
#include <softf1/backend/transfer.hpp>
#include <softf1/layers/detail/arena.hpp>
#include <softf1/layers/detail/fold.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// What a network computes at inference, compiled: batch-norm folded into the convolution before it where nothing else
/// reads that (else it is a step of its own, with the activation behind it), activation and residual fused behind it,
/// dropout left out, memory planned once. Immutable: any number of threads may run it, each
/// with a context of its own. T is what weights and maps are stored in: float or double, on the device also half and
/// bfloat16, of a network of float; sums are at least float.
template <class T, class B = cpu>
class forward_plan {
 public:
  /// Copies the weights of `net`, folded, up to the block named `end_point` (empty: the last one).
  /// Throws value_error where there is no such block, and for depthwise windows of more than 7.
  forward_plan(context<B>& ctx, network<compute_type<T>, B> const& net, std::string_view end_point = {})
      : input_(net.input_shape()), output_(net.shape_after(detail::end_of(net.nodes(), end_point) - 1)) {
    auto folded = detail::fold_network(ctx, net, end_point);
    detail::arena_planner arena;
    for (auto& f : folded) {
      steps_.push_back(make_step(ctx, f));
      // Named, since nvcc mistranslates a plain list here.
      arena.add(steps_.back().out.size(), std::initializer_list<std::size_t>{f.input, f.residual});
    }
    auto const places = arena.place();
    for (std::size_t k = 0; k < steps_.size(); ++k) steps_[k].offset = places.offsets[k];
    arena_ = places.size;
  }

  sample_shape input_shape() const { return input_; }
  sample_shape output_shape() const { return output_; }
  std::size_t steps() const { return steps_.size(); }
  /// Bytes of maps that one image needs at once.
  std::size_t workspace_bytes(context<B> const& ctx) const { return (arena_ + scratch_of(ctx, 1)) * sizeof(T); }

  /// out(i, ·) = the end-point's values for image i: x (N, input_shape()), out (N, output_shape().size()), dense rows.
  /// Throws shape_error for shapes that do not fit. On the host an
  /// image's bits depend on nothing but the image; on the device also on how many run at once.
  void run(context<B>& ctx, feature_maps<const T, B> x, matrix_view<T, B> out) const {
    require_shape("forward_plan", "x", {x.extent(0), input_.height, input_.width, input_.channels}, x.shape());
    require_shape("forward_plan", "out", {x.extent(0), output_shape().size()}, out.shape());
    require_dense("forward_plan", "x", x);
    require_dense("forward_plan", "out", out);
    if (x.extent(0) == 0) return;
    auto const lanes = lanes_for(ctx, x.extent(0));
    std::size_t const scratch = scratch_of(ctx, lanes.images), of_lane = lanes.images * arena_ + scratch;
    buffer<T, B> memory(ctx, lanes.lanes * of_lane);
    in_lanes(ctx, x.extent(0), [&](context<B>& mine, std::size_t lane, std::size_t first, std::size_t count) {
      T* const arena = memory.data() + lane * of_lane;
      run_piece(mine, {x.data() + first * input_.size(), {count, input_.height, input_.width, input_.channels}}, arena,
                {arena + lanes.images * arena_, scratch}, &out(first, 0));
    });
  }

 private:
  struct step {
    detail::step_kind kind;
    std::size_t input, residual;
    window win;
    activation act;
    bool count_padding;
    double epsilon;
    sample_shape in, out;
    packed_matrix<T, B> weights = {};         // of products
    buffer<T, B> taps = {};                   // of depthwise convolutions, (size · size, C)
    buffer<compute_type<T>, B> factors = {};  // of normalise
    buffer<compute_type<T>, B> bias = {};
    std::size_t offset = 0;  // of its output, in elements of one image

    std::size_t scratch(context<B> const& ctx, std::size_t images) const {
      return kind == detail::step_kind::product ? convolution_scratch<T>(ctx, win, in.channels, images) : 0;
    }
  };

  std::size_t scratch_of(context<B> const& ctx, std::size_t images) const {
    std::size_t most = 0;
    for (auto const& s : steps_) most = std::max(most, s.scratch(ctx, images));
    return most;
  }

  template <class N>
  static step make_step(context<B>& ctx, detail::folded_step<N> const& f) {
    step s{.kind = f.kind,
           .input = f.input,
           .residual = f.residual,
           .win = f.win,
           .act = f.act,
           .count_padding = f.count_padding,
           .epsilon = f.epsilon,
           .in = f.in,
           .out = f.out};
    if (f.kind == detail::step_kind::product)
      s.weights = packed_matrix<T, B>(
          ctx, matrix_view<const N>(f.weights.data(), f.weights.size() / f.out.channels, f.out.channels));
    else if (f.kind == detail::step_kind::normalise)
      s.factors = upload<compute_type<T>>(ctx, f.weights);
    else
      s.taps = upload<T>(ctx, f.weights);
    s.bias = upload<compute_type<T>>(ctx, f.bias);
    return s;
  }

  void run_piece(context<B>& ctx, feature_maps<const T, B> x, T* arena, vector_view<T, B> scratch, T* out) const {
    std::size_t const count = x.extent(0);
    // With one image a lane, or one lane, images follow each other within each map.
    auto const place = [&](std::size_t k) { return k + 1 == steps_.size() ? out : arena + count * steps_[k].offset; };
    for (std::size_t k = 0; k < steps_.size(); ++k) {
      auto const& s = steps_[k];
      feature_maps<const T, B> const from{s.input == node::none ? x.data() : place(s.input),
                                          {count, s.in.height, s.in.width, s.in.channels}};
      feature_maps<T, B> const to{place(k), {count, s.out.height, s.out.width, s.out.channels}};
      run_step(ctx, s, from, s.residual == node::none ? nullptr : place(s.residual), scratch, to);
    }
  }

  static void run_step(context<B>& ctx, step const& s, feature_maps<const T, B> from, T const* residual,
                       vector_view<T, B> scratch, feature_maps<T, B> to) {
    using enum detail::step_kind;
    std::size_t const count = to.extent(0);
    auto const x = pixels_of(from);
    auto const y = pixels_of(to);
    window_grid const grid = grid_of(s.in, s.win);
    epilogue<T, B> end{s.bias.view(), s.act};
    if (residual) end.residual = {residual, to.size()};
    switch (s.kind) {
      case product:
        return convolve<T>(ctx, from, s.weights, s.win, end, {scratch.data(), s.scratch(ctx, count)}, to);
      case depthwise:
        return convolve_depthwise<T>(ctx, from, {s.taps.data(), grid.taps(), s.out.channels}, s.win, end, to);
      case mean:
        return mean_of_pixels<T>(ctx, from, {to.data(), count, s.out.channels});
      case max_pool:
        return pool_max_forward<T>(ctx, grid, s.count_padding, x, y);
      case average_pool:
        return pool_mean_forward<T>(ctx, cells_of_window{grid, s.count_padding}, x, y);
      case scale:
        return for_each_cell(ctx, y.rows(), y.cols(),
                             scale_channels<T, B>{x, {residual, count, s.out.channels}, s.out.pixels(), y});
      case normalise:
        return for_each_row(
            ctx, y.rows(), y.cols(),
            layer_norm_forward<T, B>{{x, static_cast<compute_type<T>>(s.epsilon)}, s.factors.view(), s.bias.view(), y});
    }
  }

  sample_shape input_, output_;
  std::vector<step> steps_;
  std::size_t arena_ = 0;
};

}  // namespace softf1::inline SOFTF1_ABI::layers
