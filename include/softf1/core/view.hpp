// Views: how data crosses folders. A view is a pointer, extents and strides; it owns nothing and is trivially copyable.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <softf1/core/backend.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A view of N-dimensional data on backend B: pointer, extents, strides (in elements; 0 and negative are legal).
/// The backend is part of the type, so a host pointer cannot reach device code.
template <class T, std::size_t N, class B = cpu>
class tensor_view {
 public:
  using element_type = T;
  using value_type = std::remove_cv_t<T>;
  using backend = B;
  static constexpr std::size_t rank = N;

  constexpr tensor_view() = default;

  /// A dense row-major view.
  constexpr tensor_view(T* data, std::array<std::size_t, N> const& extents) : data_(data) {
    std::ptrdiff_t stride = 1;
    for (std::size_t k = N; k-- > 0;) {
      extents_[k] = extents.data()[k];
      strides_[k] = stride;
      stride *= static_cast<std::ptrdiff_t>(extents_[k]);
    }
  }

  /// A strided view; strides count elements.
  constexpr tensor_view(T* data, std::array<std::size_t, N> const& extents,
                        std::array<std::ptrdiff_t, N> const& strides)
      : data_(data) {
    for (std::size_t k = 0; k < N; ++k) {
      extents_[k] = extents.data()[k];
      strides_[k] = strides.data()[k];
    }
  }

  /// A dense vector of `size` elements.
  SOFTF1_HD constexpr tensor_view(T* data, std::size_t size)
    requires(N == 1)
      : data_(data), extents_{size}, strides_{1} {}

  /// A dense row-major matrix of `rows` × `cols` elements.
  SOFTF1_HD constexpr tensor_view(T* data, std::size_t rows, std::size_t cols)
    requires(N == 2)
      : data_(data), extents_{rows, cols}, strides_{static_cast<std::ptrdiff_t>(cols), 1} {}

  /// A matrix with strides between rows and between columns, in elements.
  SOFTF1_HD constexpr tensor_view(T* data, std::size_t rows, std::size_t cols, std::ptrdiff_t row_stride,
                                  std::ptrdiff_t col_stride)
    requires(N == 2)
      : data_(data), extents_{rows, cols}, strides_{row_stride, col_stride} {}

  /// A view of mutable data reads as a view of const data.
  template <class U>
    requires(std::is_same_v<T, const U> && !std::is_const_v<U>)
  SOFTF1_HD constexpr tensor_view(tensor_view<U, N, B> const& other) : data_(other.data()) {
    for (std::size_t k = 0; k < N; ++k) {
      extents_[k] = other.extent(k);
      strides_[k] = other.stride(k);
    }
  }

  SOFTF1_HD constexpr T* data() const { return data_; }
  SOFTF1_HD constexpr std::size_t extent(std::size_t k) const { return extents_[k]; }
  SOFTF1_HD constexpr std::ptrdiff_t stride(std::size_t k) const { return strides_[k]; }
  SOFTF1_HD constexpr std::size_t rows() const
    requires(N == 2)
  {
    return extents_[0];
  }
  SOFTF1_HD constexpr std::size_t cols() const
    requires(N == 2)
  {
    return extents_[1];
  }

  SOFTF1_HD constexpr std::size_t size() const {
    std::size_t n = 1;
    for (std::size_t k = 0; k < N; ++k) n *= extents_[k];
    return n;
  }

  constexpr std::array<std::size_t, N> shape() const {
    std::array<std::size_t, N> s{};
    for (std::size_t k = 0; k < N; ++k) s[k] = extents_[k];
    return s;
  }

  /// True where the elements lie one after the other in row-major order.
  SOFTF1_HD constexpr bool is_dense() const {
    std::ptrdiff_t expected = 1;
    for (std::size_t k = N; k-- > 0;) {
      if (extents_[k] != 1 && strides_[k] != expected) return false;
      expected *= static_cast<std::ptrdiff_t>(extents_[k]);
    }
    return true;
  }

  SOFTF1_HD constexpr T& operator()(std::size_t i) const
    requires(N == 1)
  {
    return data_[static_cast<std::ptrdiff_t>(i) * strides_[0]];
  }
  SOFTF1_HD constexpr T& operator[](std::size_t i) const
    requires(N == 1)
  {
    return (*this)(i);
  }
  SOFTF1_HD constexpr T& operator()(std::size_t i, std::size_t j) const
    requires(N == 2)
  {
    return data_[static_cast<std::ptrdiff_t>(i) * strides_[0] + static_cast<std::ptrdiff_t>(j) * strides_[1]];
  }

 private:
  T* data_ = nullptr;
  std::size_t extents_[N] = {};
  std::ptrdiff_t strides_[N] = {};
};

/// A view of a matrix: rows, columns, row and column stride.
template <class T, class B = cpu>
using matrix_view = tensor_view<T, 2, B>;

/// A view of a vector. A scalar result is a vector view of one element.
template <class T, class B = cpu>
using vector_view = tensor_view<T, 1, B>;

}  // namespace softf1::inline SOFTF1_ABI
