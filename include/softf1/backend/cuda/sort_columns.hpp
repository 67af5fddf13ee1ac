// Sorting many columns of keys at once.
#pragma once

#include <cstddef>
#include <utility>

#include <softf1/backend/cuda/launch.hpp>
#if defined(SOFTF1_DEVICE_CUDA)
#include <softf1/backend/cuda/sort_columns.cuh>
#elif defined(SOFTF1_DEVICE_THRUST_OMP)
#include <softf1/backend/cpu/tie_groups.hpp>
#else
#include <thrust/execution_policy.h>
#include <thrust/sort.h>
#endif

namespace softf1::inline SOFTF1_ABI::detail {

#if defined(SOFTF1_DEVICE_THRUST_OMP)
/// A task sorts each `tasks`-th column as the CPU backend does, which takes fewer passes than Thrust's sort on a thread.
template <class Key>
struct sort_task {
  Key *keys, *payloads;
  std::size_t rows, columns, tasks;
  ranked_cell<Key>* scratch;  // 2 columns a task
  void operator()(std::size_t task) const {
    ranked_cell<Key>* const mine = scratch + 2 * rows * task;
    for (std::size_t j = task; j < columns; j += tasks) {
      for (std::size_t i = 0; i < rows; ++i) mine[i] = {keys[j * rows + i], payloads[j * rows + i]};
      ranked_cell<Key> const* const sorted = radix_sort(mine, mine + rows, rows);
      for (std::size_t i = 0; i < rows; ++i) {
        keys[j * rows + i] = sorted[i].key;
        payloads[j * rows + i] = sorted[i].payload;
      }
    }
  }
};
#elif !defined(SOFTF1_DEVICE_CUDA)
/// Sorts a column. Thrust's own sort of integers on one thread is a radix sort.
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
#elif defined(SOFTF1_DEVICE_THRUST_OMP)
  auto const threads = static_cast<std::size_t>(default_threads());
  std::size_t const tasks = threads < columns ? threads : columns;
  buffer<ranked_cell<Key>, cuda> scratch(ctx, 2 * rows * tasks);
  thrust_for_each(ctx, tasks, sort_task<Key>{keys.data(), payloads.data(), rows, columns, tasks, scratch.data()});
#else
  thrust_for_each(ctx, columns, sort_column<Key>{keys.data(), payloads.data(), rows});
#endif
}

}  // namespace softf1::inline SOFTF1_ABI::detail
