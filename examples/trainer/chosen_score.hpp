// The score that a text names, for host and device.
#pragma once

#include <cstddef>
#include <string>

#include <softf1/core/named.hpp>
#include <softf1/scores/all.hpp>

namespace program {

/// One of a list's scores, a score itself, so that each search is compiled once and not once a score. It holds all of
/// them: devices know no std::variant.
template <class List>
struct score_of_list;
template <class... Score>
struct score_of_list<softf1::type_list<Score...>> : Score... {
  std::size_t chosen = 0;

  template <class S>
  void choose(S const& score) {
    static_cast<S&>(*this) = score;
    std::size_t k = 0;
    ((std::is_same_v<S, Score> ? void(chosen = k) : void(), ++k), ...);
  }

  template <class T>
  SOFTF1_HD T operator()(softf1::confusion<T> const& c) const {
    T value(0);
    std::size_t k = 0;
    ((k++ == chosen ? void(value = static_cast<Score const&>(*this)(c)) : void()), ...);
    return value;
  }
};
using chosen_score = score_of_list<softf1::scores::all>;

/// The only item of a text. Throws value_error for more.
inline softf1::named_spec one_spec(std::string const& text) {
  auto specs = softf1::parse_specs(text);
  if (specs.size() != 1) throw softf1::value_error("expected one name, got '" + text + "'");
  return specs.front();
}

/// "f1", "f_beta:beta=2". Throws value_error listing the names.
inline chosen_score score_named(std::string const& text) {
  chosen_score chosen;
  softf1::with_named<softf1::scores::all>(one_spec(text), "objective",
                                          [&](auto const& score) { chosen.choose(score); });
  return chosen;
}

}  // namespace program
