// What the standard library holds: vectors, spans, arrays, pointers.
#include <array>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <softf1/softf1.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"

TEST_CASE("vectors, spans, arrays and pointers get a shape by as_matrix, and vectors back", "[interop]") {
  using softf1::as_matrix;
  std::vector<float> const logits{1, -1, 2, -3, 0.5f, -0.25f};
  std::array<float, 6> const array{1, -1, 2, -3, 0.5f, -0.25f};
  std::span<float const> const span(logits);
  std::vector<int> const targets{1, 0, 1, 1, 0, 0};
  auto const y = as_matrix(targets, 3, 2);
  auto const expected = softf1::value_and_gradient(softf1::soft_f1(), as_matrix(logits, 3, 2), y);
  auto const same = [&](auto const& got) {
    static_assert(std::is_same_v<decltype(got.gradient), std::vector<float>>);
    return got.value == expected.value && got.gradient == expected.gradient;
  };
  CHECK(same(softf1::value_and_gradient(softf1::soft_f1(), as_matrix(span, 3, 2), y)));
  CHECK(same(softf1::value_and_gradient(softf1::soft_f1(), as_matrix(array, 3, 2), y)));
  CHECK(same(
      softf1::value_and_gradient(softf1::soft_f1(), as_matrix(logits.data(), 3, 2), as_matrix(targets.data(), 3, 2))));
  CHECK(softf1_test::error_text<softf1::shape_error>([&] { as_matrix(span, 2, 2); }) ==
        "as_matrix: (2, 2) needs 4 elements, got 6");

  std::vector<float> const weights{1, 2, 0.5f};
  std::span<float const> const weight_span(weights);
  CHECK(softf1::macro(softf1::f1{}, as_matrix(logits, 3, 2), y, {.row_weights = weights}) ==
        softf1::macro(softf1::f1{}, as_matrix(logits, 3, 2), y, {.row_weights = weight_span}));
}
