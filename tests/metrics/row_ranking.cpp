#include <softf1/metrics/row_ranking.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace row_ranking_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::row_metric;
using softf1::row_rankings;

using row_values = std::array<double, softf1::metrics::row_metric_count>;

/// The labels of a row that score at least as high as label j; only the relevant ones where asked.
double rank(problem const& p, std::size_t i, std::size_t j, bool relevant_only) {
  double n = 0;
  for (std::size_t k = 0; k < p.cols; ++k)
    if (p.present(i, k) && p.scores[p.at(i, k)] >= p.scores[p.at(i, j)]) n += relevant_only ? p.targets[p.at(i, k)] : 1;
  return n;
}

/// The metrics of row i, straight from their definitions.
row_values reference_row(problem const& p, std::size_t i) {
  double present = 0, relevant = 0, coverage = 0, precisions = 0, lost = 0, tied = 0, best = -HUGE_VAL;
  bool top_is_relevant = false;
  for (std::size_t j = 0; j < p.cols; ++j) {
    if (!p.present(i, j)) continue;
    double const score = p.scores[p.at(i, j)];
    bool const yes = p.targets[p.at(i, j)] == 1;
    ++present;
    if (score > best || present == 1) best = score, top_is_relevant = yes;
    if (score == best) top_is_relevant = top_is_relevant && yes;
    if (!yes) continue;
    ++relevant;
    coverage = std::fmax(coverage, rank(p, i, j, false));
    precisions += rank(p, i, j, true) / rank(p, i, j, false);
    for (std::size_t k = 0; k < p.cols; ++k) {
      if (!p.present(i, k) || p.targets[p.at(i, k)] == 1) continue;
      lost += p.scores[p.at(i, k)] >= score;
      tied += p.scores[p.at(i, k)] == score;
    }
  }
  double const nan = nan_value, pairs = relevant * (present - relevant);
  if (present == 0) return {nan, nan, nan, nan, nan, nan, nan, nan};
  return {coverage,
          pairs > 0 ? lost / pairs : 0,
          relevant > 0 ? precisions / relevant : 1,
          relevant > 0 ? precisions / relevant : nan,
          pairs > 0 ? 1 - (lost - tied / 2) / pairs : nan,
          top_is_relevant ? 0.0 : 1.0,
          lost > 0 ? 1.0 : 0.0,
          lost};
}

struct reference_mean {
  double value;
  std::size_t left_out;
};

reference_mean reference(problem const& p, std::size_t metric) {
  double sum = 0, weight = 0;
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < p.rows; ++i) {
    double const value = reference_row(p, i)[metric];
    if (std::isnan(value)) ++left_out;
    if (std::isnan(value)) continue;
    sum += p.weight(i) * value;
    weight += p.weight(i);
  }
  return {weight > 0 ? sum / weight : nan_value, left_out};
}

template <class S = double, class Y = double, class B>
void add(softf1::context<B>& ctx, row_rankings& to, problem const& p, layout how = layout::dense) {
  problem_on<B, S, Y> const data(ctx, p, how);
  to.add(ctx, data.scores(), data.targets(), softf1::row_ranking_options<B>{data.mask(), data.weights()});
}

template <class S = double, class Y = double, class B>
row_rankings ranked(softf1::context<B>& ctx, problem const& p, layout how = layout::dense) {
  row_rankings all;
  add<S, Y>(ctx, all, p, how);
  return all;
}

bool same(row_rankings const& a, row_rankings const& b) {
  for (std::size_t m = 0; m < softf1::metrics::row_metric_count; ++m)
    if (!same_number(a.value(row_metric{m}), b.value(row_metric{m}), 1e-12)) return false;
  return true;
}

/// A problem with ties, zeros of both signs, infinities, and rows of one kind.
problem awkward_problem(std::uint64_t seed) {
  problem p = random_problem(
      seed % 9, 1 + seed % 7, seed,
      {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = 0.35, .distinct = seed % 5 * 2});
  for (std::size_t k = 0; k < p.scores.size(); ++k) {
    if (seed % 7 == 0 && k % 3 == 0) p.scores[k] = k % 2 ? 0.0 : -0.0;
    if (seed % 11 == 0 && k % 4 == 0) p.scores[k] = k % 8 ? HUGE_VAL : -HUGE_VAL;
    p.scores[k] = static_cast<float>(p.scores[k]);
  }
  for (std::size_t j = 0; p.rows > 2 && j < p.cols; ++j) {
    p.targets[p.at(0, j)] = 0;
    p.targets[p.at(1, j)] = 1;
    if (!p.mask.empty()) p.mask[p.at(2, j)] = 0;
  }
  return p;
}

}  // namespace row_ranking_tests

TEMPLATE_TEST_CASE("rankings of rows agree with quadratic loops", "[metrics][row_ranking]", SOFTF1_TEST_BACKENDS) {
  using namespace row_ranking_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    problem const p = awkward_problem(seed);
    auto const plain = ranked(ctx, p);
    auto const other = ranked<float, std::uint8_t>(ctx, p, seed % 2 ? layout::column_major : layout::padded);
    INFO("seed " << seed);
    for (std::size_t m = 0; m < softf1::metrics::row_metric_count; ++m) {
      auto const expected = reference(p, m);
      INFO("metric " << m);
      CHECK(same_number(plain.value(row_metric{m}), expected.value, 1e-12));
      CHECK(plain.left_out(row_metric{m}) == expected.left_out);
    }
    CHECK(same(plain, other));
    CHECK(plain.rows() == p.rows);
  }
}

TEST_CASE("rankings of rows have the values that are known", "[metrics][row_ranking]") {
  using namespace row_ranking_tests;
  // The example of scikit-learn's user guide.
  std::vector<int> const targets{1, 0, 0, 0, 0, 1};
  std::vector<double> const scores{0.75, 0.5, 1, 1, 0.2, 0.1};
  auto const y = as_matrix(targets, 2, 3);
  auto const z = as_matrix(scores, 2, 3);
  CHECK(softf1::coverage_error(z, y) == 2.5);
  CHECK(softf1::label_ranking_average_precision(z, y) == Approx(0.41666666666666663).epsilon(1e-15));
  CHECK(softf1::label_ranking_loss(z, y) == 0.75);
  CHECK(softf1::one_error(z, y) == 1);
  row_rankings all;
  all.add(z, y);
  CHECK(all.average_precision() == all.label_ranking_average_precision());
  CHECK(all.roc_auc() == 0.25);
  CHECK(all.is_error() == 1);
  CHECK(all.error_set_size() == 1.5);

  std::vector<double> const constant(6, -1);
  row_rankings ties;
  ties.add(as_matrix(constant, 2, 3), y);
  CHECK(ties.coverage_error() == 3);
  CHECK(ties.ranking_loss() == 1);
  CHECK(ties.roc_auc() == 0.5);
  CHECK(ties.one_error() == 1);
}

TEST_CASE("rows of one kind count in the mean or are counted out", "[metrics][row_ranking]") {
  using namespace row_ranking_tests;
  problem p{4, 2, {2, 1, 2, 1, 2, 1, nan_value, 7}, {0, 0, 1, 1, 1, 0, 1, 5}, {1, 1, 1, 1, 1, 1, 0, 0}, {}, indices(2)};
  softf1::context<softf1::cpu> ctx;
  auto const all = ranked(ctx, p);
  CHECK(all.rows() == 4);
  CHECK(all.masked_rows() == 1);
  CHECK(all.rows_without_relevant() == 1);
  CHECK(all.rows_all_relevant() == 1);
  CHECK(all.coverage_error() == (0 + 2 + 1) / 3.0);
  CHECK(all.ranking_loss() == 0);
  CHECK(all.label_ranking_average_precision() == 1);
  CHECK(all.average_precision() == 1);
  CHECK(all.left_out(row_metric::average_precision) == 2);
  CHECK(all.roc_auc() == 1);
  CHECK(all.left_out(row_metric::roc_auc) == 3);
  CHECK(all.one_error() == 1.0 / 3);
  CHECK(std::isnan(row_rankings().ranking_loss()));
}

TEMPLATE_TEST_CASE("rankings of rows: parts merge, order does not matter, masking is deleting, weight 2 is twice",
                   "[metrics][row_ranking]", SOFTF1_TEST_BACKENDS) {
  using namespace row_ranking_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    problem const p = random_problem(12, 5, seed, {.distinct = 7});
    for (auto const& [a, b] : equal_problems(p, seed)) CHECK(same(ranked(ctx, a), ranked(ctx, b)));
    row_rankings streamed, merged;
    for (auto const& rows : random_partition(12, 3, seed)) {
      add(ctx, streamed, take_rows(p, rows));
      merged.merge(ranked(ctx, take_rows(p, rows)));
    }
    CHECK(same(streamed, ranked(ctx, p)));
    CHECK(same(merged, streamed));
    CHECK(merged.rows() == 12);
  }
}

TEST_CASE("rankings of rows are the same for any number of threads, and more rows than a block holds",
          "[metrics][row_ranking]") {
  using namespace row_ranking_tests;
  problem const p = random_problem(66000, 3, 1, {.weighted = true, .distinct = 5});
  softf1::context<softf1::cpu> one({.threads = 1}), four({.threads = 4});
  auto const a = ranked(one, p), b = ranked(four, p);
  for (std::size_t m = 0; m < softf1::metrics::row_metric_count; ++m) {
    CHECK(a.value(row_metric{m}) == b.value(row_metric{m}));
    CHECK(same_number(a.value(row_metric{m}), reference(p, m).value, 1e-12));
  }
}

TEMPLATE_TEST_CASE("rows with many relevant labels, which are sorted, rank like the others", "[metrics][row_ranking]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace row_ranking_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed : {1u, 2u, 3u}) {
    problem p =
        random_problem(7, 400, seed, {.masked = seed == 3, .prevalence = 0.9, .distinct = seed == 2 ? 50u : 0u});
    for (std::size_t j = 0; j < 400; ++j) p.targets[p.at(seed, j)] = j % 40 == 0;
    auto const got = ranked(ctx, p);
    for (std::size_t m = 0; m < softf1::metrics::row_metric_count; ++m)
      CHECK(same_number(got.value(row_metric{m}), reference(p, m).value, 1e-12 * (1 + reference(p, m).value)));
  }
}

TEST_CASE("the state of row rankings can be copied field by field", "[metrics][row_ranking]") {
  using namespace row_ranking_tests;
  softf1::context<softf1::cpu> ctx;
  auto const from = ranked(ctx, awkward_problem(6));
  row_rankings to;
  std::vector<std::pair<std::string_view, std::vector<double>>> fields;
  row_rankings::each_field(from, [&](std::string_view name, auto const& values) {
    fields.emplace_back(name, std::vector<double>(values.begin(), values.end()));
  });
  std::size_t k = 0;
  row_rankings::each_field(to, [&](std::string_view name, auto& values) {
    CHECK(name == fields[k].first);
    values.assign(fields[k].second.begin(), fields[k].second.end());
    ++k;
  });
  CHECK(same(from, to));
  CHECK(to.rows() == from.rows());
}

TEST_CASE("rankings of rows refuse NaN, other targets and bad weights, and stay as they were",
          "[metrics][row_ranking]") {
  using namespace row_ranking_tests;
  problem p = random_problem(6, 3, 9);
  auto const z = as_matrix(p.scores, 6, 3);
  auto const y = as_matrix(p.targets, 6, 3);
  row_rankings all;
  all.add(z, y);
  double const before = all.coverage_error();
  p.targets[p.at(4, 1)] = 3;
  CHECK(error_text<softf1::value_error>([&] { softf1::coverage_error(z, y); }) ==
        "coverage_error: targets must be 0 or 1, got 3 at row 4, label 1");
  p.scores[p.at(2, 2)] = nan_value;
  CHECK(error_text<softf1::value_error>([&] { all.add(z, y); }) ==
        "row_rankings: scores must not be NaN, got nan at row 2, label 2");
  CHECK(all.coverage_error() == before);
  CHECK(all.rows() == 6);
  std::vector<double> const weights{1, 1, -1, 1, 1, 1};
  CHECK(error_text<softf1::value_error>([&] {
          softf1::one_error(z, y, {.row_weights = softf1::vector_view<const double>(weights.data(), 6)});
        }) == "one_error: row weights must be finite and >= 0, got -1 at row 2");
  CHECK(error_text<softf1::shape_error>([&] { softf1::label_ranking_loss(z, as_matrix(p.targets, 3, 6)); }) ==
        "label_ranking_loss: targets must have shape (6, 3), got (3, 6)");
}
