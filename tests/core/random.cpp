#include <softf1/core/random.hpp>

#include <cstdint>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"

namespace random_tests {

// What a stream has at an index.
struct drawn {
  std::uint64_t wide, below;
  double uniform;
  float uniform_float;
  std::uint32_t bits, block[4];
};

struct draw {
  softf1::random_stream random;
  drawn* out;
  SOFTF1_HD void operator()(std::size_t i) const {
    auto const block = random.block(i);
    out[i] = {random.bits64(i),  random.below(i, 1000003 + i),
              random.uniform(i), random.uniform<float>(i),
              random.bits(i),    {block.word[0], block.word[1], block.word[2], block.word[3]}};
  }
};

bool same(drawn const& a, drawn const& b) {
  for (int k = 0; k < 4; ++k)
    if (a.block[k] != b.block[k]) return false;
  return a.wide == b.wide && a.below == b.below && !(a.uniform != b.uniform) && !(a.uniform_float != b.uniform_float) &&
         a.bits == b.bits;
}

bool same(softf1::philox_block const& a, softf1::philox_block const& b) {
  for (int i = 0; i < 4; ++i)
    if (a.word[i] != b.word[i]) return false;
  return true;
}

}  // namespace random_tests

TEST_CASE("philox gives the known answers of Random123", "[core][random]") {
  using random_tests::same;
  CHECK(same(softf1::philox(0, 0, 0), {{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}}));
  CHECK(same(softf1::philox(~0ull, ~0ull, ~0ull), {{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}}));
  // The digits of pi: counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0 (lowest word first).
  CHECK(same(softf1::philox(0x299f31d0a4093822ull, 0x85a308d3243f6a88ull, 0x0370734413198a2eull),
             {{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}}));
}

TEST_CASE("philox is a constant expression", "[core][random]") {
  static_assert(softf1::philox(0, 0).word[0] == 0x6627e8d5u);
  SUCCEED();
}

TEST_CASE("a random stream is a pure function of seed, purpose, coordinates and index", "[core][random]") {
  using softf1::random_purpose;
  softf1::random_stream const stream(7, random_purpose::shuffle, 3, 4);
  CHECK(stream.bits64(11) == softf1::random_stream(7, random_purpose::shuffle, 3, 4).bits64(11));
  CHECK(stream.bits64(11) != softf1::random_stream(8, random_purpose::shuffle, 3, 4).bits64(11));
  CHECK(stream.bits64(11) != softf1::random_stream(7, random_purpose::split, 3, 4).bits64(11));
  CHECK(stream.bits64(11) != softf1::random_stream(7, random_purpose::shuffle, 4, 3).bits64(11));
  CHECK(stream.bits64(11) != stream.bits64(10));
  CHECK(stream.bits(5) != stream.bits(6));
}

TEMPLATE_TEST_CASE("random numbers are the same wherever they are drawn", "[core][random]", SOFTF1_TEST_BACKENDS) {
  using namespace random_tests;
  softf1::context<TestType> ctx;
  constexpr std::size_t n = 3001;
  for (softf1::random_stream const& random :
       {softf1::random_stream(0), softf1::random_stream(~std::uint64_t{0}, softf1::random_purpose::dropout, 5, 7),
        softf1::random_stream(0x123456789abcdef0, softf1::random_purpose::shuffle, std::uint64_t{1} << 40, 3)}) {
    softf1::buffer<drawn, TestType> there(ctx, n);
    softf1::for_each(ctx, n, draw{random, there.data()});
    auto const got = softf1_test::download(ctx, there);
    std::vector<drawn> expected(n);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < n; ++i) {
      draw{random, expected.data()}(i);
      wrong += !same(got[i], expected[i]);
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("uniform numbers lie in [0, 1) and have the moments of a uniform distribution", "[core][random]") {
  softf1::random_stream const stream(1);
  int const n = 100000;
  double sum = 0, squares = 0, sum_float = 0;
  bool inside = true;
  for (int i = 0; i < n; ++i) {
    auto const index = static_cast<std::uint64_t>(i);
    double const x = stream.uniform(index);
    float const y = stream.uniform<float>(index);
    inside = inside && x >= 0 && x < 1 && y >= 0 && y < 1;
    sum += x;
    squares += x * x;
    sum_float += static_cast<double>(y);
  }
  CHECK(inside);
  // Five standard errors: 5 / sqrt(12 n), and 5 · sqrt(4/45 / n) for the squares.
  CHECK(sum / n == Approx(0.5).margin(0.0046));
  CHECK(sum_float / n == Approx(0.5).margin(0.0046));
  CHECK(squares / n == Approx(1.0 / 3.0).margin(0.0048));
}

TEST_CASE("below gives each integer of its range and none outside", "[core][random]") {
  softf1::random_stream const stream(2);
  int counts[7] = {};
  bool inside = true;
  for (std::uint64_t i = 0; i < 70000; ++i) {
    std::uint64_t const k = stream.below(i, 7);
    inside = inside && k < 7;
    if (k < 7) ++counts[k];
  }
  CHECK(inside);
  for (int count : counts) CHECK(count == Approx(10000).margin(500));

  // The upper half of the 128-bit product, against the compiler's own.
  std::uint64_t const n = 0xfedcba9876543211ull;
  for (std::uint64_t i = 0; i < 100; ++i) {
    __extension__ using wide = unsigned __int128;
    CHECK(stream.below(i, n) == static_cast<std::uint64_t>((static_cast<wide>(stream.bits64(i)) * n) >> 64));
  }
}
