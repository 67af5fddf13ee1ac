// One value from a backend to the host.
#pragma once

#include <utility>

#include <softf1/core/buffer.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {
template <class T, class F>
struct write_result {
  F f;
  T* at;
  SOFTF1_HD void operator()(std::size_t) const { *at = f(); }
};
}  // namespace detail

/// f(), computed on the backend and read back: for values that only live there. T is trivially copyable.
/// Cost: one launch and one read; for error paths and results, not for loops.
template <class T, class B, class F>
T fetch(context<B>& ctx, F f) {
  buffer<T, B> one(ctx, 1);
  for_each(ctx, 1, detail::write_result<T, F>{f, one.data()});
  T host{};
  copy(ctx, std::as_const(one).view(), vector_view<T>(&host, 1));
  return host;
}

}  // namespace softf1::inline SOFTF1_ABI
