#include <softf1/interop/xtensor.hpp>

#include <span>
#include <string>
#include <type_traits>
#include <vector>

#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xview.hpp>
#endif

#include <softf1/softf1.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace xtensor_tests {

using softf1_test::error_text;

// Value, gradient and metrics of these logits and targets, whatever holds them.
struct figures {
  double loss, f1, average_precision;
  std::vector<double> gradient;
  bool operator==(figures const&) const = default;
};

template <class X, class Y>
figures look(X const& logits, Y const& targets) {
  auto const [value, gradient] = softf1::value_and_gradient(softf1::soft_f1(), logits, targets);
  figures all{value, softf1::macro(softf1::f1{}, logits, targets), softf1::average_precision(logits, targets), {}};
  auto const view = softf1::to_view<2>(gradient, "test", "gradient");
  for (std::size_t i = 0; i < view.rows(); ++i)
    for (std::size_t j = 0; j < view.cols(); ++j) all.gradient.push_back(view(i, j));
  return all;
}

bool close(figures const& a, figures const& b) {
  bool same = std::abs(a.loss - b.loss) < 1e-14 && a.f1 == b.f1 && a.average_precision == b.average_precision &&
              a.gradient.size() == b.gradient.size();
  for (std::size_t k = 0; same && k < a.gradient.size(); ++k) same = std::abs(a.gradient[k] - b.gradient[k]) < 1e-14;
  return same;
}

xt::xtensor<double, 2> const logits{{1.5, -0.5, 2}, {-1, 0.25, 0.5}, {0.75, -2, -1}, {3, 1, -0.25}};
xt::xtensor<int, 2> const targets{{1, 0, 1}, {0, 1, 0}, {1, 0, 0}, {1, 1, 1}};

figures expected() {
  std::vector<double> const z(logits.begin(), logits.end());
  std::vector<int> const y(targets.begin(), targets.end());
  auto const [value, gradient] =
      softf1::value_and_gradient(softf1::soft_f1(), softf1::as_matrix(z, 4, 3), softf1::as_matrix(y, 4, 3));
  static_assert(std::is_same_v<decltype(gradient), std::vector<double> const>);
  return {value, softf1::macro(softf1::f1{}, softf1::as_matrix(z, 4, 3), softf1::as_matrix(y, 4, 3)),
          softf1::average_precision(softf1::as_matrix(z, 4, 3), softf1::as_matrix(y, 4, 3)), gradient};
}

}  // namespace xtensor_tests

TEST_CASE("every container of xtensor gives the same figures, and gets an xt::xtensor back", "[interop][xtensor]") {
  using namespace xtensor_tests;
  auto const e = expected();
  CHECK(look(logits, targets) == e);

  xt::xarray<double> const any = logits;
  xt::xarray<int> const any_targets = targets;
  CHECK(look(any, any_targets) == e);
  static_assert(std::is_same_v<decltype(softf1::value_and_gradient(softf1::soft_f1(), any, any_targets).gradient),
                               xt::xtensor<double, 2>>);
  static_assert(std::is_same_v<decltype(softf1::value_and_gradient(softf1::soft_f1(), logits, targets).gradient),
                               xt::xtensor<double, 2>>);
  static_assert(std::is_same_v<decltype(softf1::decide(logits, {})), xt::xtensor<std::uint8_t, 2>>);
  static_assert(std::is_same_v<decltype(softf1::sigmoid(any)), xt::xtensor<double, 2>>);

  xt::xtensor<double, 2, xt::layout_type::column_major> const columns = logits;
  xt::xtensor<int, 2, xt::layout_type::column_major> const target_columns = targets;
  CHECK(close(look(columns, target_columns), e));
  CHECK(close(look(columns, targets), e));

  std::vector<double> memory(logits.begin(), logits.end());
  CHECK(look(xt::adapt(memory, std::vector<std::size_t>{4, 3}), targets) == e);
  CHECK(look(xt::adapt(memory.data(), std::array<std::size_t, 2>{4, 3}), targets) == e);
}

TEST_CASE("rows and columns of a larger xtensor are seen where they lie", "[interop][xtensor]") {
  using namespace xtensor_tests;
  auto const e = expected();
  xt::xtensor<double, 2> large({6, 5}, 99);
  xt::view(large, xt::range(1, 5), xt::range(2, 5)) = logits;
  auto const part = xt::view(large, xt::range(1, 5), xt::range(2, 5));
  CHECK(close(look(part, targets), e));

  // Every other row of a tall one.
  xt::xtensor<int, 2> tall({8, 3}, 7);
  xt::view(tall, xt::range(0, 8, 2), xt::all()) = targets;
  CHECK(close(look(logits, xt::view(tall, xt::range(0, 8, 2), xt::all())), e));
}

TEST_CASE("a mask and row weights come from xtensor, too", "[interop][xtensor]") {
  using namespace xtensor_tests;
  xt::xtensor<bool, 2> const mask{{true, true, false}, {true, false, true}, {true, true, true}, {false, true, true}};
  xt::xtensor<float, 1> const weights{1, 0.5f, 2, 1};
  std::vector<std::uint8_t> const plain_mask(mask.begin(), mask.end());
  std::vector<double> const plain_weights(weights.begin(), weights.end());
  CHECK(softf1::macro(softf1::f1{}, logits, targets, {.mask = mask, .row_weights = weights}) ==
        softf1::macro(softf1::f1{}, logits, targets,
                      {.mask = softf1::as_matrix(plain_mask, 4, 3), .row_weights = plain_weights}));
}

TEST_CASE("an xarray of another rank is refused", "[interop][xtensor]") {
  using namespace xtensor_tests;
  xt::xarray<double> const vector = xt::xarray<double>::from_shape({12});
  CHECK(error_text<softf1::shape_error>([&] { softf1::loss_value(softf1::soft_f1(), vector, targets); }) ==
        "soft_f1: logits must have 2 dimensions, got shape (12,)");
  xt::xarray<double> const cube = xt::xarray<double>::from_shape({2, 2, 3});
  CHECK(error_text<softf1::shape_error>([&] { softf1::macro(softf1::f1{}, logits, cube); }) ==
        "macro: targets must have 2 dimensions, got shape (2, 2, 3)");
}

TEST_CASE("the owning tensor of the host is an xt::xtensor of zeros", "[interop][xtensor]") {
  using namespace xtensor_tests;
  softf1::tensor<float, 2> t({2, 3});
  static_assert(
      std::is_same_v<std::remove_cvref_t<decltype(t.array())>, xt::xtensor<float, 2, xt::layout_type::row_major>>);
  CHECK(t.size() == 6);
  CHECK((t.array() == xt::xtensor<float, 2>({2, 3}, 0.0f)));
  t.view()(1, 2) = 5;
  CHECK(t.array()(1, 2) == 5);
  softf1::tensor<double, 2> const given(logits);
  CHECK(look(given.array(), targets) == expected());
  auto const [value, gradient] = softf1::value_and_gradient(softf1::soft_f1(), given, targets);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(gradient)>, softf1::tensor<double, 2>>);
  CHECK(value == expected().loss);
  CHECK(std::vector<double>(gradient.array().begin(), gradient.array().end()) == expected().gradient);
}
