#include <softf1/backend/primitives.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "support/catch.hpp"
#include "support/problem.hpp"

namespace tie_tests {

using namespace softf1_test;

// Writes down every group that it is shown, at the weight of the cells before it: weights are whole, and none is 0.
struct note_groups {
  struct state {
    std::size_t count;
  };
  struct result {
    std::size_t count;
    softf1::column_totals totals;
  };
  double (*out)[7];

  SOFTF1_HD state identity() const { return {0}; }
  template <class T>
  SOFTF1_HD void add(state& s, softf1::tie_group<T> const& g, softf1::column_totals const&) const {
    double const row[7] = {
        static_cast<double>(g.value), static_cast<double>(g.next), g.tp, g.fp, g.tp_before, g.fp_before,
        g.is_last ? 1.0 : 0.0};
    for (std::size_t k = 0; k < 7; ++k) out[static_cast<std::size_t>(g.tp_before + g.fp_before)][k] = row[k];
    ++s.count;
  }
  SOFTF1_HD static void merge(state& earlier, state const& later) { earlier.count += later.count; }
  SOFTF1_HD result finish(std::size_t, state const& s, softf1::column_totals const& totals) const {
    return {s.count, totals};
  }
};

struct noted {
  double field[7];
};

template <class S, class B>
std::size_t wrong_groups(softf1::context<B>& ctx, problem const& p) {
  problem_on<B, S> const data(ctx, p);
  softf1::buffer<noted, B> groups(ctx, 3 * p.rows);
  softf1::buffer<note_groups::result, B> out(ctx, 1);
  softf1::with_cells(ctx, "test", data.scores(), data.targets(), data.mask(), data.weights(), [&](auto const& cells) {
    softf1::reduce_tie_groups(ctx, cells, note_groups{reinterpret_cast<double(*)[7]>(groups.data())}, out.view());
  });
  auto const got = download(ctx, groups);
  auto const end = download(ctx, out)[0];

  // The same by std::stable_sort.
  struct item {
    double score, target, weight;
  };
  std::vector<item> items;
  for (std::size_t i = 0; i < p.rows; ++i)
    if (p.present(i, 0)) items.push_back({number(stored<S>(p.scores[i])), p.targets[i], p.weight(i)});
  std::stable_sort(items.begin(), items.end(), [](item const& a, item const& b) { return a.score > b.score; });
  std::size_t wrong = end.totals.cells != items.size(), k = 0;
  double tp = 0, fp = 0;
  for (std::size_t n = 0; n < items.size(); ++k) {
    double const tp_before = tp, fp_before = fp, value = items[n].score;
    for (; n < items.size() && items[n].score == value; ++n) (items[n].target == 1 ? tp : fp) += items[n].weight;
    bool const is_last = n == items.size();
    double const expected[7] = {
        value, is_last ? value : items[n].score, tp, fp, tp_before, fp_before, is_last ? 1.0 : 0.0};
    for (std::size_t f = 0; f < 7; ++f)
      wrong += got[static_cast<std::size_t>(tp_before + fp_before)].field[f] != expected[f];
  }
  return wrong + (end.count != k) + (end.totals.positives != tp) + (end.totals.negatives != fp) +
         (end.totals.invalid != 0);
}

}  // namespace tie_tests

TEMPLATE_TEST_CASE("tie groups are those of a sorted list, below and above the radix threshold", "[backend][ties]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace tie_tests;
  softf1::context<TestType> ctx;
  for (std::size_t rows : sizes{0, 1, 2, 50, 511, 512, 513, 9000})
    for (std::uint64_t distinct : sizes{0, 1, 40})
      for (bool general : {false, true}) {
        problem p = random_problem(rows, 1, rows + distinct,
                                   {.masked = general, .spread = rows % 2 ? 1e30 : 1e-30, .distinct = distinct});
        for (std::size_t k = 0; general && k < rows; ++k) p.weights.push_back(static_cast<double>(1 + k % 3));
        for (std::size_t k = 0; k < rows; ++k) {
          if (k % 10 == 3) p.scores[k] = k % 20 == 3 ? 0.0 : -0.0;
          if (k % 50 == 7) p.scores[k] = k % 100 == 7 ? HUGE_VAL : -HUGE_VAL;
        }
        INFO(rows << " rows, " << distinct << " distinct");
        CHECK(wrong_groups<double>(ctx, p) == 0);
        CHECK(wrong_groups<float>(ctx, p) == 0);
      }
  CHECK(wrong_groups<softf1::half>(ctx, random_problem(700, 1, 9, {.distinct = 60})) == 0);
}

TEMPLATE_TEST_CASE("bad cells are counted, and such a column is not walked", "[backend][ties]", SOFTF1_TEST_BACKENDS) {
  using namespace tie_tests;
  softf1::context<TestType> ctx;
  problem p = random_problem(6, 1, 1);
  p.scores[1] = std::nan("");
  p.targets[3] = 0.5;
  problem_on<TestType> const data(ctx, p);
  softf1::buffer<noted, TestType> groups(ctx, 6);
  softf1::buffer<note_groups::result, TestType> out(ctx, 1);
  softf1::with_cells(ctx, "test", data.scores(), data.targets(), data.mask(), data.weights(), [&](auto const& cells) {
    softf1::reduce_tie_groups(ctx, cells, note_groups{reinterpret_cast<double(*)[7]>(groups.data())}, out.view());
  });
  CHECK(download(ctx, out)[0].totals.invalid == 2);
  CHECK(download(ctx, out)[0].count == 0);
}
