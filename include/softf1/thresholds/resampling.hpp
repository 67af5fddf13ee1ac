// What a search is worth on rows that it has not seen, and thresholds that vary less.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// Any strategy, with its options and objective: `[](tuning_rows const& r) { return youden{}(r, f1{}); }`.
using search_function = std::function<threshold_set(tuning_rows const&)>;

/// The counts of each label under thresholds, on rows as they are weighted. Cost: O(cells).
inline std::vector<confusion<double>> counts_under(tuning_rows const& rows, std::vector<double> const& thresholds) {
  require_shape("counts_under", "thresholds", {rows.labels()}, std::vector<std::size_t>{thresholds.size()});
  std::vector<confusion<double>> counts(rows.labels(), confusion<double>{});
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t j = 0; j < rows.labels(); ++j) {
      if (!rows.present(i, j)) continue;
      bool const yes = rows.score(i, j) >= thresholds[j];
      auto& c = counts[j];
      (rows.positive(i, j) ? (yes ? c.tp : c.fn) : (yes ? c.fp : c.tn)) += rows.weight(i);
    }
  return counts;
}

/// What cross-validation has found.
struct cross_validated {
  std::vector<threshold_set> folds;         ///< found without each fold
  std::vector<confusion<double>> held_out;  ///< of each label: every row decided by thresholds found without it
};

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

/// Searches without each fold, and counts the decisions of each fold by the thresholds found without it: what the search
/// is worth on rows that it has not seen. Folds without rows are passed over. Throws shape_error unless fold_of is (N,).
/// Cost: a search a fold.
inline cross_validated cross_validate(tuning_rows const& rows, search_function const& search,
                                      std::span<std::size_t const> fold_of) {
  require_shape("cross_validate", "fold_of", {rows.rows()}, std::vector<std::size_t>{fold_of.size()});
  cross_validated result;
  result.held_out.assign(rows.labels(), confusion<double>{});
  std::size_t folds = 0;
  for (std::size_t f : fold_of) folds = std::max(folds, f + 1);
  for (std::size_t f = 0; f < folds; ++f) {
    std::vector<double> inside(rows.rows()), outside(rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i) (fold_of[i] == f ? outside : inside)[i] = 1;
    if (std::find(outside.begin(), outside.end(), 1.0) == outside.end()) continue;
    result.folds.push_back(search(rows.reweighted(inside)));
    auto const counts = counts_under(rows.reweighted(outside), result.folds.back().thresholds);
    for (std::size_t j = 0; j < rows.labels(); ++j) result.held_out[j] += counts[j];
  }
  return result;
}

/// What a bootstrap of a search has found.
struct search_bootstrap {
  std::vector<threshold_set> sets;  ///< found on each resample of the rows
  double in_sample;                 ///< the value of the search on all rows, on these rows
  double optimism;                  ///< by how much that is too good for new rows
};

/// Draws the rows anew and searches again: how thresholds vary, and by how much a value on the rows that they were found
/// on is too good: 0.632 (in sample − mean over resamples of the value on the rows that were not drawn).
/// `value` makes one number of the counts of each label, such as macro F1. Throws value_error without rows or resamples.
/// Cost: a search a resample. Source: Efron, "Estimating the error rate of a prediction rule", JASA 78, 1983 (the .632
/// estimator).
template <class Value>
search_bootstrap bootstrap_search(tuning_rows const& rows, search_function const& search, Value const& value,
                                  std::size_t resamples = 200, std::uint64_t seed = 0) {
  require_value(resamples > 0 && rows.rows() > 0, "bootstrap_search", "there must be rows, and resamples of them");
  search_bootstrap result{{}, value(counts_under(rows, search(rows).thresholds)), 0};
  double unseen = 0;
  for (std::size_t r = 0; r < resamples; ++r) {
    random_stream const random(seed, random_purpose::bootstrap, r);
    std::vector<double> times(rows.rows()), left_out(rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i) times[random.below(i, rows.rows())] += 1;
    for (std::size_t i = 0; i < rows.rows(); ++i) left_out[i] = times[i] == 0 ? 1 : 0;
    auto const& set = result.sets.emplace_back(search(rows.reweighted(times)));
    unseen += value(counts_under(rows.reweighted(left_out), set.thresholds));
  }
  result.optimism = 0.632 * (result.in_sample - unseen / static_cast<double>(resamples));
  return result;
}

/// The median of each label's thresholds in several sets, infinite ones too; the lower of the two in the middle where
/// their number is even and one of them is infinite, else their mean. The domain and names are those of the first.
inline threshold_set median_of(std::vector<threshold_set> const& sets, std::string_view reason) {
  require_value(!sets.empty(), "median_of", "at least one set of thresholds must be given");
  threshold_set middle = sets.front();
  for (std::size_t j = 0; j < middle.labels(); ++j) {
    std::vector<double> all;
    for (auto const& set : sets) all.push_back(set.thresholds.at(j));
    std::sort(all.begin(), all.end());
    double const low = all[(all.size() - 1) / 2], high = all[all.size() / 2], mean = 0.5 * low + 0.5 * high;
    middle.thresholds[j] = mean * 0 == 0 ? mean : low;
    middle.reasons[j] = reason;
  }
  return middle;
}

/// Empirical Bayes: each threshold drawn toward `toward`, the more the fewer positives it was found on:
/// t_j = w t_j + (1 − w) toward, w = n_j / (n_j + strength), in the domain of the thresholds (logits are the better scale).
/// Infinite thresholds become `toward` (w = 0). `positives` (L,): of the rows that were searched.
/// Throws value_error for a strength that is negative. Source: James and Stein 1961, as in Efron and Morris, JASA 70, 1975.
inline threshold_set shrunk(threshold_set set, std::span<double const> positives, double toward, double strength) {
  require_shape("shrunk", "positives", {set.labels()}, std::vector<std::size_t>{positives.size()});
  require_value(strength >= 0, "shrunk", "strength must be >= 0, got " + number_text(strength));
  for (std::size_t j = 0; j < set.labels(); ++j) {
    double& t = set.thresholds[j];
    double const weight = t * 0 == 0 && positives[j] > 0 ? positives[j] / (positives[j] + strength) : 0;
    t = weight > 0 ? weight * t + (1 - weight) * toward : toward;
    if (weight < 1) set.reasons[j] += ", shrunk";
  }
  return set;
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds
