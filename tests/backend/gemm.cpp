#include <softf1/backend/cpu/gemm.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace gemm_tests {

using namespace softf1_test;

std::vector<double> uniform_numbers(std::size_t n, std::uint64_t seed) {
  softf1::random_stream const random(seed);
  std::vector<double> numbers(n);
  for (std::size_t k = 0; k < n; ++k) numbers[k] = 2 * random.uniform(k) - 1;
  return numbers;
}

// The largest error of alpha a b + beta c, in units of epsilon times K.
template <class T>
double error_of(std::size_t m, std::size_t k, std::size_t n, layout la, layout lb, layout lc, double alpha, double beta,
                bool nan_in_c = false, int threads = 0) {
  using context = softf1::context<softf1::cpu>;
  context ctx(context::options{.threads = threads});
  auto c_numbers = uniform_numbers(m * n, 3);
  if (nan_in_c) c_numbers.assign(m * n, std::nan(""));
  matrix_on<T, softf1::cpu> const a(ctx, uniform_numbers(m * k, 1), m, k, la),
      b(ctx, uniform_numbers(k * n, 2), k, n, lb);
  matrix_on<T, softf1::cpu> c(ctx, c_numbers, m, n, lc);
  auto const x = a.numbers(ctx), y = b.numbers(ctx), z = c.numbers(ctx);
  softf1::gemm(ctx, static_cast<T>(alpha), a.view(), b.view(), static_cast<T>(beta), c.view());
  auto const got = c.numbers(ctx);
  if (!c.is_untouched_between(ctx)) return HUGE_VAL;
  double worst = 0;
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t l = 0; l < k; ++l) sum += x[i * k + l] * y[l * n + j];
      double const expected = alpha * sum + (beta == 0 ? 0 : beta * z[i * n + j]);
      double const error = std::fabs(got[i * n + j] - expected);
      worst = error <= worst ? worst : std::isnan(error) ? HUGE_VAL : error;
    }
  return worst / (static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(k + 1));
}

constexpr layout layouts[] = {layout::dense, layout::padded, layout::strided, layout::column_major};

}  // namespace gemm_tests

TEMPLATE_TEST_CASE("gemm agrees with a plain loop for every layout of its matrices", "[backend][gemm][cpu]", float,
                   double) {
  using namespace gemm_tests;
  for (layout a : layouts)
    for (layout b : layouts)
      for (layout c : layouts) {
        INFO("layouts " << static_cast<int>(a) << ", " << static_cast<int>(b) << ", " << static_cast<int>(c));
        CHECK(error_of<TestType>(7, 5, 9, a, b, c, 1, 0) <= 2);
        CHECK(error_of<TestType>(7, 5, 9, a, b, c, -0.5, 1) <= 2);
        // More than one block, in the layouts that BLAS reads.
        if (c != layout::strided && c != layout::column_major && a != layout::strided && b != layout::strided)
          CHECK(error_of<TestType>(140, 33, 520, a, b, c, 2, 0.25) <= 4);
      }
}

TEMPLATE_TEST_CASE("gemm of shapes with ones and zeros", "[backend][gemm][cpu]", float, double) {
  using namespace gemm_tests;
  for (std::size_t m : sizes{0, 1, 3})
    for (std::size_t k : sizes{0, 1, 4})
      for (std::size_t n : sizes{0, 1, 5})
        for (layout how : layouts)
          for (double beta : {0.0, 0.5}) {
            INFO(m << " x " << k << " x " << n << ", layout " << static_cast<int>(how) << ", beta " << beta);
            CHECK(error_of<TestType>(m, k, n, how, how, how, 1, beta) <= 2);
          }
}

TEMPLATE_TEST_CASE("gemm with beta 0 does not read what it writes to", "[backend][gemm][cpu]", float, double) {
  using namespace gemm_tests;
  for (layout how : layouts)
    for (std::size_t k : sizes{0, 6})
      CHECK(error_of<TestType>(4, k, 5, layout::dense, layout::dense, how, 1, 0, true) <= 2);
}

TEST_CASE("gemm has the same bits for any number of threads", "[backend][gemm][cpu]") {
  using namespace gemm_tests;
  using context = softf1::context<softf1::cpu>;
  auto const product = [](int threads) {
    context ctx(context::options{.threads = threads});
    matrix_on<float, softf1::cpu> const a(ctx, uniform_numbers(300 * 90, 1), 300, 90),
        b(ctx, uniform_numbers(90 * 700, 2), 90, 700);
    matrix_on<float, softf1::cpu> c(ctx, 300, 700);
    softf1::gemm(ctx, 1.0f, a.view(), b.view(), 0.0f, c.view());
    return c.numbers(ctx);
  };
  auto const expected = product(1);
  for (int threads : {2, 3, 7}) CHECK((product(threads) == expected));
}

TEST_CASE("gemm leaves the number of threads as it was", "[backend][gemm][cpu]") {
  using namespace gemm_tests;
  int const before = softf1::context<softf1::cpu>().threads();
  for (int threads : {1, 2}) {
    CHECK(error_of<float>(140, 5, 520, layout::dense, layout::dense, layout::dense, 1, 0, false, threads) <= 2);
    CHECK(softf1::context<softf1::cpu>().threads() == before);
  }
}

TEST_CASE("gemm names the shapes that do not fit, and the BLAS in use", "[backend][gemm][cpu]") {
  using namespace gemm_tests;
  softf1::context<softf1::cpu> ctx;
  matrix_on<float, softf1::cpu> const a(ctx, 2, 3), b(ctx, 4, 5), good(ctx, 3, 5);
  matrix_on<float, softf1::cpu> c(ctx, 2, 4);
  CHECK(error_text<softf1::shape_error>([&] { softf1::gemm(ctx, 1.0f, a.view(), b.view(), 0.0f, c.view()); }) ==
        "gemm: b must have shape (3, 5), got (4, 5)");
  CHECK(error_text<softf1::shape_error>([&] { softf1::gemm(ctx, 1.0f, a.view(), good.view(), 0.0f, c.view()); }) ==
        "gemm: c must have shape (2, 5), got (2, 4)");
  CHECK_FALSE(softf1::blas_name().empty());
}
