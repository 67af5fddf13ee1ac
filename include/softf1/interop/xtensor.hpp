// xtensor's containers and views in, xt::xtensor out.
#pragma once

#include <concepts>
#include <cstddef>

#include <softf1/backend/cpu/tensor.hpp>
#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {
template <class X>
concept xtensor_viewable = structurally_viewable<X> && xt::is_xexpression<X>::value;
}

/// Evaluated xtensor containers, adaptors and strided views. Results for them are xt::xtensor.
template <class X>
  requires detail::structurally_viewable<X> && detail::xtensor_viewable<X>
struct view_traits<X> {
  using value_type = typename X::value_type;
  using backend = cpu;
  template <class T>
  using matrix = xt::xtensor<T, 2>;

  template <std::size_t N, class Y>
  static auto view(Y& x, std::string_view who, std::string_view what) {
    return detail::structural_view<N>(x, who, what);
  }
  template <class T>
  static matrix<T> make_matrix(context<cpu>&, std::size_t rows, std::size_t cols) {
    return matrix<T>(typename matrix<T>::shape_type{rows, cols});
  }
};

}  // namespace softf1::inline SOFTF1_ABI
