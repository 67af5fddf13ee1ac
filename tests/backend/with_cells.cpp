#include <softf1/backend/with_cells.hpp>

#include <string>
#include <type_traits>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace with_cells_tests {

using softf1::mask_view;
using softf1::matrix_view;
using softf1::weights_view;

template <class S, class Y>
bool is_plain(matrix_view<const S> scores, matrix_view<const Y> targets, mask_view<> const& mask = {},
              weights_view<> const& weights = {}, bool plain_output = true) {
  softf1::context<softf1::cpu> ctx;
  return softf1::with_cells(
      ctx, "test", scores, targets, mask, weights,
      [](auto const& cells) { return std::is_same_v<std::remove_cvref_t<decltype(cells)>, softf1::plain_cells<S, Y>>; },
      plain_output);
}

std::vector<float> const scores{1, 2, 3, 4, 5, 6};
std::vector<int> const targets{0, 1, 0, 1, 0, 1};
matrix_view<const float> const z(scores.data(), 2, 3);
matrix_view<const int> const y(targets.data(), 2, 3);

}  // namespace with_cells_tests

TEST_CASE("cells without mask and weights are plain, whatever their strides are", "[backend][cells]") {
  using namespace with_cells_tests;
  std::vector<std::uint8_t> const mask(6, 1);
  std::vector<double> const weights(2, 1);
  CHECK(is_plain(z, y));
  CHECK(is_plain(matrix_view<const float>(scores.data(), 2, 2, 3, 1), matrix_view<const int>(targets.data(), 2, 2)));
  CHECK(is_plain(matrix_view<const float>(scores.data(), 3, 1, 2, 9),
                 matrix_view<const int>(targets.data(), 3, 1, 1, 9)));
  CHECK(is_plain(matrix_view<const float>(scores.data(), 2, 3, 1, 2), y));
  CHECK(is_plain(z, matrix_view<const int>(targets.data(), 2, 3, 1, 2)));
  CHECK_FALSE(is_plain(z, y, softf1::as_matrix(mask, 2, 3)));
  CHECK_FALSE(is_plain(z, y, {}, weights));
  CHECK_FALSE(is_plain(z, y, {}, {}, false));
}

TEST_CASE("cells give score, target, presence and weight", "[backend][cells]") {
  using namespace with_cells_tests;
  softf1::context<softf1::cpu> ctx;
  std::vector<std::int8_t> const mask{1, 0, -1, 1, 1, 0};
  std::vector<float> const weights{0.5f, 2, 9, 9};
  softf1::vector_view<const float> const strided(weights.data(), {2}, {1});
  softf1::with_cells(
      ctx, "test", z, y, mask_view<>(softf1::as_matrix(mask, 2, 3)), weights_view<>(strided), [](auto const& cells) {
        CHECK((cells.rows() == 2 && cells.cols() == 3));
        CHECK((cells.logit(1, 0) == 4 && cells.target(1, 0) == 1));
        CHECK((cells.present(0, 0) && !cells.present(0, 1) && cells.present(0, 2) && !cells.present(1, 2)));
        CHECK((cells.weight(0) == 0.5 && cells.weight(1) == 2));
        softf1::pooled_cells const pooled(cells);
        CHECK((pooled.rows() == 6 && pooled.cols() == 1));
        for (std::size_t k = 0; k < 6; ++k) {
          CHECK(pooled.logit(k, 0) == cells.logit(k / 3, k % 3));
          CHECK(pooled.target(k, 0) == cells.target(k / 3, k % 3));
          CHECK(pooled.present(k, 0) == cells.present(k / 3, k % 3));
          CHECK(pooled.weight(k) == cells.weight(k / 3));
        }
      });
  softf1::with_cells(ctx, "test", z, y, {}, {}, [](auto const& cells) {
    CHECK((cells.logit(1, 2) == 6 && cells.target(0, 1) == 1 && cells.present(1, 1) && cells.weight(1) == 1));
  });
}

TEST_CASE("a mask or weights that are given are checked, even when they are empty", "[backend][cells]") {
  using namespace with_cells_tests;
  using softf1_test::error_text;
  std::vector<std::uint8_t> const mask(6);
  std::vector<double> const none;
  CHECK(error_text<softf1::shape_error>([&] { is_plain(z, y, softf1::as_matrix(mask, 3, 2)); }) ==
        "test: mask must have shape (2, 3), got (3, 2)");
  CHECK(error_text<softf1::shape_error>([&] { is_plain(z, y, {}, none); }) ==
        "test: row_weights must have shape (2,), got (0,)");
  CHECK(error_text<softf1::shape_error>([&] { is_plain(z, matrix_view<const int>(targets.data(), 2, 2)); }) ==
        "test: targets must have shape (2, 3), got (2, 2)");
}

TEST_CASE("columns that do not lie side by side are the same cells", "[backend][cells]") {
  using namespace with_cells_tests;
  softf1::context<softf1::cpu> ctx;
  std::vector<std::int8_t> const mask{1, 0, 1, 1, 1, 0};
  matrix_view<const float> const by_column(scores.data(), 2, 3, 1, 2);
  matrix_view<const int> const every_other(targets.data() + 5, 2, 3, -3, -1);
  matrix_view<const std::int8_t> const present(mask.data(), 2, 3, 1, 2);
  for (bool masked : {false, true})
    softf1::with_cells(ctx, "test", by_column, every_other, masked ? mask_view<>(present) : mask_view<>(), {},
                       [&](auto const& cells) {
                         for (std::size_t i = 0; i < 2; ++i)
                           for (std::size_t j = 0; j < 3; ++j) {
                             CHECK(cells.logit(i, j) == by_column(i, j));
                             CHECK(cells.target(i, j) == static_cast<float>(every_other(i, j)));
                             CHECK(cells.present(i, j) == (!masked || present(i, j) != 0));
                           }
                       });
}
