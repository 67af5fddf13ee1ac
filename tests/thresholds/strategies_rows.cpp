// Strategies whose rules look at whole rows, against their definitions.
#include <softf1/thresholds/all.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace strategies_rows_tests {

using namespace softf1_test;
using softf1::cpu;
using softf1::decision_rule;
namespace thresholds = softf1::thresholds;

template <class Strategy>
decision_rule found(Strategy const& strategy, problem const& p) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  softf1::threshold_options<cpu> o{.domain = softf1::probability};
  o.mask = data.mask();
  o.row_weights = data.weights();
  return softf1::find_rule(ctx, strategy, [](auto const&) { return 0.0; }, data.scores(), data.targets(), o);
}

problem probabilities(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  problem p = random_problem(rows, cols, seed, {.masked = seed % 3 == 1, .weighted = seed % 4 == 1, .prevalence = 0.3});
  for (double& x : p.scores) x = softf1::sigmoid(x);
  return p;
}

/// The labels of row i in descending order of their probabilities, present ones only.
std::vector<std::size_t> ordered(problem const& p, std::size_t i) {
  std::vector<std::size_t> order;
  for (std::size_t j = 0; j < p.cols; ++j)
    if (p.present(i, j)) order.push_back(j);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p.scores[p.at(i, a)] > p.scores[p.at(i, b)]; });
  return order;
}

double macro_f1(std::vector<counts> const& all) {
  double sum = 0, labels = 0;
  for (auto const& c : all) {
    sum += c.tp + c.fn > 0 ? 2 * c.tp / (2 * c.tp + c.fp + c.fn) : 0;
    labels += c.tp + c.fn > 0;
  }
  return labels > 0 ? sum / labels : 0;
}

double macro_f1_of(problem const& p, decision_rule const& rule) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  softf1::confusion_counts all;
  all.add(ctx, data.scores(), data.targets(),
          softf1::metric_options<cpu>{
              .domain = softf1::probability, .decision = rule, .mask = data.mask(), .row_weights = data.weights()});
  return macro_f1(all.per_label());
}

/// The greatest macro F1 of all ways to give each row k labels.
double best_of_all(problem const& p, std::size_t k, std::size_t i, std::vector<counts>& all) {
  if (i == p.rows) return macro_f1(all);
  double best = 0;
  std::size_t const present = ordered(p, i).size();
  for (std::size_t set = 0; set < std::size_t{1} << p.cols; ++set) {
    std::size_t size = 0;
    bool is_possible = true;
    for (std::size_t j = 0; j < p.cols; ++j) {
      size += set >> j & 1;
      is_possible = is_possible && (!(set >> j & 1) || p.present(i, j));
    }
    if (!is_possible || size != std::min(k, present)) continue;
    auto const add = [&](double times) {
      for (std::size_t j = 0; j < p.cols; ++j) count_cell(all[j], p, i, j, set >> j & 1 ? -1 : 2, times * p.weight(i));
    };
    add(1);
    best = std::max(best, best_of_all(p, k, i + 1, all));
    add(-1);
  }
  return best;
}

}  // namespace strategies_rows_tests

TEST_CASE("metalabeler finds the weights of the least squares, and the sizes seen", "[thresholds]") {
  using namespace strategies_rows_tests;
  std::size_t with_rows = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    problem const p = probabilities(1 + seed % 30, 1 + seed % 10, seed);
    double const ridge = seed % 2 ? 1 : 0.01;
    auto const rule = std::get<softf1::predicted_size>(found(thresholds::metalabeler{ridge}, p));
    std::size_t least = p.cols, most = 0;
    // Half the slope of what is least: zero at the minimum.
    std::vector<double> slope(2 + std::min<std::size_t>(p.cols, 8));
    for (std::size_t i = 0; i < p.rows; ++i) {
      auto const order = ordered(p, i);
      if (order.empty() || !(p.weight(i) > 0)) continue;
      std::size_t truth = 0;
      std::vector<double> x(slope.size());
      x[0] = 1;
      for (std::size_t r = 0; r < order.size(); ++r) {
        double const q = p.scores[p.at(i, order[r])];
        x[1] += q;
        if (r < 8) x[r + 2] = q;
        truth += p.targets[p.at(i, order[r])] == 1;
      }
      least = std::min(least, truth);
      most = std::max(most, truth);
      double off = -static_cast<double>(truth);
      for (std::size_t f = 0; f < x.size() && f < rule.weights.size(); ++f) off += rule.weights[f] * x[f];
      for (std::size_t f = 0; f < x.size(); ++f) slope[f] += p.weight(i) * off * x[f];
    }
    INFO("seed " << seed);
    if (least > most) {
      CHECK(rule.weights == std::vector<double>{0, 1});
      continue;
    }
    ++with_rows;
    REQUIRE(rule.weights.size() == slope.size());
    CHECK((rule.least == least && rule.most == most));
    for (std::size_t f = 0; f < slope.size(); ++f)
      CHECK(slope[f] + (f > 0 ? ridge * rule.weights[f] : 0) == Approx(0).margin(1e-9));
  }
  CHECK(with_rows > 90);
  CHECK(error_text<softf1::value_error>([] { found(thresholds::metalabeler{0}, probabilities(3, 2, 1)); }) ==
        "metalabeler: ridge must be finite and > 0, got 0");
}

TEST_CASE("rows that say how many labels they have are believed by metalabeler", "[thresholds]") {
  using namespace strategies_rows_tests;
  // Row i has its first 1 + i % 3 labels; its probabilities add up to half of that.
  problem p = random_problem(60, 4, 1);
  for (std::size_t i = 0; i < 60; ++i)
    for (std::size_t j = 0; j < 4; ++j) {
      p.targets[p.at(i, j)] = j < 1 + i % 3;
      p.scores[p.at(i, j)] = (j < 1 + i % 3 ? 0.4 : 0.1) + 0.01 * static_cast<double>((i * 7 + j * 3) % 5);
    }
  CHECK(macro_f1_of(p, found(thresholds::metalabeler{0.01}, p)) == 1);
  CHECK(macro_f1_of(p, softf1::top_k{2}) < 0.9);
}

TEST_CASE("the budget's macro F1 is between that of the highest probabilities and the best of all", "[thresholds]") {
  using namespace strategies_rows_tests;
  std::size_t better = 0, best = 0, cases = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    std::size_t const k = 1 + seed % 2;
    problem const p = probabilities(1 + seed % 5, 3, seed);
    std::vector<counts> none(p.cols, counts{});
    double const most = best_of_all(p, k, 0, none);
    auto const kd = static_cast<double>(k);
    double const plain = macro_f1_of(p, softf1::top_k{k});
    double const reached = macro_f1_of(p, found(thresholds::budget{.k = kd}, p));
    INFO("seed " << seed);
    CHECK(reached <= most + 1e-12);
    CHECK(reached >= plain - 1e-12);
    ++cases;
    better += reached > plain + 1e-12;
    best += reached > most - 1e-12;
  }
  CHECK(better > 20);
  CHECK(best > 40);
  CHECK(cases == 120);
}

TEST_CASE("no offset of one label alone makes the budget better, and it helps rare labels", "[thresholds]") {
  using namespace strategies_rows_tests;
  std::size_t wrong = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    problem p = probabilities(60, 6, seed);
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t j = 3; j < p.cols; ++j) p.scores[p.at(i, j)] *= 0.3, p.targets[p.at(i, j)] *= (i + j) % 3 == 0;
    auto const rule = std::get<softf1::weighted_top_k>(found(thresholds::budget{.k = 2}, p));
    double const reached = macro_f1_of(p, rule);
    CHECK(reached > macro_f1_of(p, softf1::top_k{2}) + 0.01);
    for (std::size_t j = 0; j < p.cols; ++j)
      for (int step = -20; step <= 20; ++step) {
        auto other = rule;
        other.offsets[j] += rule.slopes[j] * 0.05 * step;
        wrong += macro_f1_of(p, other) > reached + 1e-8;
      }
  }
  CHECK(wrong == 0);
  auto const rule = found(thresholds::budget{}, probabilities(0, 2, 2));
  CHECK(std::get<softf1::weighted_top_k>(rule).slopes == std::vector<double>{1, 1});
  CHECK(error_text<softf1::value_error>([] { found(thresholds::budget{1.5}, probabilities(3, 2, 1)); }) ==
        "budget: k must be a whole number >= 1, got 1.5");
}

TEST_CASE("by gfm numbers of labels are as frequent as they are", "[thresholds]") {
  using namespace strategies_rows_tests;
  std::size_t fitted = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    problem const p = probabilities(30, 2 + seed % 4, seed);
    double const strength = seed % 2 ? 1 : 0;
    auto const rule = std::get<softf1::expected_f>(found(thresholds::gfm{.beta = 2, .strength = strength}, p));
    REQUIRE(rule.size_weights.size() == p.cols + 1);
    CHECK(rule.beta == 2);
    CHECK(*std::max_element(rule.size_weights.begin(), rule.size_weights.end()) == 1);
    // By enumeration of each row's outcomes.
    std::vector<double> seen(p.cols + 1), independent(p.cols + 1), modelled(p.cols + 1);
    double all = 0;
    for (std::size_t i = 0; i < p.rows; ++i) {
      auto const order = ordered(p, i);
      if (order.empty()) continue;
      std::vector<double> chances(p.cols + 1);
      for (std::size_t set = 0; set < std::size_t{1} << order.size(); ++set) {
        double chance = 1;
        std::size_t size = 0;
        for (std::size_t k = 0; k < order.size(); ++k) {
          double const q = p.scores[p.at(i, order[k])];
          chance *= set >> k & 1 ? q : 1 - q;
          size += set >> k & 1;
        }
        chances[size] += chance;
      }
      std::size_t truth = 0;
      for (std::size_t j : order) truth += p.targets[p.at(i, j)] == 1;
      seen[truth] += p.weight(i);
      all += p.weight(i);
      double z = 0;
      for (std::size_t n = 0; n <= p.cols; ++n) z += chances[n] * rule.size_weights[n];
      for (std::size_t n = 0; n <= p.cols; ++n) {
        independent[n] += p.weight(i) * chances[n];
        modelled[n] += p.weight(i) * chances[n] * rule.size_weights[n] / z;
      }
    }
    INFO("seed " << seed);
    for (std::size_t n = 0; n <= p.cols; ++n)
      CHECK(modelled[n] == Approx((seen[n] + strength * independent[n] / all) * all / (all + strength)).margin(1e-4));
    fitted += *std::min_element(rule.size_weights.begin(), rule.size_weights.end()) < 0.9;
  }
  CHECK(fitted > 30);
  CHECK(std::get<softf1::expected_f>(found(thresholds::gfm{}, probabilities(0, 2, 2))).size_weights.empty());
  CHECK(error_text<softf1::value_error>([] { found(thresholds::gfm{1, -1}, probabilities(3, 2, 1)); }) ==
        "gfm: strength must be finite and >= 0, got -1");
}
