// The owning tensor of the host: an xt::xtensor.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <softf1/backend/cpu/xtensor.hpp>
#include <softf1/core/tensor.hpp>
#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A dense row-major tensor of rank N that stores an `xt::xtensor` and gives it out. New elements are 0.
template <class T, std::size_t N>
class tensor<T, N, cpu> {
 public:
  using storage = xt::xtensor<T, N, xt::layout_type::row_major>;
  using value_type = T;

  tensor() = default;
  explicit tensor(std::array<std::size_t, N> const& shape) : data_(shape, T{}) {}
  /// The same, as on every backend.
  tensor(context<cpu>&, std::array<std::size_t, N> const& shape) : tensor(shape) {}
  explicit tensor(storage data) : data_(std::move(data)) {}

  T* data() { return data_.data(); }
  T const* data() const { return data_.data(); }
  auto const& shape() const { return data_.shape(); }
  auto const& strides() const { return data_.strides(); }
  std::size_t size() const { return data_.size(); }

  tensor_view<T, N> view() { return {data_.data(), data_.shape()}; }
  tensor_view<const T, N> view() const { return {data_.data(), data_.shape()}; }

  /// All elements, in order.
  vector_view<T> elements() { return {data(), size()}; }
  vector_view<const T> elements() const { return {data(), size()}; }

  /// The xtensor inside.
  storage& array() { return data_; }
  storage const& array() const { return data_; }

 private:
  storage data_;
};

/// Tensors as arguments give tensors as results.
template <class T, std::size_t N>
struct view_traits<tensor<T, N, cpu>> {
  using value_type = T;
  using backend = cpu;
  template <class U>
  using matrix = tensor<U, 2, cpu>;

  template <std::size_t M, class X>
  static auto view(X& x, std::string_view, std::string_view) {
    static_assert(M == N, "softf1: this function takes a tensor of another rank");
    return x.view();
  }
  template <class U>
  static matrix<U> make_matrix(context<cpu>&, std::size_t rows, std::size_t cols) {
    return matrix<U>({rows, cols});
  }
};

}  // namespace softf1::inline SOFTF1_ABI
