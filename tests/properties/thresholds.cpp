#include <softf1/thresholds/all.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/metrics/classification.hpp>
#include <softf1/scores/any_score.hpp>
#include <softf1/thresholds/resampling.hpp>

#include "support/catch.hpp"
#include "support/metric_reference.hpp"

namespace threshold_properties {

using namespace softf1_test;
using softf1::threshold_set;
using softf1::thresholds::best_threshold;
using softf1::thresholds::threshold_options;

constexpr double infinity = std::numeric_limits<double>::infinity();

// Likelihood ratios have any size, and may be infinite.
bool is_near(double a, double b) { return a == b || std::fabs(a - b) <= 1e-7 * std::max(1.0, std::fabs(b)); }

double defined(double value, double zero_division) { return std::isnan(value) ? zero_division : value; }

// The optimum of one label over "none" and all distinct scores, from the fewest accepted cells to the most.
template <class Score>
best_threshold by_trying_all(Score const& score, problem const& p, std::size_t j, double zero_division) {
  std::vector<double> distinct;
  double positives = 0;
  for (std::size_t i = 0; i < p.rows; ++i)
    if (p.present(i, j) && p.weight(i) > 0) {
      distinct.push_back(p.scores[p.at(i, j)]);
      positives += p.weight(i) * p.targets[p.at(i, j)];
    }
  std::sort(distinct.begin(), distinct.end(), std::greater<>());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  auto const value_at = [&](double threshold) {
    counts c{};
    for (std::size_t i = 0; i < p.rows; ++i) count_cell(c, p, i, j, threshold, p.weight(i));
    return defined(score(c), zero_division);
  };
  best_threshold best{infinity, value_at(infinity), {}};
  if (positives == 0) return {0, value_at(0), {}};  // the logit of probability .5
  for (std::size_t k = 0; k < distinct.size(); ++k) {
    double const value = value_at(distinct[k]);
    if (!(value > best.score)) continue;
    bool const is_last = k + 1 == distinct.size();
    double const middle = is_last ? distinct[k] : 0.5 * distinct[k] + 0.5 * distinct[k + 1];
    best = {!is_last && middle > distinct[k + 1] ? middle : distinct[k], value, {}};
  }
  return best;
}

// Float scores with ties; some infinite, some zeros of either sign.
problem small_case(std::uint64_t seed) {
  softf1::random_stream const random(seed);
  problem p = random_problem(random.below(0, 13), 4, seed,
                             {.masked = seed % 3 == 1,
                              .weighted = seed % 4 == 1,
                              .prevalence = 0.1 + 0.2 * static_cast<double>(seed % 4),
                              .distinct = seed % 2 ? 2 + seed % 7 : 0});
  for (std::size_t k = 0; k < p.scores.size(); ++k) {
    double& z = p.scores[k];
    z = static_cast<float>(z);
    if (seed % 5 == 2 && k % 3 == 0) z = k % 2 ? 0.0 : -0.0;
    if (seed % 6 == 3 && k % 4 == 1) z = infinity;
    if (seed % 6 == 4 && k % 4 == 1) z = k % 8 == 1 ? infinity : -infinity;
  }
  return p;
}

template <class S, class Score, class B>
std::vector<best_threshold> found(softf1::context<B>& ctx, Score const& score, problem const& p,
                                  threshold_options<B> o = {}) {
  problem_on<B, S> const data(ctx, p);
  softf1::buffer<best_threshold, B> out(ctx, p.cols);
  o.mask = data.mask();
  o.row_weights = data.weights();
  softf1::thresholds::find_best_thresholds(ctx, score, data.scores(), data.targets(), out.view(), o);
  return download(ctx, out);
}

template <class B, class Strategy>
threshold_set applied(softf1::context<B>& ctx, Strategy const& strategy, problem const& p,
                      threshold_options<B> o = {}) {
  problem_on<B> const data(ctx, p);
  o.mask = data.mask();
  o.row_weights = data.weights();
  return std::get<threshold_set>(
      softf1::find_rule(ctx, strategy, softf1::scores::any_score(softf1::f1{}), data.scores(), data.targets(), o));
}

template <class Strategy>
constexpr bool is_online = std::is_same_v<Strategy, softf1::thresholds::ofo>;
/// Whether it gives a rule that has no thresholds.
template <class Strategy>
constexpr bool is_row_rule =
    std::is_same_v<softf1::decision_rule, std::invoke_result_t<Strategy const&, softf1::tuning_rows const&,
                                                               softf1::thresholds::objective_function const&>>;
/// Whether it moves one label after the other, and may end elsewhere where they come in another order.
template <class Strategy>
constexpr bool is_ascent = std::is_same_v<Strategy, softf1::thresholds::budget>;
template <class Strategy>
constexpr bool is_joint =
    std::is_same_v<Strategy, softf1::thresholds::micro> || std::is_same_v<Strategy, softf1::thresholds::samples>;

}  // namespace threshold_properties

TEMPLATE_TEST_CASE("the best threshold is the one that trying all of them finds, for every score", "[thresholds]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace threshold_properties;
  softf1::context<TestType> ctx;
  for (auto const& score : softf1::every_score()) {
    std::size_t wrong = 0, searched = 0;
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
      problem const p = small_case(seed);
      double const zero_division = seed % 8 == 5 ? 1 : 0;
      auto const got = found<double>(ctx, score, p, {.zero_division = zero_division});
      auto const got_float = found<float>(ctx, score, p, {.zero_division = zero_division});
      for (std::size_t j = 0; j < p.cols; ++j) {
        auto const expected = by_trying_all(score, p, j, zero_division);
        ++searched;
        auto const agrees = [&](best_threshold const& b) {
          return b.threshold == expected.threshold &&
                 (b.score == expected.score || std::fabs(b.score - expected.score) <= 1e-14);
        };
        if (agrees(got[j]) && agrees(got_float[j])) continue;
        if (++wrong <= 5)
          FAIL_CHECK(score.name() << ", seed " << seed << ", label " << j << ": got " << got[j].score << " at "
                                  << got[j].threshold << ", in float " << got_float[j].score << " at "
                                  << got_float[j].threshold << ", expected " << expected.score << " at "
                                  << expected.threshold);
      }
    }
    INFO(score.name());
    CHECK(wrong == 0);
    CHECK(searched == 6000);
  }
}

TEMPLATE_TEST_CASE("the best threshold of a long column is found, too", "[thresholds]", SOFTF1_TEST_BACKENDS) {
  using namespace threshold_properties;
  softf1::context<TestType> ctx;
  // Thousands of groups, sorted by digits and walked in pieces; the optimum lies far down, or far up.
  for (double prevalence : {0.02, 0.9}) {
    problem const p = random_problem(6000, 1, 7, {.weighted = prevalence < 0.5, .prevalence = prevalence});
    auto const expected = by_trying_all(softf1::f1{}, p, 0, 0);
    auto const got = found<double>(ctx, softf1::f1{}, p)[0];
    CHECK(got.threshold == expected.threshold);
    CHECK(got.score == Approx(expected.score).epsilon(1e-14));
  }
}

TEST_CASE("the score that the search reports is the metric of the rule that it gives, to the bit", "[thresholds]") {
  using namespace threshold_properties;
  softf1::context<softf1::cpu> ctx;
  for (auto const& score : softf1::every_score()) {
    std::size_t wrong = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      problem const p = small_case(seed);
      double const zero_division = seed % 8 == 5 ? 1 : 0;
      problem_on<softf1::cpu, float> const data(ctx, p);
      auto const rule =
          softf1::best_thresholds(score, data.scores(), data.targets(),
                                  {.mask = data.mask(), .row_weights = data.weights(), .zero_division = zero_division});
      auto const reported = found<float>(ctx, score, p, {.zero_division = zero_division});
      softf1::metric_options<softf1::cpu> const o{
          .decision = rule, .mask = data.mask(), .row_weights = data.weights(), .zero_division = zero_division};
      auto const measured = softf1::per_label(score, data.scores(), data.targets(), o);
      double sum = 0;
      std::size_t labels = 0;
      for (std::size_t j = 0; j < p.cols; ++j) {
        if (std::isnan(measured[j])) continue;  // a label without cells
        wrong += rule.thresholds[j] != reported[j].threshold || measured[j] != reported[j].score;
        sum += reported[j].score;
        ++labels;
      }
      if (labels != 0)
        wrong += softf1::macro(score, data.scores(), data.targets(), o) != sum / static_cast<double>(labels);
    }
    INFO(score.name());
    CHECK(wrong == 0);
  }
}

TEST_CASE("weights whose sums are not exact cost the search no more than rounding", "[thresholds]") {
  using namespace threshold_properties;
  softf1::context<softf1::cpu> ctx;
  for (auto const& score : softf1::every_score()) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      problem p = random_problem(20, 3, seed, {.masked = true, .weighted = true, .distinct = seed % 3 * 4});
      for (double& w : p.weights) w = w / 3 + 0.1;
      auto const got = found<double>(ctx, score, p);
      for (std::size_t j = 0; j < 3; ++j) {
        auto const expected = by_trying_all(score, p, j, 0);
        counts c{};
        for (std::size_t i = 0; i < p.rows; ++i) count_cell(c, p, i, j, got[j].threshold, p.weight(i));
        INFO(score.name() << ", seed " << seed << ", label " << j);
        CHECK(is_near(got[j].score, expected.score));
        CHECK(is_near(defined(score(c), 0), expected.score));
      }
    }
  }
}

TEST_CASE("every strategy gives a rule of one threshold a label, in the domain of the scores", "[thresholds]") {
  using namespace threshold_properties;
  softf1::context<softf1::cpu> ctx;
  softf1::thresholds::all::for_each([&]<class Strategy>() {
    if (is_row_rule<Strategy>) return;
    for (auto domain :
         {softf1::score_domain::logit, softf1::score_domain::probability, softf1::score_domain::calibrated}) {
      problem p = random_problem(30, 5, 3, {.prevalence = 0.2});
      if (domain != softf1::score_domain::logit)
        for (double& z : p.scores) z = softf1::sigmoid(z);
      auto const rule = applied(ctx, Strategy{}, p, {.domain = domain});
      INFO(Strategy::name);
      CHECK(rule.labels() == 5);
      CHECK(rule.domain == domain);
      CHECK(rule.reasons.size() == 5);
      CHECK(rule.origin.front() == std::pair<std::string, std::string>("strategy", Strategy::name));
      rule.check("test");
      problem_on<softf1::cpu> const data_here = [&] {
        softf1::context<softf1::cpu> host;
        return problem_on<softf1::cpu>(host, p);
      }();
      CHECK(std::isfinite(
          softf1::macro(softf1::f1{}, data_here.scores(), data_here.targets(), {.domain = domain, .decision = rule})));
      CHECK(applied(ctx, Strategy{}, random_problem(0, 3, 1), {.domain = domain}).thresholds ==
            std::vector<double>(3, softf1::decisions::from_probability(0.5, domain)));
    }
  });
}

TEST_CASE("for every strategy order does not matter, masking is deleting, weight 2 is twice", "[thresholds]") {
  using namespace threshold_properties;
  softf1::context<softf1::cpu> ctx;
  softf1::thresholds::all::for_each([&]<class Strategy>() {
    if (is_row_rule<Strategy>) return;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      problem const p = random_problem(12, 4, seed, {.distinct = 9});
      auto const expected = applied(ctx, Strategy{}, p).thresholds;
      INFO(Strategy::name);
      auto const cols = random_order(4, seed);
      auto const rows = is_online<Strategy> ? indices(12) : random_order(12, seed);
      auto const moved = applied(ctx, Strategy{}, take_cols(take_rows(p, rows), cols)).thresholds;
      // Coordinate ascent may end elsewhere where labels come in another order.
      for (std::size_t k = 0; k < 4 && !is_joint<Strategy>; ++k) CHECK(moved[k] == expected[cols[k]]);

      problem masked = p, weighted = p;
      masked.mask.assign(48, 1);
      for (std::size_t j = 0; j < 4; ++j) masked.mask[masked.at(5, j)] = 0, masked.scores[masked.at(5, j)] = nan_value;
      CHECK(applied(ctx, Strategy{}, masked).thresholds ==
            applied(ctx, Strategy{}, take_rows(p, all_but(12, 5))).thresholds);
      weighted.weights.assign(12, 1);
      weighted.weights[5] = 2;
      auto twice = indices(12);
      if (is_online<Strategy>) continue;
      twice.push_back(5);
      CHECK(applied(ctx, Strategy{}, weighted).thresholds == applied(ctx, Strategy{}, take_rows(p, twice)).thresholds);
    }
  });
}

TEST_CASE("for every strategy of whole rows, too", "[thresholds]") {
  using namespace threshold_properties;
  softf1::context<softf1::cpu> ctx;
  softf1::thresholds::all::for_each([&]<class Strategy>() {
    if constexpr (is_row_rule<Strategy>) {
      INFO(Strategy::name);
      Strategy strategy;
      if constexpr (requires { strategy.k; }) strategy.k = 2;
      std::size_t chosen = 0;
      for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        problem const p = random_problem(12, 4, seed);
        auto const rows_of = [&](problem const& q) {
          problem_on<softf1::cpu> const data(ctx, q);
          threshold_options<softf1::cpu> o;
          o.mask = data.mask();
          o.row_weights = data.weights();
          return softf1::tuning_rows(ctx, data.scores(), data.targets(), o);
        };
        // What the rule that is found on some rows decides of others.
        auto const decided = [&](problem const& found_on, problem const& of) {
          return softf1::thresholds::decide_rows(rows_of(of), strategy(rows_of(found_on), softf1::f1{}));
        };
        auto const expected = decided(p, p);
        chosen += static_cast<std::size_t>(std::count(expected.begin(), expected.end(), 1));
        auto const rows = random_order(12, seed), cols = is_ascent<Strategy> ? indices(4) : random_order(4, seed);
        problem const moved = take_cols(take_rows(p, rows), cols);
        auto const moved_too = decided(moved, moved);
        std::size_t differ = 0;
        for (std::size_t i = 0; i < 12; ++i)
          for (std::size_t j = 0; j < 4; ++j) differ += moved_too[i * 4 + j] != expected[rows[i] * 4 + cols[j]];
        CHECK(differ == 0);

        problem masked = p, weighted = p;
        masked.mask.assign(48, 1);
        for (std::size_t j = 0; j < 4; ++j)
          masked.mask[masked.at(5, j)] = 0, masked.scores[masked.at(5, j)] = nan_value;
        CHECK(decided(masked, p) == decided(take_rows(p, all_but(12, 5)), p));
        weighted.weights.assign(12, 1);
        weighted.weights[5] = 2;
        auto twice = indices(12);
        twice.push_back(5);
        CHECK(decided(weighted, p) == decided(take_rows(p, twice), p));
      }
      CHECK((chosen > 0 && chosen < 30 * 48));
    }
  });
}
