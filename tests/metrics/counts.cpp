#include <softf1/metrics/counts.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace counts_tests {

using namespace softf1_test;
using softf1::confusion_counts;
using softf1::metric_options;

template <class S, class Y, class B>
void add(confusion_counts& to, softf1::context<B>& ctx, problem const& p, layout how = layout::dense) {
  problem_on<B, S, Y> const data(ctx, p, how);
  to.add(ctx, data.scores(), data.targets(), metric_options<B>{.mask = data.mask(), .row_weights = data.weights()});
}

bool same_counts(confusion_counts const& got, std::vector<counts> const& expected, double tolerance = 0) {
  if (got.labels() != expected.size()) return false;
  for (std::size_t j = 0; j < expected.size(); ++j) {
    auto const c = got[j];
    auto const& e = expected[j];
    if (std::fabs(c.tp - e.tp) > tolerance || std::fabs(c.fp - e.fp) > tolerance ||
        std::fabs(c.fn - e.fn) > tolerance || std::fabs(c.tn - e.tn) > tolerance)
      return false;
  }
  return true;
}

}  // namespace counts_tests

TEMPLATE_TEST_CASE("counts of any size, layout and storage agree with a plain loop", "[metrics][counts]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace counts_tests;
  softf1::context<TestType> ctx;
  for (std::size_t rows : sizes{0, 1, 127, 128, 129, 700})
    for (std::size_t cols : sizes{1, 5, 64, 67})
      for (bool general : {false, true}) {
        problem p = random_problem(rows, cols, rows + cols, {.masked = general, .weighted = general});
        for (double& z : p.scores) z = std::round(4 * z) / 4;
        auto const expected = label_counts(p, std::vector<double>(cols));
        INFO(rows << " x " << cols);
        for (layout how : {layout::dense, layout::strided, layout::column_major}) {
          confusion_counts in_double, in_float, in_half;
          add<double, double>(in_double, ctx, p, how);
          add<float, std::uint8_t>(in_float, ctx, p, how);
          CHECK(same_counts(in_double, expected));
          CHECK(same_counts(in_float, expected));
          CHECK(in_double.rows() == rows);
        }
        confusion_counts in_half, in_bfloat16;
        add<softf1::half, bool>(in_half, ctx, p);
        add<softf1::bfloat16, int>(in_bfloat16, ctx, p);
        CHECK(same_counts(in_half, expected));
        CHECK(same_counts(in_bfloat16, expected));
      }
}

TEMPLATE_TEST_CASE("any partition of the rows merges to the counts of the whole", "[metrics][counts]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace counts_tests;
  softf1::context<TestType> ctx;
  for (bool weighted : {false, true}) {
    problem p = random_problem(300, 4, 2, {.masked = true, .weighted = weighted});
    for (std::size_t i = 0; i < p.weights.size(); ++i) p.weights[i] *= 1.0 / 3;
    auto const expected = label_counts(p, std::vector<double>(4));
    confusion_counts streamed, merged;
    for (auto const& rows : random_partition(300, 7, 3)) {
      confusion_counts part;
      add<float, int>(streamed, ctx, take_rows(p, rows));
      add<float, int>(part, ctx, take_rows(p, rows));
      merged.merge(part);
    }
    CHECK(same_counts(streamed, expected, weighted ? 1e-12 : 0));
    CHECK(same_counts(merged, expected, weighted ? 1e-12 : 0));
    CHECK(merged.rows() == 300);
  }
}

TEMPLATE_TEST_CASE("decisions in place of scores, as integers or packed bits, have the counts of the scores",
                   "[metrics][counts]", SOFTF1_TEST_BACKENDS) {
  using namespace counts_tests;
  softf1::context<TestType> ctx;
  problem const p = random_problem(30, 11, 7);
  problem decided = p;
  std::vector<std::uint8_t> words(30 * 2), target_words(30 * 2);
  for (std::size_t i = 0; i < p.rows; ++i)
    for (std::size_t j = 0; j < p.cols; ++j) {
      bool const yes = p.scores[p.at(i, j)] >= 0;
      decided.scores[p.at(i, j)] = yes;
      words[2 * i + j / 8] |= static_cast<std::uint8_t>(yes << (j % 8));
      target_words[2 * i + j / 8] |= static_cast<std::uint8_t>((p.targets[p.at(i, j)] == 1) << (j % 8));
    }
  auto const expected = label_counts(p, std::vector<double>(11));
  problem_on<TestType, std::int8_t, int> const data(ctx, decided);
  confusion_counts integers, bits;
  integers.add(ctx, data.scores(), data.targets());
  CHECK(same_counts(integers, expected));
  auto const packed = upload(ctx, words), packed_targets = upload(ctx, target_words);
  softf1::matrix_view<const std::uint8_t, TestType> const yes(packed.data(), 30, 2), is(packed_targets.data(), 30, 2);
  bits.add(ctx, softf1::as_bits(yes, 11), softf1::as_bits(is, 11));
  CHECK(same_counts(bits, expected));

  decided.scores[decided.at(3, 2)] = 2;
  problem_on<TestType, std::int8_t, int> const bad(ctx, decided);
  CHECK(error_text<softf1::value_error>([&] { integers.add(ctx, bad.scores(), bad.targets()); }) ==
        "confusion_counts: scores that are integers must be 0 or 1, got 2 at row 3, label 2");
  CHECK(error_text<softf1::value_error>([&] {
          integers.add(ctx, data.scores(), data.targets(),
                       softf1::metric_options<TestType>{.decision = softf1::top_k{1}});
        }) == "confusion_counts: integers are decisions already: expected no decision rule");
  CHECK(same_counts(integers, expected));
}

TEST_CASE("counts have the same bits for any number of threads, weighted ones too", "[metrics][counts][cpu]") {
  using namespace counts_tests;
  using context = softf1::context<softf1::cpu>;
  problem p = random_problem(900, 40, 4, {.weighted = true});
  for (double& w : p.weights) w /= 7;
  context one(context::options{.threads = 1});
  confusion_counts expected;
  add<float, int>(expected, one, p);
  for (int threads : {2, 3, 7}) {
    context ctx(context::options{.threads = threads});
    confusion_counts got;
    add<float, int>(got, ctx, p);
    CHECK(same_counts(got, expected.per_label()));
  }
}

TEST_CASE("a mask and unweighted rows give whole numbers", "[metrics][counts]") {
  using namespace counts_tests;
  softf1::context<softf1::cpu> ctx;
  confusion_counts got;
  add<float, int>(got, ctx, random_problem(1000, 3, 5, {.masked = true}));
  for (auto const& c : got.per_label())
    for (double n : {c.tp, c.fp, c.fn, c.tn}) CHECK(n == std::floor(n));
}

TEST_CASE("counts are as before after a batch that was refused", "[metrics][counts]") {
  using namespace counts_tests;
  softf1::context<softf1::cpu> ctx;
  confusion_counts all;
  problem const good = random_problem(6, 3, 6);
  add<float, float>(all, ctx, good);
  auto const before = all.per_label();
  auto const refused = [&](problem const& p) {
    auto const text = error_text<softf1::error>([&] { add<float, float>(all, ctx, p); });
    CHECK(same_counts(all, before));
    CHECK(all.rows() == 6);
    return text;
  };
  problem p = good;
  p.scores[p.at(4, 2)] = nan_value;
  CHECK(refused(p) == "confusion_counts: scores must not be NaN, got nan at row 4, label 2");
  p = good;
  p.targets[p.at(1, 0)] = 0.5;
  CHECK(refused(p) == "confusion_counts: targets must be 0 or 1, got 0.5 at row 1, label 0");
  p.targets[p.at(1, 0)] = nan_value;
  CHECK(refused(p) == "confusion_counts: targets must be 0 or 1, got nan at row 1, label 0");
  p = good;
  p.weights = {1, 1, -2, 1, 1, 1};
  CHECK(refused(p) == "confusion_counts: row weights must be finite and >= 0, got -2 at row 2");
  p.weights[2] = HUGE_VAL;
  CHECK(refused(p) == "confusion_counts: row weights must be finite and >= 0, got inf at row 2");
  p.weights[2] = nan_value;
  CHECK(refused(p) == "confusion_counts: row weights must be finite and >= 0, got nan at row 2");
  CHECK(refused(random_problem(6, 4, 7)) == "confusion_counts: scores must have shape (6, 3), got (6, 4)");
  p = good;
  p.weights = {1, 1};
  CHECK(refused(p) == "confusion_counts: row_weights must have shape (6,), got (2,)");
}

TEST_CASE("the first bad cell is named, and masked cells may hold anything", "[metrics][counts]") {
  using namespace counts_tests;
  softf1::context<softf1::cpu> ctx;
  problem p = random_problem(5, 2, 8, {.masked = true});
  for (std::size_t k = 0; k < 10; ++k) p.mask[k] = k % 3 != 0;
  auto const expected = label_counts(p, {0, 0});
  for (std::size_t k = 0; k < 10; k += 3) {
    p.scores[k] = nan_value;
    p.targets[k] = 7;
  }
  confusion_counts got;
  add<double, double>(got, ctx, p);
  CHECK(same_counts(got, expected));
}

TEST_CASE("counts of other labels do not merge", "[metrics][counts]") {
  using namespace counts_tests;
  softf1::context<softf1::cpu> ctx;
  confusion_counts a, b, none;
  add<float, int>(a, ctx, random_problem(3, 4, 9));
  add<float, int>(b, ctx, random_problem(3, 5, 9));
  CHECK(error_text<softf1::shape_error>([&] { a.merge(b); }) ==
        "confusion_counts: merged counts must have shape (4,), got (5,)");
  auto const before = a.per_label();
  a.merge(none);
  CHECK(same_counts(a, before));
  none.merge(a);
  CHECK(same_counts(none, before));
}

TEST_CASE("top-k takes present cells only, and all of them where there are no more", "[metrics][counts]") {
  std::vector<float> const scores{9, 1, 2, 5, 3, 4};
  std::vector<std::uint8_t> const targets{0, 0, 1, 0, 0, 1}, mask{0, 1, 1, 1, 1, 1};
  softf1::confusion_counts counts;
  counts.add(softf1::matrix_view<const float>(scores.data(), 2, 3),
             softf1::matrix_view<const std::uint8_t>(targets.data(), 2, 3),
             {.decision = softf1::top_k{2}, .mask = softf1::as_matrix(mask.data(), 2, 3)});
  CHECK(counts[0].fp == 1);
  CHECK((counts[1].fp == 1 && counts[1].tn == 1));
  CHECK(counts[2].tp == 2);
}

TEST_CASE("argmax looks at present cells only", "[metrics][counts]") {
  // The highest score of row 0 is missing, and so is the NaN of row 1.
  std::vector<float> const scores{9, 1, 2, std::numeric_limits<float>::quiet_NaN(), 3, 4};
  std::vector<std::uint8_t> const targets{0, 0, 1, 0, 0, 1}, mask{0, 1, 1, 0, 1, 1};
  softf1::confusion_counts counts;
  counts.add(softf1::matrix_view<const float>(scores.data(), 2, 3),
             softf1::matrix_view<const std::uint8_t>(targets.data(), 2, 3),
             {.decision = softf1::argmax{}, .mask = softf1::as_matrix(mask.data(), 2, 3)});
  CHECK(counts[0].total() == 0);
  CHECK(counts[1].tn == 2);
  CHECK(counts[2].tp == 2);
}
