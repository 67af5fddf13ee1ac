// Vectors of the compiler, of any width.
#pragma once

#include <cstddef>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// W bytes of T, anywhere in memory.
template <class T, std::size_t W>
struct vector_of {
  using type __attribute__((vector_size(W), aligned(alignof(T)), may_alias)) = T;
  static constexpr std::size_t size = W / sizeof(T);
};

template <class V, class T>
[[gnu::always_inline]] inline V& vector_at(T* data) {
  return *reinterpret_cast<V*>(data);
}
template <class V, class T>
[[gnu::always_inline]] inline V const& vector_at(T const* data) {
  return *reinterpret_cast<V const*>(data);
}

}  // namespace softf1::inline SOFTF1_ABI::detail
