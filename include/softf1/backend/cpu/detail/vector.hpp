// Vectors of the compiler, of any width.
#pragma once

#include <cstddef>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// W bytes of T.
template <class T, std::size_t W>
struct vector_of {
  using type __attribute__((vector_size(W))) = T;
  static constexpr std::size_t size = W / sizeof(T);
};

// From and to any place in memory. Through references, since wide vectors have no common way of being returned.
template <class V, class T>
[[gnu::always_inline]] inline void load_vector(V& to, T const* from) {
  __builtin_memcpy(&to, from, sizeof(V));
}
template <class V, class T>
[[gnu::always_inline]] inline void store_vector(T* to, V const& from) {
  __builtin_memcpy(to, &from, sizeof(V));
}

}  // namespace softf1::inline SOFTF1_ABI::detail
