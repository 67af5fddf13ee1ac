#include <softf1/core/bit_view.hpp>

#include <cstdint>
#include <vector>

#include <softf1/decisions/apply.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

TEST_CASE("packed decisions are read as the bits that were decided") {
  using namespace softf1_test;
  softf1::context<softf1::cpu> ctx;
  problem const p = random_problem(5, 70, 1);
  auto const scores = softf1::as_matrix(p.scores, 5, 70);
  std::vector<std::uint64_t> words(5 * 3, ~std::uint64_t{0});  // a word of room behind each row
  softf1::decide_bits(ctx, softf1::matrix_view<const double>(scores), softf1::probability_threshold{},
                      softf1::matrix_view<std::uint64_t>(words.data(), 5, 2, 3, 1));
  softf1::matrix_view<const std::uint64_t> const packed(words.data(), 5, 2, 3, 1);
  auto const bits = softf1::as_bits(packed, 70);
  CHECK(bits.shape() == std::array<std::size_t, 2>{5, 70});
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 70; ++j) CHECK(bits(i, j) == (p.scores[p.at(i, j)] >= 0));

  std::vector<std::uint8_t> const bytes{0b101, 0b010};
  auto const small = softf1::as_bits(softf1::as_matrix(bytes, 2, 1), 3);
  CHECK((small(0, 0) && !small(0, 1) && small(0, 2) && !small(1, 0) && small(1, 1)));
  CHECK(error_text<softf1::shape_error>([&] { softf1::as_bits(softf1::as_matrix(bytes, 2, 1), 9); }) ==
        "as_bits: words must have shape (2, 2), got (2, 1)");
}
