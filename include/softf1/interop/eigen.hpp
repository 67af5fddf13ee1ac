// Eigen's dense matrices, arrays and maps in, a row-major Eigen matrix out. Include it beside <softf1/softf1.hpp>.
#pragma once

#include <cstddef>

#include <Eigen/Core>

#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {
template <class X>
concept eigen_viewable = requires(X& x) {
  requires std::is_base_of_v<Eigen::EigenBase<X>, X>;
  *x.data();
  x.rowStride();
  x.colStride();
};
}  // namespace detail

/// Matrix, Array, Map and strided Ref or Block, in either order. Anything else must be evaluated first.
template <class X>
  requires detail::eigen_viewable<X>
struct view_traits<X> {
  using value_type = typename X::Scalar;
  using backend = cpu;
  template <class T>
  using matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  template <std::size_t N, class Y>
  static auto view(Y& x, std::string_view who, std::string_view what) {
    using T = std::remove_reference_t<decltype(*x.data())>;
    auto const rows = static_cast<std::size_t>(x.rows()), cols = static_cast<std::size_t>(x.cols());
    if constexpr (N == 2) {
      return matrix_view<T>(x.data(), rows, cols, x.rowStride(), x.colStride());
    } else {
      static_assert(N == 1, "softf1: an Eigen object has one or two dimensions");
      if (rows != 1 && cols != 1)
        throw shape_error(std::string(who) + ": " + std::string(what) + " must be a vector, got shape " +
                          shape_text({rows, cols}));
      return vector_view<T>(x.data(), {rows * cols}, {cols == 1 ? x.rowStride() : x.colStride()});
    }
  }
  template <class T>
  static matrix<T> make_matrix(context<cpu>&, std::size_t rows, std::size_t cols) {
    return matrix<T>(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(cols));
  }
};

}  // namespace softf1::inline SOFTF1_ABI
