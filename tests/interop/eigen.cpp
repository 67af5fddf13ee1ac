#if __has_include(<Eigen/Core>)
#include <softf1/interop/eigen.hpp>

#include <string>
#include <type_traits>
#include <vector>

#include <softf1/softf1.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace eigen_tests {
using row_major = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
}  // namespace eigen_tests

TEST_CASE("Eigen's matrices in either order, arrays, maps and blocks give the same figures", "[interop][eigen]") {
  using namespace eigen_tests;
  Eigen::MatrixXd columns(4, 3);
  columns << 1.5, -0.5, 2, -1, 0.25, 0.5, 0.75, -2, -1, 3, 1, -0.25;
  Eigen::MatrixXi targets(4, 3);
  targets << 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1;
  row_major const rows = columns;
  std::vector<double> const dense(rows.data(), rows.data() + 12);
  auto const expected = softf1::value_and_gradient(softf1::soft_f1(), softf1::as_matrix(dense, 4, 3), targets);
  double const f1 = softf1::macro(softf1::f1{}, softf1::as_matrix(dense, 4, 3), targets);

  auto const look = [&](auto const& logits) {
    auto const got = softf1::value_and_gradient(softf1::soft_f1(), logits, targets);
    static_assert(std::is_same_v<std::remove_cvref_t<decltype(got.gradient)>, row_major>);
    CHECK(got.value == Approx(expected.value).epsilon(1e-14));
    for (Eigen::Index k = 0; k < 12; ++k)
      CHECK(got.gradient(k / 3, k % 3) == Approx(expected.gradient[static_cast<std::size_t>(k)]).epsilon(1e-13));
    CHECK(softf1::macro(softf1::f1{}, logits, targets) == f1);
  };
  look(columns);
  look(rows);
  look(Eigen::ArrayXXd(columns));
  look(Eigen::Map<row_major const>(dense.data(), 4, 3));
  Eigen::MatrixXd large = Eigen::MatrixXd::Constant(7, 6, 99);
  large.block(2, 1, 4, 3) = columns;
  look(Eigen::Ref<Eigen::MatrixXd const>(large.block(2, 1, 4, 3)));

  Eigen::VectorXd weights(4);
  weights << 1, 2, 0.5, 1;
  std::vector<double> const plain(weights.data(), weights.data() + 4);
  CHECK(softf1::macro(softf1::f1{}, columns, targets, {.row_weights = weights}) ==
        softf1::macro(softf1::f1{}, columns, targets, {.row_weights = plain}));
  Eigen::MatrixXd const not_a_vector(2, 2);
  CHECK(softf1_test::error_text<softf1::shape_error>([&] {
          softf1::macro(softf1::f1{}, columns, targets, {.row_weights = not_a_vector});
        }) == "row_weights: row_weights must be a vector, got shape (2, 2)");
}
#endif
