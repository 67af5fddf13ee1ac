// Several scores as one.
#pragma once

#include <type_traits>

#include <softf1/scores/confusion.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// A score and its weight in a sum.
template <class Score>
struct weighted_term {
  double weight;
  Score score;
};
template <class Score>
weighted_term(double, Score) -> weighted_term<Score>;

/// Σ w_k · score_k(c), of any scores: a score itself. Undefined where a score with a weight other than 0 is.
/// `weighted_sum{weighted_term{0.5, f1{}}, weighted_term{0.5, mcc{}}}`.
template <class First, class... Rest>
struct weighted_sum {
  weighted_term<First> first;
  weighted_sum<Rest...> rest;

  constexpr weighted_sum(weighted_term<First> a, weighted_term<Rest>... others) : first(a), rest(others...) {}

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    T const others = rest(c);
    return first.weight == 0 ? others : T(first.weight) * first.score(c) + others;
  }
};

template <class Last>
struct weighted_sum<Last> {
  weighted_term<Last> first;

  constexpr weighted_sum(weighted_term<Last> a) : first(a) {}

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    return first.weight == 0 ? T(0) : T(first.weight) * first.score(c);
  }
};

template <class... Score>
weighted_sum(weighted_term<Score>...) -> weighted_sum<Score...>;

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::weighted_sum;
using scores::weighted_term;
}  // namespace softf1::inline SOFTF1_ABI
