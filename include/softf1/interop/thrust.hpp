// thrust::device_vector as an argument: needs the device backend.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <thrust/device_vector.h>

#include <softf1/backend/tensor.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A device_vector is a vector on the device; `as_matrix` gives it a shape. Results are tensors of the device.
template <class T, class Allocator>
struct view_traits<thrust::device_vector<T, Allocator>> : view_traits<tensor<T, 2, cuda>> {
  template <std::size_t N, class X>
  static auto view(X& x, std::string_view, std::string_view) {
    static_assert(N == 1, "softf1: a device_vector has no shape: use as_matrix(x, rows, cols)");
    using element = std::conditional_t<std::is_const_v<X>, T const, T>;
    return vector_view<element, cuda>(thrust::raw_pointer_cast(x.data()), x.size());
  }
};

namespace detail {
template <class T, class X>
matrix_view<T, cuda> matrix_of_device_vector(X& x, std::size_t rows, std::size_t cols) {
  if (x.size() != rows * cols)
    throw shape_error("as_matrix: " + shape_text({rows, cols}) + " needs " + std::to_string(rows * cols) +
                      " elements, got " + std::to_string(x.size()));
  return {thrust::raw_pointer_cast(x.data()), rows, cols};
}
}  // namespace detail

/// A dense row-major matrix view of a device_vector. Throws shape_error unless it holds rows × cols elements.
template <class T, class Allocator>
matrix_view<T, cuda> as_matrix(thrust::device_vector<T, Allocator>& x, std::size_t rows, std::size_t cols) {
  return detail::matrix_of_device_vector<T>(x, rows, cols);
}
template <class T, class Allocator>
matrix_view<const T, cuda> as_matrix(thrust::device_vector<T, Allocator> const& x, std::size_t rows,
                                     std::size_t cols) {
  return detail::matrix_of_device_vector<const T>(x, rows, cols);
}

}  // namespace softf1::inline SOFTF1_ABI
