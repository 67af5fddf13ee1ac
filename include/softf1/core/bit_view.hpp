// Matrices of bits: targets (or decisions) of 0 and 1, packed 8 a byte.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI {

/// The element type of packed matrices: `matrix_view<const packed_bit>`. It is never stored by itself.
struct packed_bit {};

/// Where a row of bits begins; [j] is its bit j.
class bit_pointer {
 public:
  constexpr bit_pointer() = default;
  SOFTF1_HD constexpr explicit bit_pointer(std::uint8_t const* bytes) : bytes_(bytes) {}

  /// Rows begin with a byte: `bits` is a multiple of 8.
  SOFTF1_HD constexpr bit_pointer operator+(std::ptrdiff_t bits) const { return bit_pointer(bytes_ + bits / 8); }
  SOFTF1_HD constexpr bool operator[](std::size_t j) const { return (bytes_[j / 8] >> (j % 8) & 1) != 0; }

 private:
  std::uint8_t const* bytes_ = nullptr;
};

/// A read-only matrix of bits (N, L) on backend B, a view as any other: it goes where targets go. Bit j of a row is bit
/// j % 8 of its byte j / 8; rows begin with a byte, at any distance.
template <class B>
class tensor_view<const packed_bit, 2, B> {
 public:
  using element_type = const packed_bit;
  using value_type = packed_bit;
  using backend = B;
  static constexpr std::size_t rank = 2;

  constexpr tensor_view() = default;

  /// `row_stride` counts bits, a multiple of 8.
  SOFTF1_HD constexpr tensor_view(bit_pointer data, std::size_t rows, std::size_t cols, std::ptrdiff_t row_stride)
      : data_(data), extents_{rows, cols}, row_stride_(row_stride) {}

  SOFTF1_HD constexpr bit_pointer data() const { return data_; }
  SOFTF1_HD constexpr std::size_t rows() const { return extents_[0]; }
  SOFTF1_HD constexpr std::size_t cols() const { return extents_[1]; }
  SOFTF1_HD constexpr std::size_t size() const { return rows() * cols(); }
  SOFTF1_HD constexpr std::ptrdiff_t stride(std::size_t k) const { return k == 0 ? row_stride_ : 1; }
  constexpr std::array<std::size_t, 2> shape() const { return {extents_[0], extents_[1]}; }

  SOFTF1_HD constexpr bool operator()(std::size_t i, std::size_t j) const {
    return (data_ + static_cast<std::ptrdiff_t>(i) * row_stride_)[j];
  }

 private:
  bit_pointer data_;
  std::size_t extents_[2] = {};
  std::ptrdiff_t row_stride_ = 0;
};

template <class B = cpu>
using bit_matrix_view = tensor_view<const packed_bit, 2, B>;

/// Reads packed words (N, ⌈L / bits of a word⌉) of std::uint8_t or std::uint64_t as bits (N, L): what `decide_bits`
/// writes, and numpy.packbits(y, axis=1, bitorder="little"). Spare bits of a row's last word are not looked at.
/// Throws shape_error for another number of words a row, or words that do not lie one after the other. O(1).
template <class X>
bit_matrix_view<backend_of<X>> as_bits(X const& words, std::size_t labels) {
  auto const w = const_view<2>(words, "as_bits", "words");
  using word = value_of<X>;
  static_assert(std::is_same_v<word, std::uint8_t> || std::is_same_v<word, std::uint64_t>,
                "softf1: bits are packed in std::uint8_t or std::uint64_t");
  static_assert(std::endian::native == std::endian::little, "softf1: words of bits are read as bytes, lowest first");
  constexpr std::size_t bits = 8 * sizeof(word);
  require_shape("as_bits", "words", {w.rows(), (labels + bits - 1) / bits}, w.shape());
  if (w.stride(1) != 1 && w.cols() > 1) throw shape_error("as_bits: the words of a row must lie one after the other");
  return {bit_pointer(reinterpret_cast<std::uint8_t const*>(w.data())), w.rows(), labels,
          w.stride(0) * static_cast<std::ptrdiff_t>(bits)};
}

}  // namespace softf1::inline SOFTF1_ABI
