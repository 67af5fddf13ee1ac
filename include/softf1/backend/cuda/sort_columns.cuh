// Sorting many columns of keys at once, by cub.
#pragma once

#include <cstddef>

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_segmented_radix_sort.cuh>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>

#include <softf1/backend/cuda/context.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// Where column j begins.
struct column_offset {
  std::size_t rows;
  SOFTF1_HD std::size_t operator()(std::size_t j) const { return j * rows; }
};

/// Whether columns are sorted side by side, a block of threads each, or one after the other by the whole device: that
/// pays where they are long, or too few to give every multiprocessor one.
inline bool sort_side_by_side(std::size_t rows, std::size_t columns) {
  return columns > 1 && rows < (std::size_t{1} << 18) && rows < 4096 * columns;
}

/// Calls sort(scratch, bytes) twice, as cub has it: for the number of bytes, then with them.
template <class Sort>
void with_cub_scratch(context<cuda>& ctx, Sort const& sort) {
  std::size_t bytes = 0;
  check_cuda(sort(nullptr, bytes), "cub's radix sort");
  buffer<unsigned char, cuda> scratch(ctx, bytes);
  check_cuda(sort(scratch.data(), bytes), "cub's radix sort");
}

template <class Key>
void cub_sort_columns(context<cuda>& ctx, buffer<Key, cuda>& keys, buffer<Key, cuda>& payloads, std::size_t rows,
                      std::size_t columns) {
  buffer<Key, cuda> other_keys(ctx, keys.size()), other_payloads(ctx, payloads.size());
  constexpr int bits = 8 * sizeof(Key);
  cudaStream_t const stream = ctx.stream().get();
  auto const here = ctx.stream().use();
  if (sort_side_by_side(rows, columns)) {
    auto const begins = thrust::make_transform_iterator(thrust::counting_iterator<std::size_t>(0), column_offset{rows});
    with_cub_scratch(ctx, [&](void* scratch, std::size_t& bytes) {
      return cub::DeviceSegmentedRadixSort::SortPairs(
          scratch, bytes, keys.data(), other_keys.data(), payloads.data(), other_payloads.data(),
          static_cast<int>(columns * rows), static_cast<int>(columns), begins, begins + 1, 0, bits, stream);
    });
  } else {
    for (std::size_t j = 0; j < columns; ++j)
      with_cub_scratch(ctx, [&](void* scratch, std::size_t& bytes) {
        return cub::DeviceRadixSort::SortPairs(scratch, bytes, keys.data() + j * rows, other_keys.data() + j * rows,
                                               payloads.data() + j * rows, other_payloads.data() + j * rows, rows, 0,
                                               bits, stream);
      });
  }
  std::swap(keys, other_keys);
  std::swap(payloads, other_payloads);
}

}  // namespace softf1::inline SOFTF1_ABI::detail
