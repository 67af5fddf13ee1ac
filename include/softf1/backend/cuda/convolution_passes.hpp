// The passes of convolutions and pools in training, on the device: windows laid side by side and products, and a functor
// a cell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <softf1/backend/cuda/fused_convolution.hpp>
#include <softf1/backend/cuda/gemm.hpp>
#include <softf1/backend/cuda/reduce.hpp>
#include <softf1/backend/pooled_windows.hpp>
#include <softf1/backend/windows.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

// The columns of group k, which has `count` of them, and the rows [first, first + rows).
template <class T>
matrix_view<T, cuda> part_of(matrix_view<T, cuda> m, std::size_t k, std::size_t count, std::size_t first,
                             std::size_t rows) {
  return {m.data() + static_cast<std::ptrdiff_t>(first) * m.stride(0) + k * count, rows, count, m.stride(0),
          m.stride(1)};
}

/// Some images of a batch, as rows of the matrices of their pixels.
struct image_piece {
  std::size_t first, rows, first_out, rows_out;
};

// use(piece, room for its windows) for pieces of a bounded size, so that the windows of a large batch need no more memory
// than those of a small one.
template <class T, class Use>
void in_image_pieces(context<cuda>& ctx, convolution_grid const& g, std::size_t images, Use const& use) {
  auto const& on = g.on;
  if (on.win.is_pointwise())
    return use(image_piece{0, images * on.pixels(), 0, images * on.pixels()}, matrix_view<T, cuda>{});
  constexpr std::size_t most = std::size_t{1} << 22;
  std::size_t const of_image = on.out_pixels() * g.depth(), fitting = of_image < most ? most / of_image : 1;
  std::size_t const at_once = images < fitting ? images : fitting;
  buffer<T, cuda> memory(ctx, at_once * of_image);
  for (std::size_t first = 0; first < images; first += at_once) {
    std::size_t const count = images - first < at_once ? images - first : at_once;
    use(image_piece{first * on.pixels(), count * on.pixels(), first * on.out_pixels(), count * on.out_pixels()},
        memory.matrix(count * on.out_pixels(), g.depth()));
  }
}

// use(piece, windows of group k) for pieces of the batch.
template <class T, class Use>
void in_unfolded_pieces(context<cuda>& ctx, convolution_grid const& g, std::size_t k, matrix_view<const T, cuda> x,
                        Use const& use) {
  in_image_pieces<T>(ctx, g, x.rows() / g.on.pixels(), [&](image_piece const& p, matrix_view<T, cuda> windows) {
    auto const from = part_of(x, k, g.on.channels, p.first, p.rows);
    if (!windows.data()) return use(p, from);
    lay_side_by_side(ctx, unfold<T, cuda>{g.on, from, windows});
    use(p, matrix_view<const T, cuda>(windows));
  });
}

}  // namespace detail

/// As on the host. Cost: the windows are laid side by side (in pieces of 2²² elements), then products; where a window is
/// one pixel, products alone.
template <class T>
void convolve_forward(context<cuda>& ctx, convolution_grid const& g, matrix_view<const T, cuda> x,
                      std::type_identity_t<matrix_view<const T, cuda>> w,
                      std::type_identity_t<vector_view<const T, cuda>> bias,
                      std::type_identity_t<matrix_view<T, cuda>> y) {
  if (y.size() == 0) return;
  if (bias.data()) for_each_cell(ctx, y.rows(), y.cols(), row_broadcast<T, cuda>{y, bias});
  std::size_t const of_group = g.out / g.groups;
  for (std::size_t k = 0; k < g.groups; ++k)
    detail::in_unfolded_pieces<T>(ctx, g, k, x, [&](detail::image_piece const& p, matrix_view<const T, cuda> windows) {
      gemm<T>(ctx, T(1), windows, detail::part_of(w, k, of_group, 0, w.rows()), bias.data() ? T(1) : T(0),
              detail::part_of(y, k, of_group, p.first_out, p.rows_out));
    });
}

/// As on the host.
template <class T>
void convolve_grad_x(context<cuda>& ctx, convolution_grid const& g, matrix_view<const T, cuda> w,
                     std::type_identity_t<matrix_view<const T, cuda>> grad_y,
                     std::type_identity_t<matrix_view<T, cuda>> grad_x) {
  if (grad_x.size() == 0) return;
  std::size_t const of_group = g.out / g.groups;
  for (std::size_t k = 0; k < g.groups; ++k)
    detail::in_image_pieces<T>(
        ctx, g, grad_x.rows() / g.on.pixels(), [&](detail::image_piece const& p, matrix_view<T, cuda> windows) {
          auto const to = detail::part_of(grad_x, k, g.on.channels, p.first, p.rows);
          gemm<T>(ctx, T(1), detail::part_of(grad_y, k, of_group, p.first_out, p.rows_out),
                  transposed(detail::part_of(w, k, of_group, 0, w.rows())), T(0), windows.data() ? windows : to);
          if (windows.data()) for_each_cell(ctx, to.rows(), to.cols(), fold<T, cuda>{g.on, windows, to});
        });
}

/// As on the host.
template <class T>
void convolve_grad_w(context<cuda>& ctx, convolution_grid const& g, matrix_view<const T, cuda> x,
                     std::type_identity_t<matrix_view<const T, cuda>> grad_y,
                     std::type_identity_t<matrix_view<T, cuda>> grad_w) {
  if (grad_y.size() == 0) return;
  std::size_t const of_group = g.out / g.groups;
  for (std::size_t k = 0; k < g.groups; ++k)
    detail::in_unfolded_pieces<T>(ctx, g, k, x, [&](detail::image_piece const& p, matrix_view<const T, cuda> windows) {
      gemm<T>(ctx, T(1), transposed(windows), detail::part_of(grad_y, k, of_group, p.first_out, p.rows_out), T(1),
              detail::part_of(grad_w, k, of_group, 0, grad_w.rows()));
    });
}

/// As on the host: the convolution of inference, without a bias.
template <class T>
void depthwise_forward(context<cuda>& ctx, window_grid const& on, matrix_view<const T, cuda> x,
                       std::type_identity_t<matrix_view<const T, cuda>> w,
                       std::type_identity_t<matrix_view<T, cuda>> y) {
  buffer<T, cuda> zeros(ctx, on.channels);
  fill(ctx, zeros.view(), T(0));
  std::size_t const images = x.rows() / on.pixels();
  convolve_depthwise<T>(ctx, {x.data(), {images, on.height, on.width, on.channels}}, w, on.win,
                        {.bias = std::as_const(zeros).view()},
                        {y.data(), {images, on.win.out_height, on.win.out_width, on.channels}});
}

/// As on the host.
template <class T>
void depthwise_grad_x(context<cuda>& ctx, window_grid const& on, matrix_view<const T, cuda> w,
                      std::type_identity_t<matrix_view<const T, cuda>> grad_y,
                      std::type_identity_t<matrix_view<T, cuda>> grad_x) {
  for_each_cell(ctx, grad_x.rows(), grad_x.cols(), depthwise_backward_input<T, cuda>{on, grad_y, w, grad_x});
}

/// As on the host.
template <class T>
void depthwise_grad_w(context<cuda>& ctx, window_grid const& on, matrix_view<const T, cuda> x,
                      std::type_identity_t<matrix_view<const T, cuda>> grad_y,
                      std::type_identity_t<vector_view<T, cuda>> grad_w) {
  reduce_columns(ctx, grad_y.rows(), on.taps() * on.channels, depthwise_backward_weight<T, cuda>(on, x, grad_y),
                 grad_w);
}

/// As on the host.
template <class T>
void pool_max_forward(context<cuda>& ctx, window_grid const& on, bool zeros, matrix_view<const T, cuda> x,
                      std::type_identity_t<matrix_view<T, cuda>> y) {
  for_each_cell(ctx, y.rows(), y.cols(), maximum_of_window<T, cuda>{{on, x, zeros}, y});
}

/// As on the host. Cost: two passes.
template <class T>
void pool_max_backward(context<cuda>& ctx, window_grid const& on, bool zeros, matrix_view<const T, cuda> x,
                       std::type_identity_t<matrix_view<const T, cuda>> grad_y,
                       std::type_identity_t<matrix_view<T, cuda>> grad_x) {
  buffer<std::uint32_t, cuda> memory(ctx, grad_y.size());
  auto const taps = memory.matrix(grad_y.rows(), grad_y.cols());
  for_each_cell(ctx, taps.rows(), taps.cols(), tap_of_maximum<T, cuda>{{on, x, zeros}, taps});
  for_each_cell(ctx, grad_x.rows(), grad_x.cols(), slopes_of_maxima<T, cuda>{on, taps, grad_y, grad_x});
}

/// As on the host.
template <class T>
void pool_mean_forward(context<cuda>& ctx, cells_of_window const& cells, matrix_view<const T, cuda> x,
                       std::type_identity_t<matrix_view<T, cuda>> y) {
  for_each_cell(ctx, y.rows(), y.cols(), mean_of_window<T, cuda>{cells, x, y});
}

/// As on the host.
template <class T>
void pool_mean_backward(context<cuda>& ctx, cells_of_window const& cells, matrix_view<const T, cuda> grad_y,
                        std::type_identity_t<matrix_view<T, cuda>> grad_x) {
  for_each_cell(ctx, grad_x.rows(), grad_x.cols(), slopes_of_means<T, cuda>{cells, grad_y, grad_x});
}

}  // namespace softf1::inline SOFTF1_ABI
