// Every strategy against its definition, tried out by plain loops on small problems.
#include <softf1/thresholds/all.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/scores/any_score.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace strategy_tests {

using namespace softf1_test;
using softf1::cpu;
using softf1::threshold_set;
namespace thresholds = softf1::thresholds;

template <class Strategy>
threshold_set found(Strategy const& strategy, problem const& p, softf1::score_domain domain = softf1::logit) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  softf1::threshold_options<cpu> o{.domain = domain};
  o.mask = data.mask();
  o.row_weights = data.weights();
  auto const rule =
      softf1::find_rule(ctx, strategy, softf1::scores::objective_named("f1"), data.scores(), data.targets(), o);
  return std::get<threshold_set>(rule);
}

problem small_case(std::uint64_t seed) {
  problem p = random_problem(1 + seed % 13, 3, seed,
                             {.masked = seed % 3 == 1,
                              .weighted = seed % 4 == 1,
                              .prevalence = 0.2 + 0.2 * static_cast<double>(seed % 3),
                              .distinct = seed % 2 ? 2 + seed % 7 : 0});
  if (seed % 6 == 3)
    for (std::size_t k = 0; k < p.scores.size(); k += 4) p.scores[k] = HUGE_VAL;
  return p;
}

/// What a threshold accepts of column j.
counts counted(problem const& p, std::size_t j, double threshold) {
  counts c{};
  for (std::size_t i = 0; i < p.rows; ++i) count_cell(c, p, i, j, threshold, p.weight(i));
  return c;
}

/// +inf and all scores of weighted cells of column j, from the highest.
std::vector<double> tried(problem const& p, std::size_t j) {
  std::vector<double> all{HUGE_VAL};
  for (std::size_t i = 0; i < p.rows; ++i)
    if (p.present(i, j) && p.weight(i) > 0) all.push_back(p.scores[p.at(i, j)]);
  std::sort(all.rbegin(), all.rend());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

using value_of_counts = std::function<double(counts const&)>;

/// The highest threshold where the value is greatest; NaN where it has none.
double best_tried(problem const& p, std::size_t j, value_of_counts const& value) {
  double best = nan_value, at = nan_value;
  for (double t : tried(p, j)) {
    double const here = value(counted(p, j, t));
    if (std::isnan(here) || (!std::isnan(best) && !(here > best))) continue;
    best = here;
    at = t;
  }
  return at;
}

bool same_counts(counts const& a, counts const& b) {
  return a.tp == b.tp && a.fp == b.fp && a.fn == b.fn && a.tn == b.tn;
}

double f1(counts const& c) { return c.tp + c.fp + c.fn > 0 ? 2 * c.tp / (2 * c.tp + c.fp + c.fn) : 0; }

}  // namespace strategy_tests

TEST_CASE("strategies that search each label find what trying all thresholds finds", "[thresholds]") {
  using namespace strategy_tests;
  auto const check = [](auto const& strategy, value_of_counts const& value) {
    using strategy_type = std::decay_t<decltype(strategy)>;
    INFO(strategy_type::name);
    std::size_t wrong = 0, searched = 0;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
      problem const p = small_case(seed);
      auto const rule = found(strategy, p);
      for (std::size_t j = 0; j < p.cols; ++j) {
        auto const all = counted(p, j, -HUGE_VAL);
        if (!(all.tp > 0)) {
          wrong += rule.thresholds[j] != 0 || rule.reasons[j] != "no positives";
          continue;
        }
        double const expected = best_tried(p, j, value);
        ++searched;
        if (std::isnan(expected))
          wrong += rule.reasons[j] != (strategy_type::name == "constraint" ? "infeasible" : "undefined");
        else
          wrong += !same_counts(counted(p, j, rule.thresholds[j]), counted(p, j, expected));
      }
    }
    CHECK(wrong == 0);
    CHECK(searched > 1500);
  };
  auto const fpr = [](counts const& c) { return c.fp / (c.fp + c.tn); };
  auto const tpr = [](counts const& c) { return c.tp / (c.tp + c.fn); };
  check(thresholds::best{}, f1);
  check(thresholds::youden{}, [&](counts const& c) { return tpr(c) - fpr(c); });
  check(thresholds::roc_corner{}, [&](counts const& c) { return -std::hypot(fpr(c), 1 - tpr(c)); });
  check(thresholds::equal_error{}, [&](counts const& c) { return -std::fabs(fpr(c) - (1 - tpr(c))); });
  check(thresholds::cost{2, 5}, [](counts const& c) { return -(2 * c.fp + 5 * c.fn); });
  check(thresholds::cost{.per_label = std::vector<thresholds::label_cost>(3, {2, 5, -1, 0.5})},
        [](counts const& c) { return -(2 * c.fp + 5 * c.fn - c.tp + 0.5 * c.tn); });
  check(thresholds::pcut_label{.factor = 1.5},
        [](counts const& c) { return -std::fabs(c.predicted() - 1.5 * c.support()); });
  check(thresholds::constraint{.min_precision = 0.7},
        [](counts const& c) { return c.predicted() > 0 && c.tp / c.predicted() >= 0.7 ? f1(c) : nan_value; });
  check(thresholds::constraint{.min_recall = 0.6, .max_rate = 0.8, .max_alarms = 3}, [&](counts const& c) {
    return tpr(c) >= 0.6 && c.predicted() <= 0.8 * c.total() && c.fp <= 3 ? f1(c) : nan_value;
  });
  check(thresholds::constraint{.max_alarms = 1.5, .rows_a_day = 4},
        [&](counts const& c) { return c.fp / c.total() <= 1.5 / 4 ? f1(c) : nan_value; });
}

TEST_CASE("strategies with one threshold for all labels find what trying all finds", "[thresholds]") {
  using namespace strategy_tests;
  std::size_t wrong = 0;
  auto const mean_f1 = [](problem const& p, double threshold) {
    double sum = 0;
    for (std::size_t j = 0; j < p.cols; ++j)
      if (counted(p, j, -HUGE_VAL).tp > 0) sum += f1(counted(p, j, threshold));
    return sum;
  };
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    problem const p = small_case(seed), all = pooled(p);
    auto const check = [&](threshold_set const& rule, double expected) {
      for (double t : rule.thresholds) wrong += t != rule.thresholds[0];
      wrong += !same_counts(counted(all, 0, rule.thresholds[0]), counted(all, 0, expected));
    };
    if (!(counted(all, 0, -HUGE_VAL).tp > 0)) {
      wrong += found(thresholds::global{}, p).thresholds != std::vector<double>(3, 0.0);
      continue;
    }
    check(found(thresholds::global{}, p), best_tried(all, 0, f1));
    check(found(thresholds::pcut{}, p),
          best_tried(all, 0, [](counts const& c) { return -std::fabs(c.predicted() - c.support()); }));
    double best = -1;
    for (double t : tried(all, 0)) best = std::max(best, mean_f1(p, t));
    auto const macro = found(thresholds::global{.macro = 1}, p);
    wrong += !same_number(mean_f1(p, macro.thresholds[0]), best, 1e-12);
  }
  CHECK(wrong == 0);
}

TEST_CASE("no threshold of one label alone can be bettered beside those that micro and samples find", "[thresholds]") {
  using namespace strategy_tests;
  auto const micro_f1 = [](problem const& p, std::vector<double> const& at) {
    counts all{};
    for (auto const& c : label_counts(p, at)) all += c;
    return f1(all);
  };
  auto const samples_f1 = [](problem const& p, std::vector<double> const& at) {
    double sum = 0;
    for (std::size_t i = 0; i < p.rows; ++i) {
      counts c{};
      for (std::size_t j = 0; j < p.cols; ++j) count_cell(c, p, i, j, at[j], 1);
      sum += p.weight(i) * f1(c);
    }
    return sum;
  };
  auto const check = [](auto const& strategy, auto const& value) {
    std::size_t wrong = 0, better_than_best = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      problem const p = small_case(seed);
      auto const rule = found(strategy, p);
      double const reached = value(p, rule.thresholds);
      double const alone = value(p, found(thresholds::best{}, p).thresholds);
      bool any = false;
      for (std::size_t j = 0; j < p.cols; ++j) {
        if (!(counted(p, j, -HUGE_VAL).tp > 0)) continue;
        any = true;
        for (double t : tried(p, j)) {
          auto other = rule.thresholds;
          other[j] = t;
          wrong += value(p, other) > reached + 1e-9;
        }
      }
      if (!any) continue;
      better_than_best += reached > alone + 1e-9;
      if (counted(pooled(p), 0, HUGE_VAL).tp == 0) wrong += reached < alone - 1e-9 && std::isfinite(alone);
    }
    CHECK(wrong == 0);
    CHECK(better_than_best > 20);
  };
  check(thresholds::micro{}, micro_f1);
  check(thresholds::samples{}, samples_f1);
}

TEST_CASE("rules for rare labels reject all, or all but the highest score, below their limit", "[thresholds]") {
  using namespace strategy_tests;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    problem const p = small_case(seed);
    auto const best = found(thresholds::best{}, p);
    CHECK(best.thresholds == found(thresholds::best{.min_positives = 1e-9}, p).thresholds);
    auto const zero = found(thresholds::scutfbr0{.fbr = 0.6}, p), one = found(thresholds::scutfbr1{.fbr = 0.6}, p);
    auto const few = found(thresholds::best{.min_positives = 3}, p);
    for (std::size_t j = 0; j < p.cols; ++j) {
      double const positives = counted(p, j, -HUGE_VAL).tp;
      bool const low = f1(counted(p, j, best.thresholds[j])) < 0.6 && positives > 0;
      CHECK(zero.thresholds[j] == (low ? HUGE_VAL : best.thresholds[j]));
      auto const candidates = tried(p, j);
      double const highest = candidates.size() > 1 && candidates[0] == HUGE_VAL && p.scores.size() > 0
                                 ? *std::max_element(candidates.begin() + 1, candidates.end())
                                 : HUGE_VAL;
      bool const has_infinite = counted(p, j, HUGE_VAL).predicted() > 0;
      CHECK(one.thresholds[j] == (low ? has_infinite ? HUGE_VAL : highest : best.thresholds[j]));
      CHECK(few.thresholds[j] == (positives < 3 ? 0 : best.thresholds[j]));
    }
  }
}

TEST_CASE("half of the best F is the threshold of f_star, and of what probabilities promise that of label_free",
          "[thresholds]") {
  using namespace strategy_tests;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    problem p = random_problem(1 + seed % 20, 3, seed,
                               {.masked = seed % 3 == 0, .weighted = seed % 4 == 0, .distinct = seed % 2 * 5});
    for (double& x : p.scores) x = softf1::sigmoid(x);
    auto const star = found(thresholds::f_star{}, p, softf1::probability);
    auto const free = found(thresholds::label_free{.beta = 2}, p, softf1::probability);
    for (std::size_t j = 0; j < p.cols; ++j) {
      double best = 0, promised = 0, all = 0;
      for (std::size_t i = 0; i < p.rows; ++i)
        if (p.present(i, j)) all += p.weight(i) * p.scores[p.at(i, j)];
      for (double t : tried(p, j)) {
        best = std::max(best, f1(counted(p, j, t)));
        double hits = 0, accepted = 0;
        for (std::size_t i = 0; i < p.rows; ++i)
          if (p.present(i, j) && p.scores[p.at(i, j)] >= t) {
            hits += p.weight(i) * p.scores[p.at(i, j)];
            accepted += p.weight(i);
          }
        if (accepted > 0) promised = std::max(promised, 5 * hits / (4 * all + accepted));
      }
      CHECK(star.thresholds[j] == Approx(best > 0 ? best / 2 : 0.5).epsilon(1e-12));
      CHECK(free.thresholds[j] == Approx(promised > 0 ? promised / 5 : 0.5).epsilon(1e-12));
    }
  }
}

TEST_CASE("ofo divides hits by marks, row after row", "[thresholds]") {
  using namespace strategy_tests;
  // Thresholds 0, 1/2, 1/3 (rejects 0.3), 1/4 (accepts 0.9, a hit): 2 hits of 1 + 1 + (2) + (2) + … marks.
  problem p{4, 1, {0.2, 0.4, 0.3, 0.9}, {1, 1, 0, 1}, {}, {}, {0}};
  // Row 0: 0.2 >= 0, hit: 1 of 2. Row 1: 0.4 < 1/2, missed: 1 of 3. Row 2: 0.3 < 1/3, right: 1 of 3.
  // Row 3: 0.9 >= 1/3, hit: 2 of 5.
  CHECK(found(thresholds::ofo{}, p, softf1::probability).thresholds == std::vector<double>{0.4});
}

TEST_CASE(
    "the conformal threshold is the highest that keeps the bound on these rows, and keeps its promise on new ones",
    "[thresholds]") {
  using namespace strategy_tests;
  auto const loss = [](problem const& p, double threshold) {
    double sum = 0;
    for (std::size_t i = 0; i < p.rows; ++i) {
      counts c{};
      for (std::size_t j = 0; j < p.cols; ++j) count_cell(c, p, i, j, threshold, 1);
      sum += c.support() > 0 ? c.fn / c.support() : 0;
    }
    return sum;
  };
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    problem const p = random_problem(3 + seed % 20, 4, seed, {.masked = seed % 3 == 0, .distinct = seed % 2 * 6});
    double const n = static_cast<double>(p.rows), alpha = 0.05 + 0.05 * static_cast<double>(seed % 6);
    double const threshold = found(thresholds::conformal{alpha}, p).thresholds[0];
    auto const keeps = [&](double t) { return loss(p, t) + 1 <= alpha * (n + 1) + 1e-12; };
    if (threshold == -HUGE_VAL) {
      CHECK(!keeps(-HUGE_VAL));
      continue;
    }
    CHECK(keeps(threshold));
    if (threshold != HUGE_VAL) CHECK(!keeps(std::nextafter(threshold, HUGE_VAL)));
  }
  double missed = 0, rows = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    problem const known = random_problem(40, 4, 2 * seed), unknown = random_problem(10, 4, 2 * seed + 1);
    missed += loss(unknown, found(thresholds::conformal{0.2}, known).thresholds[0]);
    rows += 10;
  }
  CHECK(missed / rows < 0.2 + 3 * 0.4 / std::sqrt(rows));
  CHECK(missed / rows > 0.15);
}

TEST_CASE("a precision or recall that is promised with confidence is kept on new rows", "[thresholds]") {
  using namespace strategy_tests;
  // Scores are probabilities: precision above t is known.
  auto const draw = [](std::uint64_t seed, std::size_t rows) {
    softf1::random_stream const random(seed);
    problem p = random_problem(rows, 1, seed);
    for (std::size_t i = 0; i < rows; ++i) {
      p.scores[i] = random.uniform(2 * i);
      p.targets[i] = random.uniform(2 * i + 1) < p.scores[i] ? 1 : 0;
    }
    return p;
  };
  double broken = 0, chosen = 0, incomplete = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    auto const p = draw(seed, 1500);
    auto const rule = found(thresholds::constraint{.min_precision = 0.8, .confidence = 0.9}, p, softf1::probability);
    double const t = rule.thresholds[0];
    if (rule.reasons[0] != "infeasible") {
      ++chosen;
      broken += (1 + t) / 2 < 0.8;  // the mean of uniform probabilities above t
    }
    // The highest threshold that keeps the recall, which is 1 − t² where positives have the density 2 t.
    double const at =
        found(thresholds::constraint{.min_recall = 0.8, .max_alarms = 500, .confidence = 0.9}, p, softf1::probability)
            .thresholds[0];
    incomplete += at != HUGE_VAL && 1 - at * at < 0.8;
  }
  CHECK(chosen > 390);
  CHECK(broken < 400 * 0.1);
  CHECK(incomplete < 400 * 0.1);
}

TEST_CASE("rcut takes as many labels as are best on average, mcut and expected_f need no rows", "[thresholds]") {
  using namespace strategy_tests;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    problem const p =
        random_problem(1 + seed % 13, 5, seed, {.masked = seed % 3 == 1, .weighted = seed % 4 == 1, .prevalence = 0.3});
    std::vector<double> gained(6);
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t k = 1; k <= 5; ++k) {
        counts c{};
        for (std::size_t j = 0; j < 5; ++j) {
          std::size_t above = 0;
          for (std::size_t m = 0; m < 5; ++m) above += p.present(i, m) && p.scores[p.at(i, m)] > p.scores[p.at(i, j)];
          if (p.present(i, j))
            (above < k ? p.targets[p.at(i, j)] == 1 ? c.tp : c.fp : p.targets[p.at(i, j)] == 1 ? c.fn : c.tn) += 1;
        }
        gained[k] += p.weight(i) * f1(c);
      }
    softf1::context<cpu> ctx;
    problem_on<cpu> const data(ctx, p);
    softf1::threshold_options<cpu> o;
    o.mask = data.mask();
    o.row_weights = data.weights();
    auto const rule = softf1::find_rule(ctx, thresholds::rcut{}, softf1::f1{}, data.scores(), data.targets(), o);
    CHECK(gained[std::get<softf1::top_k>(rule).k] ==
          Approx(*std::max_element(gained.begin() + 1, gained.end())).epsilon(1e-12));
    auto const gap = softf1::find_rule(ctx, thresholds::mcut{}, softf1::f1{}, data.scores(), data.targets(), o);
    CHECK(std::holds_alternative<softf1::largest_gap>(gap));
    auto const set = softf1::find_rule(ctx, thresholds::expected_f{2}, softf1::f1{}, data.scores(), data.targets(), o);
    CHECK(std::get<softf1::expected_f>(set).beta == 2);
  }
}

TEST_CASE("costs are those of each label", "[thresholds]") {
  using namespace strategy_tests;
  problem const p = random_problem(200, 3, 4);
  auto const rule = found(thresholds::cost{.per_label = {{1, 1}, {9, 1}, {1, 9}}}, p);
  CHECK(rule.thresholds[0] == found(thresholds::cost{}, p).thresholds[0]);
  CHECK(rule.thresholds[1] == found(thresholds::cost{9, 1}, p).thresholds[1]);
  CHECK(rule.thresholds[2] == found(thresholds::cost{1, 9}, p).thresholds[2]);
}

TEST_CASE("what strategies find on a sketch is counted exactly, and within the sketch's bounds of the best",
          "[thresholds]") {
  using namespace strategy_tests;
  auto const f1_of = [](auto const& c) { return softf1::f1{}(c) == softf1::f1{}(c) ? softf1::f1{}(c) : 0.0; };
  std::size_t searched = 0, at_the_best = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    problem p = random_problem(200, 3, seed, {.masked = seed % 3 == 0, .weighted = seed % 4 == 0, .prevalence = 0.3});
    auto const domain = seed % 2 ? softf1::probability : softf1::logit;
    if (seed % 2)
      for (double& x : p.scores) x = seed % 5 == 0 && x < 0 ? 0 : softf1::sigmoid(x);
    softf1::context<cpu> ctx;
    problem_on<cpu> const data(ctx, p);
    softf1::metrics::ranking_options<cpu> o;
    o.mask = data.mask();
    o.row_weights = data.weights();
    softf1::score_sketch sketch({domain, seed % 5 < 2 ? 64u : 1024u});
    sketch.add(ctx, data.scores(), data.targets(), o);
    softf1::sketch_source const source(sketch);
    CHECK((source.rows() == 200 && source.labels() == 3 && source.domain() == domain));
    auto const edges = sketch.best_edges(softf1::f1{});
    auto const rule = thresholds::best{}(source, softf1::f1{});
    auto const exact = found(thresholds::best{}, p, domain);
    for (std::size_t j = 0; j < 3; ++j) {
      INFO("seed " << seed << ", label " << j);
      double const here = f1_of(counted(p, j, rule.thresholds[j])), best = f1_of(counted(p, j, exact.thresholds[j]));
      CHECK(here == Approx(edges[j].score.value).epsilon(1e-12));
      CHECK(best >= here - 1e-12);
      CHECK(best <= edges[j].score.upper + 1e-12);
      ++searched;
      at_the_best += here > best - 0.02;
    }
    // One threshold for all: what it counts is what the pooled sketch has at that edge.
    for (auto const& one : {thresholds::global{}(source, softf1::f1{}), thresholds::global{1}(source, softf1::f1{}),
                            thresholds::pcut{}(source, softf1::f1{})}) {
      auto const all = counted(pooled(p), 0, one.thresholds[0]);
      CHECK(same_counts(all, source.pooled().counts_at(one.thresholds[0])));
    }
    auto const free = thresholds::label_free{}(source, softf1::f1{});
    auto const free_exact = found(thresholds::label_free{}, p, domain);
    for (std::size_t j = 0; j < 3 && sketch.bins() > 1000; ++j)
      CHECK(softf1::decisions::to_probability(free.thresholds[j], domain) ==
            Approx(softf1::decisions::to_probability(free_exact.thresholds[j], domain)).margin(0.02));
  }
  CHECK(searched == 180);
  CHECK(at_the_best > 150);
}

TEST_CASE("options of strategies are checked", "[thresholds]") {
  using namespace strategy_tests;
  problem const p = random_problem(5, 3, 1);
  auto const message = [&](auto const& strategy) {
    return error_text<softf1::value_error>([&] { found(strategy, p); });
  };
  CHECK(message(thresholds::cost{-1, 1}) == "cost: fp and fn must be finite and >= 0");
  CHECK(message(thresholds::cost{.per_label = {{1, 2}, {1, nan_value}, {}}}) == "cost: costs of labels must be finite");
  CHECK(error_text<softf1::shape_error>([&] { found(thresholds::cost{.per_label = {{1, 2}}}, p); }) ==
        "cost: per_label must have shape (3,), got (1,)");
  CHECK(message(thresholds::global{2}) == "global: macro must be 0 or 1, got 2");
  CHECK(message(thresholds::conformal{1}) == "conformal: alpha must lie in (0, 1), got 1");
  CHECK(message(thresholds::constraint{.confidence = 1}) == "constraint: confidence must lie in [0, 1), got 1");
}
