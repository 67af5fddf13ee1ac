#include <softf1/losses/value_and_gradient.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <softf1/losses/all.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace value_and_gradient_tests {

using namespace softf1_test;
using softf1::as_matrix;
namespace losses = softf1::losses;

// One of each driver, for what is the driver's doing.
using one_of_each_kind = softf1::type_list<softf1::binary_cross_entropy, softf1::soft_f1, losses::squared_dice,
                                           losses::softmax_cross_entropy, losses::two_way, losses::pairwise_hinge>;

template <class Y>
std::unique_ptr<Y[]> targets_as(problem const& p) {
  auto targets = std::make_unique<Y[]>(p.targets.size());
  for (std::size_t k = 0; k < p.targets.size(); ++k) targets[k] = stored<Y>(p.targets[k]);
  return targets;
}

}  // namespace value_and_gradient_tests

TEST_CASE("targets of every type give the same loss", "[losses]") {
  using namespace value_and_gradient_tests;
  problem const p = random_problem(20, 6, 1);
  auto const of = [&]<class Y>(auto const& loss, Y) {
    auto const targets = targets_as<Y>(p);
    softf1::matrix_view<const Y> const y(targets.get(), p.rows, p.cols);
    return softf1::value_and_gradient(loss, as_matrix(p.scores, p.rows, p.cols), y);
  };
  auto const all_equal = [&](auto const& loss) {
    auto const expected = of(loss, 1.0);
    // Not to the bit: compilers fuse multiplications and additions as they see fit for each type.
    auto const same = [&](auto const& got) {
      bool close = std::fabs(got.value - expected.value) <= 1e-15;
      for (std::size_t k = 0; k < got.gradient.size(); ++k)
        close = close && std::fabs(got.gradient[k] - expected.gradient[k]) <= 1e-16;
      return close;
    };
    CHECK(same(of(loss, 1.0f)));
    CHECK(same(of(loss, softf1::half(1))));
    CHECK(same(of(loss, softf1::bfloat16(1))));
    CHECK(same(of(loss, true)));
    CHECK(same(of(loss, std::uint8_t{1})));
    CHECK(same(of(loss, std::int8_t{1})));
    CHECK(same(of(loss, 1)));
    CHECK(same(of(loss, std::int64_t{1})));
  };
  all_equal(softf1::binary_cross_entropy{});
  all_equal(softf1::soft_f1{});
}

TEST_CASE("a NaN logit or target is refused with its row and label", "[losses]") {
  using namespace value_and_gradient_tests;
  double const nan = std::numeric_limits<double>::quiet_NaN();
  softf1::losses::all::for_each([&]<class Loss>() {
    problem p = random_problem(5, 4, 2);
    for (double& z : p.scores) z = std::abs(z);  // in the domain of unbounded_f1
    std::string const name(Loss::name);
    auto const value = [&] { softf1::loss_value(Loss{}, as_matrix(p.scores, 5, 4), as_matrix(p.targets, 5, 4)); };
    auto const both = [&] {
      softf1::value_and_gradient(Loss{}, as_matrix(p.scores, 5, 4), as_matrix(p.targets, 5, 4));
    };
    p.scores[p.at(3, 1)] = nan;
    CHECK(error_text<softf1::value_error>(value) == name + ": logits must not be NaN, got nan at row 3, label 1");
    CHECK(error_text<softf1::value_error>(both) == name + ": logits must not be NaN, got nan at row 3, label 1");
    p.targets[p.at(2, 2)] = nan;
    bool const binary = losses::detail::targets_of<Loss>() == softf1::targets_rule::zero_or_one;
    CHECK(error_text<softf1::value_error>(both) ==
          name + ": targets must " + (binary ? "be 0 or 1" : "not be NaN") + ", got nan at row 2, label 2");
    // The same cells are harmless where they are masked.
    p.mask.assign(20, 1);
    p.mask[p.at(3, 1)] = p.mask[p.at(2, 2)] = 0;
    auto const masked = softf1::value_and_gradient(Loss{}, as_matrix(p.scores, 5, 4), as_matrix(p.targets, 5, 4),
                                                   {.mask = as_matrix(p.mask, 5, 4)});
    CHECK(std::isfinite(masked.value));
  });
}

TEST_CASE("shapes that do not fit are named, expected and got", "[losses]") {
  using namespace value_and_gradient_tests;
  std::vector<double> const numbers(40);
  std::vector<float> const weights(3);
  std::vector<std::uint8_t> const mask(8, 1);
  one_of_each_kind::for_each([&]<class Loss>() {
    std::string const name(Loss::name);
    Loss const loss{};
    auto const z = as_matrix(numbers.data(), 4, 5);
    CHECK(error_text<softf1::shape_error>([&] { softf1::loss_value(loss, z, as_matrix(numbers.data(), 4, 4)); }) ==
          name + ": targets must have shape (4, 5), got (4, 4)");
    CHECK(error_text<softf1::shape_error>([&] {
            softf1::value_and_gradient(loss, z, as_matrix(numbers.data(), 5, 5));
          }) == name + ": targets must have shape (4, 5), got (5, 5)");
    CHECK(error_text<softf1::shape_error>([&] { softf1::loss_value(loss, z, z, {.mask = as_matrix(mask, 4, 2)}); }) ==
          name + ": mask must have shape (4, 5), got (4, 2)");
    CHECK(error_text<softf1::shape_error>([&] { softf1::loss_value(loss, z, z, {.row_weights = weights}); }) ==
          name + ": row_weights must have shape (4,), got (3,)");

    softf1::context<softf1::cpu> ctx;
    softf1::matrix_view<const double> const view = z;
    softf1::buffer<double> out(ctx, 40), value(ctx, 1);
    CHECK(error_text<softf1::shape_error>([&] {
            softf1::value_and_gradient(ctx, loss, view, view, out.view(), out.matrix(4, 5));
          }) == name + ": value must have shape (1,), got (40,)");
    CHECK(error_text<softf1::shape_error>([&] {
            softf1::value_and_gradient(ctx, loss, view, view, value.view(), out.matrix(4, 6));
          }) == name + ": grad_logits must have shape (4, 5), got (4, 6)");

    softf1::loss_union<Loss> all(ctx, loss, 5), other(ctx, loss, 3);
    softf1::matrix_view<const double> const narrow(numbers.data(), 4, 3);
    CHECK(error_text<softf1::shape_error>([&] { all.add(ctx, narrow, narrow); }) ==
          name + ": logits must have shape (4, 5), got (4, 3)");
    CHECK(error_text<softf1::shape_error>([&] { all.merge(ctx, other); }) ==
          name + ": merged union must have shape (5,), got (3,)");
    CHECK(error_text<softf1::shape_error>([&] { all.gradient(ctx, view, view, out.matrix(3, 5)); }) ==
          name + ": grad_logits must have shape (4, 5), got (3, 5)");
  });
}

TEST_CASE("the thin forms give what the base forms write, in the caller's own kind of array", "[losses]") {
  using namespace value_and_gradient_tests;
  problem const p = random_problem(6, 3, 3);
  softf1::context<softf1::cpu> ctx;
  problem_on<softf1::cpu> const data(ctx, p);
  softf1::buffer<double> value(ctx, 1), gradient(ctx, 18);
  softf1::soft_f1 const loss;
  softf1::value_and_gradient(ctx, loss, data.scores(), data.targets(), value.view(), gradient.matrix(6, 3));
  auto const thin = softf1::value_and_gradient(loss, data.scores(), data.targets());
  static_assert(std::is_same_v<decltype(thin.gradient), std::vector<double>>);
  CHECK(thin.value == value.view()(0));
  CHECK(thin.gradient == download(ctx, gradient));
  CHECK(softf1::loss_value(loss, data.scores(), data.targets()) == thin.value);
  static_assert(std::is_same_v<
                decltype(softf1::value_and_gradient(loss, softf1::matrix_view<const float>(), data.targets()).gradient),
                std::vector<float>>);
}

TEST_CASE("a union can be read, grown and read again", "[losses]") {
  using namespace value_and_gradient_tests;
  problem const p = random_problem(9, 4, 5), first = take_rows(p, {0, 1, 2}), rest = take_rows(p, {3, 4, 5, 6, 7, 8});
  softf1::context<softf1::cpu> ctx;
  softf1::buffer<double> value(ctx, 1);
  one_of_each_kind::for_each([&]<class Loss>() {
    softf1::loss_union<Loss> all(ctx, Loss{}, 4);
    all.value(ctx, value.view());
    CHECK(value.view()(0) == 0);
    for (problem const* part : {&first, &rest}) {
      problem_on<softf1::cpu> const data(ctx, *part);
      all.add(ctx, data.scores(), data.targets());
      all.value(ctx, value.view());
      double const expected = part == &first
                                  ? softf1::loss_value(Loss{}, data.scores(), data.targets())
                                  : softf1::loss_value(Loss{}, as_matrix(p.scores, 9, 4), as_matrix(p.targets, 9, 4));
      CHECK(value.view()(0) == Approx(expected).epsilon(1e-13));
    }
  });
}

TEST_CASE("an infinite loss stands, where no NaN made it", "[losses]") {
  using namespace value_and_gradient_tests;
  double const z = -HUGE_VAL, y = 1;
  CHECK(softf1::loss_value(softf1::binary_cross_entropy{}, as_matrix(&z, 1, 1), as_matrix(&y, 1, 1)) == HUGE_VAL);
}

TEST_CASE("losses that state a domain of logits refuse infinite ones in its words, where their value is not infinite",
          "[losses]") {
  using namespace value_and_gradient_tests;
  std::size_t refused = 0;
  losses::all::for_each([&]<class Loss>() {
    if constexpr (requires { Loss::domain; })
      for (double z : {HUGE_VAL, -HUGE_VAL}) {
        std::vector<double> const logits{0.5, z, 0.25}, targets{0, 1, 0};
        double value = HUGE_VAL;
        std::string const text = error_text<softf1::value_error>(
            [&] { value = softf1::loss_value(Loss{}, as_matrix(logits, 1, 3), as_matrix(targets, 1, 3)); });
        INFO(Loss::name << " of " << z << ": " << value);
        CHECK(value == HUGE_VAL);
        bool const is_refused = text == std::string(Loss::name) + ": " + std::string(Loss::domain);
        refused += is_refused;
        CHECK((is_refused || text == "nothing was thrown"));
      }
  });
  CHECK(refused == 4);
}
