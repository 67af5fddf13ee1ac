// A sort that needs no memory and runs on every backend.
#pragma once

#include <cstddef>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

/// Lets items[at] sink in the heap items[0, end), whose least item is on top.
template <class T, class Less>
SOFTF1_HD void sink(T* items, std::size_t at, std::size_t end, Less const& less) {
  T const moved = items[at];
  for (std::size_t child = 2 * at + 1; child < end; child = 2 * at + 1) {
    if (child + 1 < end && less(items[child + 1], items[child])) ++child;
    if (!less(items[child], moved)) break;
    items[at] = items[child];
    at = child;
  }
  items[at] = moved;
}

}  // namespace detail

/// Sorts items[0, size) so that none is less than one behind it; equal ones in any order. O(size log size).
template <class T, class Less>
SOFTF1_HD void heap_sort_descending(T* items, std::size_t size, Less const& less) {
  for (std::size_t at = size / 2; at-- > 0;) detail::sink(items, at, size, less);
  for (std::size_t end = size; end-- > 1;) {
    T const least = items[0];
    items[0] = items[end];
    items[end] = least;
    detail::sink(items, 0, end, less);
  }
}

}  // namespace softf1::inline SOFTF1_ABI
