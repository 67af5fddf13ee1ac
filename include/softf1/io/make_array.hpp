// Arrays from memory: what is written to files.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/core/view_traits.hpp>
#include <softf1/io/array.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// An array that owns row-major elements. Throws shape_error unless their number is that of the shape.
template <class T>
array make_array(std::vector<T> values, std::vector<std::size_t> shape) {
  static_assert(!std::is_same_v<T, bool>, "softf1: std::vector<bool> has no elements in memory: use std::uint8_t");
  auto const owner = std::make_shared<std::vector<T> const>(std::move(values));
  return {dtype_of<T>, std::move(shape), storage_order::row_major, std::as_bytes(std::span(*owner)), owner};
}

namespace detail {

/// A strided array without its type's wrapping; strides count elements.
template <class T>
struct strided {
  T const* data;
  std::vector<std::size_t> shape;
  std::vector<std::ptrdiff_t> strides;

  bool is_dense(storage_order order) const {
    std::ptrdiff_t expected = 1;
    for (std::size_t step = 0; step < shape.size(); ++step) {
      std::size_t const k = order == storage_order::row_major ? shape.size() - 1 - step : step;
      if (shape[k] == 0) return true;
      if (shape[k] != 1 && strides[k] != expected) return false;
      expected *= static_cast<std::ptrdiff_t>(shape[k]);
    }
    return true;
  }

  std::size_t size() const {
    std::size_t n = 1;
    for (auto extent : shape) n *= extent;
    return n;
  }

  /// The elements in row-major order, as bytes.
  std::vector<std::byte> gathered() const {
    std::vector<std::byte> bytes(size() * sizeof(T));
    std::vector<std::size_t> index(shape.size());
    std::ptrdiff_t at = 0;
    for (std::size_t to = 0; to < bytes.size(); to += sizeof(T)) {
      auto const element = std::as_bytes(std::span(data + at, 1));
      std::copy(element.begin(), element.end(), bytes.begin() + static_cast<std::ptrdiff_t>(to));
      for (std::size_t k = shape.size(); k-- > 0;) {
        at += strides[k];
        if (++index[k] < shape[k]) break;
        at -= strides[k] * static_cast<std::ptrdiff_t>(shape[k]);
        index[k] = 0;
      }
    }
    return bytes;
  }
};

template <class X>
strided<value_of<X>> strided_of(X const& x) {
  strided<value_of<X>> s{x.data(), {}, {}};
  if constexpr (requires {
                  X::rank;
                  x.extent(0);
                }) {
    for (std::size_t k = 0; k < X::rank; ++k) {
      s.shape.push_back(x.extent(k));
      s.strides.push_back(x.stride(k));
    }
  } else if constexpr (softf1::detail::structurally_viewable<X const>) {
    if constexpr (requires { x.data_offset(); }) s.data += x.data_offset();
    for (std::size_t k = 0; k < static_cast<std::size_t>(x.shape().size()); ++k) {
      s.shape.push_back(static_cast<std::size_t>(x.shape()[k]));
      s.strides.push_back(static_cast<std::ptrdiff_t>(x.strides()[k]));
    }
  } else {
    s.shape = {static_cast<std::size_t>(x.size())};
    s.strides = {1};
  }
  return s;
}

}  // namespace detail

/// An array of what the caller holds (a view, vector, span, xtensor expression with data): the bytes are used where
/// they lie if they are dense in either order, so `x` must outlive the array; they are copied otherwise.
template <class X>
array borrow_array(X const& x) {
  static_assert(viewable<X>, "softf1: this type has no data(), shape() and strides(): pass a view, vector or span");
  static_assert(std::is_same_v<backend_of<X>, cpu>, "softf1: copy device memory to the host before you write it");
  auto s = detail::strided_of(x);
  constexpr dtype type = dtype_of<value_of<X>>;
  for (auto order : {storage_order::row_major, storage_order::column_major})
    if (s.is_dense(order)) {
      auto const bytes = std::as_bytes(std::span(s.data, s.size()));
      return {type, std::move(s.shape), order, bytes, nullptr};
    }
  auto const owner = std::make_shared<std::vector<std::byte> const>(s.gathered());
  return {type, std::move(s.shape), storage_order::row_major, *owner, owner};
}

}  // namespace softf1::inline SOFTF1_ABI::io
