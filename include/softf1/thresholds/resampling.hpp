// What a search is worth on rows that it has not seen, and thresholds that vary less.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/random.hpp>
#include <softf1/decisions/apply.hpp>
#include <softf1/decisions/calibrated_rule.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// Any strategy, with its options and objective: `[](tuning_rows const& r) { return youden{}(r, f1{}); }`, or one that
/// calibrates the scores first (calibration/calibrated_search.hpp). It may be called on several threads at once.
using search_function = std::function<calibrated_rule(tuning_rows const&)>;

/// The thresholds of a rule. Throws value_error for one that looks at whole rows, or has a calibration of its own.
inline threshold_set const& thresholds_in(calibrated_rule const& found, std::string_view who) {
  auto const* const set = std::get_if<threshold_set>(&found.rule);
  require_value(set != nullptr, who,
                "expected a strategy that gives thresholds, got one that gives a rule of whole rows");
  require_value(!found.calibration, who, "expected thresholds of scores as they are, got some of calibrated ones");
  return *set;
}

/// Whether a set says that its search knew nothing of a label.
inline bool is_unknown(threshold_set const& set, std::size_t label) {
  return label < set.reasons.size() && set.reasons[label] == no_positives;
}

/// Says what else has made the threshold of a label.
inline void add_reason(threshold_set& set, std::size_t label, std::string_view reason) {
  set.reasons.resize(set.labels());
  auto& text = set.reasons[label];
  text += (text.empty() ? "" : ", ") + std::string(reason);
}

/// What a rule makes of rows: (N, L) of 1 and 0, 0 for missing cells and for rows of weight 0. Cost: as the rule, and as
/// its calibration.
inline std::vector<std::uint8_t> decide_rows(tuning_rows const& rows, calibrated_rule const& by) {
  std::size_t const labels = rows.labels();
  std::vector<std::uint8_t> decided(rows.rows() * labels);
  std::vector<std::size_t> kept;
  std::vector<double> scores;
  std::vector<std::uint8_t> present;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    if (!(rows.weight(i) > 0)) continue;
    kept.push_back(i);
    for (std::size_t j = 0; j < labels; ++j) {
      present.push_back(rows.present(i, j));
      scores.push_back(present.back() ? rows.score(i, j) : 0);
    }
  }
  context<cpu> ctx({.threads = 1});
  matrix_view<const double> const view(scores.data(), kept.size(), labels);
  if (by.calibration) by.calibration->apply(ctx, view, matrix_view<double>(scores.data(), kept.size(), labels));
  decisions::decider<double> const decider(ctx, by.rule, view,
                                           by.calibration ? score_domain::calibrated : rows.domain(), "decide_rows",
                                           {present.data(), kept.size(), labels});
  auto const decide = decider.get();
  for (std::size_t k = 0; k < kept.size(); ++k)
    for (std::size_t j = 0; j < labels; ++j)
      decided[kept[k] * labels + j] = present[k * labels + j] && decide(view(k, j), k, j);
  return decided;
}

/// The counts of each label under decisions (N, L), on rows as they are weighted. Cost: O(cells).
inline std::vector<confusion<double>> counts_of(tuning_rows const& rows, std::span<std::uint8_t const> decided) {
  require_shape("counts_of", "decided", {rows.rows() * rows.labels()}, std::vector<std::size_t>{decided.size()});
  std::vector<confusion<double>> counts(rows.labels(), confusion<double>{});
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t j = 0; j < rows.labels(); ++j)
      if (rows.present(i, j)) rows.count(counts[j], i, j, decided[i * rows.labels() + j] != 0, rows.weight(i));
  return counts;
}

/// The counts of each label under a rule.
inline std::vector<confusion<double>> counts_under(tuning_rows const& rows, calibrated_rule const& rule) {
  return counts_of(rows, decide_rows(rows, rule));
}

namespace detail {

/// A task that keeps what it throws.
template <class Task>
struct guarded_task {
  Task const* task;
  std::exception_ptr* thrown;
  void operator()(std::size_t k) const {
    try {
      (*task)(k);
    } catch (...) {
      thrown[k] = std::current_exception();
    }
  }
};

/// task(k) for k in [0, n) on the threads of a context; what one of them throws is thrown here.
template <class Task>
void search_in_parallel(context<cpu>& ctx, std::size_t n, Task const& task) {
  std::vector<std::exception_ptr> thrown(n);
  for_each_row(ctx, n, std::size_t{1} << 20, guarded_task<Task>{&task, thrown.data()});
  for (auto const& e : thrown)
    if (e) std::rethrow_exception(e);
}

}  // namespace detail

/// A fold in [0, folds) a row: rows are shuffled, and dealt out one by one. `data/split.hpp` has folds in which labels are
/// as frequent as in the whole. Throws value_error for less than 2 folds or more than rows.
inline std::vector<std::size_t> shuffled_folds(std::size_t rows, std::size_t folds, std::uint64_t seed = 0) {
  require_value(folds >= 2 && folds <= rows, "shuffled_folds",
                "folds must be from 2 to the number of rows, got " + std::to_string(folds));
  random_stream const random(seed, random_purpose::split, 0);
  std::vector<std::size_t> order(rows), fold_of(rows);
  for (std::size_t i = 0; i < rows; ++i) order[i] = i;
  for (std::size_t k = rows; k > 1; --k) std::swap(order[k - 1], order[random.below(k, k)]);
  for (std::size_t k = 0; k < rows; ++k) fold_of[order[k]] = k % folds;
  return fold_of;
}

/// What cross-validation has found.
struct cross_validated {
  std::vector<calibrated_rule> rules;     ///< found without each fold
  std::vector<std::uint8_t> decided;      ///< (N, L): every row decided by the rule that was found without it
  std::vector<confusion<double>> unseen;  ///< their counts, of each label
};

/// Searches without each fold, and decides each fold by the rule found without it: what the search is worth on rows that
/// it has not seen. Counts of all folds are summed before anything is made of them: F1 of sums is less biased than the mean
/// of F1s. Folds without rows are passed over. Throws shape_error unless fold_of is (N,), and what the search throws.
/// Cost: a search a fold; the same result for any number of threads.
/// Source: Forman and Scholz, "Apples-to-apples in cross-validation studies", SIGKDD Explorations 12, 2010.
inline cross_validated cross_validate(context<cpu>& ctx, tuning_rows const& rows, search_function const& search,
                                      std::span<std::size_t const> fold_of) {
  require_shape("cross_validate", "fold_of", {rows.rows()}, std::vector<std::size_t>{fold_of.size()});
  std::size_t folds = 0;
  for (std::size_t f : fold_of) folds = std::max(folds, f + 1);
  std::vector<std::vector<double>> inside(folds, std::vector<double>(rows.rows(), 1.0)),
      outside(folds, std::vector<double>(rows.rows()));
  std::vector<bool> has_rows(folds);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    inside[fold_of[i]][i] = 0;
    outside[fold_of[i]][i] = 1;
    has_rows[fold_of[i]] = true;
  }
  std::vector<calibrated_rule> rules(folds);
  std::vector<std::vector<std::uint8_t>> decided(folds);
  detail::search_in_parallel(ctx, folds, [&](std::size_t f) {
    if (!has_rows[f]) return;
    rules[f] = search(rows.reweighted(inside[f]));
    decided[f] = decide_rows(rows.reweighted(outside[f]), rules[f]);
  });
  cross_validated result{{}, std::vector<std::uint8_t>(rows.rows() * rows.labels()), {}};
  for (std::size_t f = 0; f < folds; ++f) {
    if (!has_rows[f]) continue;
    result.rules.push_back(std::move(rules[f]));
    for (std::size_t k = 0; k < result.decided.size(); ++k) result.decided[k] |= decided[f][k];
  }
  result.unseen = counts_of(rows, result.decided);
  return result;
}

/// What a bootstrap of a search has found, a resample after the other.
struct search_bootstrap {
  std::vector<calibrated_rule> rules;                  ///< found on each resample of the rows
  std::vector<std::vector<confusion<double>>> unseen;  ///< of each label, of the rows that were not drawn
};

/// Draws the rows anew and searches again: how thresholds vary, and what they do to rows that were not drawn. Of a number
/// v of counts, 0.368 v(in sample) + 0.632 (mean of v(unseen)) is to be expected on new rows (see expected_of).
/// Throws value_error without rows or resamples, and what the search throws. Cost: a search a resample, on all threads of
/// the context; the same result for any number of them.
/// Source: Efron, "Estimating the error rate of a prediction rule", JASA 78, 1983 (the .632 estimator).
inline search_bootstrap bootstrap_search(context<cpu>& ctx, tuning_rows const& rows, search_function const& search,
                                         std::size_t resamples = 100, std::uint64_t seed = 0) {
  require_value(resamples > 0 && rows.rows() > 0, "bootstrap_search", "there must be rows, and resamples of them");
  search_bootstrap result{std::vector<calibrated_rule>(resamples),
                          std::vector<std::vector<confusion<double>>>(resamples)};
  detail::search_in_parallel(ctx, resamples, [&](std::size_t r) {
    random_stream const random(seed, random_purpose::bootstrap, r);
    std::vector<double> times(rows.rows()), left_out(rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i) times[random.below(i, rows.rows())] += 1;
    for (std::size_t i = 0; i < rows.rows(); ++i) left_out[i] = times[i] == 0 ? 1 : 0;
    result.rules[r] = search(rows.reweighted(times));
    result.unseen[r] = counts_under(rows.reweighted(left_out), result.rules[r]);
  });
  return result;
}

/// What a number is to be expected to be on new rows, given what it is on the rows of the search and on those that
/// resamples have left out: Efron's .632 estimator.
constexpr double expected_of(double in_sample, double unseen) { return 0.368 * in_sample + 0.632 * unseen; }

/// The median of each label's thresholds in several sets, infinite ones too; the lower of the two in the middle where
/// their number is even and one of them is infinite, else their mean. With `mean` their mean, where none is infinite.
/// Thresholds that stand for "no positives" are left out, unless there are no others.
/// Throws value_error for no sets, or for a rule of whole rows.
inline std::vector<double> middle_thresholds(std::vector<calibrated_rule> const& rules, bool mean = false) {
  require_value(!rules.empty(), "middle_thresholds", "at least one set of thresholds must be given");
  std::vector<double> middle;
  for (std::size_t j = 0; j < thresholds_in(rules.front(), "middle_thresholds").labels(); ++j) {
    std::vector<double> sorted;
    double sum = 0;
    for (auto const& rule : rules) {
      auto const& set = thresholds_in(rule, "middle_thresholds");
      if (!is_unknown(set, j)) sum += sorted.emplace_back(set.thresholds.at(j));
    }
    if (sorted.empty()) sum += sorted.emplace_back(thresholds_in(rules.front(), "middle_thresholds").thresholds[j]);
    std::sort(sorted.begin(), sorted.end());
    double const low = sorted[(sorted.size() - 1) / 2], between = 0.5 * low + 0.5 * sorted[sorted.size() / 2];
    middle.push_back(mean && sum * 0 == 0 ? sum / static_cast<double>(sorted.size())
                     : between * 0 == 0   ? between
                                          : low);
  }
  return middle;
}

/// Empirical Bayes: each threshold drawn toward another, the more the fewer positives it was found on:
/// t_j = w t_j + (1 − w) toward_j, w = n_j / (n_j + strength), in the domain of the thresholds (logits are the better
/// scale). Infinite thresholds become toward_j (w = 0), those of labels without positives stay. `positives`, `toward` (L,):
/// of the rows that were searched.
/// Throws value_error for a strength that is negative. Source: James and Stein 1961, as in Efron and Morris, JASA 70, 1975.
inline threshold_set shrunk_toward(threshold_set set, std::span<double const> positives, std::span<double const> toward,
                                   double strength) {
  for (auto const& [what, size] : {std::pair{"positives", positives.size()}, {"toward", toward.size()}})
    require_shape("shrunk_toward", what, {set.labels()}, std::vector<std::size_t>{size});
  require_value(strength >= 0, "shrunk_toward", "strength must be >= 0, got " + number_text(strength));
  for (std::size_t j = 0; j < set.labels(); ++j) {
    if (!(positives[j] > 0)) continue;
    double& t = set.thresholds[j];
    double const weight = t * 0 == 0 ? positives[j] / (positives[j] + strength) : 0;
    bool const is_mixed = weight > 0 && weight < 1 && toward[j] * 0 == 0;
    if (is_mixed)
      t = weight * t + (1 - weight) * toward[j];
    else if (weight == 0)
      t = toward[j];
    if (is_mixed || weight == 0) add_reason(set, j, "shrunk");
  }
  return set;
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds
