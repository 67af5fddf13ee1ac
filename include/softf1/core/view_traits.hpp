// How the types that users hold become views, and which type owns results for them.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Conversion of X to views. A specialisation has
///   `value_type`, `backend`,
///   `template <std::size_t N> static tensor_view<…, N, backend> view(X& x, std::string_view who, std::string_view
///   what)`,
///   `template <class T> using matrix` (the type that owns a matrix of results), and
///   `template <class T> static matrix<T> make_matrix(context<backend>& ctx, std::size_t rows, std::size_t cols)`.
/// Types with `data()`, `shape()` and `strides()` (in elements) match by structure; `interop/` specialises it for
/// others.
template <class X>
struct view_traits;

/// A type for which `view_traits` is specialised.
template <class X>
concept viewable = requires { typename view_traits<std::remove_cvref_t<X>>::value_type; };

namespace detail {

template <class X>
concept structurally_viewable = requires(X& x) {
  *x.data();
  x.shape()[0];
  x.strides()[0];
  x.shape().size();
};

/// Results for inputs that own nothing: a row-major std::vector.
struct vector_results {
  template <class T>
  using matrix = std::vector<T>;
  template <class T>
  static std::vector<T> make_matrix(context<cpu>&, std::size_t rows, std::size_t cols) {
    return std::vector<T>(rows * cols);
  }
};

/// Results for views on backend B. Backends with memory of their own specialise it.
template <class B>
struct view_results;
template <>
struct view_results<cpu> : vector_results {};

// A vector, span or array; a matrix class of another library has rows() of its own.
template <class X>
concept contiguous_range = requires(X& x) {
  *x.data();
  { x.size() } -> std::convertible_to<std::size_t>;
} && !requires(X& x) { x.rows(); };

/// View of anything with data(), shape() and strides(); a wrong rank is a shape_error.
template <std::size_t N, class X>
auto structural_view(X& x, std::string_view who, std::string_view what) {
  using T = std::remove_reference_t<decltype(*x.data())>;
  auto const& shape = x.shape();
  if (static_cast<std::size_t>(shape.size()) != N)
    throw shape_error(std::string(who) + ": " + std::string(what) + " must have " + std::to_string(N) +
                      " dimensions, got shape " + shape_text(shape));
  std::array<std::size_t, N> extents{};
  std::array<std::ptrdiff_t, N> strides{};
  for (std::size_t k = 0; k < N; ++k) {
    extents[k] = static_cast<std::size_t>(shape[k]);
    strides[k] = static_cast<std::ptrdiff_t>(x.strides()[k]);
  }
  auto* data = x.data();
  if constexpr (requires { x.data_offset(); }) data += x.data_offset();
  return tensor_view<T, N, cpu>(data, extents, strides);
}

}  // namespace detail

template <class T, std::size_t N, class B>
struct view_traits<tensor_view<T, N, B>> : detail::view_results<B> {
  using value_type = std::remove_cv_t<T>;
  using backend = B;
  template <std::size_t M, class X>
  static tensor_view<T, M, B> view(X& x, std::string_view, std::string_view) {
    static_assert(M == N, "softf1: this function takes a view of another rank");
    return x;
  }
};

template <class X>
  requires detail::structurally_viewable<X>
struct view_traits<X> : detail::vector_results {
  using value_type = std::remove_cvref_t<decltype(*std::declval<X&>().data())>;
  using backend = cpu;
  template <std::size_t N, class Y>
  static auto view(Y& x, std::string_view who, std::string_view what) {
    return detail::structural_view<N>(x, who, what);
  }
};

/// Contiguous one-dimensional ranges (std::vector, std::span, std::array) are vectors; `as_matrix` gives them a shape.
template <class X>
  requires(!detail::structurally_viewable<X> && detail::contiguous_range<X>)
struct view_traits<X> : detail::vector_results {
  using value_type = std::remove_cvref_t<decltype(*std::declval<X&>().data())>;
  using backend = cpu;
  template <std::size_t N, class Y>
  static auto view(Y& x, std::string_view, std::string_view) {
    static_assert(N == 1, "softf1: a vector or span has no shape: use as_matrix(x, rows, cols)");
    using T = std::remove_reference_t<decltype(*x.data())>;
    return vector_view<T, cpu>(x.data(), x.size());
  }
};

/// Backend and value type of what X views.
template <class X>
using backend_of = typename view_traits<std::remove_cvref_t<X>>::backend;
template <class X>
using value_of = typename view_traits<std::remove_cvref_t<X>>::value_type;
/// The type that owns a matrix of T as a result for an input of type X.
template <class X, class T>
using matrix_of = typename view_traits<std::remove_cvref_t<X>>::template matrix<T>;

/// The view of `x` with N dimensions. Throws shape_error where x has another number of dimensions at run time.
/// `who` and `what` name function and argument in the error.
template <std::size_t N, class X>
auto to_view(X&& x, std::string_view who, std::string_view what) {
  static_assert(viewable<X>,
                "softf1: this type has no view: pass an evaluated array with data(), shape() and strides(), "
                "as_matrix(data, rows, cols), or specialise softf1::view_traits");
  return view_traits<std::remove_cvref_t<X>>::template view<N>(x, who, what);
}

/// The same, read-only: a `tensor_view<const value_of<X>, N, backend_of<X>>`.
template <std::size_t N, class X>
tensor_view<const value_of<X>, N, backend_of<X>> const_view(X const& x, std::string_view who, std::string_view what) {
  return to_view<N>(x, who, what);
}

/// A dense row-major matrix view of memory that the caller owns.
/// rows × cols elements are read; cost O(1).
template <class T>
matrix_view<T> as_matrix(T* data, std::size_t rows, std::size_t cols) {
  return {data, rows, cols};
}

/// The same for contiguous ranges (std::vector, std::span). Throws shape_error unless it holds rows × cols elements.
template <class X>
  requires requires(X& x) {
    *x.data();
    x.size();
  }
auto as_matrix(X&& x, std::size_t rows, std::size_t cols) {
  static_assert(std::is_lvalue_reference_v<X> || !std::is_same_v<std::remove_cvref_t<X>, std::vector<value_of<X>>>,
                "softf1: as_matrix of a temporary vector would dangle");
  if (static_cast<std::size_t>(x.size()) != rows * cols)
    throw shape_error("as_matrix: " + shape_text({rows, cols}) + " needs " + std::to_string(rows * cols) +
                      " elements, got " + std::to_string(x.size()));
  return as_matrix(x.data(), rows, cols);
}

}  // namespace softf1::inline SOFTF1_ABI
