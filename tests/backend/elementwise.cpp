#include <softf1/backend/primitives.hpp>

#include <string>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace elementwise_tests {
using namespace softf1_test;
std::vector<int> ones(std::size_t n) { return std::vector<int>(n, 1); }

// Counts its calls, for each index or cell.
struct count_visits {
  int* visits;
  std::size_t cols = 0;
  SOFTF1_HD void operator()(std::size_t i) const { ++visits[i]; }
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { ++visits[i * cols + j]; }
};

}  // namespace elementwise_tests

TEMPLATE_TEST_CASE("each index, each cell and each row is visited exactly once", "[backend]", SOFTF1_TEST_BACKENDS) {
  using namespace elementwise_tests;
  softf1::context<TestType> ctx;
  for (std::size_t n : sizes{0, 1, 8191, 8192, 8193, 50000}) {
    auto visits = upload(ctx, std::vector<int>(n));
    softf1::for_each(ctx, n, count_visits{visits.data()});
    CHECK((download(ctx, visits) == ones(n)));
  }
  for (std::size_t rows : sizes{0, 1, 3, 500})
    for (std::size_t cols : sizes{0, 1, 7, 100, 8192, 9000}) {
      auto visits = upload(ctx, std::vector<int>(rows * cols)), row_visits = upload(ctx, std::vector<int>(rows));
      softf1::for_each_cell(ctx, rows, cols, count_visits{visits.data(), cols});
      softf1::for_each_row(ctx, rows, cols, count_visits{row_visits.data()});
      INFO(rows << " x " << cols);
      CHECK((download(ctx, visits) == ones(rows * cols)));
      CHECK(download(ctx, row_visits) == ones(rows));
    }
}

TEMPLATE_TEST_CASE("fill and copy write every element of a view, and no other", "[backend]", SOFTF1_TEST_BACKENDS) {
  using namespace elementwise_tests;
  softf1::context<TestType> ctx;
  auto memory = upload(ctx, std::vector<double>(20));
  softf1::vector_view<double, TestType> const odd(memory.data() + 1, {10}, {2});
  softf1::fill(ctx, odd, 3.0);
  auto const filled = download(ctx, memory);
  for (std::size_t k = 0; k < 20; ++k) CHECK(filled[k] == (k % 2 ? 3.0 : 0.0));
  auto const back = upload(ctx, std::vector<double>{9, 8, 7});
  CHECK(download(ctx, back) == std::vector<double>{9, 8, 7});
  softf1::buffer<double, TestType> three(ctx, 3);
  CHECK(error_text<softf1::shape_error>([&] {
          softf1::copy(ctx, softf1::vector_view<const double, TestType>(memory.data(), 4), three.view());
        }) == "copy: destination must have shape (4,), got (3,)");
}

TEMPLATE_TEST_CASE("copy takes any strides, from the host, to it, and on the backend", "[backend]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace elementwise_tests;
  softf1::context<TestType> ctx;
  constexpr std::size_t n = 5, room = 20;
  std::vector<int> numbers(room);
  for (std::size_t k = 0; k < room; ++k) numbers[k] = static_cast<int>(k) + 1;
  // Element 0 lies in the middle, so that there is room on both sides.
  auto const place = [](std::size_t i, std::ptrdiff_t stride) {
    return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(room / 2) + static_cast<std::ptrdiff_t>(i) * stride);
  };
  for (std::ptrdiff_t from : {1, 2, -1, -2, 0})
    for (std::ptrdiff_t to : {1, 2, -1}) {
      INFO("strides " << from << " and " << to);
      std::vector<int> expected(room);
      for (std::size_t i = 0; i < n; ++i) expected[place(i, to)] = numbers[place(i, from)];
      auto source = upload(ctx, numbers), target = upload(ctx, std::vector<int>(room));
      softf1::vector_view<int const> const here(numbers.data() + room / 2, {n}, {from});
      softf1::vector_view<int const, TestType> const there(source.data() + room / 2, {n}, {from});
      softf1::vector_view<int, TestType> const into(target.data() + room / 2, {n}, {to});
      softf1::copy(ctx, here, into);
      CHECK(download(ctx, target) == expected);
      softf1::fill(ctx, target.view(), 0);
      softf1::copy(ctx, there, into);
      CHECK(download(ctx, target) == expected);
      std::vector<int> back(room);
      softf1::copy(ctx, there, softf1::vector_view<int>(back.data() + room / 2, {n}, {to}));
      CHECK(back == expected);
    }
}

TEST_CASE("a context of the host says how it is made", "[backend][cpu]") {
  using namespace elementwise_tests;
  using context = softf1::context<softf1::cpu>;
  context const ctx(context::options{.threads = 3, .seed = 7, .set = softf1::instruction_set::baseline});
  CHECK(ctx.threads() == 3);
  CHECK(ctx.seed() == 7);
  CHECK(ctx.set() == softf1::instruction_set::baseline);
  CHECK(context().threads() >= 1);
  CHECK(softf1::backend_name(ctx) == "cpu");
  CHECK(softf1::name_of(softf1::instruction_set::avx2) == "avx2");
  CHECK(error_text<softf1::value_error>([] { context(context::options{.threads = -1}); }) ==
        "context<cpu>: threads must be >= 0, got -1");
}
