#include <softf1/backend/cpu/fused_product.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/fused.hpp"

namespace fused_product_tests {

using namespace softf1_test;
using softf1::activation;
using softf1::instruction_set;
using context = softf1::context<softf1::cpu>;

struct product_case {
  std::size_t m, k, n;
  activation act = activation::none;
  bool residual = false;
  layout x_layout = layout::dense;
  instruction_set set = instruction_set::baseline;
  int threads = 1;
};

// The largest error, in units of epsilon times (K + 2).
template <class T>
double error_of(product_case const& p) {
  context ctx({.threads = p.threads, .set = p.set});
  // Sums lie on both sides of 0 and 6.
  double const scale = 4 / std::sqrt(static_cast<double>(p.k) + 1);
  matrix_on<T, softf1::cpu> const x(ctx, uniform_numbers(p.m * p.k, 1, 2), p.m, p.k, p.x_layout);
  matrix_on<T, softf1::cpu> const w(ctx, uniform_numbers(p.k * p.n, 2, scale), p.k, p.n, layout::column_major);
  auto const bias = stored_numbers<T>(p.n, 3, 4), residual = stored_numbers<T>(p.m * p.n, 4, 4);
  auto const xs = x.numbers(ctx), ws = w.numbers(ctx);
  softf1::packed_matrix<T> const packed(ctx, w.view());
  std::vector<T> y(p.m * p.n + 1, T(77));
  softf1::fused_product<T>(ctx, x.view(), packed, {{bias.data(), p.n}, p.act, residual_of(residual, p.residual)},
                           {y.data(), p.m, p.n});
  if (y.back() != T(77)) return HUGE_VAL;
  double worst = 0;
  for (std::size_t i = 0; i < p.m; ++i)
    for (std::size_t j = 0; j < p.n; ++j) {
      double sum = static_cast<double>(bias[j]) + (p.residual ? static_cast<double>(residual[i * p.n + j]) : 0);
      for (std::size_t l = 0; l < p.k; ++l) sum += xs[i * p.k + l] * ws[l * p.n + j];
      double const error = std::fabs(static_cast<double>(y[i * p.n + j]) - clamped(sum, p.act));
      worst = std::isnan(error) ? HUGE_VAL : std::max(worst, error);
    }
  return worst / (static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(p.k + 2));
}

std::string text(product_case const& p) {
  return std::to_string(p.m) + " x " + std::to_string(p.k) + " x " + std::to_string(p.n) + ", " +
         std::string(name_of(p.set)) + ", activation " + std::to_string(static_cast<int>(p.act)) +
         (p.residual ? ", residual" : "") + ", layout " + std::to_string(static_cast<int>(p.x_layout));
}

}  // namespace fused_product_tests

TEMPLATE_TEST_CASE("fused products agree with a plain loop", "[backend][fused_product][cpu]", float, double) {
  using namespace fused_product_tests;
  for (auto set : instruction_sets()) {
    for (std::size_t m : sizes{1, 5, 6, 7, 12, 13, 97, 200})
      for (std::size_t k : sizes{0, 1, 3, 17, 96})
        for (std::size_t n : sizes{1, 7, 8, 15, 16, 17, 31, 32, 33, 64, 71}) {
          product_case const p{.m = m, .k = k, .n = n, .set = set};
          INFO(text(p));
          CHECK(error_of<TestType>(p) <= 8);
        }
    for (auto act : activations)
      for (bool residual : {false, true})
        for (auto x_layout : {layout::dense, layout::padded})
          for (std::size_t n : sizes{20, 64}) {
            product_case const p{14, 9, n, act, residual, x_layout, set};
            INFO(text(p));
            CHECK(error_of<TestType>(p) <= 8);
          }
  }
}

TEMPLATE_TEST_CASE("a row of a fused product has the same bits beside any others", "[backend][fused_product][threads]",
                   float, double) {
  using namespace fused_product_tests;
  using T = TestType;
  constexpr std::size_t m = 250, k = 40, n = 50;
  auto const x = stored_numbers<T>(m * k, 1, 1), w = stored_numbers<T>(k * n, 2, 1), bias = stored_numbers<T>(n, 3, 1);
  for (auto set : instruction_sets()) {
    INFO(name_of(set));
    auto const product = [&](std::size_t first, std::size_t rows, int threads) {
      context ctx({.threads = threads, .set = set});
      softf1::packed_matrix<T> const packed(ctx, {w.data(), k, n});
      std::vector<T> y(rows * n);
      softf1::fused_product<T>(ctx, {x.data() + first * k, rows, k}, packed, {{bias.data(), n}}, {y.data(), rows, n});
      return y;
    };
    auto const all = product(0, m, 1);
    for (int threads : {2, 3, 8}) CHECK(product(0, m, threads) == all);
    for (std::size_t i : sizes{0, 5, 11, 96, 249}) {
      auto const at = all.begin() + static_cast<std::ptrdiff_t>(i * n);
      CHECK(product(i, 1, 1) == std::vector<T>(at, at + n));
    }
  }
}

TEMPLATE_TEST_CASE("NaN passes through a fused product into its row alone", "[backend][fused_product][cpu]", float,
                   double) {
  using namespace fused_product_tests;
  using T = TestType;
  constexpr std::size_t m = 13, k = 5, n = 37;
  for (auto set : instruction_sets())
    for (auto act : activations) {
      context ctx({.set = set});
      auto x = stored_numbers<T>(m * k, 1, 1);
      for (std::size_t i : sizes{3, 12}) x[i * k + 2] = std::numeric_limits<T>::quiet_NaN();
      auto const w = stored_numbers<T>(k * n, 2, 1), bias = stored_numbers<T>(n, 3, 1);
      softf1::packed_matrix<T> const packed(ctx, {w.data(), k, n});
      std::vector<T> y(m * n);
      softf1::fused_product<T>(ctx, {x.data(), m, k}, packed, {{bias.data(), n}, act}, {y.data(), m, n});
      for (std::size_t e = 0; e < y.size(); ++e) CHECK_FALSE(std::isnan(y[e]) != (e / n == 3 || e / n == 12));
    }
}

TEST_CASE("packed matrices are panels of 128 bytes", "[backend][fused_product]") {
  using namespace fused_product_tests;
  context ctx;
  auto const w = stored_numbers<float>(3 * 40, 1, 1);
  softf1::packed_matrix<float> const packed(ctx, {w.data(), 3, 40});
  CHECK(packed.rows() == 3);
  CHECK(packed.cols() == 40);
  REQUIRE(packed.panels() == 2);
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t j = 0; j < 64; ++j) CHECK(packed.panel(j / 32)[k * 32 + j % 32] == (j < 40 ? w[k * 40 + j] : 0));
}

TEST_CASE("fused products refuse shapes that do not fit", "[backend][fused_product][errors]") {
  using namespace fused_product_tests;
  context ctx;
  std::vector<float> memory(100);
  softf1::packed_matrix<float> const w(ctx, {memory.data(), 3, 4});
  auto const run = [&](std::size_t x_cols, std::size_t y_cols, std::size_t bias) {
    return error_text<softf1::shape_error>([&] {
      softf1::fused_product<float>(ctx, {memory.data(), 2, x_cols}, w, {{memory.data(), bias}},
                                   {memory.data(), 2, y_cols});
    });
  };
  CHECK(run(5, 4, 4) == "fused_product: x must have shape (2, 3), got (2, 5)");
  CHECK(run(3, 5, 4) == "fused_product: y must have shape (2, 4), got (2, 5)");
  CHECK(run(3, 4, 5) == "fused_product: bias must have shape (4,), got (5,)");
}
