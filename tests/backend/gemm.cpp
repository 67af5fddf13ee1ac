#include <softf1/backend/products.hpp>

#include <algorithm>
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
template <class T, class B>
double error_of(softf1::context<B>& ctx, std::size_t m, std::size_t k, std::size_t n, layout la, layout lb, layout lc,
                double alpha, double beta, bool nan_in_c = false) {
  auto c_numbers = uniform_numbers(m * n, 3);
  if (nan_in_c) c_numbers.assign(m * n, std::nan(""));
  matrix_on<T, B> const a(ctx, uniform_numbers(m * k, 1), m, k, la), b(ctx, uniform_numbers(k * n, 2), k, n, lb);
  matrix_on<T, B> c(ctx, c_numbers, m, n, lc);
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

// The worse one of float and double.
template <class B>
double error_of_both(softf1::context<B>& ctx, std::size_t m, std::size_t k, std::size_t n, layout a, layout b, layout c,
                     double alpha, double beta, bool nan_in_c = false) {
  return std::max(error_of<float>(ctx, m, k, n, a, b, c, alpha, beta, nan_in_c),
                  error_of<double>(ctx, m, k, n, a, b, c, alpha, beta, nan_in_c));
}

// x with so many bits behind the point, ties to even.
double with_bits(double x, int bits) {
  int exponent;
  double const mantissa = std::frexp(x, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(mantissa, bits + 1)), exponent - bits - 1);
}

#if defined(SOFTF1_DEVICE_CUDA)
constexpr bool is_gpu = true;
#else
[[maybe_unused]] constexpr bool is_gpu = false;
#endif

constexpr layout layouts[] = {layout::dense, layout::padded, layout::strided, layout::column_major};

}  // namespace gemm_tests

TEMPLATE_TEST_CASE("gemm agrees with a plain loop for every layout of its matrices", "[backend][gemm]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace gemm_tests;
  softf1::context<TestType> ctx;
  for (layout a : layouts)
    for (layout b : layouts)
      for (layout c : layouts) {
        INFO("layouts " << static_cast<int>(a) << ", " << static_cast<int>(b) << ", " << static_cast<int>(c));
        CHECK(error_of_both(ctx, 7, 5, 9, a, b, c, 1, 0) <= 2);
        CHECK(error_of_both(ctx, 7, 5, 9, a, b, c, -0.5, 1) <= 2);
        // More than one block, in the layouts that BLAS reads.
        if (c != layout::strided && c != layout::column_major && a != layout::strided && b != layout::strided)
          CHECK(error_of_both(ctx, 140, 33, 520, a, b, c, 2, 0.25) <= 4);
      }
}

TEMPLATE_TEST_CASE("gemm of shapes with ones and zeros", "[backend][gemm]", SOFTF1_TEST_BACKENDS) {
  using namespace gemm_tests;
  softf1::context<TestType> ctx;
  for (std::size_t m : sizes{0, 1, 3})
    for (std::size_t k : sizes{0, 1, 4})
      for (std::size_t n : sizes{0, 1, 5})
        for (layout how : layouts)
          for (double beta : {0.0, 0.5}) {
            INFO(m << " x " << k << " x " << n << ", layout " << static_cast<int>(how) << ", beta " << beta);
            CHECK(error_of_both(ctx, m, k, n, how, how, how, 1, beta) <= 2);
          }
}

TEMPLATE_TEST_CASE("gemm with beta 0 does not read what it writes to", "[backend][gemm]", SOFTF1_TEST_BACKENDS) {
  using namespace gemm_tests;
  softf1::context<TestType> ctx;
  for (layout how : layouts)
    for (std::size_t k : sizes{0, 6})
      CHECK(error_of_both(ctx, 4, k, 5, layout::dense, layout::dense, how, 1, 0, true) <= 2);
}

#if defined(SOFTF1_DEVICE_CODE)
TEMPLATE_TEST_CASE("products of the device round their factors as its context says", "[backend][gemm]", softf1::cuda) {
  using namespace gemm_tests;
  using softf1::product_precision;
  constexpr std::size_t m = 33, k = 40, n = 17;
  struct {
    product_precision precision;
    int bits;          // behind the point
    double tolerance;  // of the product of rounded factors, relative to the sum of |products|
  } const rows[] = {{product_precision::full, 24, 0x1p-20},
                    {product_precision::tf32, 10, is_gpu ? 0x1p-10 : 0x1p-20},
                    {product_precision::bf16, 7, 0x1p-20},
                    {product_precision::fp16, 10, 0x1p-20}};
  for (auto const& row : rows)
    for (layout how : layouts) {
      INFO(row.bits << " bits, precision " << static_cast<int>(row.precision) << ", layout " << static_cast<int>(how));
      // On a GPU such strides go to a plain functor, which rounds nothing.
      if (is_gpu && how == layout::strided) continue;
      softf1::context<TestType> ctx({.precision = row.precision});
      matrix_on<float, TestType> const a(ctx, uniform_numbers(m * k, 1), m, k, how);
      matrix_on<float, TestType> const b(ctx, uniform_numbers(k * n, 2), k, n, how);
      matrix_on<float, TestType> c(ctx, m, n);
      softf1::gemm(ctx, 1.0f, a.view(), b.view(), 0.0f, c.view());
      auto const x = a.numbers(ctx), y = b.numbers(ctx), got = c.numbers(ctx);
      double off = 0, off_exact = 0;
      for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          double rounded = 0, exact = 0, absolute = 0;
          for (std::size_t l = 0; l < k; ++l) {
            double const u = x[i * k + l], v = y[l * n + j];
            exact += u * v;
            absolute += std::fabs(u * v);
            rounded += with_bits(u, row.bits) * with_bits(v, row.bits);
          }
          off = std::max(off, std::fabs(got[i * n + j] - rounded) / absolute);
          off_exact = std::max(off_exact, std::fabs(got[i * n + j] - exact) / absolute);
        }
      CHECK(off <= row.tolerance);
      if (row.precision == product_precision::full) continue;
      // It is rounded, and by no more than that. A GPU may do small products of tf32 in float.
      CHECK(off_exact <= std::ldexp(1, -row.bits));
      if (row.tolerance < 0x1p-10) CHECK(off_exact >= std::ldexp(1, -row.bits - 5));
    }
  // Doubles are never rounded.
  softf1::context<TestType> ctx({.precision = product_precision::bf16});
  CHECK(error_of<double>(ctx, 7, 5, 9, layout::dense, layout::dense, layout::dense, 1, 0) <= 2);
}
#endif

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
    softf1::context<softf1::cpu> ctx({.threads = threads});
    CHECK(error_of<float>(ctx, 140, 5, 520, layout::dense, layout::dense, layout::dense, 1, 0) <= 2);
    CHECK(softf1::context<softf1::cpu>().threads() == before);
  }
}

TEMPLATE_TEST_CASE("gemm names the shapes that do not fit, and the BLAS in use", "[backend][gemm]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace gemm_tests;
  softf1::context<TestType> ctx;
  matrix_on<float, TestType> const a(ctx, 2, 3), b(ctx, 4, 5), good(ctx, 3, 5);
  matrix_on<float, TestType> c(ctx, 2, 4);
  CHECK(error_text<softf1::shape_error>([&] { softf1::gemm(ctx, 1.0f, a.view(), b.view(), 0.0f, c.view()); }) ==
        "gemm: b must have shape (3, 5), got (4, 5)");
  CHECK(error_text<softf1::shape_error>([&] { softf1::gemm(ctx, 1.0f, a.view(), good.view(), 0.0f, c.view()); }) ==
        "gemm: c must have shape (2, 5), got (2, 4)");
  CHECK_FALSE(softf1::blas_name().empty());
}
