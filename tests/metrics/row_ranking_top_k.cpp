#include <softf1/metrics/row_ranking_top_k.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace top_k_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::top_k_metrics;

std::vector<std::size_t> const ks{1, 3, 9};
std::vector<double> const propensities{0.5, 0.1, 1, 0.25, 0.5};

/// Precision, recall, nDCG; propensity-scored precision and its best, propensity-scored nDCG and its best.
using values = std::array<double, 7>;

/// The values of one order of a row's labels.
values of_order(problem const& p, std::size_t i, std::vector<std::size_t> const& order, std::size_t k) {
  double relevant = 0, hits = 0, dcg = 0, scored = 0, scored_dcg = 0, ideal = 0;
  for (std::size_t j : order) relevant += p.targets[p.at(i, j)];
  for (std::size_t place = 0; place < k; ++place) {
    double const discount = 1 / std::log2(static_cast<double>(place + 2));
    if (static_cast<double>(place) < relevant) ideal += discount;
    if (place >= order.size() || p.targets[p.at(i, order[place])] != 1) continue;
    double const gain = 1 / propensities[p.labels[order[place]]];
    ++hits;
    dcg += discount;
    scored += gain;
    scored_dcg += gain * discount;
  }
  double const n = static_cast<double>(k);
  double const ndcg = relevant > 0 ? dcg / ideal : 0, scored_ndcg = relevant > 0 ? scored_dcg / ideal : 0;
  return {hits / n, relevant > 0 ? hits / relevant : nan_value, ndcg, scored / n, 0, scored_ndcg, 0};
}

/// The mean of all orders in which no label comes before one of a higher score, and the best of all orders.
values reference_row(problem const& p, std::size_t i, std::size_t k) {
  std::vector<std::size_t> order;
  for (std::size_t j = 0; j < p.cols; ++j)
    if (p.present(i, j)) order.push_back(j);
  values mean{};
  if (order.empty()) mean.fill(nan_value);
  if (order.empty()) return mean;
  double orders = 0;
  do {
    values const v = of_order(p, i, order, k);
    mean[4] = std::max(mean[4], v[3]);
    mean[6] = std::max(mean[6], v[5]);
    if (!std::is_sorted(order.begin(), order.end(),
                        [&](std::size_t a, std::size_t b) { return p.scores[p.at(i, a)] > p.scores[p.at(i, b)]; }))
      continue;
    ++orders;
    for (std::size_t m : {0u, 1u, 2u, 3u, 5u}) mean[m] += v[m];
  } while (std::next_permutation(order.begin(), order.end()));
  for (std::size_t m : {0u, 1u, 2u, 3u, 5u}) mean[m] /= orders;
  return mean;
}

values reference(problem const& p, std::size_t k) {
  values sums{}, weights{}, means{};
  for (std::size_t i = 0; i < p.rows; ++i) {
    values const row = reference_row(p, i, k);
    for (std::size_t m = 0; m < 7; ++m) {
      if (std::isnan(row[m])) continue;
      sums[m] += p.weight(i) * row[m];
      weights[m] += p.weight(i);
    }
  }
  for (std::size_t m = 0; m < 7; ++m) means[m] = weights[m] > 0 ? sums[m] / weights[m] : nan_value;
  return means;
}

values read(top_k_metrics const& m, std::size_t k) {
  double const scored = m.propensity_scored_precision(k, false), ndcg = m.propensity_scored_ndcg(k, false);
  return {m.precision(k),
          m.recall(k),
          m.ndcg(k),
          scored,
          scored > 0 ? scored / m.propensity_scored_precision(k) : nan_value,
          ndcg,
          ndcg > 0 ? ndcg / m.propensity_scored_ndcg(k) : nan_value};
}

template <class S = double, class Y = double, class B>
void add(softf1::context<B>& ctx, top_k_metrics& to, problem const& p, layout how = layout::dense) {
  problem_on<B, S, Y> const data(ctx, p, how);
  to.add(ctx, data.scores(), data.targets(), softf1::row_ranking_options<B>{data.mask(), data.weights()});
}

template <class S = double, class Y = double, class B>
top_k_metrics measured(softf1::context<B>& ctx, problem const& p, layout how = layout::dense) {
  std::vector<double> of_labels;
  for (std::size_t label : p.labels) of_labels.push_back(propensities[label]);
  top_k_metrics all(ks, of_labels);
  add<S, Y>(ctx, all, p, how);
  return all;
}

bool same(values const& a, values const& b) {
  for (std::size_t m = 0; m < 7; ++m)
    if (!same_number(a[m], b[m], 1e-12)) return false;
  return true;
}

bool same(top_k_metrics const& a, top_k_metrics const& b) {
  bool all = true;
  for (std::size_t k : ks) all = all && same(read(a, k), read(b, k));
  return all;
}

}  // namespace top_k_tests

TEMPLATE_TEST_CASE("metrics at k are means over all orders of tied labels", "[metrics][row_ranking]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace top_k_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    problem p = random_problem(
        seed % 5, 1 + seed % 5, seed,
        {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = 0.4, .distinct = seed % 4 * 2});
    for (double& z : p.scores) z = seed % 7 == 0 && z < 0 ? -0.0 : static_cast<float>(z);
    for (std::size_t j = 0; p.rows > 2 && j < p.cols; ++j) p.targets[p.at(1, j)] = 0, p.targets[p.at(2, j)] = 1;
    auto const all = measured(ctx, p);
    INFO("seed " << seed);
    for (std::size_t k : ks) {
      values expected = reference(p, k);
      for (std::size_t m : {3u, 5u})
        if (!(expected[m] > 0)) expected[m + 1] = nan_value;
      INFO("k " << k);
      CHECK(same(read(all, k), expected));
    }
    CHECK(same(all, measured<float, std::uint8_t>(ctx, p, seed % 2 ? layout::column_major : layout::padded)));
  }
}

TEMPLATE_TEST_CASE("metrics at k: parts merge, order does not matter, masking is deleting, weight 2 is twice",
                   "[metrics][row_ranking]", SOFTF1_TEST_BACKENDS) {
  using namespace top_k_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    problem const p = random_problem(12, 5, seed, {.distinct = 7});
    for (auto const& [a, b] : equal_problems(p, seed)) CHECK(same(measured(ctx, a), measured(ctx, b)));
    top_k_metrics streamed(ks, propensities), merged(ks, propensities);
    for (auto const& rows : random_partition(12, 3, seed)) {
      add(ctx, streamed, take_rows(p, rows));
      merged.merge(measured(ctx, take_rows(p, rows)));
    }
    CHECK(same(streamed, measured(ctx, p)));
    CHECK(same(merged, streamed));
    CHECK(merged.rows() == 12);
  }
}

TEST_CASE("metrics at k have values that can be computed by hand", "[metrics][row_ranking]") {
  using namespace top_k_tests;
  std::vector<float> const scores{4, 3, 2, 1, 1, 1, 1, 1};
  std::vector<int> const targets{0, 1, 0, 1, 0, 0, 0, 1};
  auto const z = as_matrix(scores, 2, 4);
  auto const y = as_matrix(targets, 2, 4);
  CHECK(softf1::precision_at_k(z, y, 2) == (0.5 + 0.25) / 2);
  CHECK(softf1::recall_at_k(z, y, 2) == 0.5);
  CHECK(softf1::precision_at_k(z, y, 8) == (2.0 / 8 + 1.0 / 8) / 2);
  double const second = 1 / std::log2(3.0), third = 0.5;
  CHECK(softf1::ndcg_at_k(z, y, 3) == Approx((second / (1 + second) + (1 + second + third) / 4) / 2));
  // 1 + (ln N - 1)(B + 1)^A (n + B)^-A, with N = e^2: 1 + 2.5^0.55 / 2.5^0.55 = 2 for a label that occurs once.
  auto const p = softf1::jain_propensities(std::vector<double>{1, 1000}, std::exp(2.0));
  CHECK(p[0] == Approx(1 / (1 + 1.0)));
  CHECK(p[1] == Approx(1 / (1 + std::pow(2.5 / 1001.5, 0.55))));
}

TEST_CASE("metrics at k count the rows that they leave out", "[metrics][row_ranking]") {
  using namespace top_k_tests;
  problem const p{3, 2, {2, 1, 2, 1, nan_value, 7}, {0, 0, 1, 0, 1, 5}, {1, 1, 1, 1, 0, 0}, {}, indices(2)};
  softf1::context<softf1::cpu> ctx;
  top_k_metrics all;
  add(ctx, all, p);
  CHECK(all.rows() == 3);
  CHECK(all.masked_rows() == 1);
  CHECK(all.rows_without_relevant() == 1);
  CHECK(all.precision(1) == 0.5);
  CHECK(all.recall(1) == 1);
  CHECK(all.ndcg(5) == 0.5);
  CHECK(std::isnan(top_k_metrics().ndcg(3)));
}

TEMPLATE_TEST_CASE("metrics at k of rows with many relevant labels, which are sorted", "[metrics][row_ranking]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace top_k_tests;
  softf1::context<TestType> ctx;
  std::size_t const cols = 300, k = 150;
  problem const p = random_problem(1, cols, 5, {.prevalence = 0.95});
  std::vector<double> of_labels;
  for (std::size_t j = 0; j < cols; ++j) of_labels.push_back(1.0 / static_cast<double>(1 + j % 10));
  top_k_metrics all({k}, of_labels);
  add(ctx, all, p);
  std::vector<std::size_t> order = indices(cols);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p.scores[a] > p.scores[b]; });
  std::vector<double> gains;
  for (std::size_t j = 0; j < cols; ++j)
    if (p.targets[j] == 1) gains.push_back(1 / of_labels[j]);
  REQUIRE(gains.size() > 256);
  std::sort(gains.rbegin(), gains.rend());
  double hits = 0, dcg = 0, ideal = 0, scored = 0, scored_dcg = 0, best = 0, best_dcg = 0;
  for (std::size_t place = 0; place < k; ++place) {
    std::size_t const j = order[place];
    double const discount = 1 / std::log2(static_cast<double>(place + 2)), gain = p.targets[j] / of_labels[j];
    hits += p.targets[j], dcg += p.targets[j] * discount, ideal += discount;
    scored += gain, scored_dcg += gain * discount, best += gains[place], best_dcg += gains[place] * discount;
  }
  CHECK(all.precision(k) == Approx(hits / static_cast<double>(k)).epsilon(1e-12));
  CHECK(all.recall(k) == Approx(hits / static_cast<double>(gains.size())).epsilon(1e-12));
  CHECK(all.ndcg(k) == Approx(dcg / ideal).epsilon(1e-12));
  CHECK(all.propensity_scored_precision(k) == Approx(scored / best).epsilon(1e-12));
  CHECK(all.propensity_scored_ndcg(k) == Approx(scored_dcg / best_dcg).epsilon(1e-12));
}

TEST_CASE("the state of metrics at k can be copied field by field", "[metrics][row_ranking]") {
  using namespace top_k_tests;
  softf1::context<softf1::cpu> ctx;
  auto const from = measured(ctx, random_problem(6, 5, 1, {.weighted = true}));
  std::vector<std::vector<double>> fields;
  top_k_metrics::each_field(from, [&](auto, auto const& v) { fields.emplace_back(v.begin(), v.end()); });
  top_k_metrics to;
  std::size_t n = 0;
  top_k_metrics::each_field(to, [&](auto, auto& v) { v.assign(fields[n].begin(), fields[n].end()), ++n; });
  CHECK(same(from, to));
  CHECK(to.rows() == 6);
}

TEST_CASE("metrics at k refuse what they cannot take", "[metrics][row_ranking]") {
  using namespace top_k_tests;
  problem p = random_problem(6, 3, 9);
  auto const z = as_matrix(p.scores, 6, 3);
  auto const y = as_matrix(p.targets, 6, 3);
  auto const text = [](auto const& f) { return error_text<softf1::value_error>(f); };
  CHECK(text([&] { softf1::precision_at_k(z, y, 0); }) == "precision_at_k: k must be >= 1, got 0");
  CHECK(text([&] { top_k_metrics(std::vector<std::size_t>{}); }) == "top_k_metrics: at least one k must be given");
  CHECK(text([&] { top_k_metrics({1}, std::vector<double>{0.5, 0}); }) ==
        "top_k_metrics: propensities must be in (0, 1], got 0");
  CHECK(text([&] { top_k_metrics({1}).recall(2); }) == "top_k_metrics: k must be in the list given, got 2");
  CHECK(text([&] { top_k_metrics({1}).propensity_scored_ndcg(1); }) == "top_k_metrics: propensities were not given");
  CHECK(text([&] { top_k_metrics({1}).merge(top_k_metrics({2})); }) ==
        "top_k_metrics: merged metrics must have the same k and propensities");
  CHECK(text([&] { softf1::jain_propensities(p.scores, 2); }) ==
        "jain_propensities: rows must be finite and >= 3, got 2");
  top_k_metrics scored({1}, propensities);
  CHECK(error_text<softf1::shape_error>([&] { scored.add(z, y); }) ==
        "top_k_metrics: scores must have shape (6, 5), got (6, 3)");
  p.targets[p.at(4, 1)] = 3;
  CHECK(text([&] { softf1::recall_at_k(z, y, 1); }) == "recall_at_k: targets must be 0 or 1, got 3 at row 4, label 1");
  p.scores[p.at(2, 2)] = nan_value;
  CHECK(text([&] { softf1::ndcg_at_k(z, y, 1); }) == "ndcg_at_k: scores must not be NaN, got nan at row 2, label 2");
}
