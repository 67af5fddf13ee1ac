#include <softf1/backend/primitives.hpp>

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace reduce_tests {

using namespace softf1_test;

// Whole numbers that a cell's place gives, small enough that sums are exact in float.
SOFTF1_HD float cell_number(std::size_t i, std::size_t j, std::size_t field) {
  return static_cast<float>((i * 7 + j * 3 + field * 5) % 11);
}

template <std::size_t N>
struct numbers;
// clang-format off
template <> struct numbers<1> { float a; };
template <> struct numbers<2> { float a, b; };
template <> struct numbers<3> { float a, b, c; };
template <> struct numbers<4> { float a, b, c, d; };
template <> struct numbers<5> { float a, b, c, d, e; };
template <> struct numbers<6> { float a, b, c, d, e, f; };
// clang-format on

template <std::size_t N>
struct totals {
  double field[N];
};

// Sums N numbers a cell.
template <std::size_t N>
struct sum_fields {
  using scalar = float;
  using partial = numbers<N>;
  using total = totals<N>;

  SOFTF1_HD static partial identity() { return {}; }
  SOFTF1_HD void add(partial& s, std::size_t i, std::size_t j) const {
    s.a += cell_number(i, j, 0);
    if constexpr (N > 1) s.b += cell_number(i, j, 1);
    if constexpr (N > 2) s.c += cell_number(i, j, 2);
    if constexpr (N > 3) s.d += cell_number(i, j, 3);
    if constexpr (N > 4) s.e += cell_number(i, j, 4);
    if constexpr (N > 5) s.f += cell_number(i, j, 5);
  }
  SOFTF1_HD static total neutral() { return {}; }
  SOFTF1_HD static void merge(total& to, total const& from) {
    for (std::size_t k = 0; k < N; ++k) to.field[k] += from.field[k];
  }
  SOFTF1_HD static void merge(total& to, partial const& from) {
    to.field[0] += static_cast<double>(from.a);
    if constexpr (N > 1) to.field[1] += static_cast<double>(from.b);
    if constexpr (N > 2) to.field[2] += static_cast<double>(from.c);
    if constexpr (N > 3) to.field[3] += static_cast<double>(from.d);
    if constexpr (N > 4) to.field[4] += static_cast<double>(from.e);
    if constexpr (N > 5) to.field[5] += static_cast<double>(from.f);
  }
};

template <std::size_t N, class B>
std::size_t wrong_sums(softf1::context<B>& ctx, std::size_t rows, std::size_t cols) {
  // The totals are added to what is there.
  auto out = upload(ctx, std::vector<totals<N>>(cols, [] {
                      totals<N> t;
                      for (double& x : t.field) x = 1000;
                      return t;
                    }()));
  softf1::reduce_columns(ctx, rows, cols, sum_fields<N>{}, out.view());
  auto const got = download(ctx, out);
  std::size_t wrong = 0;
  for (std::size_t j = 0; j < cols; ++j)
    for (std::size_t field = 0; field < N; ++field) {
      double expected = 1000;
      for (std::size_t i = 0; i < rows; ++i) expected += static_cast<double>(cell_number(i, j, field));
      wrong += got[j].field[field] != expected;
    }
  return wrong;
}

// A sum whose bits depend on the order.
struct sum_thirds {
  using scalar = float;
  struct partial {
    float sum;
  };
  using total = double;
  SOFTF1_HD static partial identity() { return {0}; }
  SOFTF1_HD void add(partial& s, std::size_t i, std::size_t j) const {
    s.sum += 1.0f / static_cast<float>(3 + (i * 31 + j * 17) % 1009);
  }
  SOFTF1_HD static total neutral() { return 0; }
  SOFTF1_HD static void merge(total& to, total const& from) { to += from; }
  SOFTF1_HD static void merge(total& to, partial const& from) { to += static_cast<double>(from.sum); }
};

// The columns of a row as a polynomial, so that order and number of the cells show.
struct row_polynomial {
  struct partial {
    std::uint64_t value, factor;
  };
  std::uint64_t* out;
  SOFTF1_HD static partial identity() { return {0, 1}; }
  SOFTF1_HD void add(partial& s, std::size_t i, std::size_t j) const { s = {31 * s.value + 7 * i + j, 31 * s.factor}; }
  SOFTF1_HD static void merge(partial& earlier, partial const& later) {
    earlier = {earlier.value * later.factor + later.value, earlier.factor * later.factor};
  }
  SOFTF1_HD void finish(std::size_t i, partial const& s) const { out[i] = s.value; }
};

struct wide_row_polynomial : row_polynomial {
  static constexpr bool bound_by_arithmetic = true;
  using scalar = std::uint64_t;
};

// Cell k of rows of `cols` that lie one after the other, which it can be asked for by any place.
SOFTF1_HD float run_on_number(std::size_t i, std::size_t j, std::size_t cols) {
  return cell_number((i * cols + j) / cols, (i * cols + j) % cols, 0);
}

struct sum_run_on : sum_fields<2> {
  static constexpr bool bound_by_arithmetic = true;
  std::size_t cols;
  std::size_t rows_at_once() const { return softf1::any_number_of_rows; }
  SOFTF1_HD void add(numbers<2>& s, std::size_t i, std::size_t j) const {
    s.a += run_on_number(i, j, cols);
    s.b += 1;
  }
};

struct write_run_on {
  static constexpr bool bound_by_arithmetic = true;
  std::size_t cols, most;
  float* out;
  std::size_t rows_at_once() const { return most; }
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { out[i * cols + j] += run_on_number(i, j, cols); }
};

// Cells of rows of 50 from a place on.
struct at_or_after {
  std::size_t place;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t j) const { return i * 50 + j >= place; }
};

}  // namespace reduce_tests

TEMPLATE_TEST_CASE("columns reduce over states of one to six fields, whatever the shape", "[backend][reduce]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace reduce_tests;
  softf1::context<TestType> ctx;
  for (std::size_t rows : sizes{0, 1, 2, 127, 128, 129, 255, 256, 257, 1000})
    for (std::size_t cols : sizes{0, 1, 2, 63, 64, 65, 128, 129}) {
      INFO(rows << " x " << cols);
      CHECK(wrong_sums<1>(ctx, rows, cols) == 0);
      CHECK(wrong_sums<4>(ctx, rows, cols) == 0);
    }
  for (std::size_t rows : sizes{5, 300})
    for (std::size_t cols : sizes{3, 70}) {
      CHECK(wrong_sums<2>(ctx, rows, cols) == 0);
      CHECK(wrong_sums<3>(ctx, rows, cols) == 0);
      CHECK(wrong_sums<5>(ctx, rows, cols) == 0);
      CHECK(wrong_sums<6>(ctx, rows, cols) == 0);
    }
}

TEMPLATE_TEST_CASE("columns reduce alike where the scratch holds only a part of the chunks", "[backend][reduce]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace reduce_tests;
  softf1::context<TestType> ctx;
  // 4 MB hold 16 chunks of these columns.
  CHECK(wrong_sums<4>(ctx, 128 * 16 - 1, 16000) == 0);
  CHECK(wrong_sums<4>(ctx, 128 * 16 + 1, 20000) == 0);
}

TEST_CASE("a reduction has the same bits for any number of threads", "[backend][reduce][cpu]") {
  using namespace reduce_tests;
  using context = softf1::context<softf1::cpu>;
  for (std::size_t cols : sizes{1, 37, 200}) {
    auto const sums = [&](int threads) {
      context ctx(context::options{.threads = threads});
      auto out = upload(ctx, std::vector<double>(cols));
      softf1::reduce_columns(ctx, 20000, cols, sum_thirds{}, out.view());
      return download(ctx, out);
    };
    auto const expected = sums(1);
    for (int threads : {2, 3, 7}) CHECK((sums(threads) == expected));
  }
}

TEMPLATE_TEST_CASE("rows that run on may be taken together, and give the same", "[backend][reduce]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace reduce_tests;
  softf1::context<TestType> ctx;
  auto const rows = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{17}, std::size_t{300}, std::size_t{5000});
  auto const cols = GENERATE(std::size_t{1}, std::size_t{6}, std::size_t{16}, std::size_t{19}, std::size_t{80});
  auto sums = upload(ctx, std::vector<totals<2>>(cols, totals<2>{}));
  softf1::reduce_columns(ctx, rows, cols, sum_run_on{{}, cols}, sums.view());
  auto const got = download(ctx, sums);
  std::size_t wrong = 0;
  for (std::size_t j = 0; j < cols; ++j) {
    double sum = 0;
    for (std::size_t i = 0; i < rows; ++i) sum += static_cast<double>(cell_number(i, j, 0));
    wrong += got[j].field[0] != sum || got[j].field[1] != static_cast<double>(rows);
  }
  CHECK(wrong == 0);

  auto const most = GENERATE(std::size_t{1}, std::size_t{3}, softf1::any_number_of_rows);
  auto cells = upload(ctx, std::vector<float>(rows * cols, 100.0f));
  softf1::for_each_cell(ctx, rows, cols, write_run_on{cols, most, cells.data()});
  auto const written = download(ctx, cells);
  for (std::size_t k = 0; k < rows * cols; ++k) wrong += written[k] != 100 + cell_number(k / cols, k % cols, 0);
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("rows reduce each for itself, in the order of the columns", "[backend][reduce]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace reduce_tests;
  softf1::context<TestType> ctx;
  bool const wide = GENERATE(false, true);
  for (std::size_t rows : sizes{0, 1, 5, 300})
    for (std::size_t cols : sizes{0, 1, 9, 1024, 1025, 2500}) {
      auto out = upload(ctx, std::vector<std::uint64_t>(rows));
      if (wide)
        softf1::reduce_rows(ctx, rows, cols, wide_row_polynomial{{out.data()}});
      else
        softf1::reduce_rows(ctx, rows, cols, row_polynomial{out.data()});
      auto const got = download(ctx, out);
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        std::uint64_t expected = 0;
        for (std::size_t j = 0; j < cols; ++j) expected = 31 * expected + 7 * i + j;
        wrong += got[i] != expected;
      }
      CHECK(wrong == 0);
    }
}

TEMPLATE_TEST_CASE("find_first gives the least cell", "[backend][reduce]", SOFTF1_TEST_BACKENDS) {
  using namespace reduce_tests;
  softf1::context<TestType> ctx;
  auto const at = [&](std::size_t wanted) { return softf1::find_first(ctx, 300, 50, at_or_after{wanted}); };
  for (std::size_t wanted : sizes{0, 1, 49, 50, 7777, 14999, 15000, 20000})
    CHECK(at(wanted) == std::min(wanted, std::size_t{15000}));
  CHECK(softf1::find_first(ctx, 0, 5, at_or_after{0}) == 0);
}

TEST_CASE("reduce_columns names the shape that it wants", "[backend][reduce]") {
  using namespace reduce_tests;
  softf1::context<softf1::cpu> ctx;
  softf1::buffer<double> out(ctx, 3);
  CHECK(error_text<softf1::shape_error>([&] { softf1::reduce_columns(ctx, 2, 4, sum_thirds{}, out.view()); }) ==
        "reduce_columns: out must have shape (4,), got (3,)");
}
