// Small problems of multi-label classification, made on the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include <softf1/core/cells.hpp>
#include <softf1/core/random.hpp>

#include "support/backends.hpp"

namespace softf1_test {

/// Scores and targets (rows, cols), row-major. An empty mask: every cell is present. Empty weights: every row weighs 1.
struct problem {
  std::size_t rows = 0, cols = 0;
  std::vector<double> scores = {}, targets = {};
  std::vector<std::uint8_t> mask = {};
  std::vector<double> weights = {};
  std::vector<std::size_t> labels = {};  ///< which label each column is

  std::size_t at(std::size_t i, std::size_t j) const { return i * cols + j; }
  bool present(std::size_t i, std::size_t j) const { return mask.empty() || mask[at(i, j)] != 0; }
  double weight(std::size_t i) const { return weights.empty() ? 1.0 : weights[i]; }
};

/// 0, 1, …, n − 1.
inline std::vector<std::size_t> indices(std::size_t n) {
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

/// The problem of one logit and one target everywhere.
inline problem constant_problem(std::size_t rows, std::size_t cols, double score, double target) {
  return {rows, cols,         std::vector<double>(rows * cols, score), std::vector<double>(rows * cols, target), {},
          {},   indices(cols)};
}

struct problem_options {
  bool masked = false;         ///< about one cell in five is missing
  bool weighted = false;       ///< weights are quarters in [0, 2], so that their sums are exact
  bool soft_targets = false;   ///< targets in [0, 1] in place of 0 and 1
  double prevalence = 0.4;     ///< of hard targets
  double spread = 4;           ///< scores lie in ±spread
  std::uint64_t distinct = 0;  ///< number of distinct scores (for ties); 0: as many as there are doubles
};

/// A random problem: the same for the same arguments, always.
inline problem random_problem(std::size_t rows, std::size_t cols, std::uint64_t seed, problem_options const& o = {}) {
  problem p{rows, cols, {}, {}, {}, {}, indices(cols)};
  softf1::random_stream const scores(seed, softf1::random_purpose::test, 1),
      targets(seed, softf1::random_purpose::test, 2);
  softf1::random_stream const masks(seed, softf1::random_purpose::test, 3),
      weights(seed, softf1::random_purpose::test, 4);
  for (std::size_t k = 0; k < rows * cols; ++k) {
    double const u = o.distinct == 0
                         ? scores.uniform(k)
                         : (static_cast<double>(scores.below(k, o.distinct)) + 0.5) / static_cast<double>(o.distinct);
    p.scores.push_back(o.spread * (2 * u - 1));
    double const y = targets.uniform(k);
    p.targets.push_back(o.soft_targets ? y : y < o.prevalence ? 1.0 : 0.0);
    if (o.masked) p.mask.push_back(masks.uniform(k) < 0.8 ? 1 : 0);
  }
  if (o.weighted)
    for (std::size_t i = 0; i < rows; ++i) p.weights.push_back(0.25 * static_cast<double>(weights.below(i, 9)));
  return p;
}

/// The problem of some rows, in the order given, any number of times each.
inline problem take_rows(problem const& p, std::vector<std::size_t> const& rows) {
  problem part{rows.size(), p.cols, {}, {}, {}, {}, p.labels};
  for (std::size_t i : rows) {
    for (std::size_t j = 0; j < p.cols; ++j) {
      part.scores.push_back(p.scores[p.at(i, j)]);
      part.targets.push_back(p.targets[p.at(i, j)]);
      if (!p.mask.empty()) part.mask.push_back(p.mask[p.at(i, j)]);
    }
    if (!p.weights.empty()) part.weights.push_back(p.weights[i]);
  }
  return part;
}

/// The problem of some columns, in the order given.
inline problem take_cols(problem const& p, std::vector<std::size_t> const& cols) {
  problem part{p.rows, cols.size(), {}, {}, {}, p.weights, {}};
  for (std::size_t j : cols) part.labels.push_back(p.labels[j]);
  for (std::size_t i = 0; i < p.rows; ++i)
    for (std::size_t j : cols) {
      part.scores.push_back(p.scores[p.at(i, j)]);
      part.targets.push_back(p.targets[p.at(i, j)]);
      if (!p.mask.empty()) part.mask.push_back(p.mask[p.at(i, j)]);
    }
  return part;
}

/// Row-major numbers of p's shape, their rows (or columns) picked like those of take_rows (or take_cols).
inline std::vector<double> pick(problem const& p, std::vector<double> const& numbers,
                                std::vector<std::size_t> const& rows, std::vector<std::size_t> const& cols) {
  std::vector<double> picked;
  for (std::size_t i : rows)
    for (std::size_t j : cols) picked.push_back(numbers[p.at(i, j)]);
  return picked;
}

/// 0 … n − 1 in a random order.
inline std::vector<std::size_t> random_order(std::size_t n, std::uint64_t seed) {
  softf1::random_stream const random(seed, softf1::random_purpose::test, 5);
  auto order = indices(n);
  for (std::size_t k = n; k > 1; --k) std::swap(order[k - 1], order[random.below(k, k)]);
  return order;
}

/// 0 … n − 1 without one of them.
inline std::vector<std::size_t> all_but(std::size_t n, std::size_t left_out) {
  auto rest = indices(n);
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
  return rest;
}

/// The rows dealt out to `parts` problems at random; some may be empty.
inline std::vector<std::vector<std::size_t>> random_partition(std::size_t rows, std::size_t parts, std::uint64_t seed) {
  softf1::random_stream const random(seed, softf1::random_purpose::test, 6);
  std::vector<std::vector<std::size_t>> dealt(parts);
  for (std::size_t i : random_order(rows, seed)) dealt[random.below(i, parts)].push_back(i);
  return dealt;
}

/// A problem on backend B: scores stored as S, targets as Y.
template <class B, class S = double, class Y = double>
class problem_on {
 public:
  problem_on(softf1::context<B>& ctx, problem const& p, layout how = layout::dense)
      : scores_(ctx, p.scores, p.rows, p.cols, how),
        targets_(ctx, p.targets, p.rows, p.cols, how),
        has_mask_(!p.mask.empty()),
        mask_(ctx, has_mask_ ? std::vector<double>(p.mask.begin(), p.mask.end()) : std::vector<double>(p.rows * p.cols),
              p.rows, p.cols, how),
        weights_(upload(ctx, p.weights)) {}

  softf1::matrix_view<const S, B> scores() const { return scores_.view(); }
  softf1::matrix_view<const Y, B> targets() const { return targets_.view(); }
  softf1::mask_view<B> mask() const { return has_mask_ ? softf1::mask_view<B>(mask_.view()) : softf1::mask_view<B>(); }
  softf1::weights_view<B> weights() const {
    return weights_.empty() ? softf1::weights_view<B>() : softf1::weights_view<B>(weights_.view());
  }

 private:
  matrix_on<S, B> scores_;
  matrix_on<Y, B> targets_;
  bool has_mask_;
  matrix_on<std::uint8_t, B> mask_;
  softf1::buffer<double, B> weights_;
};

}  // namespace softf1_test
