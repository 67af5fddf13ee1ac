#include <softf1/core/cells.hpp>

#include <array>
#include <type_traits>
#include <vector>

#include "support/catch.hpp"

TEST_CASE("scores are computed in float, doubles in double", "[core][cells]") {
  static_assert(std::is_same_v<softf1::plain_cells<softf1::half, bool>::score, float>);
  static_assert(std::is_same_v<softf1::plain_cells<float, int>::score, float>);
  static_assert(std::is_same_v<softf1::plain_cells<double, float>::score, double>);
  std::vector<softf1::half> const halves{softf1::half(1.5f), softf1::half(-2.0f)};
  std::array<bool, 2> const yes{true, false};
  softf1::plain_cells<softf1::half, bool> const cells({halves.data(), 1, 2}, {yes.data(), 1, 2});
  CHECK((cells.logit(0, 0) == 1.5f && cells.logit(0, 1) == -2 && cells.target(0, 0) == 1 && cells.target(0, 1) == 0));
}
