// One value from a backend to the host.
#pragma once

#include <softf1/core/buffer.hpp>

namespace softf1::inline SOFTF1_ABI {

/// f(), computed on the backend and read back: for values that only live there. T is trivially copyable.
/// Cost: one launch and one read; for error paths and results, not for loops.
template <class T, class B, class F>
T fetch(context<B>& ctx, F f) {
  buffer<T, B> one(ctx, 1);
  T* const at = one.data();
  for_each(ctx, 1, [f, at](std::size_t) { *at = f(); });
  T host{};
  copy(ctx, vector_view<const T, B>(at, 1), vector_view<T>(&host, 1));
  return host;
}

}  // namespace softf1::inline SOFTF1_ABI
