#include <softf1/layers/padding.hpp>

#include <string>

#include "support/catch.hpp"
#include "support/errors.hpp"

TEST_CASE("windows of convolutions lie where TensorFlow and PyTorch put them", "[layers][padding]") {
  using namespace softf1::layers;
  using enum padding;
  struct {
    std::size_t in, size, stride;
    padding pad;
    std::size_t before, out;
  } const table[] = {
      {224, 3, 2, tensorflow_same, 0, 112},
      {224, 3, 2, symmetric, 1, 112},
      {225, 3, 2, tensorflow_same, 1, 113},
      {225, 3, 2, symmetric, 1, 113},
      {7, 3, 1, tensorflow_same, 1, 7},
      {7, 3, 1, symmetric, 1, 7},
      {8, 5, 2, tensorflow_same, 1, 4},
      {8, 5, 2, symmetric, 2, 4},
      {8, 2, 1, tensorflow_same, 0, 8},
      {8, 2, 1, symmetric, 0, 7},
      {8, 1, 2, tensorflow_same, 0, 4},
      {9, 1, 3, symmetric, 0, 3},
      {8, 3, 1, valid, 0, 6},
      {8, 3, 2, valid, 0, 3},
      {3, 3, 2, valid, 0, 1},
  };
  for (auto const& row : table) {
    INFO(row.in << ", window " << row.size << " / " << row.stride << ", " << name_of(row.pad));
    // The axes are independent of each other.
    auto const high = window_of({row.in, 100, 1}, row.size, row.stride, row.pad);
    auto const wide = window_of({100, row.in, 1}, row.size, row.stride, row.pad);
    CHECK(high.top == row.before);
    CHECK(high.out_height == row.out);
    CHECK(wide.left == row.before);
    CHECK(wide.out_width == row.out);
    CHECK(wide.top == high.left);
  }
}

TEST_CASE("paddings have names", "[layers][padding]") {
  using namespace softf1::layers;
  for (padding p : {padding::tensorflow_same, padding::symmetric, padding::valid})
    CHECK(padding_named(name_of(p)) == p);
  CHECK(softf1_test::error_text<softf1::value_error>([] { padding_named("same"); }) ==
        "no padding is named 'same', there are tensorflow_same, symmetric, valid");
}
