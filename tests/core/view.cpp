#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <softf1/core/view.hpp>
#include <softf1/core/view_traits.hpp>

#include "support/catch.hpp"

namespace {

// The least that matches view_traits by structure: data(), shape(), strides() in elements.
struct strided_array {
  std::vector<double> numbers;
  std::array<std::ptrdiff_t, 2> extents;
  std::array<std::ptrdiff_t, 2> steps;

  double* data() { return numbers.data(); }
  double const* data() const { return numbers.data(); }
  auto const& shape() const { return extents; }
  auto const& strides() const { return steps; }
};

struct three_dimensions : strided_array {
  std::array<std::size_t, 3> shape() const { return {1, 2, 3}; }
  std::array<std::ptrdiff_t, 3> strides() const { return {6, 3, 1}; }
};

template <class E, class F>
std::string view_error(F f) {
  try {
    f();
  } catch (E const& e) {
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("views are trivially copyable and know their backend", "[core][view]") {
  static_assert(std::is_trivially_copyable_v<softf1::matrix_view<float>>);
  static_assert(
      !std::is_convertible_v<softf1::matrix_view<float, softf1::cpu>, softf1::matrix_view<float, softf1::cuda>>);
  static_assert(std::is_convertible_v<softf1::matrix_view<float>, softf1::matrix_view<const float>>);
  static_assert(!std::is_convertible_v<softf1::matrix_view<const float>, softf1::matrix_view<float>>);
  softf1::matrix_view<float> const empty;
  CHECK(empty.size() == 0);
}

TEST_CASE("a dense matrix view is row-major", "[core][view]") {
  std::vector<int> numbers = {0, 1, 2, 3, 4, 5};
  softf1::matrix_view<int> const view(numbers.data(), 2, 3);
  CHECK(view.rows() == 2);
  CHECK(view.cols() == 3);
  CHECK(view.size() == 6);
  CHECK(view.is_dense());
  CHECK(view(1, 2) == 5);
  view(0, 1) = 7;
  CHECK(numbers[1] == 7);
  softf1::matrix_view<const int> const read_only = view;
  CHECK(read_only(0, 1) == 7);
}

TEST_CASE("strides may be transposed, negative or zero", "[core][view]") {
  std::vector<int> numbers = {0, 1, 2, 3, 4, 5};
  softf1::matrix_view<int> const transposed(numbers.data(), 3, 2, 1, 3);
  CHECK(transposed(2, 1) == 5);
  CHECK(transposed(1, 0) == 1);
  CHECK_FALSE(transposed.is_dense());
  softf1::matrix_view<int> const reversed(numbers.data() + 3, 2, 3, -3, 1);
  CHECK(reversed(0, 0) == 3);
  CHECK(reversed(1, 2) == 2);
  CHECK_FALSE(reversed.is_dense());
  softf1::matrix_view<int> const repeated(numbers.data(), 4, 3, 0, 1);
  CHECK(repeated(3, 2) == 2);
}

TEST_CASE("the stride of an extent of one does not matter for density", "[core][view]") {
  std::vector<int> numbers(8);
  CHECK(softf1::matrix_view<int>(numbers.data(), 1, 4, 100, 1).is_dense());
  CHECK(softf1::matrix_view<int>(numbers.data(), 4, 1, 1, 100).is_dense());
  CHECK_FALSE(softf1::matrix_view<int>(numbers.data(), 4, 1, 2, 1).is_dense());
}

TEST_CASE("arrays with data, shape and strides convert by structure", "[core][view]") {
  strided_array x{{0, 1, 2, 3, 4, 5}, {3, 2}, {1, 3}};
  static_assert(softf1::viewable<strided_array>);
  static_assert(std::is_same_v<softf1::value_of<strided_array const&>, double>);
  auto const view = softf1::to_view<2>(x, "f", "x");
  static_assert(std::is_same_v<decltype(view), softf1::matrix_view<double> const>);
  CHECK(view(2, 1) == 5);
  strided_array const& constant = x;
  static_assert(std::is_same_v<decltype(softf1::to_view<2>(constant, "f", "x")), softf1::matrix_view<const double>>);
  CHECK(softf1::to_view<2>(constant, "f", "x")(1, 1) == 4);
}

TEST_CASE("a wrong number of dimensions is a shape_error", "[core][view]") {
  three_dimensions x;
  CHECK(view_error<softf1::shape_error>([&] { softf1::to_view<2>(x, "soft_f1", "logits"); }) ==
        "soft_f1: logits must have 2 dimensions, got shape (1, 2, 3)");
}

TEST_CASE("vectors and spans are vectors; as_matrix gives them a shape", "[core][view]") {
  std::vector<float> numbers = {1, 2, 3, 4, 5, 6};
  auto const vector = softf1::to_view<1>(numbers, "f", "x");
  static_assert(std::is_same_v<decltype(vector), softf1::vector_view<float> const>);
  CHECK(vector.size() == 6);
  CHECK(vector[5] == 6.0f);

  auto const matrix = softf1::as_matrix(numbers, 2, 3);
  CHECK(matrix(1, 0) == 4.0f);
  auto const from_span = softf1::as_matrix(std::span<float const>(numbers), 3, 2);
  static_assert(std::is_same_v<decltype(from_span), softf1::matrix_view<float const> const>);
  CHECK(from_span(2, 1) == 6.0f);
  CHECK(view_error<softf1::shape_error>([&] { softf1::as_matrix(numbers, 4, 2); }) ==
        "as_matrix: (4, 2) needs 8 elements, got 6");
}

TEST_CASE("results for inputs that own nothing are vectors", "[core][view]") {
  using result = softf1::matrix_of<softf1::matrix_view<float>, double>;
  static_assert(std::is_same_v<result, std::vector<double>>);
  softf1::context<> ctx;
  CHECK(softf1::view_traits<softf1::matrix_view<float>>::make_matrix<double>(ctx, 2, 3).size() == 6);
}
