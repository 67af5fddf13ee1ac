#include <softf1/optimizers/lbfgs.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace lbfgs_tests {

using softf1::lbfgs;
using softf1::lbfgs_status;
using softf1::vector_view;

template <class T>
vector_view<T> view(std::vector<T>& x) {
  return {x.data(), x.size()};
}

// Σ (k + 1) (x_k − k)² / 2, of condition number P.
struct quadratic {
  template <class T>
  double operator()(vector_view<T const> x, vector_view<T> gradient) const {
    double value = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      double const weight = static_cast<double>(k + 1), d = static_cast<double>(x[k]) - static_cast<double>(k);
      value += weight * d * d / 2;
      gradient[k] = static_cast<T>(weight * d);
    }
    return value;
  }
};

struct rosenbrock {
  double operator()(vector_view<double const> x, vector_view<double> gradient) const {
    double value = 0;
    for (std::size_t k = 0; k < x.size(); ++k) gradient[k] = 0;
    for (std::size_t k = 0; k + 1 < x.size(); ++k) {
      double const a = 1 - x[k], b = x[k + 1] - x[k] * x[k];
      value += a * a + 100 * b * b;
      gradient[k] -= 2 * a + 400 * x[k] * b;
      gradient[k + 1] += 200 * b;
    }
    return value;
  }
};

// Logistic regression of two features and an intercept, with an L2 penalty.
struct logistic {
  static constexpr std::size_t rows = 60;
  static constexpr double penalty = 0.05;
  std::vector<double> features, targets;

  logistic() : features(rows * 3), targets(rows) {
    softf1::random_stream const stream(3);
    for (std::size_t i = 0; i < rows; ++i) {
      double const a = 4 * stream.uniform<double>(3 * i) - 2, b = 4 * stream.uniform<double>(3 * i + 1) - 2;
      features[3 * i] = a, features[3 * i + 1] = b, features[3 * i + 2] = 1;
      targets[i] = 1.5 * a - b + 0.5 + 3 * stream.uniform<double>(3 * i + 2) - 1.5 > 0 ? 1 : 0;
    }
  }

  double logit(double const* w, std::size_t i) const {
    return w[0] * features[3 * i] + w[1] * features[3 * i + 1] + w[2];
  }

  template <class T>
  double operator()(vector_view<T const> w, vector_view<T> gradient) const {
    double const weights[3] = {static_cast<double>(w[0]), static_cast<double>(w[1]), static_cast<double>(w[2])};
    double value = 0, sums[3] = {};
    for (std::size_t i = 0; i < rows; ++i) {
      double const z = logit(weights, i);
      value += std::log1p(std::exp(-std::abs(z))) + (z > 0 ? z : 0) - targets[i] * z;
      for (std::size_t k = 0; k < 3; ++k) sums[k] += (1 / (1 + std::exp(-z)) - targets[i]) * features[3 * i + k];
    }
    for (std::size_t k = 0; k < 3; ++k) {
      value += penalty * weights[k] * weights[k] / 2;
      gradient[k] = static_cast<T>(sums[k] + penalty * weights[k]);
    }
    return value;
  }

  // Newton's method, 3 × 3 by Cramer's rule.
  std::vector<double> newton() const {
    std::vector<double> w(3), g(3);
    for (int iteration = 0; iteration < 30; ++iteration) {
      (*this)(vector_view<double const>(w.data(), 3), vector_view<double>(g.data(), 3));
      double h[3][3] = {{penalty, 0, 0}, {0, penalty, 0}, {0, 0, penalty}};
      for (std::size_t i = 0; i < rows; ++i) {
        double const p = 1 / (1 + std::exp(-logit(w.data(), i)));
        for (std::size_t a = 0; a < 3; ++a)
          for (std::size_t b = 0; b < 3; ++b) h[a][b] += p * (1 - p) * features[3 * i + a] * features[3 * i + b];
      }
      auto const determinant = [](double const(&m)[3][3]) {
        return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
               m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
      };
      double const whole = determinant(h);
      for (std::size_t k = 0; k < 3; ++k) {
        double m[3][3];
        for (std::size_t a = 0; a < 3; ++a)
          for (std::size_t b = 0; b < 3; ++b) m[a][b] = b == k ? g[a] : h[a][b];
        w[k] -= determinant(m) / whole;
      }
    }
    return w;
  }
};

}  // namespace lbfgs_tests

TEMPLATE_TEST_CASE("lbfgs finds the minimum of a quadratic", "[optimizers][lbfgs]", float, double) {
  using namespace lbfgs_tests;
  softf1::context<> ctx;
  for (std::size_t size : {1u, 2u, 30u, 200u}) {
    std::vector<TestType> x(size, TestType(-3));
    double const tolerance = sizeof(TestType) == 4 ? 1e-3 : 1e-8;
    auto const result =
        softf1::minimise(ctx, lbfgs{.max_iterations = 200, .gradient_tolerance = tolerance}, quadratic{}, view(x));
    INFO(size << ": " << softf1::optimizers::lbfgs_status_name(result.status));
    CHECK(result.status == lbfgs_status::converged);
    CHECK(result.gradient_maximum <= tolerance);
    CHECK(result.iterations <= (size < 200 ? 60u : 160u));
    CHECK(result.evaluations <= result.iterations * 5 / 4 + 3);
    for (std::size_t k = 0; k < size; ++k)
      CHECK(static_cast<double>(x[k]) == Approx(static_cast<double>(k)).margin(tolerance * 2));
  }
}

TEST_CASE("lbfgs walks through Rosenbrock's valley", "[optimizers][lbfgs]") {
  using namespace lbfgs_tests;
  softf1::context<> ctx;
  for (std::size_t size : {2u, 10u, 50u}) {
    std::vector<double> x(size);
    for (std::size_t k = 0; k < size; ++k) x[k] = k % 2 ? 1 : -1.2;
    auto const result =
        softf1::minimise(ctx, lbfgs{.max_iterations = 500, .gradient_tolerance = 1e-9}, rosenbrock{}, view(x));
    CHECK(result.status == lbfgs_status::converged);
    CHECK(result.evaluations < (size == 2 ? 60u : 600u));
    if (size == 2)
      for (double v : x) CHECK(v == Approx(1).epsilon(1e-8));
    std::vector<double> g(size);
    CHECK(rosenbrock{}(vector_view<double const>(x.data(), size), view(g)) == result.value);
  }
}

TEMPLATE_TEST_CASE("lbfgs agrees with Newton's method on logistic regression", "[optimizers][lbfgs]", float, double) {
  using namespace lbfgs_tests;
  softf1::context<> ctx;
  logistic const objective;
  auto const expected = objective.newton();
  std::vector<TestType> w(3);
  double const tolerance = sizeof(TestType) == 4 ? 1e-4 : 1e-9;
  auto const result = softf1::minimise(ctx, lbfgs{.gradient_tolerance = tolerance}, objective, view(w));
  CHECK(result.status == lbfgs_status::converged);
  CHECK(result.iterations < 30);
  for (std::size_t k = 0; k < 3; ++k)
    CHECK(static_cast<double>(w[k]) == Approx(expected[k]).epsilon(tolerance).margin(tolerance));
  CHECK(std::abs(expected[0]) > 0.5);
}

TEST_CASE("lbfgs says why it stopped", "[optimizers][lbfgs]") {
  using namespace lbfgs_tests;
  softf1::context<> ctx;
  double const nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> x{-1.2, 1};
  SECTION("at once where it begins at the minimum") {
    x = {1, 1};
    auto const result = softf1::minimise(ctx, lbfgs{}, rosenbrock{}, view(x));
    CHECK(result.status == lbfgs_status::converged);
    CHECK(result.iterations == 0);
    CHECK(result.evaluations == 1);
  }
  SECTION("after the iterations that it may make") {
    auto const result = softf1::minimise(ctx, lbfgs{.max_iterations = 3}, rosenbrock{}, view(x));
    CHECK(result.status == lbfgs_status::max_iterations);
    CHECK(result.iterations == 3);
    CHECK(result.value < 24.2);
  }
  SECTION("with x at the value that it tells, however short its line searches are") {
    for (std::size_t evaluations = 1; evaluations <= 4; ++evaluations)
      for (std::size_t iterations = 1; iterations <= 20; ++iterations) {
        x = {-1.2, 1};
        lbfgs const options{.max_iterations = iterations, .curvature = 0.1, .max_evaluations = evaluations};
        auto const result = softf1::minimise(ctx, options, rosenbrock{}, view(x));
        std::vector<double> g(2);
        CHECK(rosenbrock{}(vector_view<double const>(x.data(), 2), view(g)) == result.value);
        CHECK(std::fmax(std::abs(g[0]), std::abs(g[1])) == result.gradient_maximum);
        CHECK(result.value < 24.2);
      }
  }
  SECTION("where a step brings little") {
    auto const result = softf1::minimise(ctx, lbfgs{.value_tolerance = 0.5}, rosenbrock{}, view(x));
    CHECK(result.status == lbfgs_status::small_decrease);
  }
  SECTION("where the value is NaN from the start: x stays") {
    auto const f = [&](vector_view<double const>, vector_view<double> g) { return g[0] = g[1] = 0, nan; };
    auto const result = softf1::minimise(ctx, lbfgs{}, f, view(x));
    CHECK(result.status == lbfgs_status::not_finite);
    CHECK(x == std::vector<double>{-1.2, 1});
  }
  SECTION("where the gradient is NaN from the start") {
    auto const f = [&](vector_view<double const>, vector_view<double> g) { return g[0] = nan, g[1] = 0, 1.0; };
    CHECK(softf1::minimise(ctx, lbfgs{}, f, view(x)).status == lbfgs_status::not_finite);
  }
  SECTION("where the gradient lies: no lower value, and x as it was") {
    auto const f = [](vector_view<double const> at, vector_view<double> g) {
      g[0] = -at[0], g[1] = -at[1];
      return (at[0] * at[0] + at[1] * at[1]) / 2;
    };
    auto const result = softf1::minimise(ctx, lbfgs{}, f, view(x));
    CHECK(result.status == lbfgs_status::no_decrease);
    CHECK(x == std::vector<double>{-1.2, 1});
    CHECK(result.gradient_maximum == 1.2);
  }
  SECTION("a place without a value only shortens the step") {
    // log needs x > 0; the first steps go beyond.
    x = {5};
    auto const f = [](vector_view<double const> at, vector_view<double> g) {
      g[0] = 100 - 1 / at[0];
      return 100 * at[0] - std::log(at[0]);
    };
    auto const result = softf1::minimise(ctx, lbfgs{.gradient_tolerance = 1e-7}, f, view(x));
    CHECK(result.status == lbfgs_status::converged);
    CHECK(x[0] == Approx(0.01).epsilon(1e-6));
  }
}

TEST_CASE("the line search ends at a point of both Wolfe conditions", "[optimizers][lbfgs]") {
  // Nocedal and Wright's exercise of More and Thuente: flat far out, steep at first.
  auto const phi = [](double a) {
    return softf1::optimizers::detail::line_point{a, -a / (a * a + 2), (a * a - 2) / ((a * a + 2) * (a * a + 2))};
  };
  for (double curvature : {0.1, 0.5, 0.9})
    for (double first : {1e-3, 0.1, 1.0, 10.0, 1e3}) {
      softf1::optimizers::detail::line_search search(phi, phi(0), {1e-4, curvature, 50});
      auto const found = search.run(first);
      INFO(curvature << " from " << first);
      CHECK(found.value <= 1e-4 * found.step * -0.5);
      CHECK(std::abs(found.slope) <= curvature * 0.5);
      CHECK(found.step > 0);
      CHECK(search.is_last(found));
    }
}

TEST_CASE("the line search closes in on a minimum from either side", "[optimizers][lbfgs]") {
  // Not a cubic, so that it takes several steps, with its minimum at `at`.
  for (double at : {0.3, 2.0, 3.5})
    for (double first : {0.01, 1.0, 5.0, 8.0}) {
      auto const phi = [at](double a) {
        return softf1::optimizers::detail::line_point{a, std::cosh(a - at) + 0.1 * std::exp(at - a),
                                                      std::sinh(a - at) - 0.1 * std::exp(at - a)};
      };
      double const curvature = 1e-5;
      softf1::optimizers::detail::line_search search(phi, phi(0), {1e-6, curvature, 40});
      auto const found = search.run(first);
      INFO("minimum near " << at << " from " << first);
      CHECK(std::abs(found.slope) <= curvature * std::abs(phi(0).slope));
      CHECK(search.evaluations() <= 25);
    }
}

TEST_CASE("the cubic through two points has its minimum where it is", "[optimizers][lbfgs]") {
  using softf1::optimizers::detail::cubic_minimum;
  using softf1::optimizers::detail::line_point;
  // x³ − 3x: minimum at 1.
  auto const at = [](double x) { return line_point{x, x * x * x - 3 * x, 3 * x * x - 3}; };
  CHECK(cubic_minimum(at(0), at(2)) == Approx(1));
  CHECK(cubic_minimum(at(2), at(0)) == Approx(1));
  CHECK(cubic_minimum(at(0.5), at(1.75)) == Approx(1));
  CHECK(cubic_minimum(at(0), line_point{2, std::nan(""), 0}) == 1);
}

TEST_CASE("lbfgs refuses bad options and strided x", "[optimizers][lbfgs]") {
  using namespace lbfgs_tests;
  softf1::context<> ctx;
  std::vector<double> x{0, 0, 0, 0};
  auto const text = [&](lbfgs const& options, std::ptrdiff_t stride = 1) {
    return softf1_test::error_text<softf1::error>(
        [&] { softf1::minimise(ctx, options, rosenbrock{}, vector_view<double>(x.data(), {2}, {stride})); });
  };
  CHECK(text({}) == "nothing was thrown");
  CHECK(text({}, 2) == "minimise: x must be dense, got one with gaps");
  CHECK(text({.memory = 0}) == "lbfgs: memory must be >= 1, got 0");
  CHECK(text({.gradient_tolerance = -1}) == "lbfgs: gradient_tolerance must be >= 0, got -1");
  CHECK(text({.decrease = 0.95}) ==
        "lbfgs: expected 0 < decrease < curvature < 1, got decrease 0.95 and curvature 0.9");
}
