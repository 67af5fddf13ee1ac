// How work is cut for the device: a call an index on a GPU, a long piece a thread where Thrust runs on a host.
#pragma once

#include <cstddef>
#include <cstdint>

#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>

#include <softf1/backend/cuda/context.hpp>
#if defined(SOFTF1_DEVICE_THRUST_OMP)
#include <softf1/backend/cpu/reduce.hpp>
#endif

namespace softf1::inline SOFTF1_ABI::detail {

/// f(i) for i in [0, n), through Thrust, as it is.
template <class Index, class F>
void thrust_for_each(context<cuda>& ctx, Index n, F const& f) {
  if (n == 0) return;
  with_thrust(ctx, "for_each",
              [&](auto const& policy) { thrust::for_each_n(policy, thrust::counting_iterator<Index>(0), n, f); });
}

/// Division of 32-bit numbers costs a GPU a fraction of that of 64-bit ones.
template <class Run>
void with_index(std::size_t n, Run const& run) {
  if (n <= 0x7fffffffu)
    run(static_cast<std::uint32_t>(n));
  else
    run(n);
}

#if defined(SOFTF1_DEVICE_THRUST_OMP)

// A thread walks a piece in the loops of the CPU backend, compiled for the machine's instructions.
inline constexpr std::size_t piece_cells = 8192;
// Sorted cells of a column that a thread walks, at least.
inline constexpr std::size_t walked_cells = 4096;

template <class F>
struct index_piece {
  F f;
  std::size_t n;
  void operator()(std::size_t piece) const {
    std::size_t const begin = piece * piece_cells, count = n - begin < piece_cells ? n - begin : piece_cells;
    run_for(best_instruction_set(), [&] { vector_loop(count, [&](std::size_t k) { f(begin + k); }); });
  }
};

template <class F>
void launch(context<cuda>& ctx, std::size_t n, F const& f) {
  thrust_for_each(ctx, (n + piece_cells - 1) / piece_cells, index_piece<F>{f, n});
}

template <class F>
struct cell_piece {
  F f;
  std::size_t rows, cols, of_piece;
  void operator()(std::size_t piece) const {
    std::size_t const begin = piece * of_piece, end = begin + of_piece < rows ? begin + of_piece : rows;
    run_for(best_instruction_set(), [&] {
      for (std::size_t i = begin; i < end; ++i) vector_loop(cols, [&](std::size_t j) { f(i, j); });
    });
  }
};

template <class F>
void launch_cells(context<cuda>& ctx, std::size_t rows, std::size_t cols, F const& f) {
  if (cols == 0) return;
  std::size_t const of_piece = cols >= piece_cells ? 1 : piece_cells / cols;
  thrust_for_each(ctx, (rows + of_piece - 1) / of_piece, cell_piece<F>{f, rows, cols, of_piece});
}

template <class F>
struct turned_piece {
  F f;
  std::size_t rows, cols, of_piece;
  void operator()(std::size_t piece) const {
    std::size_t const begin = piece * of_piece, count = rows - begin < of_piece ? rows - begin : of_piece;
    for (std::size_t j = 0; j < cols; ++j)
      for (std::size_t k = 0; k < count; ++k) f(begin + k, j);
  }
};

/// launch_cells where f reads rows and writes columns: a piece's rows stay in the cache while they are turned.
template <class F>
void launch_turned(context<cuda>& ctx, std::size_t rows, std::size_t cols, F const& f) {
  if (cols == 0) return;
  std::size_t const of_piece = cols >= piece_cells ? 1 : piece_cells / cols;
  thrust_for_each(ctx, (rows + of_piece - 1) / of_piece, turned_piece<F>{f, rows, cols, of_piece});
}

/// The states of chunks of rows: out[chunk · cols + label].
template <class F>
struct chunk_piece {
  F f;
  std::size_t rows, cols, of_chunk;
  typename F::partial* out;
  void operator()(std::size_t chunk) const {
    std::size_t const begin = chunk * of_chunk, end = begin + of_chunk < rows ? begin + of_chunk : rows;
    run_for(best_instruction_set(), [&] { reduce_chunk(f, begin, end - begin, 1, cols, out + chunk * cols); });
  }
};

template <class F>
void launch_chunks(context<cuda>& ctx, std::size_t rows, std::size_t cols, std::size_t of_chunk, F const& f,
                   typename F::partial* out) {
  thrust_for_each(ctx, (rows + of_chunk - 1) / of_chunk, chunk_piece<F>{f, rows, cols, of_chunk, out});
}

inline std::size_t rows_a_chunk(std::size_t, std::size_t) { return chunk_rows; }

#else

inline constexpr std::size_t walked_cells = 128;

template <class F>
void launch(context<cuda>& ctx, std::size_t n, F const& f) {
  thrust_for_each(ctx, n, f);
}

template <class F, class Index>
struct cell_of_index {
  F f;
  Index cols;
  SOFTF1_HD void operator()(Index k) const { f(k / cols, k % cols); }
};

template <class F>
void launch_cells(context<cuda>& ctx, std::size_t rows, std::size_t cols, F const& f) {
  with_index(rows * cols, [&]<class Index>(Index n) {
    thrust_for_each(ctx, n, cell_of_index<F, Index>{f, static_cast<Index>(cols)});
  });
}

template <class F>
void launch_turned(context<cuda>& ctx, std::size_t rows, std::size_t cols, F const& f) {
  launch_cells(ctx, rows, cols, f);
}

/// The state of a label over a chunk of rows. Labels run fastest, so neighbours read neighbours.
template <class F, class Index>
struct chunk_of_label {
  F f;
  std::size_t rows;
  Index cols;
  std::size_t of_chunk;
  typename F::partial* out;
  SOFTF1_HD void operator()(Index k) const {
    std::size_t const label = k % cols, begin = k / cols * of_chunk;
    std::size_t const end = begin + of_chunk < rows ? begin + of_chunk : rows;
    auto state = F::identity();
    for (std::size_t i = begin; i < end; ++i) f.add(state, i, label);
    out[k] = state;
  }
};

template <class F>
void launch_chunks(context<cuda>& ctx, std::size_t rows, std::size_t cols, std::size_t of_chunk, F const& f,
                   typename F::partial* out) {
  with_index((rows + of_chunk - 1) / of_chunk * cols, [&]<class Index>(Index n) {
    thrust_for_each(ctx, n, chunk_of_label<F, Index>{f, rows, static_cast<Index>(cols), of_chunk, out});
  });
}

/// As many as leave enough chunks to fill a device, from 8 to 256: a function of the shape alone, as the bits are.
inline std::size_t rows_a_chunk(std::size_t rows, std::size_t cols) {
  std::size_t of_chunk = 256;
  while (of_chunk > 8 && rows / of_chunk * cols < (std::size_t{1} << 19)) of_chunk /= 2;
  return of_chunk;
}

#endif

}  // namespace softf1::inline SOFTF1_ABI::detail
