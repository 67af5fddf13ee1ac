// The owning tensor of the device.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <softf1/backend/cuda/elementwise.hpp>
#include <softf1/core/tensor.hpp>
#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A dense row-major tensor of rank N in memory of the device. New elements are 0.
template <class T, std::size_t N>
class tensor<T, N, cuda> {
 public:
  using value_type = T;

  tensor() = default;
  tensor(context<cuda>& ctx, std::array<std::size_t, N> const& shape) : shape_(shape), data_(ctx, view().size()) {
    fill(ctx, data_.view(), T{});
  }
  /// A copy of what lies on the host: `data` has the elements in row-major order.
  tensor(context<cuda>& ctx, T const* data, std::array<std::size_t, N> const& shape)
      : shape_(shape), data_(ctx, view().size()) {
    copy(ctx, vector_view<const T>(data, data_.size()), data_.view());
  }

  T* data() { return data_.data(); }
  T const* data() const { return data_.data(); }
  std::array<std::size_t, N> const& shape() const { return shape_; }
  std::size_t size() const { return data_.size(); }

  tensor_view<T, N, cuda> view() { return {data_.data(), shape_}; }
  tensor_view<const T, N, cuda> view() const { return {data_.data(), shape_}; }
  /// All elements, in order.
  vector_view<T, cuda> elements() { return data_.view(); }
  vector_view<const T, cuda> elements() const { return data_.view(); }

 private:
  std::array<std::size_t, N> shape_{};
  buffer<T, cuda> data_;
};

namespace detail {

/// Results for what lies on the device are tensors there.
template <>
struct view_results<cuda> {
  template <class T>
  using matrix = tensor<T, 2, cuda>;
  template <class T>
  static matrix<T> make_matrix(context<cuda>& ctx, std::size_t rows, std::size_t cols) {
    return matrix<T>(ctx, {rows, cols});
  }
};

}  // namespace detail

/// Tensors as arguments give tensors as results.
template <class T, std::size_t N>
struct view_traits<tensor<T, N, cuda>> : detail::view_results<cuda> {
  using value_type = T;
  using backend = cuda;

  template <std::size_t M, class X>
  static auto view(X& x, std::string_view, std::string_view) {
    static_assert(M == N, "softf1: this function takes a tensor of another rank");
    return x.view();
  }
};

}  // namespace softf1::inline SOFTF1_ABI
