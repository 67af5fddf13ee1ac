// Networks, and rows of the host, on the backend where the work is done.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <softf1/layers/forward_plan.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// A copy of a host's network on a backend: the same blocks, parameters and state.
template <class T, class B>
layers::network<T, B> network_on(context<B>& ctx, layers::network<T, cpu> const& host) {
  layers::network<T, B> net(ctx, host.input_shape(), host.blocks(), std::nullopt);
  copy(ctx, host.parameters(), net.parameters());
  copy(ctx, host.state(), net.state());
  return net;
}

namespace detail {

/// run(x, y) for pieces of the rows of x and y, which lie on the host, on the backend: brought there and back.
template <class X, class Y, class B, class Run>
void run_from_host(context<B>& ctx, matrix_view<const X> x, matrix_view<Y> y, std::size_t rows_at_once,
                   Run const& run) {
  layers::require_dense("run_from_host", "x", x);
  layers::require_dense("run_from_host", "y", y);
  std::size_t const rows = std::min(x.rows(), rows_at_once);
  buffer<X, B> in(ctx, rows * x.cols());
  buffer<Y, B> out(ctx, rows * y.cols());
  for (std::size_t first = 0; first < x.rows(); first += rows_at_once) {
    std::size_t const count = std::min(rows_at_once, x.rows() - first);
    vector_view<const X> const from(x.data() + first * x.cols(), count * x.cols());
    copy(ctx, from, vector_view<X, B>(in.data(), from.size()));
    run(matrix_view<const X, B>(in.data(), count, x.cols()), matrix_view<Y, B>(out.data(), count, y.cols()));
    vector_view<Y> const to(y.data() + first * y.cols(), count * y.cols());
    copy(ctx, vector_view<const Y, B>(out.data(), to.size()), to);
  }
}

}  // namespace detail

/// y(i, ·) = plan(x(i, ·)) for rows of the host: x (N, D), y (N, L), dense, `rows_at_once` of them on the backend at a
/// time. Throws shape_error for shapes that do not fit and rows with gaps.
template <class B>
void run_rows(context<B>& ctx, layers::forward_plan<float, B> const& plan, matrix_view<const float> x,
              matrix_view<float> y, std::size_t rows_at_once = 4096) {
  require_shape("run_rows", "y", {x.rows(), plan.output_shape().size()}, y.shape());
  detail::run_from_host(ctx, x, y, rows_at_once, [&](matrix_view<const float, B> in, matrix_view<float, B> out) {
    plan.run(ctx, layers::maps_of(in, plan.input_shape()), out);
  });
}

}  // namespace softf1::inline SOFTF1_ABI::models
