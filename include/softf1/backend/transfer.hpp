// Arrays between the host and a backend.
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

#include <softf1/backend/primitives.hpp>

namespace softf1::inline SOFTF1_ABI {

/// to(i, j) = from(i, j), as a number of To.
template <class From, class To, class B>
struct convert_cells {
  matrix_view<const From, B> from;
  matrix_view<To, B> to;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { to(i, j) = static_cast<To>(from(i, j)); }
};

/// What lies on the host, on a backend: dense, as numbers of T. The host's memory may be used again when it returns.
template <class T, class B, class U>
buffer<T, B> upload(context<B>& ctx, vector_view<U const> host) {
  buffer<T, B> memory(ctx, host.size());
  if constexpr (std::is_same_v<T, U>) {
    copy(ctx, host, memory.view());
  } else {
    std::vector<T> converted(host.size());
    for (std::size_t i = 0; i < host.size(); ++i) converted[i] = static_cast<T>(host(i));
    copy(ctx, vector_view<const T>(converted.data(), converted.size()), memory.view());
  }
  return memory;
}
template <class T, class B, class U>
buffer<T, B> upload(context<B>& ctx, std::vector<U> const& host) {
  return upload<T>(ctx, vector_view<const U>(host.data(), host.size()));
}

/// The same, as it is.
template <class B, class U>
buffer<U, B> upload(context<B>& ctx, std::vector<U> const& host) {
  return upload<U>(ctx, vector_view<const U>(host.data(), host.size()));
}

/// What lies on a backend, on the host, when all work before is done.
template <class T, class B>
std::vector<std::remove_const_t<T>> download(context<B>& ctx, vector_view<T, B> values) {
  std::vector<std::remove_const_t<T>> host(values.size());
  copy(ctx, vector_view<const T, B>(values), vector_view<std::remove_const_t<T>>(host.data(), host.size()));
  return host;
}
template <class T, class B>
std::vector<T> download(context<B>& ctx, buffer<T, B> const& memory) {
  return download(ctx, memory.view());
}

}  // namespace softf1::inline SOFTF1_ABI
