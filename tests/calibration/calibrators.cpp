// Every calibrator against its definition, and on data whose probabilities are known.
#include <softf1/calibration/all.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include <softf1/metrics/probability_quality.hpp>
#include <softf1/thresholds/sketch_source.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace calibrator_tests {

using namespace softf1_test;
using namespace softf1::calibration;
using softf1::cpu;

calibration_map fitted(auto const& calibrator, problem const& p, softf1::score_domain domain = softf1::logit) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  return softf1::find_calibration(
      ctx, calibrator, data.scores(), data.targets(),
      softf1::threshold_options<cpu>{.domain = domain, .mask = data.mask(), .row_weights = data.weights()});
}

/// The same for one label without fallbacks: scores, targets, weights.
label_map fitted_one(auto calibrator, std::vector<double> const& z, std::vector<double> const& y,
                     std::vector<double> const& w = {}, softf1::score_domain domain = softf1::logit) {
  if constexpr (requires { calibrator.min_positives; }) calibrator.min_positives = 0;
  return fitted(calibrator, problem{z.size(), 1, z, y, {}, w, {0}}, domain).maps.front();
}

template <class C>
C without_smoothing() {
  C calibrator;
  calibrator.smoothing = 0;
  return calibrator;
}

double sigma(double x) { return 1 / (1 + std::exp(-x)); }

/// Scores (n, 1) with both targets each, weighted so that the frequency of positives at z[k] is p[k].
struct exact_frequencies {
  std::vector<double> scores, targets, weights;
  exact_frequencies(std::vector<double> const& z, std::vector<double> const& p) {
    for (std::size_t k = 0; k < z.size(); ++k)
      for (double y : {0.0, 1.0}) {
        scores.push_back(z[k]);
        targets.push_back(y);
        weights.push_back(3 * (y == 1 ? p[k] : 1 - p[k]));
      }
  }
  label_map fit(auto const& calibrator, softf1::score_domain domain = softf1::logit) const {
    return fitted_one(calibrator, scores, targets, weights, domain);
  }
};

/// The value of one map, in plain terms.
double value_of(label_map const& map, double z) {
  calibration_map const one{.maps = {map}};
  return one.apply(softf1::as_matrix(&z, 1, 1)).front();
}

/// Σ w (−t log q − (1 − t) log(1 − q)) of column j for targets smoothed as Platt's, under σ(b sp(z) − a sp(−z) + c).
double smoothed_loss(problem const& p, std::size_t j, double a, double b, double c, double smoothing) {
  double positives = 0, negatives = 0, sum = 0;
  for (std::size_t i = 0; i < p.rows; ++i)
    if (p.present(i, j)) (p.targets[p.at(i, j)] == 1 ? positives : negatives) += p.weight(i);
  for (std::size_t i = 0; i < p.rows; ++i) {
    if (!p.present(i, j)) continue;
    bool const y = p.targets[p.at(i, j)] == 1;
    double const n = y ? positives : negatives, t = ((y ? n : 0) + smoothing) / (n + 2 * smoothing);
    double const z = p.scores[p.at(i, j)], log_p = -std::log1p(std::exp(-z)), log_not = -std::log1p(std::exp(z));
    double const x = a * log_p - b * log_not + c;
    sum += p.weight(i) * (t * std::log1p(std::exp(-x)) + (1 - t) * std::log1p(std::exp(x)));
  }
  return sum;
}

problem noisy_case(std::uint64_t seed) {
  problem p = random_problem(40 + seed % 17, 3, seed,
                             {.masked = seed % 3 == 1, .weighted = seed % 4 == 1, .distinct = seed % 2 ? 11u : 0u});
  softf1::random_stream const random(seed, softf1::random_purpose::test, 9);
  for (std::size_t k = 0; k < p.targets.size(); ++k)
    p.targets[k] = random.uniform(k) < sigma(0.4 * p.scores[k] - 0.5) ? 1 : 0;
  return p;
}

/// Logits whose σ is the true probability of their targets, told as 2.5 z + 1.
problem miscalibrated(std::size_t rows, std::uint64_t seed) {
  problem p = random_problem(rows, 3, seed, {.spread = 3});
  softf1::random_stream const random(seed, softf1::random_purpose::test, 9);
  for (std::size_t k = 0; k < p.scores.size(); ++k) {
    double const z = p.scores[k] - static_cast<double>(k % 3);
    p.targets[k] = random.uniform(k) < sigma(z) ? 1 : 0;
    p.scores[k] = 2.5 * z + 1;
  }
  return p;
}

struct quality {
  double log_loss, calibration_error;
  quality(std::vector<double> const& scores, problem const& p, softf1::score_domain domain) {
    softf1::metrics::probability_quality figures;
    figures.add(softf1::as_matrix(scores, p.rows, p.cols), softf1::as_matrix(p.targets, p.rows, p.cols),
                {.domain = domain});
    log_loss = figures.log_loss().mean;
    calibration_error = figures.expected_calibration_error().mean;
  }
};

}  // namespace calibrator_tests

TEST_CASE("sigmoids are found exactly where frequencies lie on one", "[calibration]") {
  using namespace calibrator_tests;
  exact_frequencies const one_half({-3, 1, 2}, {sigma(-1.5), sigma(0.5), sigma(1)});
  CHECK(one_half.fit(without_smoothing<temperature>()).a == Approx(0.5).epsilon(1e-10));
  CHECK(one_half.fit(without_smoothing<temperature_label>()).b == Approx(0.5).epsilon(1e-10));
  exact_frequencies const line({-3, 0, 2, 4}, {sigma(-5), sigma(-0.5), sigma(2.5), sigma(5.5)});
  auto const slope = line.fit(without_smoothing<platt>());
  CHECK(slope.a == Approx(1.5).epsilon(1e-10));
  CHECK(slope.b == slope.a);
  CHECK(slope.c == Approx(-0.5).epsilon(1e-9));
  CHECK(slope.reason == "platt");
  // a log p − b log(1 − p) + c with a = .5, b = 2, c = −.25; and the same of probabilities.
  std::vector<double> const p{0.05, 0.3, 0.5, 0.8, 0.95};
  std::vector<double> z, f;
  for (double q : p) {
    z.push_back(std::log(q / (1 - q)));
    f.push_back(sigma(0.5 * std::log(q) - 2 * std::log1p(-q) - 0.25));
  }
  for (auto const& found : {exact_frequencies(z, f).fit(without_smoothing<beta>()),
                            exact_frequencies(p, f).fit(without_smoothing<beta>(), softf1::probability)}) {
    CHECK(found.a == Approx(0.5).epsilon(1e-9));
    CHECK(found.b == Approx(2).epsilon(1e-9));
    CHECK(found.c == Approx(-0.25).epsilon(1e-9));
  }
  // Frequencies that fall: the constant of the mean target.
  exact_frequencies const falling({-1, 1}, {0.75, 0.35});
  for (auto const& found : {falling.fit(without_smoothing<platt>()), falling.fit(without_smoothing<beta>())}) {
    CHECK((found.a == 0 && found.b == 0));
    CHECK(value_of(found, 0.3) == Approx(0.55).epsilon(1e-10));
  }
  CHECK(falling.fit(without_smoothing<temperature_label>()).a == 0);
}

TEST_CASE("Platt and isotonic regression find what scikit-learn finds", "[calibration]") {
  using namespace calibrator_tests;
  std::vector<double> const z{-2.5, -1.5, -1, -0.5, 0, 0.25, 0.5, 1, 1.5, 3}, y{0, 0, 1, 0, 0, 1, 1, 0, 1, 1};
  std::vector<double> const weights{1, 2, 1, 1, 0.5, 1, 1, 3, 1, 1};
  // scikit-learn 1.5.2, _sigmoid_calibration, whose L-BFGS stops early.
  auto const plain = fitted_one(platt{}, z, y), weighted = fitted_one(platt{}, z, y, weights);
  CHECK(plain.a == Approx(0.57074258).epsilon(1e-4));
  CHECK(plain.c == Approx(-0.03542955).epsilon(1e-3));
  CHECK(weighted.a == Approx(0.48331365).epsilon(1e-4));
  CHECK(weighted.c == Approx(-0.47142385).epsilon(1e-4));
  // IsotonicRegression(out_of_bounds="clip").
  auto const steps = fitted_one(without_smoothing<isotonic>(), z, y);
  CHECK(steps.scores == std::vector<double>{-2.5, -1.5, -1, 0, 0.25, 1, 1.5, 3});
  std::vector<double> const at{-9, -1.25, -0.75, 0.1, 0.3, 0.75, 2, 9};
  std::vector<double> const p{0, 1. / 6, 1. / 3, 7. / 15, 2. / 3, 2. / 3, 1, 1};
  for (std::size_t k = 0; k < at.size(); ++k) CHECK(value_of(steps, at[k]) == Approx(p[k]).epsilon(1e-14));
  auto const heavy = fitted_one(without_smoothing<isotonic>(), z, y, weights);
  CHECK(heavy.scores == std::vector<double>{-2.5, -1.5, -1, 1, 1.5, 3});
  CHECK(heavy.probabilities[2] == Approx(0.4).epsilon(1e-14));
}

TEST_CASE("what is likeliest has no slope, and is no less likely than the scores themselves", "[calibration]") {
  using namespace calibrator_tests;
  double worst = 0;
  std::size_t wrong = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    problem const p = noisy_case(seed);
    for (double s : {0.0, 1.0, 2.5}) {
      auto const straight = fitted(platt{0, s}, p), bent = fitted(beta{0, s}, p),
                 hot = fitted(temperature_label{0, s}, p);
      for (std::size_t j = 0; j < p.cols; ++j) {
        auto const loss = [&](double a, double b, double c) { return smoothed_loss(p, j, a, b, c, s); };
        auto const check = [&](label_map const& m, std::vector<std::vector<double>> const& ways) {
          double const here = loss(m.a, m.b, m.c);
          wrong += !(here <= loss(1, 1, 0) + 1e-12);
          for (auto const& way : ways) {
            double const h = 1e-4;
            auto const at = [&](double t) { return loss(m.a + t * way[0], m.b + t * way[1], m.c + t * way[2]); };
            double const slope = (at(h) - at(-h)) / (2 * h);
            bool const is_edge = (m.a == 0 && way[0] > 0) || (m.b == 0 && way[1] > 0);
            // On the edge of what is allowed it may rise inwards.
            if (is_edge)
              wrong += slope < -1e-5;
            else
              worst = std::max(worst, std::fabs(slope));
          }
        };
        check(straight.maps[j], {{1, 1, 0}, {0, 0, 1}});
        check(bent.maps[j], {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
        check(hot.maps[j], {{1, 1, 0}});
        wrong += !(loss(bent.maps[j].a, bent.maps[j].b, bent.maps[j].c) <=
                   loss(straight.maps[j].a, straight.maps[j].b, straight.maps[j].c) + 1e-9);
      }
    }
    // One temperature: all labels together, with targets smoothed by nothing.
    double const t = fitted(without_smoothing<temperature>(), p).maps[0].a;
    auto const all = [&](double slope) {
      double sum = 0;
      for (std::size_t j = 0; j < p.cols; ++j) sum += smoothed_loss(p, j, slope, slope, 0, 0);
      return sum;
    };
    wrong += !(all(t) <= all(1) + 1e-12);
    if (t > 0) worst = std::max(worst, std::fabs(all(t + 1e-4) - all(t - 1e-4)) / 2e-4);
  }
  CHECK(wrong == 0);
  CHECK(worst < 1e-5);
}

TEST_CASE("isotonic regression is the min-max of means", "[calibration]") {
  using namespace calibrator_tests;
  double worst = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    problem const p = noisy_case(seed);
    auto const map = fitted(isotonic{0, 0}, p);
    for (std::size_t j = 0; j < p.cols; ++j) {
      std::vector<scored_cells> groups;  // of equal scores, ascending
      std::vector<double> scores;
      for (std::size_t i = 0; i < p.rows; ++i)
        if (p.present(i, j) && p.weight(i) > 0) scores.push_back(p.scores[p.at(i, j)]);
      std::sort(scores.begin(), scores.end());
      scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
      for (double z : scores) {
        groups.push_back({z, 0, 0});
        for (std::size_t i = 0; i < p.rows; ++i)
          if (p.present(i, j) && p.scores[p.at(i, j)] == z)
            (p.targets[p.at(i, j)] == 1 ? groups.back().positives : groups.back().negatives) += p.weight(i);
      }
      for (std::size_t k = 0; k < groups.size(); ++k) {
        double highest = 0;
        for (std::size_t from = 0; from <= k; ++from) {
          double lowest = 1, positives = 0, weight = 0;
          for (std::size_t to = from; to < groups.size(); ++to) {
            positives += groups[to].positives;
            weight += groups[to].weight();
            if (to >= k) lowest = std::min(lowest, positives / weight);
          }
          highest = std::max(highest, lowest);
        }
        worst = std::max(worst, std::fabs(value_of(map.maps[j], groups[k].score) - highest));
      }
    }
  }
  CHECK(worst < 1e-12);
}

TEST_CASE("tables do not promise what few cells show", "[calibration]") {
  using namespace calibrator_tests;
  // Blocks {0 0 0}, {1 0}, {1 1}: frequency 3 / 7, two cells more in the ends.
  std::vector<double> const z{1, 2, 3, 4, 5, 6, 7}, y{0, 0, 0, 1, 0, 1, 1};
  auto const ends = fitted_one(isotonic{}, z, y);
  CHECK(ends.scores == std::vector<double>{1, 3, 4, 5, 6, 7});
  std::vector<double> const p{6. / 35, 6. / 35, 0.5, 0.5, 5. / 7, 5. / 7};
  for (std::size_t k = 0; k < p.size(); ++k) CHECK(ends.probabilities[k] == Approx(p[k]).epsilon(1e-14));
  // No further than the next block.
  CHECK(fitted_one(isotonic{0, 100}, z, y).probabilities ==
        std::vector<double>{3. / 7 * 200 / 203, 3. / 7 * 200 / 203, 0.5, 0.5, 0.5, 0.5});
  // Two bins: {0 0 0 1}, {0 1 1}; then three, of which equal scores make two.
  auto const bins = fitted_one(histogram{.bins = 2}, z, y);
  CHECK(bins.scores == std::vector<double>{1, 4.5});
  CHECK(bins.probabilities[0] == Approx((1 + 6. / 7) / 6).epsilon(1e-14));
  CHECK(bins.probabilities[1] == Approx((2 + 6. / 7) / 5).epsilon(1e-14));
  auto const tied = fitted_one(histogram{.bins = 3, .smoothing = 0}, {0, 2, 2, 2, 2, 3}, {0, 0, 1, 0, 0, 1});
  CHECK(tied.scores == std::vector<double>{0, 2.5});
  CHECK(tied.probabilities == std::vector<double>{0.2, 1});
}

TEST_CASE("every calibrator gives maps that do not fall and fit their check", "[calibration]") {
  using namespace calibrator_tests;
  all::for_each([]<class C>() {
    INFO(C::name);
    C calibrator;
    if constexpr (requires { calibrator.min_positives; }) calibrator.min_positives = 0;
    std::size_t wrong = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed)
      for (auto domain : {softf1::logit, softf1::probability}) {
        problem p = seed % 5 == 0 ? random_problem(1 + seed % 8, 3, seed, {.distinct = 3}) : noisy_case(seed);
        if (seed % 7 == 0) p.scores[0] = HUGE_VAL, p.scores[1] = -HUGE_VAL;
        if (domain == softf1::probability)
          for (double& x : p.scores) x = std::round(1000 * sigma(3 * x)) / 1000;
        auto const map = fitted(calibrator, p, domain);
        map.check("test");
        wrong += map.method != C::name || map.labels() != 3 || map.domain != domain;
        std::size_t const n = 101;
        std::vector<double> grid;
        for (std::size_t k = 0; k < n; ++k)
          grid.insert(grid.end(), 3,
                      domain == softf1::logit ? -10 + 0.2 * static_cast<double>(k) : static_cast<double>(k) / 100);
        auto const q = map.apply(softf1::as_matrix(grid, n, 3));
        for (std::size_t k = 0; k < q.size(); ++k)
          wrong += !(q[k] >= 0 && q[k] <= 1) || (k >= 3 && q[k] < q[k - 3] - 1e-15);
      }
    CHECK(wrong == 0);
  });
}

TEST_CASE("calibrators do not see the order of rows and labels, what is masked, or a row twice but by its weight",
          "[calibration]") {
  using namespace calibrator_tests;
  all::for_each([]<class C>() {
    INFO(C::name);
    C calibrator;
    if constexpr (requires { calibrator.min_positives; }) calibrator.min_positives = 0;
    double worst = 0;
    for (std::uint64_t seed : {2u, 6u, 8u, 12u}) {
      problem p = noisy_case(seed);
      for (auto const& [a, b] : equal_problems(p, seed)) {
        auto const of_a = fitted(calibrator, a), of_b = fitted(calibrator, b);
        for (std::size_t j = 0; j < a.cols; ++j)
          for (std::size_t k = 0; k < b.cols; ++k) {
            if (a.labels[j] != b.labels[k]) continue;
            for (double z = -5; z <= 5; z += 0.37)
              worst = std::max(worst, std::fabs(value_of(of_a.maps[j], z) - value_of(of_b.maps[k], z)));
          }
      }
      // Folds: rows without weight are not there.
      softf1::context<cpu> ctx;
      problem_on<cpu> const data(ctx, p);
      softf1::tuning_rows const rows(ctx, data.scores(), data.targets());
      std::vector<double> times(p.rows, 1);
      times[3] = 0;
      auto const fold = calibrator(rows.reweighted(times)), rest = fitted(calibrator, take_rows(p, all_but(p.rows, 3)));
      for (double z = -5; z <= 5; z += 0.37)
        worst = std::max(worst, std::fabs(value_of(fold.maps[1], z) - value_of(rest.maps[1], z)));
    }
    CHECK(worst < 1e-9);
  });
}

TEST_CASE("a label that cannot be fitted gets the temperature of all, and says why", "[calibration]") {
  using namespace calibrator_tests;
  problem p = miscalibrated(400, 3);
  // Labels: as they are; without positives; without negatives; four positives.
  problem four{p.rows, 4, {}, {}, {}, {}, indices(4)};
  for (std::size_t i = 0; i < p.rows; ++i)
    for (std::size_t j = 0; j < 4; ++j) {
      four.scores.push_back(p.scores[p.at(i, 0)]);
      four.targets.push_back(j == 0 ? p.targets[p.at(i, 0)] : j == 1 ? 0 : j == 2 ? 1 : i < 4);
    }
  double const pooled = fitted(temperature{}, four).maps[0].a;
  CHECK((pooled > 0 && pooled < 1));
  all::for_each([&]<class C>() {
    INFO(C::name);
    auto const map = fitted(C{}, four);
    if constexpr (std::is_same_v<C, temperature>) {
      for (auto const& m : map.maps) CHECK((m.a == pooled && m.b == pooled && m.c == 0 && m.reason == C::name));
    } else {
      CHECK(map.maps[0].reason == C::name);
      std::vector<std::string> const reasons{"no positives", "no negatives", "few positives"};
      for (std::size_t j = 1; j < 4; ++j) {
        CHECK(map.maps[j].reason == reasons[j - 1]);
        CHECK((map.maps[j].a == pooled && map.maps[j].b == pooled));
        if constexpr (std::is_same_v<C, temperature_label>) {
          CHECK(map.maps[j].c == 0);
        } else {
          double sum = 0;
          for (std::size_t i = 0; i < four.rows; ++i) sum += value_of(map.maps[j], four.scores[four.at(i, j)]);
          // 0, 400 or 4 positives of 400 rows, smoothed as Platt's.
          std::vector<double> const sums{400. / 402, 400 * 401. / 402, 4 * 5. / 6 + 396. / 398};
          CHECK(sum == Approx(sums[j - 1]).epsilon(1e-10));
        }
      }
    }
    // Nothing to learn from at all.
    auto const nothing = fitted(C{}, constant_problem(10, 2, 0.5, 0));
    for (auto const& m : nothing.maps) CHECK((m.a == 1 && m.b == 1 && m.reason == "no positives"));
    if constexpr (std::is_same_v<C, temperature> || std::is_same_v<C, temperature_label>)
      CHECK(nothing.maps[0].is_identity());
    else
      CHECK(value_of(nothing.maps[0], 0.5) == Approx(1. / 12));
    CHECK(fitted(C{}, constant_problem(0, 2, 0.5, 0)).maps[1].is_identity());
  });
}

TEST_CASE("calibrators bring probabilities of new rows nearer to what comes", "[calibration]") {
  using namespace calibrator_tests;
  problem const known = miscalibrated(2000, 11), fresh = miscalibrated(4000, 12);
  quality const before(fresh.scores, fresh, softf1::logit);
  all::for_each([&]<class C>() {
    INFO(C::name);
    auto const map = fitted(C{}, known);
    quality const after(map.apply(softf1::as_matrix(fresh.scores, fresh.rows, fresh.cols)), fresh,
                        softf1::score_domain::calibrated);
    CHECK(after.log_loss < 0.9 * before.log_loss);
    CHECK(after.calibration_error < 0.8 * before.calibration_error);
    if constexpr (!std::is_same_v<C, temperature> && !std::is_same_v<C, temperature_label>)
      CHECK(after.calibration_error < 0.03);
  });
}

TEST_CASE("a sketch of scores gives nearly the calibration of the scores", "[calibration]") {
  using namespace calibrator_tests;
  problem const p = miscalibrated(3000, 21);
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  softf1::metrics::score_sketch sketch;
  sketch.add(ctx, data.scores(), data.targets());
  softf1::sketch_source const source(sketch);
  all::for_each([&]<class C>() {
    INFO(C::name);
    auto const exact = fitted(C{}, p), rough = C{}(source);
    double worst = 0;
    for (std::size_t j = 0; j < 3; ++j)
      for (double z = -12; z <= 10; z += 0.23)
        worst = std::max(worst, std::fabs(value_of(exact.maps[j], z) - value_of(rough.maps[j], z)));
    CHECK(worst < (std::is_same_v<C, isotonic> || std::is_same_v<C, histogram> ? 0.1 : 0.002));
  });
}

TEST_CASE("options of calibrators are checked, and so are scores", "[calibration]") {
  using namespace calibrator_tests;
  auto const refused = [](std::string const& text) {
    return error_text<softf1::value_error>(
        [&] { softf1::with_named<all>(softf1::parse_spec(text), "calibrator", [](auto const&) {}); });
  };
  CHECK(refused("platt:min_positives=3,smoothing=0.5") == "nothing was thrown");
  CHECK(refused("platt:smoothing=-1") == "platt: smoothing must be finite and >= 0, got -1");
  CHECK(refused("histogram:bins=2.5") == "histogram: bins must be a whole number from 1 to 10000, got 2.5");
  CHECK(refused("sigmoid") ==
        "no calibrator is named 'sigmoid', there are platt, temperature, temperature_label, isotonic, beta, histogram");
  problem const p = constant_problem(3, 1, 1.5, 1);
  CHECK(error_text<softf1::value_error>([&] { fitted(platt{}, p, softf1::probability); }) ==
        "calibration: probabilities must lie in [0, 1], got 1.5");
  CHECK(error_text<softf1::value_error>([&] { fitted(platt{}, p, softf1::score_domain::calibrated); }) ==
        "platt: the scores are calibrated already");
}
