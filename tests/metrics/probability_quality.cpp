#include <softf1/metrics/probability_quality.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace probability_tests {

using namespace softf1_test;
using softf1::probability_quality;
using softf1::metrics::label_figures;
using softf1::metrics::probability_options;

constexpr std::size_t bins = 5;

double probability_of(double logit) { return 1 / (1 + std::exp(-logit)); }

struct cell {
  double p, y, w;
};

std::vector<cell> cells_of(problem const& p, std::size_t j, bool is_logit) {
  std::vector<cell> cells;
  for (std::size_t i = 0; i < p.rows; ++i)
    if (p.present(i, j))
      cells.push_back(
          {is_logit ? probability_of(p.scores[p.at(i, j)]) : p.scores[p.at(i, j)], p.targets[p.at(i, j)], p.weight(i)});
  return cells;
}

double mean_of(std::vector<cell> const& cells, std::function<double(cell const&)> const& value) {
  double sum = 0, weight = 0;
  for (auto const& c : cells) {
    sum += c.w > 0 ? c.w * value(c) : 0;
    weight += c.w;
  }
  return weight > 0 ? sum / weight : nan_value;
}

struct reference {
  double log_loss, brier, expected, most, rms, reliability, resolution, uncertainty;
};

reference by_loops(std::vector<cell> const& cells) {
  reference r{};
  r.log_loss = mean_of(cells, [](cell const& c) {
    return -std::log(std::fmax(c.y == 1 ? c.p : 1 - c.p, std::numeric_limits<double>::epsilon()));
  });
  r.brier = mean_of(cells, [](cell const& c) { return (c.p - c.y) * (c.p - c.y); });
  double const all = mean_of(cells, [](cell const& c) { return c.y; });
  r.uncertainty = all * (1 - all);
  r.most = nan_value;
  double total = 0;
  for (auto const& c : cells) total += c.w;
  double squares = 0;
  for (std::size_t b = 0; b < bins; ++b) {
    std::vector<cell> inside;
    double weight = 0;
    for (auto const& c : cells)
      if (std::fmin(std::floor(c.p * bins), bins - 1) == static_cast<double>(b)) {
        inside.push_back(c);
        weight += c.w;
      }
    if (!(weight > 0)) continue;
    double const y = mean_of(inside, [](cell const& c) { return c.y; }),
                 off = std::fabs(mean_of(inside, [](cell const& c) { return c.p; }) - y);
    r.expected += weight / total * off;
    r.most = std::isnan(r.most) ? off : std::fmax(r.most, off);
    squares += weight / total * off * off;
    r.resolution += weight / total * (y - all) * (y - all);
  }
  r.reliability = squares;
  r.rms = std::sqrt(squares);
  if (!(total > 0)) r.expected = r.rms = r.reliability = r.resolution = nan_value;
  return r;
}

template <class B>
probability_quality measured(softf1::context<B>& ctx, problem const& p, bool is_logit, std::size_t count = bins) {
  problem_on<B> const data(ctx, p);
  probability_quality quality(count);
  quality.add(ctx, data.scores(), data.targets(),
              probability_options<B>{is_logit ? softf1::logit : softf1::probability, data.mask(), data.weights()});
  return quality;
}

problem problem_of(std::uint64_t seed, bool is_logit) {
  problem p = random_problem(seed % 12, 3, seed,
                             {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .distinct = seed % 5 == 0 ? 4u : 0u});
  if (is_logit) return p;
  // 0, 1 and the edges of bins among them.
  for (std::size_t k = 0; k < p.scores.size(); ++k)
    p.scores[k] = k % 7 == 0   ? 0
                  : k % 7 == 1 ? 1
                  : k % 7 == 2 ? 0.2 * static_cast<double>(k % 5)
                               : probability_of(p.scores[k]);
  return p;
}

}  // namespace probability_tests

TEMPLATE_TEST_CASE("figures of probabilities agree with plain loops", "[metrics]", SOFTF1_TEST_BACKENDS) {
  using namespace probability_tests;
  softf1::context<TestType> ctx;
  for (bool is_logit : {true, false})
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      problem const p = problem_of(seed, is_logit);
      auto const quality = measured(ctx, p, is_logit);
      std::size_t left_out = 0;
      double sum = 0;
      for (std::size_t j = 0; j < p.cols; ++j) {
        auto const expected = by_loops(cells_of(p, j, is_logit));
        INFO("seed " << seed << ", label " << j << ", " << (is_logit ? "logits" : "probabilities"));
        auto const near = [](double a, double b) { return same_number(a, b, 1e-12); };
        CHECK(near(quality.log_loss().labels[j], expected.log_loss));
        CHECK(near(quality.brier().labels[j], expected.brier));
        CHECK(near(quality.expected_calibration_error().labels[j], expected.expected));
        CHECK(near(quality.maximum_calibration_error().labels[j], expected.most));
        CHECK(near(quality.rms_calibration_error().labels[j], expected.rms));
        auto const parts = quality.brier_parts_of(j);
        CHECK(near(parts.reliability, expected.reliability));
        CHECK(near(parts.resolution, expected.resolution));
        CHECK(near(parts.uncertainty, expected.uncertainty));
        CHECK(near(parts.reliability - parts.resolution + parts.uncertainty + parts.within_bins, expected.brier));
        left_out += std::isnan(expected.brier);
        sum += std::isnan(expected.brier) ? 0 : expected.brier;
      }
      CHECK(quality.brier().left_out == left_out);
      CHECK(same_number(quality.brier().mean, left_out == 3 ? nan_value : sum / static_cast<double>(3 - left_out),
                        1e-12));
      std::vector<cell> pooled;
      for (std::size_t j = 0; j < p.cols; ++j)
        for (auto const& c : cells_of(p, j, is_logit)) pooled.push_back(c);
      auto const expected = by_loops(pooled);
      CHECK(same_number(quality.pooled_brier(), expected.brier, 1e-12));
      CHECK(same_number(quality.pooled_log_loss(), expected.log_loss, 1e-12));
      CHECK(same_number(quality.pooled_expected_calibration_error(), expected.expected, 1e-12));
    }
}

TEST_CASE("any partition of rows, and weight 2 in place of a row twice, give the same figures", "[metrics]") {
  using namespace probability_tests;
  softf1::context<softf1::cpu> ctx;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    problem const p = random_problem(40, 3, seed, {.masked = true, .weighted = true});
    auto const whole = measured(ctx, p, true);
    probability_quality merged(bins);
    for (auto const& rows : random_partition(p.rows, 4, seed)) merged.merge(measured(ctx, take_rows(p, rows), true));
    problem once = p, twice = p;
    once.weights.assign(p.rows, 2);
    twice.weights.clear();
    auto rows = indices(p.rows);
    for (std::size_t i : indices(p.rows)) rows.push_back(i);
    twice = take_rows(twice, rows);
    auto const heavy = measured(ctx, once, true), doubled = measured(ctx, twice, true);
    for (std::size_t j = 0; j < p.cols; ++j) {
      CHECK(merged.log_loss().labels[j] == Approx(whole.log_loss().labels[j]).epsilon(1e-12));
      CHECK(merged.rms_calibration_error().labels[j] == Approx(whole.rms_calibration_error().labels[j]).epsilon(1e-12));
      CHECK(heavy.brier().labels[j] == Approx(doubled.brier().labels[j]).epsilon(1e-12));
      CHECK(heavy.maximum_calibration_error().labels[j] ==
            Approx(doubled.maximum_calibration_error().labels[j]).epsilon(1e-12));
    }
  }
}

TEST_CASE("probabilities that are none are refused by row and label, and change nothing", "[metrics]") {
  using namespace probability_tests;
  problem p = random_problem(3, 2, 1, {});
  p.scores = {0, 1, 0.5, 0.25, 0.75, 0.5};
  softf1::context<softf1::cpu> ctx;
  auto quality = measured(ctx, p, false);
  double const before = quality.pooled_brier();
  auto const why = [&](double wrong, bool is_score) {
    problem bad = p;
    (is_score ? bad.scores : bad.targets)[3] = wrong;
    problem_on<softf1::cpu> const data(ctx, bad);
    return softf1_test::error_text<softf1::value_error>(
        [&] { quality.add(data.scores(), data.targets(), {.domain = softf1::probability, .mask = data.mask()}); });
  };
  CHECK(why(1.5, true) == "probability_quality: probabilities must lie in [0, 1], got 1.5 at row 1, label 1");
  CHECK(why(nan_value, true) == "probability_quality: scores must not be NaN, got nan at row 1, label 1");
  CHECK(why(0.5, false) == "probability_quality: targets must be 0 or 1, got 0.5 at row 1, label 1");
  p.mask.assign(6, 1);
  p.mask[3] = 0;
  CHECK(why(1.5, true) == "nothing was thrown");
  CHECK(quality.pooled_brier() != before);
  CHECK_THROWS_AS(probability_quality(0), softf1::value_error);
  CHECK_THROWS_AS(quality.merge(probability_quality(3)), softf1::shape_error);
}

TEST_CASE("logits of any size keep their loss, probabilities of 0 and 1 are bounded", "[metrics]") {
  using namespace probability_tests;
  softf1::context<softf1::cpu> ctx;
  problem p{2, 1, {-800, 800}, {1, 0}, {}, {}, indices(1)};
  CHECK(measured(ctx, p, true).pooled_log_loss() == Approx(800));
  p.scores = {0, 1};
  CHECK(measured(ctx, p, false).pooled_log_loss() == Approx(-std::log(std::numeric_limits<double>::epsilon())));
}
