#include <softf1/metrics/score_sketch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <softf1/scores/all.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace sketch_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::averaging;
using softf1::bounded;
using softf1::score_domain;
using softf1::score_sketch;
using softf1::sketch_options;
using softf1::metrics::detail::score_bins;

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class S = double, class B>
void add_to(score_sketch& sketch, softf1::context<B>& ctx, problem const& p, layout how = layout::dense) {
  problem_on<B, S> const data(ctx, p, how);
  sketch.add(ctx, data.scores(), data.targets(),
             softf1::ranking_options<B>{averaging::macro, data.mask(), data.weights()});
}

template <class S = double>
score_sketch sketch_of(problem const& p, sketch_options const& options = {}) {
  softf1::context<softf1::cpu> ctx;
  score_sketch sketch(options);
  add_to<S>(sketch, ctx, p);
  return sketch;
}

std::vector<std::uint64_t> state(score_sketch const& sketch) {
  std::vector<std::uint64_t> all;
  score_sketch::each_field(sketch, [&](std::string_view, std::vector<std::uint64_t> const& values) {
    all.insert(all.end(), values.begin(), values.end());
  });
  return all;
}

// The best score over all thresholds that decide differently.
double reference_best(problem const& p, std::size_t j, count_score const& score) {
  std::vector<double> thresholds{infinity};
  for (std::size_t i = 0; i < p.rows; ++i)
    if (p.present(i, j)) thresholds.push_back(p.scores[p.at(i, j)]);
  double best = -infinity;
  for (double t : thresholds) {
    counts c{};
    for (std::size_t i = 0; i < p.rows; ++i) count_cell(c, p, i, j, t, p.weight(i));
    double const value = score(c);
    best = std::max(best, std::isnan(value) ? 0 : value);
  }
  return best;
}

void check_bound(bounded const& got, double exact) {
  double const rounding = 1e-12;
  if (std::isnan(exact)) {
    CHECK((std::isnan(got.value) && std::isnan(got.lower) && std::isnan(got.upper)));
    return;
  }
  CHECK(got.lower <= exact + rounding);
  CHECK(exact <= got.upper + rounding);
  CHECK(got.lower <= got.value + rounding);
  CHECK(got.value <= got.upper + rounding);
}

template <class Score>
void check_best(problem const& p, std::size_t j, softf1::binned_scores const& bins, Score const& score) {
  auto const best = softf1::best_bin_edge(bins, score);
  check_bound(best.score, reference_best(p, j, score));
  counts c{};
  for (std::size_t i = 0; i < p.rows; ++i) count_cell(c, p, i, j, best.threshold, p.weight(i));
  CHECK(c.tp == best.counts.tp);
  CHECK(c.fp == best.counts.fp);
  double const here = score(c);
  CHECK((std::isnan(here) ? 0 : here) == best.score.value);
}

// Scores that bins find hard.
void distort(problem& p, std::uint64_t seed) {
  double const big = 3e38, huge = 1e300;
  for (std::size_t k = 0; k < p.scores.size(); ++k) {
    double& z = p.scores[k];
    switch (seed % 10) {
      case 1:
        z = 0.5;
        break;  // all in one bin, tied
      case 2:
        z = 0.5 + 1e-9 * z;
        break;  // all in one bin, apart
      case 3:
        z = k % 4 == 0 ? infinity : k % 4 == 1 ? -infinity : z;
        break;
      case 4:
        z = k % 2 ? -0.0 : 0.0;
        break;
      case 5:
        z *= k % 3 == 0 ? huge : 1e-300;
        break;  // beyond the floats
      case 6:
        z = k % 3 == 0 ? std::copysign(big, z) : z * 1e-42;
        break;
      case 7:
        p.targets[k] = 1;
        break;
      case 8:
        p.targets[k] = z > 0 ? 1 : 0;
        break;  // perfect
      case 9:
        p.targets[k] = z > 0 ? 0 : 1;
        break;  // perfectly wrong
      default:
        break;
    }
  }
}

}  // namespace sketch_tests

TEST_CASE("bins keep the order of scores, and their edges are where they begin", "[metrics][sketch]") {
  using namespace sketch_tests;
  for (auto domain : {score_domain::logit, score_domain::probability})
    for (std::size_t most : sizes{3, 4, 33, 4096}) {
      auto const bins = score_bins::of(domain, most);
      auto const edges = bins.edges();
      CHECK(bins.size() <= most);
      REQUIRE(edges.size() == bins.size());
      CHECK(edges.front() == -infinity);
      CHECK(edges.back() == infinity);
      CHECK(edges[bins.size() / 2] == (domain == score_domain::logit ? 0 : 0.5));
      softf1::random_stream const random(7);
      for (std::uint64_t k = 0; k < 20'000; ++k) {
        // Any bits, numbers of either domain, neighbours of edges.
        double x = softf1::bit_cast<double>(std::uint64_t{random.bits(2 * k)} << 32 | random.bits(2 * k + 1));
        if (k % 8 == 4) x = static_cast<double>(softf1::bit_cast<float>(random.bits(k)));
        if (k % 4 == 1) x = 20 * random.uniform(k) - 10;
        if (k % 4 == 2) x = random.uniform(k);
        if (k % 4 == 3) x = std::nextafter(edges[k / 4 % edges.size()], k % 8 == 3 ? infinity : -infinity);
        if (std::isnan(x)) continue;
        for (double score : {x, static_cast<double>(static_cast<float>(x))}) {
          std::size_t const bin = bins(score);
          REQUIRE(bin < bins.size());
          bool const begun = score >= edges[bin], ended = bin + 1 < bins.size() && score >= edges[bin + 1];
          INFO(score << " in bin " << bin << " from " << edges[bin]);
          REQUIRE((begun && !ended));
          if (static_cast<double>(static_cast<float>(score)) == score) REQUIRE(bins(static_cast<float>(score)) == bin);
        }
      }
    }
  CHECK(score_bins::of(softf1::logit, 99)(-0.0f) == score_bins::of(softf1::logit, 99)(0.0f));
}

TEST_CASE("the bounds of a sketch are never violated", "[metrics][sketch]") {
  using namespace sketch_tests;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    problem p = random_problem(seed % 37, 1 + seed % 2, seed,
                               {.masked = seed % 4 == 1,
                                .weighted = seed % 3 == 1,
                                .prevalence = seed % 5 == 0 ? 0.05 : 0.4,
                                .distinct = seed % 7 == 0 ? 5u : 0u});
    distort(p, seed / 3);
    score_domain const domain = seed % 2 ? score_domain::probability : score_domain::logit;
    if (seed % 8 == 3)
      for (double& z : p.scores) z = 1 / (1 + std::exp(-3 * z));
    INFO("seed " << seed);
    auto const sketch = sketch_of(p, {domain, 3 + seed % 11 * (seed % 13)});
    for (std::size_t j = 0; j < p.cols; ++j) {
      auto const bins = sketch.label(j);
      check_bound(bounded_average_precision(bins), reference_average_precision(p, j));
      check_bound(bounded_roc_auc(bins), reference_roc_auc(p, j));
      check_best(p, j, bins, softf1::f1{});
      if (seed % 4 == 0) check_best(p, j, bins, softf1::mcc{});
      if (seed % 4 == 2) check_best(p, j, bins, softf1::f_beta{0.5});
      if (seed % 4 == 1) check_best(p, j, bins, softf1::accuracy{});
    }
    auto const all = pooled(p);
    check_bound(sketch.average_precision(averaging::micro).score, reference_average_precision(all, 0));
    check_bound(sketch.roc_auc(averaging::micro).score, reference_roc_auc(all, 0));
  }
}

TEST_CASE("bounds narrow as bins are more, to nothing where every score has a bin of its own", "[metrics][sketch]") {
  using namespace sketch_tests;
  problem const p = random_problem(300, 3, 5, {.prevalence = 0.2, .spread = 6});
  double const exact_ap = softf1::average_precision(as_matrix(p.scores, 300, 3), as_matrix(p.targets, 300, 3));
  double ap = 2, auc = 2, best = 2;
  for (std::size_t most : sizes{16, 64, 256, 1024, 4096, 1u << 19}) {
    auto const sketch = sketch_of(p, {softf1::logit, most});
    auto const now_ap = sketch.average_precision().score, now_auc = sketch.roc_auc().score;
    auto const now_best = sketch.best_edges(softf1::f1{})[0].score;
    CHECK(now_ap.upper - now_ap.lower < ap);
    CHECK(now_auc.upper - now_auc.lower < auc);
    CHECK(now_best.upper - now_best.lower <= best);
    ap = now_ap.upper - now_ap.lower, auc = now_auc.upper - now_auc.lower, best = now_best.upper - now_best.lower;
    if (most != 4096) continue;
    CHECK(std::fabs(now_ap.value - exact_ap) < 0.002);
    CHECK(ap < 0.02);
    CHECK(auc < 0.002);
    CHECK(best < 0.01);
  }
  auto const apart = sketch_of(p, {softf1::logit, 1u << 20});
  CHECK(apart.roc_auc().score.error() < 1e-4);
  problem const few = take_rows(p, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  auto const exact = sketch_of(few, {softf1::logit, 1u << 20});
  CHECK(exact.average_precision().score.error() < 1e-15);
  CHECK(exact.roc_auc().score.value ==
        Approx(softf1::roc_auc(as_matrix(few.scores, 16, 3), as_matrix(few.targets, 16, 3))));
  CHECK(exact.roc_auc().score.error() < 1e-15);
}

TEMPLATE_TEST_CASE("sketches of any parts, on any threads, add up to the same bits", "[metrics][sketch]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace sketch_tests;
  softf1::context<TestType> ctx;
  for (std::size_t cols : sizes{1, 5, 16, 19}) {
    problem p = random_problem(3000, cols, cols, {.masked = true, .weighted = true});
    for (double& w : p.weights) w = w * 0.37;  // not whole units
    for (double& z : p.scores) z = static_cast<float>(z);
    score_sketch whole({softf1::logit, 65}), parts({softf1::logit, 65}), in_float({softf1::logit, 65});
    add_to(whole, ctx, p);
    for (auto const& rows : random_partition(3000, 3, cols)) {
      score_sketch one({softf1::logit, 65});
      add_to(one, ctx, take_rows(p, rows));
      parts.merge(one);
    }
    add_to<float>(in_float, ctx, p, layout::column_major);
    CHECK((state(parts) == state(whole)));
    CHECK((state(in_float) == state(whole)));
    for (int threads : {1, 3}) {
      softf1::context<softf1::cpu> host({.threads = threads});
      score_sketch again({softf1::logit, 65});
      add_to(again, host, p);
      CHECK((state(again) == state(whole)));
    }
    score_sketch read({softf1::logit, 65});
    std::size_t field = 0;
    std::vector<std::vector<std::uint64_t>> file;
    score_sketch::each_field(whole, [&](std::string_view, auto const& values) { file.push_back(values); });
    score_sketch::each_field(read, [&](std::string_view, auto& values) { values = file[field++]; });
    read.check();
    CHECK((state(read) == state(whole)));
    // Rows and labels in another order.
    auto const turned =
        sketch_of(take_cols(take_rows(p, random_order(3000, 1)), random_order(cols, 2)), {softf1::logit, 65});
    CHECK(turned.average_precision(averaging::micro).score.value ==
          whole.average_precision(averaging::micro).score.value);
  }
}

TEST_CASE("a sketch: masking is deleting, weight 2 is twice, targets of any type", "[metrics][sketch]") {
  using namespace sketch_tests;
  problem const p = random_problem(40, 3, 3, {.distinct = 30});
  problem masked = p, weighted = p;
  masked.mask.assign(120, 1);
  for (std::size_t j = 0; j < 3; ++j) masked.mask[masked.at(5, j)] = 0, masked.scores[masked.at(5, j)] = nan_value;
  weighted.weights.assign(40, 1);
  weighted.weights[5] = 2;
  auto twice = indices(40);
  twice.push_back(5);
  for (auto const& [a, b] : {std::pair{masked, take_rows(p, all_but(40, 5))}, {weighted, take_rows(p, twice)}})
    for (std::size_t j = 0; j < 3; ++j) {
      auto const x = sketch_of(a).label(j), y = sketch_of(b).label(j);
      CHECK((x.positives == y.positives && x.negatives == y.negatives && x.quantum == y.quantum));
    }
  std::vector<std::uint8_t> const bytes(p.targets.begin(), p.targets.end());
  std::vector<float> const floats(p.targets.begin(), p.targets.end());
  auto const flags = std::make_unique<bool[]>(120);
  for (std::size_t k = 0; k < 120; ++k) flags[k] = p.targets[k] == 1;
  score_sketch a, b, c;
  auto const z = as_matrix(p.scores, 40, 3);
  a.add(z, as_matrix(bytes, 40, 3));
  b.add(z, as_matrix(floats, 40, 3));
  c.add(z, as_matrix(static_cast<bool const*>(flags.get()), 40, 3));
  CHECK((state(a) == state(sketch_of(p)) && state(b) == state(a) && state(c) == state(a)));
}

TEST_CASE("a sketch averages over the labels for which a metric is defined, and counts the others",
          "[metrics][sketch]") {
  using namespace sketch_tests;
  problem p = random_problem(60, 3, 8);
  for (std::size_t i = 0; i < 60; ++i) p.targets[p.at(i, 0)] = 0;
  auto const sketch = sketch_of(p);
  for (auto how : {averaging::macro, averaging::weighted}) {
    auto const ap = sketch.average_precision(how), auc = sketch.roc_auc(how);
    CHECK(ap.left_out == 1);
    CHECK(auc.left_out == 1);
    auto const z = as_matrix(p.scores, 60, 3), y = as_matrix(p.targets, 60, 3);
    check_bound(ap.score, softf1::average_precision(z, y, {.average = how}));
    check_bound(auc.score, softf1::roc_auc(z, y, {.average = how}));
  }
  CHECK(error_text<softf1::value_error>([&] { sketch.roc_auc(averaging::samples); }) ==
        "score_sketch: average must be macro, micro or weighted, got samples");
}

TEST_CASE("a sketch refuses what it cannot count, and is then as before", "[metrics][sketch]") {
  using namespace sketch_tests;
  problem p = random_problem(6, 3, 9);
  auto const z = as_matrix(p.scores, 6, 3), y = as_matrix(p.targets, 6, 3);
  score_sketch sketch;
  sketch.add(z, y);
  auto const before = state(sketch);
  double const target = p.targets[p.at(4, 1)];
  p.targets[p.at(4, 1)] = 3;
  CHECK(error_text<softf1::value_error>([&] { sketch.add(z, y); }) ==
        "score_sketch: targets must be 0 or 1, got 3 at row 4, label 1");
  p.targets[p.at(4, 1)] = target;
  p.scores[p.at(2, 2)] = nan_value;
  CHECK(error_text<softf1::value_error>([&] { sketch.add(z, y); }) ==
        "score_sketch: scores must not be NaN, got nan at row 2, label 2");
  p.scores[p.at(2, 2)] = 0;
  for (double heavy : {0x1p42, 1e300, 0x1p41}) {
    std::vector<double> const weights{1, 1, heavy, 1, 1, 1};
    CHECK(error_text<softf1::value_error>([&] { sketch.add(z, y, {.row_weights = weights}); }) ==
          "score_sketch: the weights of all cells must add up to less than 2^42");
  }
  // Less would be rounded, to nothing in the end; this much, and 0, are counted.
  std::vector<double> weights{1, 0, 1, 0x1.8p-11, 1, 1e-9};
  CHECK(error_text<softf1::value_error>([&] { sketch.add(z, y, {.row_weights = weights}); }) ==
        "score_sketch: row weights must be 0 or at least 0.0009765625 for a sketch, got 0.000732421875 at row 3; "
        "multiply all weights by one number");
  weights[3] = weights[5] = 0x1p-10;
  score_sketch().add(z, y, {.row_weights = weights});
  CHECK(error_text<softf1::shape_error>([&] { sketch.add(as_matrix(p.scores, 9, 2), as_matrix(p.targets, 9, 2)); }) ==
        "score_sketch: scores must have shape (9, 3), got (9, 2)");
  CHECK(error_text<softf1::value_error>([&] { sketch.merge(score_sketch({softf1::probability, 4096})); }) ==
        "score_sketch: merged sketches must have the same bins, of the same domain");
  CHECK(error_text<softf1::value_error>([] { score_sketch({softf1::logit, 2}); }) ==
        "score_sketch: bins must lie in [3, 1048576], got 2");
  CHECK((state(sketch) == before));
  // Sums that are not those of the counts: of labels, bins, the common unit of weights, all weights.
  for (auto const& [field, value] : {std::pair<std::size_t, std::uint64_t>{0, 2}, {3, 31}, {4, 3}, {4, 0}, {5, 1}}) {
    INFO(field << " " << value);
    score_sketch other = sketch;
    CHECK(error_text<softf1::value_error>([&, at = field, sum = value] {
            score_sketch::each_field(other, [&](std::string_view name, auto& values) {
              if (name == "header") values[at] = sum;
            });
            other.check();
          }) == "score_sketch: the state must hold counts of its bins, as many and as whole as it says");
  }
}
