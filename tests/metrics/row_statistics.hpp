// What row statistics say of multiplicities, in plain steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <softf1/metrics/decided_rows.hpp>
#include <softf1/metrics/ranked_rows.hpp>

#include "support/problem.hpp"

namespace softf1_test {

inline softf1::decided_rows decided(problem const& p, double zero_division = 0) {
  softf1::context<softf1::cpu> ctx;
  problem_on<softf1::cpu> const data(ctx, p);
  softf1::metric_options<softf1::cpu> options;
  options.mask = data.mask();
  options.row_weights = data.weights();
  options.zero_division = zero_division;
  softf1::decided_rows rows;
  rows.add(ctx, data.scores(), data.targets(), options);
  return rows;
}

inline softf1::ranked_rows ranked(problem const& p) {
  softf1::context<softf1::cpu> ctx;
  problem_on<softf1::cpu> const data(ctx, p);
  softf1::ranked_rows rows;
  rows.add(ctx, data.scores(), data.targets(), {softf1::averaging::macro, data.mask(), data.weights()});
  return rows;
}

/// The numbers of a statistic where row i occurs times[i] times, in lane 3 of 8; the others have other numbers.
inline std::vector<double> evaluate(softf1::row_statistic const& statistic, std::vector<double> const& times) {
  constexpr std::size_t lanes = softf1::metrics::resample_lanes;
  auto const& source = statistic.source();
  std::vector<double> multiplicity(source.rows() * lanes), out(source.values() * lanes), scratch(source.scratch());
  for (std::size_t k = 0; k < multiplicity.size(); ++k)
    multiplicity[k] = k % lanes == 3 ? times[k / lanes] : static_cast<double>(k % 5);
  source.evaluate(multiplicity.data(), out.data(), scratch.data());
  std::vector<double> values;
  for (std::size_t k = 0; k < source.values(); ++k) values.push_back(out[k * lanes + 3]);
  return values;
}

/// ∂value_k / ∂m_i by differences, (N, K).
inline std::vector<double> influence_by_differences(softf1::row_statistic const& statistic) {
  double const step = 1e-4;
  std::size_t const rows = statistic.source().rows(), values = statistic.source().values();
  std::vector<double> result;
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<double> more(rows, 1.0), less(rows, 1.0);
    more[i] += step;
    less[i] -= step;
    auto const a = evaluate(statistic, more), b = evaluate(statistic, less);
    for (std::size_t k = 0; k < values; ++k) result.push_back((a[k] - b[k]) / (2 * step));
  }
  return result;
}

/// Random multiplicities 0 to 3, and the rows that they stand for.
inline std::vector<double> random_times(std::size_t rows, std::uint64_t seed) {
  softf1::random_stream const random(seed, softf1::random_purpose::test, 9);
  std::vector<double> times;
  for (std::size_t i = 0; i < rows; ++i) times.push_back(static_cast<double>(random.below(i, 4)));
  return times;
}
inline problem repeat_rows(problem const& p, std::vector<double> const& times) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < p.rows; ++i) rows.insert(rows.end(), static_cast<std::size_t>(times[i]), i);
  return take_rows(p, rows);
}

}  // namespace softf1_test
