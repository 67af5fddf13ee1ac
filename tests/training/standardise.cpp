#include <softf1/training/standardise.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "training/toy.hpp"

namespace standardise_tests {

using namespace training_tests;
using softf1_test::error_text;

template <class T>
feature_scaling scaling_of(std::vector<T> const& x, std::size_t rows, std::size_t cols) {
  return measure_scaling(matrix_view<const T>(x.data(), rows, cols));
}

/// Features of other places and sizes, and two that never change: 6 and 0.1.
toy uneven(std::size_t rows, std::uint64_t seed) {
  auto t = noise(rows, seed, 6);
  std::vector<float> const place{100, -2, 0, .5f, 6, .1f}, size{30, .1f, 50, 1e-3f, 0, 0};
  for (std::size_t k = 0; k < t.x.size(); ++k) t.x[k] = place[k % 6] + size[k % 6] * t.x[k];
  return t;
}

toy scaled_toy(toy t, feature_scaling const& s) {
  t.x = scaled(t.view().features, s);
  return t;
}

void check_same(std::vector<float> const& values, std::vector<float> const& expected) {
  REQUIRE(values.size() == expected.size());
  for (std::size_t k = 0; k < values.size(); ++k) CHECK(values[k] == Approx(expected[k]).epsilon(1e-4).margin(3e-4));
}

TEST_CASE("measure_scaling gives mean and deviation of each feature") {
  // The third is far from 0: a mean of squares less a square of the mean would lose its deviation in float.
  std::vector<float> const x{1, -3, 4096, 0, 2, 3, 4096.5f, 0, 3, -3, 4096, 0, 4, 3, 4096.5f, 0};
  auto const s = scaling_of(x, 4, 4);
  CHECK(s.mean == std::vector<double>{2.5, 0, 4096.25, 0});
  CHECK(s.deviation == std::vector<double>{std::sqrt(1.25), 3, 0.25, 1});
  auto const y = scaled(matrix_view<const float>(x.data(), 4, 4), s);
  CHECK(std::vector<float>(y.begin() + 4, y.begin() + 8) ==
        std::vector<float>{static_cast<float>(-.5 / std::sqrt(1.25)), 1, 1, 0});
  // Every second row, and the columns the other way round.
  CHECK(measure_scaling(matrix_view<const float>(x.data() + 3, 2, 4, 8, -1)).mean ==
        std::vector<double>{0, 4096, -3, 2});
  CHECK(scaling_of<float>({7, 0}, 1, 2).deviation == std::vector<double>{1, 1});
}

TEST_CASE("scaled features have mean 0 and deviation 1") {
  auto const t = uneven(3000, 1);
  auto const again = measure_scaling(scaled_toy(t, measure_scaling(t.view().features)).view().features);
  for (std::size_t j = 0; j < 6; ++j) {
    CHECK(std::abs(again.mean[j]) < 1e-4);
    CHECK(again.deviation[j] == Approx(1).epsilon(1e-4));
  }
}

TEST_CASE("a feature that is constant but for rounding has deviation 1") {
  std::size_t const rows = 5000;
  auto const check = [](feature_scaling const& s, double value) {
    INFO(value);
    CHECK(s.deviation == std::vector<double>{1});
    CHECK(s.mean[0] == Approx(value).epsilon(1e-6));
  };
  for (double value : {6.0, 0.1, -0.1, 1e-20, 1e20, 0.0}) {
    check(scaling_of(std::vector<double>(rows, value), rows, 1), value);
    auto const single = static_cast<float>(value);
    std::vector<float> x(rows, single);
    check(scaling_of(x, rows, 1), value);
    if (value == 0) continue;
    for (std::size_t i = 0; i < rows; i += 2) x[i] = std::nextafter(single, 2 * single);
    check(scaling_of(x, rows, 1), value);
  }
  // What varies by more is no rounding.
  std::vector<float> x(rows, 6);
  for (std::size_t i = 0; i < rows; i += 2) x[i] = 6.001f;
  CHECK(scaling_of(x, rows, 1).deviation[0] == Approx(5e-4).epsilon(1e-3));
}

TEST_CASE("a folded head gives for features what it gave for scaled features") {
  context ctx;
  auto const t = uneven(4000, 1);
  // What is constant in training may be else later: the head goes on as with the scaled features there.
  auto v = uneven(50, 2);
  v.x[7 * v.inputs + 4] = 6.001f;
  v.x[7 * v.inputs + 5] = 0.2f;
  auto const s = measure_scaling(t.view().features);
  CHECK(s.deviation[4] == 1);
  CHECK(s.deviation[5] == 1);
  for (head_options const& head :
       {head_options{.hidden = 0, .dropout = 0}, {.hidden = 0, .dropout = 0.3}, {.hidden = 7, .dropout = 0.3}}) {
    INFO(head.hidden << " hidden, dropout " << head.dropout);
    auto net = head_for(ctx, v, head);
    // Biases begin at 0.
    auto const& bias = net.named()[1].values;
    for (std::size_t j = 0; j < bias.size(); ++j) bias(j) = .3f * static_cast<float>(j) - .4f;
    std::vector<float> const before(net.parameters().data(), net.parameters().data() + net.parameters().size());
    auto const expected = logits_of(ctx, net, scaled_toy(v, s));
    fold_scaling(net, s);
    for (std::size_t k = 0; k < before.size(); ++k) {
      CHECK(std::isfinite(net.parameters()(k)));
      bool const in_first = k < net.named()[0].size() + bias.size();
      if (!in_first) CHECK(net.parameters()(k) == before[k]);
    }
    check_same(logits_of(ctx, net, v), expected);
  }
}

TEST_CASE("standardising refuses what does not fit") {
  context ctx;
  CHECK(error_text<softf1::value_error>([] { scaling_of<float>({}, 0, 3); }) ==
        "measure_scaling: expected at least one row, got 0");
  auto const t = noise(8, 1, 4);
  auto const s = measure_scaling(t.view().features);
  feature_scaling const narrow{{0, 0, 0}, {1, 1, 1}};
  CHECK(error_text<softf1::shape_error>([&] { scaled(t.view().features, narrow); }) ==
        "scaled: mean must have shape (4,), got (3,)");

  using softf1::layers::dense;
  std::string const refused = "fold_scaling: the head must begin with a dense layer with a bias, for ";
  auto const text = [&](softf1::layers::table const& blocks, feature_scaling const& scaling) {
    network net(ctx, {1, 1, 4}, blocks, 1);
    return error_text<softf1::value_error>([&] { fold_scaling(net, scaling); });
  };
  CHECK(text({{dense{.out = 3, .bias = false}, "output"}}, s) == refused + "4 features");
  CHECK(text({{softf1::layers::relu{}, "relu"}, {dense{.out = 3}, "output"}}, s) == refused + "4 features");
  CHECK(text({{softf1::layers::dropout{0.5}, "dropout"}}, s) == refused + "4 features");
  CHECK(text({{dense{.out = 3}, "output"}}, narrow) == refused + "3 features");
  CHECK(text({{dense{.out = 3}, "output"}}, s) == "nothing was thrown");
}

}  // namespace standardise_tests
