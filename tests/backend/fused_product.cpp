#include <softf1/backend/inference.hpp>

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
using softf1::context;

struct product_case {
  std::size_t m, k, n;
  activation act = activation::none;
  bool residual = false;
  layout x_layout = layout::dense;
};

// The largest error, in units of epsilon times (K + 2).
template <class T, class B>
double error_of(context<B>& ctx, product_case const& p) {
  // Sums lie on both sides of 0 and 6.
  double const scale = 4 / std::sqrt(static_cast<double>(p.k) + 1);
  context<> host;
  matrix_on<T, B> const x(ctx, uniform_numbers(p.m * p.k, 1, 2), p.m, p.k, p.x_layout);
  matrix_on<T, softf1::cpu> const w(host, uniform_numbers(p.k * p.n, 2, scale), p.k, p.n, layout::column_major);
  auto const bias = stored_numbers<softf1::compute_type<T>>(p.n, 3, 4);
  auto const residual = stored_numbers<T>(p.m * p.n, 4, 4);
  auto const bias_there = upload(ctx, bias);
  auto const residual_there = upload(ctx, residual);
  softf1::packed_matrix<T, B> const packed(ctx, w.view());
  auto y = upload(ctx, std::vector<T>(p.m * p.n + 1, stored<T>(77)));
  softf1::fused_product<T>(ctx, x.view(), packed, {bias_there.view(), p.act, residual_of(residual_there, p.residual)},
                           {y.data(), p.m, p.n});
  auto const got = download(ctx, y);
  if (number(got.back()) != 77) return HUGE_VAL;
  auto const xs = x.numbers(ctx), ws = w.numbers(host);
  double worst = 0;
  for (std::size_t i = 0; i < p.m; ++i)
    for (std::size_t j = 0; j < p.n; ++j) {
      double sum = number(bias[j]) + (p.residual ? number(residual[i * p.n + j]) : 0);
      for (std::size_t l = 0; l < p.k; ++l) sum += xs[i * p.k + l] * ws[l * p.n + j];
      double const error = std::fabs(number(got[i * p.n + j]) - clamped(sum, p.act));
      worst = std::isnan(error) ? HUGE_VAL : std::max(worst, error);
    }
  return worst / (epsilon_of<T>() * static_cast<double>(p.k + 2));
}

std::string text(product_case const& p) {
  return std::to_string(p.m) + " x " + std::to_string(p.k) + " x " + std::to_string(p.n) + ", activation " +
         std::to_string(static_cast<int>(p.act)) + (p.residual ? ", residual" : "") + ", layout " +
         std::to_string(static_cast<int>(p.x_layout));
}

}  // namespace fused_product_tests

TEMPLATE_TEST_CASE("fused products agree with a plain loop", "[backend][fused_product]", SOFTF1_TEST_BACKENDS) {
  using namespace fused_product_tests;
  for_each_context<TestType>([](context<TestType>& ctx) {
    for_each_storage<TestType>([&]<class T>() {
      auto const check = [&](product_case const& p) {
        INFO(text(p) << ", stored in " << sizeof(T) << " bytes");
        CHECK(error_of<T>(ctx, p) <= 8);
      };
      for (std::size_t m : sizes{1, 5, 6, 7, 12, 13, 97, 200})
        for (std::size_t k : sizes{0, 1, 3, 17, 96})
          for (std::size_t n : sizes{1, 7, 8, 15, 16, 17, 31, 32, 33, 64, 71}) check({.m = m, .k = k, .n = n});
      for (auto act : activations)
        for (bool residual : {false, true})
          for (auto x_layout : {layout::dense, layout::padded})
            for (std::size_t n : sizes{20, 64}) check({14, 9, n, act, residual, x_layout});
    });
  });
}

TEMPLATE_TEST_CASE("NaN passes through a fused product into its row alone", "[backend][fused_product]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace fused_product_tests;
  constexpr std::size_t m = 13, k = 5, n = 37;
  for_each_context<TestType>([](context<TestType>& ctx) {
    for_each_storage<TestType>([&]<class T>() {
      for (auto act : activations) {
        auto numbers = stored_numbers<T>(m * k, 1, 1);
        for (std::size_t i : sizes{3, 12}) numbers[i * k + 2] = stored<T>(std::nan(""));
        auto const x = upload(ctx, numbers);
        auto const w = stored_numbers<T>(k * n, 2, 1);
        auto const bias = upload(ctx, stored_numbers<softf1::compute_type<T>>(n, 3, 1));
        softf1::packed_matrix<T, TestType> const packed(ctx, softf1::matrix_view<const T>(w.data(), k, n));
        softf1::buffer<T, TestType> y(ctx, m * n);
        softf1::fused_product<T>(ctx, x.matrix(m, k), packed, {bias.view(), act}, y.matrix(m, n));
        auto const got = download(ctx, y);
        for (std::size_t e = 0; e < got.size(); ++e)
          CHECK_FALSE(std::isnan(number(got[e])) != (e / n == 3 || e / n == 12));
      }
    });
  });
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
      context<> ctx({.threads = threads, .set = set});
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

TEST_CASE("packed matrices are panels of 128 bytes", "[backend][fused_product]") {
  using namespace fused_product_tests;
  context<> ctx;
  auto const w = stored_numbers<float>(3 * 40, 1, 1);
  softf1::packed_matrix<float> const packed(ctx, {w.data(), 3, 40});
  CHECK(packed.rows() == 3);
  CHECK(packed.cols() == 40);
  REQUIRE(packed.panels() == 2);
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t j = 0; j < 64; ++j) CHECK(packed.panel(j / 32)[k * 32 + j % 32] == (j < 40 ? w[k * 40 + j] : 0));
}

TEMPLATE_TEST_CASE("fused products refuse shapes that do not fit", "[backend][fused_product][errors]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace fused_product_tests;
  context<TestType> ctx;
  softf1::buffer<float, TestType> memory(ctx, 100);
  std::vector<float> const weights(12);
  softf1::packed_matrix<float, TestType> const w(ctx, softf1::matrix_view<const float>(weights.data(), 3, 4));
  auto const run = [&](std::size_t x_cols, std::size_t y_cols, std::size_t bias, std::size_t residual = 0) {
    return error_text<softf1::shape_error>([&] {
      float* const at = memory.data();
      softf1::epilogue<float, TestType> end{{at, bias}};
      if (residual > 0) end.residual = {at, residual};
      softf1::fused_product<float>(ctx, {at, 2, x_cols}, w, end, {at, 2, y_cols});
    });
  };
  CHECK(run(5, 4, 4) == "fused_product: x must have shape (2, 3), got (2, 5)");
  CHECK(run(3, 5, 4) == "fused_product: y must have shape (2, 4), got (2, 5)");
  CHECK(run(3, 4, 5) == "fused_product: bias must have shape (4,), got (5,)");
  CHECK(run(3, 4, 4, 7) == "fused_product: residual must have shape (8,), got (7,)");
}
