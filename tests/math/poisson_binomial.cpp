#include <softf1/math/poisson_binomial.hpp>

#include <cstddef>
#include <vector>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"

TEST_CASE("the number of events that happen is distributed as all outcomes say", "[math]") {
  for (std::size_t events = 0; events <= 10; ++events) {
    softf1::random_stream const random(events);
    std::vector<double> p(events), chances{1}, expected(events + 1);
    for (std::size_t k = 0; k < events; ++k) p[k] = k == 3 ? 0 : k == 6 ? 1 : random.uniform(k);
    for (double one : p) softf1::math::add_event(chances, one);
    for (std::size_t outcome = 0; outcome < std::size_t{1} << events; ++outcome) {
      double chance = 1;
      std::size_t happened = 0;
      for (std::size_t k = 0; k < events; ++k) {
        bool const happens = outcome >> k & 1;
        chance *= happens ? p[k] : 1 - p[k];
        happened += happens;
      }
      expected[happened] += chance;
    }
    REQUIRE(chances.size() == events + 1);
    for (std::size_t n = 0; n <= events; ++n) CHECK(chances[n] == Approx(expected[n]).margin(1e-15));
  }
}

TEST_CASE("distributions of thousands of events stay accurate", "[math]") {
  std::vector<double> chances{1};
  for (int k = 0; k < 4000; ++k) softf1::math::add_event(chances, k % 2 ? 0.25 : 0.75);
  double sum = 0, mean = 0, square = 0;
  for (std::size_t n = 0; n < chances.size(); ++n) {
    CHECK(chances[n] >= 0);
    sum += chances[n];
    mean += static_cast<double>(n) * chances[n];
    square += (static_cast<double>(n) - 2000) * (static_cast<double>(n) - 2000) * chances[n];
  }
  CHECK(sum == Approx(1).epsilon(1e-12));
  CHECK(mean == Approx(2000).epsilon(1e-12));
  CHECK(square == Approx(750).epsilon(1e-10));
}
