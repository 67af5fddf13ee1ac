#include <softf1/core/ordered_key.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"

TEMPLATE_TEST_CASE("keys sort like the numbers, and read back", "[core][ordered_key]", float, double) {
  using key = softf1::ordered_key<TestType>;
  using limits = std::numeric_limits<TestType>;
  std::vector<TestType> numbers{0,
                                1,
                                -1,
                                limits::min(),
                                -limits::min(),
                                limits::denorm_min(),
                                -limits::denorm_min(),
                                limits::max(),
                                limits::lowest(),
                                limits::infinity(),
                                -limits::infinity()};
  softf1::random_stream const random(1);
  for (std::uint64_t k = 0; k < 300; ++k) {
    auto const x = softf1::bit_cast<TestType>(static_cast<typename key::type>(random.bits64(k)));
    if (!std::isnan(x)) numbers.push_back(x);
  }
  std::size_t wrong = 0;
  for (TestType a : numbers) {
    wrong += key::to(key::from(a)) != a;
    for (TestType b : numbers) wrong += (a < b) != (key::from(a) < key::from(b));
  }
  CHECK(wrong == 0);
  CHECK(key::from(-TestType(0)) == key::from(TestType(0)));
  CHECK_FALSE(std::signbit(key::to(key::from(-TestType(0)))));
}
