// fill, copy and the parallel-fors of the device backend.
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

#include <softf1/backend/contracts.hpp>
#include <softf1/backend/cuda/launch.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI {

/// f(i) for i in [0, n). f is trivially copyable and its calls are independent of each other.
template <class F>
void for_each(context<cuda>& ctx, std::size_t n, F f) {
  detail::check_functor<F>();
  detail::launch(ctx, n, f);
}

/// f(i, j) for every cell of rows × cols; independent calls, neighbours in j side by side.
template <class F>
void for_each_cell(context<cuda>& ctx, std::size_t rows, std::size_t cols, F f) {
  detail::check_functor<F>();
  detail::launch_cells(ctx, rows, cols, f);
}

/// f(i) for each of `rows` items, each of which costs about `cells_a_row` cells of work.
template <class F>
void for_each_row(context<cuda>& ctx, std::size_t rows, std::size_t, F f) {
  detail::check_functor<F>();
  detail::thrust_for_each(ctx, rows, f);
}

namespace detail {

template <class T>
struct fill_elements {
  vector_view<T, cuda> out;
  T value;
  SOFTF1_HD void operator()(std::size_t i) const { out(i) = value; }
};

template <class T>
struct copy_elements {
  vector_view<const T, cuda> from;
  vector_view<T, cuda> to;
  SOFTF1_HD void operator()(std::size_t i) const { to(i) = from(i); }
};

template <class T>
std::size_t bytes_of(vector_view<T, cuda> const& v) {
  return v.size() * sizeof(T);
}

}  // namespace detail

/// Every element = value.
template <class T>
void fill(context<cuda>& ctx, vector_view<T, cuda> out, std::type_identity_t<T> value) {
  detail::launch(ctx, out.size(), detail::fill_elements<T>{out, value});
}

/// to(i) = from(i) on the device. Throws shape_error unless both have the same length.
template <class T>
void copy(context<cuda>& ctx, vector_view<const T, cuda> from, vector_view<T, cuda> to) {
  require_shape("copy", "destination", {from.size()}, to.shape());
  if (from.is_dense() && to.is_dense())
    detail::copy_bytes(ctx.stream(), from.data(), to.data(), detail::bytes_of(from), detail::copy_kind::on_device);
  else
    detail::launch(ctx, from.size(), detail::copy_elements<T>{from, to});
}

/// From the host to the device; the host's memory may be used again when it returns.
template <class T>
void copy(context<cuda>& ctx, vector_view<const T, cpu> from, vector_view<T, cuda> to) {
  require_shape("copy", "destination", {from.size()}, to.shape());
  if (!from.is_dense() || !to.is_dense()) {
    std::vector<std::byte> host(from.size() * sizeof(T));
    auto* const dense = reinterpret_cast<T*>(host.data());
    for (std::size_t i = 0; i < from.size(); ++i) dense[i] = from(i);
    buffer<T, cuda> staged(ctx, from.size());
    detail::copy_bytes(ctx.stream(), dense, staged.data(), host.size(), detail::copy_kind::to_device);
    return detail::launch(ctx, to.size(), detail::copy_elements<T>{staged.view(), to});
  }
  detail::copy_bytes(ctx.stream(), from.data(), to.data(), detail::bytes_of(to), detail::copy_kind::to_device);
}

/// From the device to the host: waits for all work before.
template <class T>
void copy(context<cuda>& ctx, vector_view<const T, cuda> from, vector_view<T, cpu> to) {
  require_shape("copy", "destination", {from.size()}, to.shape());
  if (!from.is_dense() || !to.is_dense()) {
    buffer<T, cuda> staged(ctx, from.size());
    detail::launch(ctx, from.size(), detail::copy_elements<T>{from, staged.view()});
    std::vector<std::byte> host(from.size() * sizeof(T));
    detail::copy_bytes(ctx.stream(), staged.data(), host.data(), host.size(), detail::copy_kind::from_device);
    for (std::size_t i = 0; i < to.size(); ++i) to(i) = reinterpret_cast<T const*>(host.data())[i];
    return;
  }
  detail::copy_bytes(ctx.stream(), from.data(), to.data(), detail::bytes_of(from), detail::copy_kind::from_device);
}

}  // namespace softf1::inline SOFTF1_ABI
