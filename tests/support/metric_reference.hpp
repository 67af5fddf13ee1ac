// Metrics by plain loops, in the order in which one would write them on paper.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include <softf1/scores/averaging.hpp>
#include <softf1/scores/confusion.hpp>

#include "support/problem.hpp"

namespace softf1_test {

using counts = softf1::confusion<double>;
using count_score = std::function<double(counts const&)>;

inline constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

inline void count_cell(counts& c, problem const& p, std::size_t i, std::size_t j, double threshold, double weight) {
  if (!p.present(i, j)) return;
  bool const yes = p.scores[p.at(i, j)] >= threshold, positive = p.targets[p.at(i, j)] == 1;
  (yes ? positive ? c.tp : c.fp : positive ? c.fn : c.tn) += weight;
}

/// Counts of each label.
inline std::vector<counts> label_counts(problem const& p, std::vector<double> const& thresholds) {
  std::vector<counts> all(p.cols, counts{});
  for (std::size_t i = 0; i < p.rows; ++i)
    for (std::size_t j = 0; j < p.cols; ++j) count_cell(all[j], p, i, j, thresholds[j], p.weight(i));
  return all;
}

/// The average of a score that is NaN where it is undefined.
inline double reference_average(problem const& p, std::vector<double> const& thresholds, count_score const& score,
                                softf1::averaging how, double zero_division) {
  std::vector<counts> terms;
  std::vector<double> weights;
  auto const labels = label_counts(p, thresholds);
  double support = 0, cells = 0;
  for (auto const& c : labels) {
    support += c.tp + c.fn;
    cells += c.tp + c.fp + c.fn + c.tn;
  }
  if (how == softf1::averaging::micro) {
    terms.push_back({});
    for (auto const& c : labels) terms[0] += c;
    weights.push_back(1);
  } else if (how == softf1::averaging::samples) {
    for (std::size_t i = 0; i < p.rows; ++i) {
      terms.push_back({});
      for (std::size_t j = 0; j < p.cols; ++j) count_cell(terms.back(), p, i, j, thresholds[j], 1);
      weights.push_back(p.weight(i));
    }
  } else {
    terms = labels;
    for (auto const& c : labels) weights.push_back(how == softf1::averaging::macro ? 1 : c.tp + c.fn);
    if (how == softf1::averaging::weighted && support == 0 && cells > 0) return zero_division;
  }
  double sum = 0, weight = 0;
  for (std::size_t k = 0; k < terms.size(); ++k) {
    auto const& c = terms[k];
    if (c.tp + c.fp + c.fn + c.tn == 0) continue;
    double value = score(c);
    if (std::isnan(value)) value = zero_division;
    if (std::isnan(value) || weights[k] == 0) continue;
    sum += weights[k] * value;
    weight += weights[k];
  }
  return weight > 0 ? sum / weight : nan_value;
}

/// Average precision of column j: at each distinct score, precision times the recall gained there. O(N^2).
inline double reference_average_precision(problem const& p, std::size_t j) {
  double positives = 0, sum = 0;
  std::vector<double> seen;
  for (std::size_t i = 0; i < p.rows; ++i)
    if (p.present(i, j)) positives += p.targets[p.at(i, j)] * p.weight(i);
  for (std::size_t i = 0; i < p.rows; ++i) {
    double const threshold = p.scores[p.at(i, j)];
    bool again = !p.present(i, j);
    for (double s : seen) again = again || s == threshold;
    if (again) continue;
    seen.push_back(threshold);
    double tp = 0, accepted = 0, gained = 0;
    for (std::size_t k = 0; k < p.rows; ++k) {
      if (!p.present(k, j) || !(p.scores[p.at(k, j)] >= threshold)) continue;
      accepted += p.weight(k);
      tp += p.weight(k) * p.targets[p.at(k, j)];
      if (p.scores[p.at(k, j)] == threshold) gained += p.weight(k) * p.targets[p.at(k, j)];
    }
    if (gained > 0) sum += gained * tp / accepted;
  }
  return positives > 0 ? sum / positives : nan_value;
}

/// AUROC of column j: the share of pairs in the right order, equal scores counting half. O(N^2).
inline double reference_roc_auc(problem const& p, std::size_t j) {
  double right = 0, pairs = 0;
  for (std::size_t a = 0; a < p.rows; ++a)
    for (std::size_t b = 0; b < p.rows; ++b) {
      if (!p.present(a, j) || !p.present(b, j) || p.targets[p.at(a, j)] != 1 || p.targets[p.at(b, j)] != 0) continue;
      double const weight = p.weight(a) * p.weight(b), high = p.scores[p.at(a, j)], low = p.scores[p.at(b, j)];
      pairs += weight;
      right += weight * (high > low ? 1 : high == low ? 0.5 : 0);
    }
  return pairs > 0 ? right / pairs : nan_value;
}

/// All cells as one column.
inline problem pooled(problem const& p) {
  problem all{p.rows * p.cols, 1, p.scores, p.targets, p.mask, {}, {0}};
  if (!p.weights.empty())
    for (std::size_t i = 0; i < p.rows; ++i) all.weights.insert(all.weights.end(), p.cols, p.weights[i]);
  return all;
}

/// Equal up to `tolerance`, or both NaN.
inline bool same_number(double a, double b, double tolerance) {
  return (std::isnan(a) && std::isnan(b)) || a == b || std::fabs(a - b) <= tolerance;
}

/// Pairs of problems of which every metric is the same, made of one without mask and weights that has 5 rows and 3 labels
/// at least: rows and labels in another order, a row and a label masked (whatever stands there) or deleted, a row of
/// weight 2 or twice.
inline std::vector<std::pair<problem, problem>> equal_problems(problem const& p, std::uint64_t seed) {
  std::size_t const row = p.rows / 3, label = p.cols / 2;
  problem without_row = p, without_label = p, weighted = p;
  without_row.mask.assign(p.rows * p.cols, 1);
  without_label.mask = without_row.mask;
  for (std::size_t j = 0; j < p.cols; ++j)
    without_row.mask[p.at(row, j)] = 0, without_row.scores[p.at(row, j)] = nan_value;
  for (std::size_t i = 0; i < p.rows; ++i)
    without_label.mask[p.at(i, label)] = 0, without_label.targets[p.at(i, label)] = 9;
  weighted.weights.assign(p.rows, 1);
  weighted.weights[row + 1] = 2;
  auto twice = indices(p.rows);
  twice.push_back(row + 1);
  return {{p, take_rows(p, random_order(p.rows, seed))},
          {p, take_cols(p, random_order(p.cols, seed))},
          {without_row, take_rows(p, all_but(p.rows, row))},
          {without_label, take_cols(p, all_but(p.cols, label))},
          {weighted, take_rows(p, twice)}};
}

}  // namespace softf1_test
