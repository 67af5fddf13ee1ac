// Thresholds on a backend, compared like doubles at the speed of the scores' own type.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/half.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/decisions/decision_rule.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// The least T that is >= t: for every T x, `double(x) >= t` exactly where `x >= round_up<T>(t)`.
template <class T>
T round_up(double t) {
  if constexpr (std::is_same_v<T, double>) {
    return t;
  } else {
    if (t > static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::infinity();
    T const near = static_cast<T>(t);
    return static_cast<double>(near) < t ? std::nextafter(near, std::numeric_limits<T>::infinity()) : near;
  }
}

namespace detail {

// choose_highest for each row: rules that take the k highest of some keys.
template <class Keys, class T>
struct top_thresholds {
  Keys keys;
  std::size_t k;
  T* to;
  SOFTF1_HD void operator()(std::size_t i) const { choose_highest(keys, i, k, to + i * keys.labels()); }
};

// The scores of a dense table; NaN where a cell is missing.
template <class S, class T, class B>
struct present_scores {
  row_scores<S, T, B> rows;
  T* to;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    to[i * rows.labels() + j] = rows.present(i, j) ? rows(i, j) : quiet_nan<T>();
  }
};

// Puts −∞ in place of the scores of row i that the best set has, NaN in place of others. Host only.
template <class T>
struct expected_thresholds {
  T* table;
  std::size_t labels;
  expected_f const* rule;
  score_domain domain;
  void operator()(std::size_t i) const {
    T* const row = table + i * labels;
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t j = 0; j < labels; ++j)
      if (row[j] == row[j]) order.emplace_back(-to_probability(static_cast<double>(row[j]), domain), j);
    std::sort(order.begin(), order.end());
    std::vector<double> probabilities;
    for (auto const& [negative, j] : order) probabilities.push_back(-negative);
    std::size_t const size = best_expected_set(probabilities, *rule).size;
    for (std::size_t j = 0; j < labels; ++j) row[j] = quiet_nan<T>();
    for (std::size_t k = 0; k < size; ++k) row[order[k].second] = -infinity<T>();
  }
};

}  // namespace detail

/// A rule on a backend, for given scores: `get()` is a functor `decide(score, row, label)`.
template <class T, class B = cpu>
class decider {
 public:
  struct functor {
    T const* thresholds;
    std::size_t row_stride;  // 0: the same thresholds for each row
    SOFTF1_HD bool operator()(T score, std::size_t row, std::size_t label) const {
      return score >= thresholds[row * row_stride + label];
    }
  };

  /// Throws as thresholds_of. A rule that looks at whole rows takes a table of N · L elements of scratch, and k passes.
  /// Scores that are decisions already (integers, packed bits) take no rule but the default: else value_error.
  template <class S>
  decider(context<B>& ctx, decision_rule const& rule, matrix_view<const S, B> scores, score_domain domain,
          std::string_view who, matrix_view<const std::uint8_t, B> mask = {}) {
    std::size_t const labels = scores.cols();
    if constexpr (decision_type<S>) {
      auto const* const fixed = std::get_if<probability_threshold>(&rule);
      require_value(fixed && fixed->value == 0.5, who, "integers are decisions already: expected no decision rule");
      set_thresholds(ctx, std::vector<double>(labels, 0.5));
    } else {
      decide_by(ctx, rule, scores, domain, who, mask);
    }
  }

  functor get() const { return functor{thresholds_.data(), row_stride_}; }

 private:
  template <class S>
  void decide_by(context<B>& ctx, decision_rule const& rule, matrix_view<const S, B> scores, score_domain domain,
                 std::string_view who, matrix_view<const std::uint8_t, B> mask) {
    std::size_t const labels = scores.cols();
    auto const thresholds = thresholds_of(rule, labels, domain, who);
    if (!looks_at_rows(rule)) return set_thresholds(ctx, thresholds);
    if (mask.data()) require_shape(who, "mask", {scores.rows(), labels}, mask.shape());
    thresholds_ = buffer<T, B>(ctx, scores.size());
    row_stride_ = labels;
    decide_rows<S>(ctx, rule, {scores, mask}, domain);
  }

  template <class S>
  void decide_rows(context<B>& ctx, decision_rule const& rule, detail::row_scores<S, T, B> const& rows,
                   score_domain domain) {
    std::size_t const n = rows.scores.rows();
    bool const is_logit = domain == score_domain::logit;
    T* const table = thresholds_.data();
    if (auto const* const expected = std::get_if<expected_f>(&rule)) {
      decide_expected(ctx, *expected, rows, domain);
    } else if (auto const* const predicted = std::get_if<predicted_size>(&rule)) {
      detail::size_thresholds<S, T, B> choose{rows, {}, predicted->least, predicted->most, is_logit, table};
      std::copy(predicted->weights.begin(), predicted->weights.end(), choose.weights);
      for_each_row(ctx, n, rows.labels(), choose);
    } else if (auto const* const weighted = std::get_if<weighted_top_k>(&rule)) {
      slopes_ = on_backend(ctx, weighted->slopes);
      offsets_ = on_backend(ctx, weighted->offsets);
      using keys = detail::weighted_scores<S, T, B>;
      for_each_row(
          ctx, n, rows.labels(),
          detail::top_thresholds<keys, T>{{rows, slopes_.data(), offsets_.data(), is_logit}, weighted->k, table});
    } else if (std::size_t const k = labels_a_row(rule); k > 0) {
      for_each_row(ctx, n, rows.labels(), detail::top_thresholds<detail::row_scores<S, T, B>, T>{rows, k, table});
    } else {
      for_each_row(ctx, n, rows.labels(), detail::gap_thresholds<S, T, B>{rows, table});
    }
  }

  // On the host, where the recursion has room.
  template <class S>
  void decide_expected(context<B>& ctx, expected_f const& rule, detail::row_scores<S, T, B> const& rows,
                       score_domain domain) {
    std::size_t const labels = rows.labels(), cells = rows.scores.size();
    buffer<T, B> there(ctx, cells);
    for_each_cell(ctx, rows.scores.rows(), labels, detail::present_scores<S, T, B>{rows, there.data()});
    std::vector<T> host(cells);
    copy(ctx, std::as_const(there).view(), vector_view<T>(host.data(), cells));
    auto on_host = context<cpu>::for_one_call();
    if constexpr (std::is_same_v<B, cpu>) on_host = context<cpu>({.threads = ctx.threads()});
    for_each_row(on_host, rows.scores.rows(), labels * labels,
                 detail::expected_thresholds<T>{host.data(), labels, &rule, domain});
    copy(ctx, vector_view<const T>(host.data(), cells), thresholds_.view());
  }

  static buffer<double, B> on_backend(context<B>& ctx, std::vector<double> const& host) {
    buffer<double, B> there(ctx, host.size());
    copy(ctx, vector_view<const double>(host.data(), host.size()), there.view());
    return there;
  }

  void set_thresholds(context<B>& ctx, std::vector<double> const& doubles) {
    std::vector<T> rounded;
    for (double t : doubles) rounded.push_back(round_up<T>(t));
    thresholds_ = buffer<T, B>(ctx, rounded.size());
    copy(ctx, vector_view<const T>(rounded.data(), rounded.size()), thresholds_.view());
  }

  buffer<T, B> thresholds_;
  buffer<double, B> slopes_, offsets_;
  std::size_t row_stride_ = 0;
};

}  // namespace softf1::inline SOFTF1_ABI::decisions
