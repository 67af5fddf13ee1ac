// A score that is chosen at run time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/scores/all.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

namespace detail {

/// One of a list's scores, a score itself, so that what takes a score is compiled once and not once a score. It holds
/// all of them: devices know no std::variant.
template <class List>
class score_of_list;
template <class... Score>
class score_of_list<type_list<Score...>> : Score... {
 public:
  constexpr score_of_list() = default;
  /// One of them, with its options.
  template <class S>
    requires(std::is_same_v<S, Score> || ...)
  constexpr score_of_list(S const& score) {
    std::size_t k = 0;
    ((std::is_same_v<S, Score> ? void(chosen_ = k) : void(), ++k), ...);
    static_cast<S&>(*this) = score;
  }

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    T value(0);
    std::size_t k = 0;
    ((k++ == chosen_ ? void(value = static_cast<Score const&>(*this)(c)) : void()), ...);
    return value;
  }

  constexpr std::string_view name() const {
    std::string_view const names[] = {Score::name...};
    return names[chosen_];
  }
  constexpr score_range range() const {
    score_range const ranges[] = {Score::range...};
    return ranges[chosen_];
  }

 private:
  std::size_t chosen_ = 0;
};

}  // namespace detail

/// Any score of `scores::all`, with its options: `any_score(f_beta{2})`. A score itself; a little slower than the one
/// that it holds, and compiled once for all of them.
using any_score = detail::score_of_list<all>;

/// All scores with their default options, in the order of the list.
inline std::vector<any_score> every_score() {
  std::vector<any_score> scores;
  all::for_each([&]<class Score>() { scores.push_back(Score{}); });
  return scores;
}

/// The score that a text names: "f1", "f_beta:beta=2". Throws value_error listing the names.
inline any_score score_named(named_spec const& spec, std::string_view what = "score") {
  any_score found;
  with_named<all>(spec, what, [&](auto const& score) { found = score; });
  return found;
}

/// A weighted sum of at most four scores that are chosen at run time; undefined where one with a weight other than 0 is.
class any_sum {
 public:
  static constexpr std::size_t most = 4;

  /// Throws value_error for more scores, and for weights that are not finite.
  any_sum(std::vector<weighted_term<any_score>> const& terms) {
    require_value(terms.size() <= most, "score",
                  "a sum has at most " + std::to_string(most) + " scores, got " + std::to_string(terms.size()));
    for (auto const& t : terms) {
      require_value(t.weight * 0 == 0, t.score.name(), "weight must be finite, got " + number_text(t.weight));
      terms_[count_++] = t;
    }
  }

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    T sum(0);
    for (std::size_t k = 0; k < count_; ++k)
      if (terms_[k].weight != 0) sum = sum + T(terms_[k].weight) * terms_[k].score(c);
    return sum;
  }

  /// Whether more is better; the name of a term that says otherwise, else an empty text.
  std::string_view worse_when_high() const {
    for (std::size_t k = 0; k < count_; ++k) {
      auto const range = terms_[k].score.range();
      if (terms_[k].weight > 0 ? !range.is_better_high() : terms_[k].weight < 0 && range.perfect != range.lowest)
        return terms_[k].score.name();
    }
    return {};
  }

 private:
  weighted_term<any_score> terms_[most] = {{0, {}}, {0, {}}, {0, {}}, {0, {}}};
  std::size_t count_ = 0;
};

/// "f1", "f_beta:beta=2", "f1:weight=0.5+mcc:weight=0.5": one score, or up to four with weights (1 where none is given).
/// Throws value_error for other names (listing them) and options, and as any_sum.
inline any_sum score_sum_named(std::string_view text, std::string_view what = "score") {
  std::vector<weighted_term<any_score>> terms;
  for (auto& spec : parse_specs(text)) {
    double weight = 1;
    std::erase_if(spec.parameters, [&](auto const& p) {
      if (p.key != "weight") return false;
      weight = parse_number(p.value, spec.name + ": weight");
      return true;
    });
    terms.push_back({weight, score_named(spec, what)});
  }
  return terms;
}

/// The same for a search, which makes it as great as it can. Throws value_error for a score that is better the lower it
/// is, unless its weight is negative.
inline any_sum objective_named(std::string_view text) {
  auto const objective = score_sum_named(text, "objective");
  auto const wrong = objective.worse_when_high();
  require_value(wrong.empty(), "objective",
                "a greater " + std::string(wrong) + " is not better (or a negative weight asks for less of what is)");
  return objective;
}

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::any_score;
using scores::every_score;
using scores::score_named;
}  // namespace softf1::inline SOFTF1_ABI
