// A rule with its account: how sure its thresholds are, and what it is worth on rows that it has not seen.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/metrics/average.hpp>
#include <softf1/thresholds/resampling.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// How much work goes into an account. Name them in this order.
struct account_options {
  std::size_t resamples = 100;  ///< of the bootstrap; 0: none, and no intervals
  std::size_t folds = 0;        ///< of cross-validation, in place of the bootstrap's estimate; 0: none
  double level = 0.95;          ///< of the intervals
  std::uint64_t seed = 0;
};

/// What a search has found, and what is known of it. All scores are the objective; NaN is unknown.
struct accounted_rule {
  decision_rule rule;                          ///< a threshold_set has its accounts filled, and its origin "optimism"
  std::optional<calibration_map> calibration;  ///< of the scores that it decides, where the search has one
  std::vector<confusion<double>> in_sample;    ///< of each label, on the rows of the search
  std::vector<double> tuned, expected;         ///< of each label: on those rows, and on new ones
  double macro_tuned, macro_expected;          ///< their means
  double optimism;                             ///< tuned minus expected, the mean over labels where both are known
};

namespace detail {

/// Quantile p of sorted numbers, as the least of them that at least a share p does not exceed: infinite ones are numbers.
inline double quantile_of(std::vector<double> const& sorted, double p) {
  double const at = std::ceil(p * static_cast<double>(sorted.size()));
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(std::max(at, 1.0)) - 1)];
}

}  // namespace detail

/// Searches, and measures the search: with the bootstrap (intervals are percentiles of the thresholds on resamples that
/// have positives; the expected objective is .632 · (mean over the resamples that left out a positive) + .368 · in sample),
/// or with `folds`, by cross-validation of the whole search (nested, where the search itself divides rows), with the counts
/// of all folds summed. A rule of whole rows has no thresholds: it is cross-validated, with 5 folds where none are asked
/// for. A search that calibrates scores does it anew on each of these, so that all figures are of both; intervals then are
/// of thresholds of calibrated scores, each of its own calibration. A macro value is the mean over labels; an undefined
/// objective counts as the rows' zero_division, and a label without cells leaves the mean, as in `average`.
/// Throws value_error for a level outside (0, 1), and as cross_validate, bootstrap_search and the search.
/// Cost: 1 + resamples + folds searches on all threads; the same result for any number of them. Sources: as those two.
inline accounted_rule search_with_account(context<cpu>& ctx, tuning_rows const& rows, search_function const& search,
                                          objective_function const& score, account_options const& options = {}) {
  require_value(options.level > 0 && options.level < 1, "search_with_account",
                "level must lie in (0, 1), got " + number_text(options.level));
  double const unknown = threshold_account::unknown;
  std::size_t const labels = rows.labels();
  auto const value = [&](confusion<double> const& c) { return metrics::defined_score(score, c, rows.zero_division()); };
  auto const mean = [](std::vector<double> const& values) {
    metrics::defined_mean over_labels;
    for (double v : values) over_labels.add(v);
    return over_labels.value();
  };
  auto first = search(rows);
  auto const in_sample = counts_under(rows, first);
  accounted_rule found{std::move(first.rule),
                       std::move(first.calibration),
                       in_sample,
                       {},
                       std::vector<double>(labels, unknown),
                       unknown,
                       unknown,
                       unknown};
  for (auto const& c : found.in_sample) found.tuned.push_back(value(c));
  found.macro_tuned = mean(found.tuned);
  auto* const set = std::get_if<threshold_set>(&found.rule);

  search_bootstrap drawn;
  if (set && options.resamples > 0) drawn = bootstrap_search(ctx, rows, search, options.resamples, options.seed);
  std::size_t const folds = options.folds > 0 || set || options.resamples == 0 || rows.rows() < 2
                                ? options.folds
                                : std::min<std::size_t>(5, rows.rows());
  if (folds > 0) {
    auto const unseen = cross_validate(ctx, rows, search, shuffled_folds(rows.rows(), folds, options.seed)).unseen;
    for (std::size_t j = 0; j < labels; ++j) found.expected[j] = value(unseen[j]);
  } else if (!drawn.rules.empty()) {
    for (std::size_t j = 0; j < labels; ++j) {
      metrics::defined_mean unseen;
      for (auto const& counts : drawn.unseen)
        if (counts[j].support() > 0) unseen.add(value(counts[j]));
      // Of a label without positives no search has found anything: nothing can be too good.
      found.expected[j] =
          found.in_sample[j].support() > 0 ? expected_of(found.tuned[j], unseen.value()) : found.tuned[j];
    }
  }
  // A label whose worth on new rows is not known is left out of both means that are compared.
  auto known = found.tuned;
  for (std::size_t j = 0; j < labels; ++j)
    if (std::isnan(found.expected[j])) known[j] = unknown;
  found.macro_expected = mean(found.expected);
  found.optimism = mean(known) - found.macro_expected;
  if (!set) return found;

  for (std::size_t j = 0; j < labels; ++j) {
    auto const& c = found.in_sample[j];
    auto& account = set->accounts.emplace_back(
        threshold_account{.cells = c.total(), .positives = c.support(), .predicted = c.predicted()});
    account.tuned = found.tuned[j];
    account.expected = found.expected[j];
    if (drawn.rules.empty() || !(c.support() > 0)) continue;
    std::vector<double> thresholds;
    for (auto const& rule : drawn.rules) {
      auto const* const there = std::get_if<threshold_set>(&rule.rule);
      require_value(there && there->labels() == labels, "search_with_account",
                    "expected thresholds of every sample of the rows, as of the rows themselves");
      if (!is_unknown(*there, j)) thresholds.push_back(there->thresholds[j]);
    }
    if (thresholds.empty()) continue;
    std::sort(thresholds.begin(), thresholds.end());
    account.low = detail::quantile_of(thresholds, (1 - options.level) / 2);
    account.high = detail::quantile_of(thresholds, (1 + options.level) / 2);
  }
  if (!std::isnan(found.optimism)) set->origin.emplace_back("optimism", number_text(found.optimism));
  return found;
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::accounted_rule;
using thresholds::search_with_account;
}  // namespace softf1::inline SOFTF1_ABI
