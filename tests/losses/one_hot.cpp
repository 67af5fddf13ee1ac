#include <softf1/losses/one_hot.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include <softf1/losses/softmax_cross_entropy.hpp>
#include <softf1/losses/value_and_gradient.hpp>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

TEMPLATE_TEST_CASE("classes become targets of softmax cross-entropy", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace softf1_test;
  softf1::context<TestType> ctx;
  auto const classes = upload(ctx, std::vector<std::int64_t>{2, 0, 1, 2});
  softf1::buffer<float, TestType> targets(ctx, 12);
  softf1::one_hot(ctx, classes.view(), targets.matrix(4, 3));
  CHECK((download(ctx, targets) == std::vector<float>{0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1}));

  auto const wrong = upload(ctx, std::vector<std::int32_t>{0, 1, 3, -1});
  CHECK(error_text<softf1::value_error>([&] { softf1::one_hot(ctx, wrong.view(), targets.matrix(4, 3)); }) ==
        "one_hot: classes must be in [0, 3), got 3 in row 2");
  CHECK(error_text<softf1::shape_error>([&] { softf1::one_hot(ctx, wrong.view(), targets.matrix(3, 4)); }) ==
        "one_hot: classes must have shape (3,), got (4,)");
}

TEST_CASE("softmax cross-entropy of classes is minus the log of their share", "[losses]") {
  std::vector<double> const z{1, 2, 0.5, -1, 3, 0};
  auto const y = softf1::one_hot(std::vector<int>{1, 0}, 3);
  double const value = softf1::value_and_gradient(softf1::softmax_cross_entropy{}, softf1::as_matrix(z, 2, 3),
                                                  softf1::as_matrix(y, 2, 3)).value;
  auto const share = [](double of, double a, double b, double c) {
    return std::exp(of) / (std::exp(a) + std::exp(b) + std::exp(c));
  };
  CHECK(value == Approx(-(std::log(share(2, 1, 2, 0.5)) + std::log(share(-1, -1, 3, 0))) / 2));
}
