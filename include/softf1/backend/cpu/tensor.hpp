// The owning tensor of the host: an xt::xtensor.
#pragma once

#include <array>
#include <cstddef>
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
  explicit tensor(storage data) : data_(std::move(data)) {}

  T* data() { return data_.data(); }
  T const* data() const { return data_.data(); }
  auto const& shape() const { return data_.shape(); }
  auto const& strides() const { return data_.strides(); }
  std::size_t size() const { return data_.size(); }

  tensor_view<T, N> view() { return {data_.data(), data_.shape()}; }
  tensor_view<const T, N> view() const { return {data_.data(), data_.shape()}; }

  /// The xtensor inside.
  storage& array() { return data_; }
  storage const& array() const { return data_; }

 private:
  storage data_;
};

}  // namespace softf1::inline SOFTF1_ABI
