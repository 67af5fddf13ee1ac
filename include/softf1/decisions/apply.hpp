// Scores to decisions: a 0/1 matrix, packed bits, or lists of labels.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/view_traits.hpp>
#include <softf1/decisions/calibrated_rule.hpp>
#include <softf1/decisions/decider.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

struct decide_options {
  score_domain domain = score_domain::logit;  ///< of the scores
};

namespace detail {

template <class S, class B>
struct score_is_nan {
  matrix_view<const S, B> scores;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t j) const {
    auto const s = static_cast<compute_type<S>>(scores(i, j));
    return s != s;
  }
};

// Writes decisions, and counts scores that are NaN on the way: the scores are read once.
struct nan_count {
  using scalar = std::uint32_t;
  struct partial {
    std::uint32_t found;
  };
  using total = std::uint64_t;

  SOFTF1_HD static partial identity() { return {0}; }
  SOFTF1_HD static total neutral() { return 0; }
  SOFTF1_HD static void merge(total& to, partial const& from) { to += from.found; }
  SOFTF1_HD static void merge(total& to, total const& from) { to += from; }
};

template <class S, class Decide, class B>
struct write_decision : nan_count {
  matrix_view<const S, B> scores;
  Decide decide;
  matrix_view<std::uint8_t, B> out;

  write_decision(matrix_view<const S, B> s, Decide d, matrix_view<std::uint8_t, B> o) : scores(s), decide(d), out(o) {}
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const {
    auto const s = static_cast<compute_type<S>>(scores(i, j));
    out(i, j) = decide(s, i, j) ? 1 : 0;
    state.found += s != s ? 1u : 0u;
  }
};

template <class S, class Decide, class B>
struct write_decision_bits : nan_count {
  matrix_view<const S, B> scores;
  Decide decide;
  matrix_view<std::uint64_t, B> out;

  write_decision_bits(matrix_view<const S, B> s, Decide d, matrix_view<std::uint64_t, B> o)
      : scores(s), decide(d), out(o) {}
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t word) const {
    std::size_t const first = 64 * word, left = scores.cols() - first, count = left < 64 ? left : 64;
    std::uint64_t bits = 0, nans = 0;
    for (std::size_t k = 0; k < count; ++k) {
      auto const s = static_cast<compute_type<S>>(scores(i, first + k));
      bits |= std::uint64_t{decide(s, i, first + k)} << k;
      nans += s != s ? 1u : 0u;
    }
    state.found += static_cast<std::uint32_t>(nans);
    out(i, word) = bits;
  }
};

/// Walks `writer` over the cells of out; throws value_error where it has met a NaN.
template <class Writer, class S, class B>
void write_and_refuse_nan(context<B>& ctx, Writer const& writer, matrix_view<const S, B> scores, std::size_t columns,
                          std::string_view who) {
  buffer<std::uint64_t, B> found(ctx, columns);
  fill(ctx, found.view(), std::uint64_t{0});
  reduce_columns(ctx, scores.rows(), columns, writer, found.view());
  std::vector<std::uint64_t> host(columns);
  copy(ctx, std::as_const(found).view(), vector_view<std::uint64_t>(host.data(), columns));
  if (std::all_of(host.begin(), host.end(), [](std::uint64_t n) { return n == 0; })) return;
  std::size_t const at = find_first(ctx, scores.rows(), scores.cols(), score_is_nan<S, B>{scores});
  throw_bad_cell(who, "scores must not be NaN", std::numeric_limits<double>::quiet_NaN(), at / scores.cols(),
                 at % scores.cols());
}
}  // namespace detail

/// Writes 1 where the rule decides "yes", else 0: out(i, j) for scores (N, L) and out (N, L).
/// Throws shape_error for shapes that differ; value_error for a rule of another domain or a NaN score (row and label
/// named), which leaves decisions of other cells in out.
/// Cost: one pass over the scores; scratch as reduce_columns, and L thresholds; deterministic.
template <class S, class B>
void decide(context<B>& ctx, matrix_view<const S, B> scores, decision_rule const& rule,
            matrix_view<std::uint8_t, B> out, decide_options const& options = {}) {
  require_shape("decide", "out", {scores.rows(), scores.cols()}, out.shape());
  decider<compute_type<S>, B> const thresholds(ctx, rule, scores, options.domain, "decide");
  auto const functor = thresholds.get();
  detail::write_and_refuse_nan(ctx, detail::write_decision(scores, functor, out), scores, scores.cols(), "decide");
}

/// The same by a rule of calibrated scores: scores are in the domain of its calibration, where it has one (the options'
/// domain then says nothing). Errors also as calibration_map::apply. Cost: N L numbers of scratch more.
template <class S, class B, std::same_as<calibrated_rule> Rule>
void decide(context<B>& ctx, matrix_view<const S, B> scores, Rule const& found, matrix_view<std::uint8_t, B> out,
            decide_options const& options = {}) {
  if (!found.calibration) return decide(ctx, scores, found.rule, out, options);
  found.check("decide");
  buffer<double, B> calibrated(ctx, scores.size());
  matrix_view<double, B> const there(calibrated.data(), scores.rows(), scores.cols());
  found.calibration->apply(ctx, scores, there);
  decide(ctx, matrix_view<const double, B>(there), found.rule, out, {.domain = score_domain::calibrated});
}

/// The same, as an owning matrix of uint8 of the input's own kind. The rule is a decision_rule or a calibrated_rule.
template <class X, class Rule = decision_rule>
  requires std::convertible_to<Rule, decision_rule> || std::same_as<Rule, calibrated_rule>
matrix_of<X, std::uint8_t> decide(X const& scores, Rule const& rule, decide_options const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  auto const view = const_view<2>(scores, "decide", "scores");
  auto out = view_traits<X>::template make_matrix<std::uint8_t>(ctx, view.rows(), view.cols());
  decide(ctx, view, rule, matrix_view<std::uint8_t, backend_of<X>>(out.data(), view.rows(), view.cols()), options);
  return out;
}

/// Decisions packed 64 labels a word: bit j % 64 of out(i, j / 64); out has shape (N, ⌈L / 64⌉), spare bits are 0.
/// Errors, cost and determinism as `decide`.
template <class S, class B>
void decide_bits(context<B>& ctx, matrix_view<const S, B> scores, decision_rule const& rule,
                 matrix_view<std::uint64_t, B> out, decide_options const& options = {}) {
  std::size_t const labels = scores.cols();
  require_shape("decide_bits", "out", {scores.rows(), (labels + 63) / 64}, out.shape());
  decider<compute_type<S>, B> const thresholds(ctx, rule, scores, options.domain, "decide_bits");
  auto const functor = thresholds.get();
  detail::write_and_refuse_nan(ctx, detail::write_decision_bits(scores, functor, out), scores, out.cols(),
                               "decide_bits");
}

/// The labels decided "yes" of each row, ascending: a list a row. Host only. Errors as `decide`.
template <class X>
std::vector<std::vector<std::size_t>> decide_lists(X const& scores, decision_rule const& rule,
                                                   decide_options const& options = {}) {
  context<cpu> ctx;
  auto const view = const_view<2>(scores, "decide_lists", "scores");
  std::vector<std::uint8_t> yes(view.size());
  decide(ctx, view, rule, matrix_view<std::uint8_t>(yes.data(), view.rows(), view.cols()), options);
  std::vector<std::vector<std::size_t>> lists(view.rows());
  for (std::size_t i = 0; i < view.rows(); ++i)
    for (std::size_t j = 0; j < view.cols(); ++j)
      if (yes[i * view.cols() + j]) lists[i].push_back(j);
  return lists;
}

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::decide;
using decisions::decide_bits;
using decisions::decide_lists;
}  // namespace softf1::inline SOFTF1_ABI
