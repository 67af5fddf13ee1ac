// Sorting many columns of keys at once.
#pragma once

#include <cstddef>
#include <utility>

#include <softf1/backend/cuda/launch.hpp>
#if defined(SOFTF1_DEVICE_CUDA)
#include <softf1/backend/cuda/sort_columns.cuh>
#else
#include <thrust/execution_policy.h>
#include <thrust/sort.h>
#endif

namespace softf1::inline SOFTF1_ABI::detail {

#if !defined(SOFTF1_DEVICE_CUDA)
/// A thread sorts a column. Thrust's own sort of integers on one thread is a radix sort.
template <class Key>
struct sort_column {
  Key *keys, *payloads;
  std::size_t rows;
  void operator()(std::size_t column) const {
    Key* const first = keys + column * rows;
    thrust::stable_sort_by_key(thrust::seq, first, first + rows, payloads + column * rows);
  }
};
#endif

/// Sorts each of `columns` columns of `rows` keys by key, ascending, with their payloads. The two buffers are exchanged
/// for others where that saves a copy.
template <class Key>
void sort_columns(context<cuda>& ctx, buffer<Key, cuda>& keys, buffer<Key, cuda>& payloads, std::size_t rows,
                  std::size_t columns) {
  if (rows < 2) return;
#if defined(SOFTF1_DEVICE_CUDA)
  cub_sort_columns(ctx, keys, payloads, rows, columns);
#else
  thrust_for_each(ctx, columns, sort_column<Key>{keys.data(), payloads.data(), rows});
#endif
}

}  // namespace softf1::inline SOFTF1_ABI::detail
