#include <cmath>
#include <cstdint>
#include <limits>

#include <softf1/core/half.hpp>

#include "support/catch.hpp"

namespace {

// The nearest representable value, ties to the even pattern, found without bit tricks: the neighbours are compared.
template <class T>
std::uint16_t nearest_by_search(float x, std::uint16_t largest_finite) {
  std::uint16_t low = 0, high = largest_finite;  // patterns of non-negative finite values are ordered like the values
  while (high - low > 1) {
    auto const middle = static_cast<std::uint16_t>((low + high) / 2);
    (static_cast<float>(T::from_bits(middle)) <= x ? low : high) = middle;
  }
  double const below = double{x} - double{static_cast<float>(T::from_bits(low))};
  double const above = double{static_cast<float>(T::from_bits(high))} - double{x};
  if (below != above) return below < above ? low : high;
  return low % 2 == 0 ? low : high;
}

template <class T>
bool is_nan_pattern(std::uint16_t bits) {
  return std::isnan(static_cast<float>(T::from_bits(bits)));
}

}  // namespace

TEMPLATE_TEST_CASE("every pattern survives the way to float and back", "[core][half]", softf1::half, softf1::bfloat16) {
  int wrong = 0, nans = 0;
  for (std::uint32_t pattern = 0; pattern < 65536; ++pattern) {
    auto const bits = static_cast<std::uint16_t>(pattern);
    float const value = TestType::from_bits(bits);
    if (std::isnan(value)) {
      ++nans;
      wrong += !is_nan_pattern<TestType>(TestType(value).bits);
    } else {
      wrong += TestType(value).bits != bits;
    }
  }
  CHECK(wrong == 0);
  CHECK(nans == (std::is_same_v<TestType, softf1::half> ? 2 * 1023 : 2 * 127));
}

TEST_CASE("half has the values of IEEE 754 binary16", "[core][half]") {
  using softf1::half;
  CHECK(half(0.0f).bits == 0x0000);
  CHECK(half(-0.0f).bits == 0x8000);
  CHECK(half(1.0f).bits == 0x3c00);
  CHECK(half(-2.0f).bits == 0xc000);
  CHECK(half(65504.0f).bits == 0x7bff);
  CHECK(half(0x1p-14f).bits == 0x0400);  // smallest normal
  CHECK(half(0x1p-24f).bits == 0x0001);  // smallest subnormal
  CHECK(half(1.0f / 3.0f).bits == 0x3555);
  CHECK(static_cast<float>(half::from_bits(0x3555)) == 0.333251953125f);
  CHECK(static_cast<float>(half::from_bits(0x83ff)) == -1023 * 0x1p-24f);
}

TEST_CASE("half rounds to nearest, ties to even", "[core][half]") {
  using softf1::half;
  CHECK(half(1.0f + 0x1p-11f).bits == 0x3c00);             // tie, down to even
  CHECK(half(1.0f + 3 * 0x1p-11f).bits == 0x3c02);         // tie, up to even
  CHECK(half(1.0f + 0x1p-11f + 0x1p-23f).bits == 0x3c01);  // just above the tie
  CHECK(half(0x1p-25f).bits == 0x0000);                    // half of the smallest subnormal: tie to zero
  CHECK(half(0x1p-25f + 0x1p-48f).bits == 0x0001);
  CHECK(half(3 * 0x1p-25f).bits == 0x0002);
  CHECK(half(0x1p-14f - 0x1p-26f).bits == 0x0400);  // the largest subnormal rounds up to a normal
  CHECK(half(65519.996f).bits == 0x7bff);
  CHECK(half(65520.0f).bits == 0x7c00);  // overflow
  CHECK(half(-1e30f).bits == 0xfc00);
  CHECK(half(std::numeric_limits<float>::infinity()).bits == 0x7c00);
  CHECK(is_nan_pattern<half>(half(std::numeric_limits<float>::quiet_NaN()).bits));
}

TEST_CASE("bfloat16 rounds to nearest, ties to even", "[core][half]") {
  using softf1::bfloat16;
  CHECK(bfloat16(1.0f).bits == 0x3f80);
  CHECK(bfloat16(-0.0f).bits == 0x8000);
  CHECK(bfloat16(1.0f + 0x1p-8f).bits == 0x3f80);
  CHECK(bfloat16(1.0f + 3 * 0x1p-8f).bits == 0x3f82);
  CHECK(bfloat16(1.0f + 0x1p-8f + 0x1p-23f).bits == 0x3f81);
  CHECK(bfloat16(std::numeric_limits<float>::max()).bits == 0x7f80);
  CHECK(bfloat16(-std::numeric_limits<float>::infinity()).bits == 0xff80);
  CHECK(is_nan_pattern<bfloat16>(bfloat16(-std::numeric_limits<float>::quiet_NaN()).bits));
}

TEMPLATE_TEST_CASE("rounding agrees with a search for the nearest value", "[core][half]", softf1::half,
                   softf1::bfloat16) {
  bool const is_half = std::is_same_v<TestType, softf1::half>;
  int wrong = 0;
  // A stride that is odd and has no pattern visits low, middle and high mantissas in every binade up to 65504.
  for (std::uint32_t bits = 0; bits < 0x477fe000u; bits += 50021) {
    float const x = softf1::bit_cast<float>(bits);
    wrong += TestType(x).bits != nearest_by_search<TestType>(x, is_half ? 0x7bff : 0x7f7f);
  }
  CHECK(wrong == 0);
}
