#include <softf1/metrics/cooccurrence.hpp>

#include <vector>

#include <softf1/metrics/label_pairs_text.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace pair_tests {

using namespace softf1_test;
using softf1::label_pairs;

template <class B>
label_pairs measured(softf1::context<B>& ctx, problem const& p) {
  problem_on<B> const data(ctx, p);
  label_pairs pairs;
  pairs.add(ctx, data.scores(), data.targets(),
            softf1::metric_options<B>{.mask = data.mask(), .row_weights = data.weights()});
  return pairs;
}

}  // namespace pair_tests

TEMPLATE_TEST_CASE("pairs of labels are those that loops over rows find, also merged", "[metrics]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace pair_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    problem const p = random_problem(seed * 7 % 150, 1 + seed % 5, seed,
                                     {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = 0.4});
    std::vector<double> together(p.cols * p.cols), taken_for(p.cols * p.cols);
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t a = 0; a < p.cols; ++a)
        for (std::size_t b = 0; b < p.cols; ++b) {
          if (!p.present(i, a) || !p.present(i, b)) continue;
          bool const is_a = p.targets[p.at(i, a)] == 1, is_b = p.targets[p.at(i, b)] == 1,
                     yes_a = p.scores[p.at(i, a)] >= 0, yes_b = p.scores[p.at(i, b)] >= 0;
          together[a * p.cols + b] += is_a && is_b ? p.weight(i) : 0;
          taken_for[a * p.cols + b] += is_a && !yes_a && yes_b && !is_b ? p.weight(i) : 0;
        }
    auto const got = measured(ctx, p);
    INFO("seed " << seed);
    CHECK(got.together() == together);
    CHECK(got.taken_for() == taken_for);
    label_pairs merged;
    for (auto const& rows : random_partition(p.rows, 3, seed)) merged.merge(measured(ctx, take_rows(p, rows)));
    CHECK(merged.together() == together);
    CHECK(merged.taken_for() == taken_for);
  }
}

TEST_CASE("pairs refuse scores that are NaN, and change nothing", "[metrics]") {
  using namespace pair_tests;
  softf1::context<softf1::cpu> ctx;
  problem p = random_problem(70, 2, 1, {});
  auto pairs = measured(ctx, p);
  auto const before = pairs.together();
  p.scores[2 * 68 + 1] = nan_value;
  problem_on<softf1::cpu> const data(ctx, p);
  CHECK(error_text<softf1::value_error>([&] { pairs.add(data.scores(), data.targets()); }) ==
        "label_pairs: scores must not be NaN, got nan at row 68, label 1");
  CHECK(pairs.together() == before);
}

TEST_CASE("the table of pairs has the most frequent ones, of equal ones the first", "[metrics]") {
  // Truth and prediction of a row: a and b, b; b, a; c, a and c.
  std::vector<double> const scores{-1, 1, -1, 1, -1, -1, 1, -1, 1}, targets{1, 1, 0, 0, 1, 0, 0, 0, 1};
  softf1::label_pairs pairs;
  pairs.add(softf1::as_matrix(scores, 3, 3), softf1::as_matrix(targets, 3, 3));
  CHECK(softf1::label_pairs_text(pairs, {"a", "b", "c"}) ==
        "label  together with  rows  of the first  of the second\n"
        "a                  b     1        1.0000         0.5000\n"
        "\n"
        "label  taken for  rows  of the label\n"
        "b              a     1        0.5000\n");
  std::vector<double> const all{1, 1, 1};
  pairs.add(softf1::as_matrix(all, 1, 3), softf1::as_matrix(all, 1, 3));
  auto const text = softf1::label_pairs_text(pairs, {"a", "b", "c"}, 2);
  CHECK(text.find("\na                  b     2 ") < text.find("\na                  c     1 "));
  CHECK(text.find("\nb                  c ") == text.npos);
}
