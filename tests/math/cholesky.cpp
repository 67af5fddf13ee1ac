#include <softf1/math/cholesky.hpp>

#include <cstddef>
#include <vector>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"

TEST_CASE("equations with a positive definite matrix are solved, others refused", "[math]") {
  for (std::size_t n = 0; n <= 12; ++n) {
    softf1::random_stream const random(n);
    std::vector<double> root(n * n), a(n * n), b(n), x(n);
    for (std::size_t k = 0; k < n * n; ++k) root[k] = 2 * random.uniform(k) - 1;
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = static_cast<double>(i) - 2;
      for (std::size_t j = 0; j < n; ++j) {
        a[i * n + j] = i == j ? 0.1 : 0;
        for (std::size_t k = 0; k < n; ++k) a[i * n + j] += root[i * n + k] * root[j * n + k];
      }
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) b[i] += a[i * n + j] * x[j];
    auto indefinite = a;
    REQUIRE(softf1::math::solve_positive_definite(a, b));
    for (std::size_t i = 0; i < n; ++i) CHECK(b[i] == Approx(x[i]).margin(1e-11));
    if (n == 0) continue;
    indefinite[n * n - 1] = -1;
    CHECK_FALSE(softf1::math::solve_positive_definite(indefinite, b));
  }
}
