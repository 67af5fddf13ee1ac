// Aggregates of equal numbers, kept field by field.
#pragma once

#include <cstddef>
#include <utility>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// An aggregate `State` of 1 to 6 numbers of type `Number`, in tables with a row a field: `t[k][j]` is field k of state j, so
/// that a loop over states is a loop over unit strides. Fields are named one by one (not through an array), since
/// compilers keep a small array in memory and then do not vectorise.
template <class State, class Number>
struct fields_of {
  static constexpr std::size_t count = sizeof(State) / sizeof(Number);
  static_assert(count * sizeof(Number) == sizeof(State) && count >= 1 && count <= 6,
                "softf1: a state in fields is an aggregate of 1 to 6 numbers of one type");

  template <class Table>
  SOFTF1_HD static State load(Table const& t, std::size_t j) {
    return load(t, j, std::make_index_sequence<count>{});
  }
  template <class Table>
  SOFTF1_HD static void store(Table& t, std::size_t j, State const& s) {
    if constexpr (count == 1) {
      auto const& [a] = s;
      t[0][j] = a;
    } else if constexpr (count == 2) {
      auto const& [a, b] = s;
      t[0][j] = a, t[1][j] = b;
    } else if constexpr (count == 3) {
      auto const& [a, b, c] = s;
      t[0][j] = a, t[1][j] = b, t[2][j] = c;
    } else if constexpr (count == 4) {
      auto const& [a, b, c, d] = s;
      t[0][j] = a, t[1][j] = b, t[2][j] = c, t[3][j] = d;
    } else if constexpr (count == 5) {
      auto const& [a, b, c, d, e] = s;
      t[0][j] = a, t[1][j] = b, t[2][j] = c, t[3][j] = d, t[4][j] = e;
    } else {
      auto const& [a, b, c, d, e, f] = s;
      t[0][j] = a, t[1][j] = b, t[2][j] = c, t[3][j] = d, t[4][j] = e, t[5][j] = f;
    }
  }

 private:
  template <class Table, std::size_t... k>
  SOFTF1_HD static State load(Table const& t, std::size_t j, std::index_sequence<k...>) {
    return State{t[k][j]...};
  }
};

}  // namespace softf1::inline SOFTF1_ABI
