// The owning tensor of the device, and thrust::device_vector, as arguments: typed over softf1::cuda alone, where
// SOFTF1_TEST_BACKENDS has it.
#include "support/backends.hpp"

#if defined(SOFTF1_DEVICE_CODE)

#include <softf1/interop/thrust.hpp>
#include <softf1/backend/cuda/tensor.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/losses/all.hpp>
#include <softf1/metrics/classification.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/thresholds/best.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace device_tensor_tests {

using namespace softf1_test;
using softf1::as_matrix;

template <class T>
std::vector<T> as(std::vector<double> const& x) {
  return {x.begin(), x.end()};
}

// The short forms, of the device's arguments and of the host's.
template <class X, class Y>
void check_short_forms(softf1::context<softf1::cuda>& ctx, problem const& p, X const& logits, Y const& targets) {
  auto const host_logits = as<float>(p.scores), host_targets = as<float>(p.targets);
  auto const s = as_matrix(host_logits, p.rows, p.cols), t = as_matrix(host_targets, p.rows, p.cols);
  CHECK(softf1::macro(softf1::f1{}, logits, targets) == softf1::macro(softf1::f1{}, s, t));
  CHECK(softf1::best_thresholds(softf1::f1{}, logits, targets).thresholds ==
        softf1::best_thresholds(softf1::f1{}, s, t).thresholds);
  auto const got = softf1::value_and_gradient(softf1::soft_f1{}, logits, targets);
  auto const expected = softf1::value_and_gradient(softf1::soft_f1{}, s, t);
  CHECK(got.value == Approx(expected.value).epsilon(1e-6));
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(got.gradient)>, softf1::tensor<float, 2, softf1::cuda>>);
  CHECK(got.gradient.shape() == std::array<std::size_t, 2>{p.rows, p.cols});
  auto const gradient = download(ctx, got.gradient.elements());
  double off = 0;
  for (std::size_t k = 0; k < gradient.size(); ++k)
    off = std::max(off, std::fabs(static_cast<double>(gradient[k]) - static_cast<double>(expected.gradient[k])));
  CHECK(off <= 1e-7);
}

}  // namespace device_tensor_tests

TEMPLATE_TEST_CASE("a tensor of the device holds what it is given, and zeros", "[backend][tensor]", softf1::cuda) {
  using namespace device_tensor_tests;
  softf1::context<TestType> ctx;
  std::vector<float> const numbers{1, 2, 3, 4, 5, 6};
  softf1::tensor<float, 2, TestType> const x(ctx, numbers.data(), {3, 2});
  CHECK(x.shape() == std::array<std::size_t, 2>{3, 2});
  CHECK(x.size() == 6);
  CHECK(download(ctx, x.elements()) == numbers);
  CHECK((x.view().rows() == 3 && x.view().cols() == 2 && x.view().data() == x.data()));
  softf1::tensor<double, 3, TestType> zeros(ctx, {2, 3, 4});
  CHECK(download(ctx, zeros.elements()) == std::vector<double>(24));
  softf1::fill(ctx, zeros.elements(), 7);
  auto const moved = std::move(zeros);
  CHECK(download(ctx, moved.elements()) == std::vector<double>(24, 7));
  CHECK(softf1::tensor<float, 2, TestType>().size() == 0);
  CHECK(softf1::tensor<float, 2, TestType>(ctx, {0, 5}).size() == 0);
}

TEMPLATE_TEST_CASE("losses, metrics and searches take tensors of the device", "[backend][tensor]", softf1::cuda) {
  using namespace device_tensor_tests;
  softf1::context<TestType> ctx;
  problem const p = random_problem(37, 5, 1);
  auto const logits = as<float>(p.scores), targets = as<float>(p.targets);
  softf1::tensor<float, 2, TestType> const x(ctx, logits.data(), {p.rows, p.cols});
  softf1::tensor<float, 2, TestType> const y(ctx, targets.data(), {p.rows, p.cols});
  check_short_forms(ctx, p, x, y);
}

TEMPLATE_TEST_CASE("losses, metrics and searches take device_vectors with a shape", "[backend][tensor]", softf1::cuda) {
  using namespace device_tensor_tests;
  softf1::context<TestType> ctx;
  problem const p = random_problem(41, 3, 2);
  auto const logits = as<float>(p.scores), targets = as<float>(p.targets);
  thrust::device_vector<float> const x(logits.begin(), logits.end());
  thrust::device_vector<float> y(targets.begin(), targets.end());
  check_short_forms(ctx, p, as_matrix(x, p.rows, p.cols), as_matrix(y, p.rows, p.cols));
  CHECK(error_text<softf1::shape_error>([&] { as_matrix(x, 41, 4); }) ==
        "as_matrix: (41, 4) needs 164 elements, got 123");
  CHECK(error_text<softf1::shape_error>([&] { as_matrix(y, 40, 3); }) ==
        "as_matrix: (40, 3) needs 120 elements, got 123");
}

#endif
