// Elements as they lie in a file: byte order, alignment, booleans.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/io/array.hpp>
#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::io::detail {

/// Reverses the bytes of each element.
inline void swap_bytes(std::span<std::byte> bytes, std::size_t element) {
  for (std::size_t at = 0; at + element <= bytes.size(); at += element)
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 bytes.begin() + static_cast<std::ptrdiff_t>(at + element));
}

/// Throws io_error for a boolean that is neither 0 nor 1; `begin` is the place of the bytes in the file.
inline void check_booleans(std::span<std::byte const> bytes, std::size_t begin, std::string_view who,
                           std::string_view path) {
  auto const wrong = std::find_if(bytes.begin(), bytes.end(), [](std::byte b) { return b > std::byte{1}; });
  if (wrong != bytes.end())
    fail(who, path,
         "a boolean must be 0 or 1, got " + std::to_string(std::to_integer<int>(*wrong)) + " at byte " +
             std::to_string(begin + static_cast<std::size_t>(wrong - bytes.begin())));
}

/// An array on bytes of a file: on the bytes themselves, or on a copy where their order or alignment is not this
/// machine's.
inline array array_on_bytes(dtype type, bool swapped, std::vector<std::size_t> shape, storage_order order,
                            std::span<std::byte const> bytes, std::shared_ptr<void const> owner) {
  if (!swapped && array::is_aligned(type, bytes)) return {type, std::move(shape), order, bytes, std::move(owner)};
  auto const copy = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
  if (swapped) swap_bytes(*copy, size_of(type));
  return {type, std::move(shape), order, *copy, copy};
}

}  // namespace softf1::inline SOFTF1_ABI::io::detail
