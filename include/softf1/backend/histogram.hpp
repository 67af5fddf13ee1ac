// Counting what falls into bins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <softf1/backend/cpu/elementwise.hpp>
#include <softf1/core/atomic.hpp>
#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/elementwise.hpp>
#endif

namespace softf1::inline SOFTF1_ABI {

namespace detail {
template <class Bin>
struct count_into_bin {
  Bin bin;
  std::uint64_t* counts;
  std::size_t bins;
  SOFTF1_HD void operator()(std::size_t i) const {
    std::size_t const b = bin(i);
    if (b < bins) atomic_add(counts + b, 1);
  }
};
}  // namespace detail

/// counts(bin(i)) += 1 for i in [0, n): counts (bins,), dense, is added to; a bin outside of it counts nowhere. `bin` is
/// a trivially copyable functor `std::size_t operator()(std::size_t) const`. Integer atomics: the same counts in any
/// order. Throws shape_error for counts with gaps. Cost: one pass; many items in one bin wait for each other.
template <class B, class Bin>
void histogram(context<B>& ctx, std::size_t n, Bin bin, std::type_identity_t<vector_view<std::uint64_t, B>> counts) {
  if (!counts.is_dense()) throw shape_error("histogram: counts must be dense, got one with gaps");
  for_each(ctx, n, detail::count_into_bin<Bin>{bin, counts.data(), counts.size()});
}

}  // namespace softf1::inline SOFTF1_ABI
