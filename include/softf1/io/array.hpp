// An array whose element type and shape are known at run time: what files give.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>
#include <softf1/io/detail/convert.hpp>
#include <softf1/io/dtype.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// Which index runs fastest in memory: the last (C) or the first (Fortran).
enum class storage_order : unsigned char { row_major, column_major };

/// An immutable array: element type, shape, order, and bytes that are shared with a file's mapping or a vector. Copies
/// are cheap and share the bytes. Elements have the byte order and the alignment of this machine.
class array {
 public:
  /// An empty vector of f32.
  array() : shape_{0} {}

  /// `bytes` are dense elements of `type` in `order`; `owner` keeps them alive (null where the caller does).
  /// Throws shape_error unless there are as many bytes as the shape needs, aligned for `type`.
  array(dtype type, std::vector<std::size_t> shape, storage_order order, std::span<std::byte const> bytes,
        std::shared_ptr<void const> owner)
      : type_(type), shape_(std::move(shape)), order_(order), bytes_(bytes), owner_(std::move(owner)) {
    if (rank() < 2) order_ = storage_order::row_major;
    if (size() * size_of(type_) != bytes_.size())
      throw shape_error("array: shape " + shape_text(shape_) + " of " + std::string(name_of(type_)) + " needs " +
                        std::to_string(size() * size_of(type_)) + " bytes, got " + std::to_string(bytes_.size()));
    if (!is_aligned(type_, bytes_))
      throw shape_error("array: elements of " + std::string(name_of(type_)) + " must be aligned to " +
                        std::to_string(size_of(type_)) + " bytes");
  }

  static bool is_aligned(dtype type, std::span<std::byte const> bytes) {
    return bytes.empty() || reinterpret_cast<std::uintptr_t>(bytes.data()) % size_of(type) == 0;
  }

  dtype type() const { return type_; }
  std::vector<std::size_t> const& shape() const { return shape_; }
  std::size_t rank() const { return shape_.size(); }
  storage_order order() const { return order_; }
  std::span<std::byte const> bytes() const { return bytes_; }
  std::shared_ptr<void const> const& owner() const { return owner_; }

  /// Number of elements.
  std::size_t size() const {
    std::size_t n = 1;
    for (auto extent : shape_) n *= extent;
    return n;
  }

  /// Extent of the first dimension (1 without dimensions), and the elements in each row: a vector is one column.
  std::size_t rows() const { return rank() == 0 ? 1 : shape_[0]; }
  std::size_t cols() const {
    std::size_t n = 1;
    for (std::size_t k = 1; k < rank(); ++k) n *= shape_[k];
    return n;
  }

  /// True where `view<T>` works: T is the element type; std::uint8_t also views booleans.
  template <class T>
  bool holds() const {
    return type_ == dtype_of<T> || (type_ == dtype::boolean && dtype_of<T> == dtype::u8);
  }

  /// The elements where they lie, as a view of N dimensions; with N = 2 a vector is a column (N, 1). The array must
  /// outlive the view. Throws value_error where the elements have another type, shape_error for another rank.
  template <class T, std::size_t N = 2>
  tensor_view<T const, N> view(std::string_view who = "array") const& {
    static_assert(!std::is_same_v<T, bool>, "softf1: booleans are viewed as std::uint8_t");
    if (!holds<T>())
      throw value_error(std::string(who) + ": elements must be " + std::string(name_of(dtype_of<T>)) + ", got " +
                        std::string(name_of(type_)) + ": convert them with as()");
    if (rank() != N && !(N == 2 && rank() < 2))
      throw shape_error(std::string(who) + ": expected " + std::to_string(N) + " dimensions, got shape " +
                        shape_text(shape_));
    std::array<std::size_t, N> extents;
    std::array<std::ptrdiff_t, N> strides;
    extents.fill(1);
    std::copy(shape_.begin(), shape_.end(), extents.begin());
    std::ptrdiff_t stride = 1;
    for (std::size_t step = 0; step < N; ++step) {
      std::size_t const k = order_ == storage_order::row_major ? N - 1 - step : step;
      strides[k] = stride;
      stride *= static_cast<std::ptrdiff_t>(extents[k]);
    }
    return {reinterpret_cast<T const*>(bytes_.data()), extents, strides};
  }
  template <class T, std::size_t N = 2>
  void view(std::string_view who = "array") const&& = delete;  // the view would dangle

  /// The elements in row-major order as T (an integer, half, bfloat16, float, double), whatever they were.
  /// Throws value_error "who: the value at row 3, column 1 is 300, expected …" (counted from 0) where a number does not
  /// fit: an integer out of range, a fraction or NaN for an integer type, a number that would become infinite.
  /// Floating-point numbers are rounded. Cost: one pass.
  template <class T>
  std::vector<T> as(std::string_view who = "array") const {
    static_assert(!std::is_same_v<T, bool>, "softf1: booleans are read as std::uint8_t");
    return visit_dtype(type_, [&]<class S>(std::type_identity<S>) { return converted<T, S>(who); });
  }

 private:
  template <class T, class S>
  std::vector<T> converted(std::string_view who) const {
    std::vector<T> out(size());
    auto const* const from = reinterpret_cast<S const*>(bytes_.data());
    auto const put = [&](std::size_t to, std::size_t at) {
      if (!detail::fits<T>(from[at])) fail_at<T>(who, to, from[at]);
      out[to] = detail::convert<T>(from[at]);
    };
    if (order_ == storage_order::row_major || out.empty()) {
      for (std::size_t i = 0; i < out.size(); ++i) put(i, i);
      return out;
    }
    // Columns are read in runs short enough that the rows they are scattered to stay in the cache.
    constexpr std::size_t run = 256;
    std::size_t const n = rows(), m = cols();
    for (std::size_t first = 0; first < n; first += run)
      for (std::size_t c = 0; c < m; ++c) {
        std::size_t const column = row_major_column(c);
        for (std::size_t r = first; r < std::min(n, first + run); ++r) put(r * m + column, c * n + r);
      }
    return out;
  }

  /// The c-th combination of the indices behind the first, counted with the first of them fastest, in row-major order.
  std::size_t row_major_column(std::size_t c) const {
    std::size_t column = 0;
    for (std::size_t k = 1; k < rank(); ++k) {
      column = column * shape_[k] + c % shape_[k];
      c /= shape_[k];
    }
    return column;
  }

  template <class T, class S>
  [[noreturn]] void fail_at(std::string_view who, std::size_t position, S value) const {
    std::string place = "row " + std::to_string(position / cols()) + ", column " + std::to_string(position % cols());
    if (rank() > 2) {
      std::vector<std::size_t> index(rank());
      for (std::size_t k = rank(); k-- > 0; position /= shape_[k]) index[k] = position % shape_[k];
      place = "index " + shape_text(index);
    }
    throw value_error(std::string(who) + ": the value at " + place + " is " + detail::value_text(value) +
                      ", expected " + detail::domain_text<T>());
  }

  dtype type_ = dtype::f32;
  std::vector<std::size_t> shape_;
  storage_order order_ = storage_order::row_major;
  std::span<std::byte const> bytes_;
  std::shared_ptr<void const> owner_;
};

/// A matrix from a file, with the names that the file gives to its columns and rows (empty where it gives none).
struct named_matrix {
  array values;
  std::vector<std::string> columns;
  std::vector<std::string> rows;
};

}  // namespace softf1::inline SOFTF1_ABI::io
