#include <softf1/backend/convolution_passes.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/fused.hpp"
#include "support/naive_convolution.hpp"

namespace backend_convolutions_tests {

using namespace softf1_test;
using softf1::context;
using softf1::convolution_grid;
using softf1::cpu;
using softf1::matrix_view;
using softf1::window_grid;

struct convolutions_case {
  std::size_t images, height, width, channels, out, size, stride;
  zeros_around zeros;
  std::size_t groups = 1, dilation = 1;

  std::size_t reach() const { return (size - 1) * dilation + 1; }
  convolution_grid grid() const {
    std::size_t const rows = height + zeros.top + zeros.bottom, cols = width + zeros.left + zeros.right;
    return {
        {height,
         width,
         channels / groups,
         {size, stride, zeros.top, zeros.left, (rows - reach()) / stride + 1, (cols - reach()) / stride + 1, dilation}},
        groups,
        out};
  }
  std::size_t pixels() const { return images * height * width; }
  std::size_t out_pixels() const { return images * grid().on.out_pixels(); }
};

std::string text(convolutions_case const& p) {
  return std::to_string(p.height) + " x " + std::to_string(p.width) + " x " + std::to_string(p.channels) + " to " +
         std::to_string(p.out) + ", window " + std::to_string(p.size) + " / " + std::to_string(p.stride) + ", " +
         std::to_string(p.groups) + " groups, dilation " + std::to_string(p.dilation);
}

// Where the weight of tap (a, b), channel c of its group and output f is in a naive convolution's: over all channels,
// with zeros between the taps.
std::size_t naive_place(convolutions_case const& p, std::size_t a, std::size_t b, std::size_t c, std::size_t f) {
  std::size_t const group = f / (p.out / p.groups), channel = group * (p.channels / p.groups) + c;
  return ((f * p.channels + channel) * p.reach() + a * p.dilation) * p.reach() + b * p.dilation;
}

// visit(place in the library's order, place in the naive one) for all weights.
template <class Visit>
void each_weight(convolutions_case const& p, Visit const& visit) {
  std::size_t k = 0;
  for (std::size_t a = 0; a < p.size; ++a)
    for (std::size_t b = 0; b < p.size; ++b)
      for (std::size_t c = 0; c < p.channels / p.groups; ++c)
        for (std::size_t f = 0; f < p.out; ++f) visit(k++, naive_place(p, a, b, c, f));
}

struct passes {
  std::vector<double> y, grad_x, grad_w;
};

struct problem {
  std::vector<float> x, w, bias, grad_y;
  explicit problem(convolutions_case const& p)
      : x(stored_numbers<float>(p.pixels() * p.channels, 1, 1)),
        w(stored_numbers<float>(p.grid().depth() * p.out, 2, 1)),
        bias(stored_numbers<float>(p.out, 3, 1)),
        grad_y(stored_numbers<float>(p.out_pixels() * p.out, 4, 1)) {}
};

std::vector<double> widened(std::vector<float> const& x) { return {x.begin(), x.end()}; }

passes naive(convolutions_case const& p, problem const& of) {
  std::vector<double> weights(p.out * p.channels * p.reach() * p.reach());
  each_weight(p, [&](std::size_t k, std::size_t at) { weights[at] = of.w[k]; });
  std::array<std::size_t, 4> const shape{p.images, p.height, p.width, p.channels};
  auto const slopes =
      naive_convolution_slopes(widened(of.x), shape, p.zeros, p.stride, weights, widened(of.grad_y), p.out, p.reach());
  std::vector<double> by_weight(of.w.size());
  each_weight(p, [&](std::size_t k, std::size_t at) { by_weight[k] = slopes.weights[at]; });
  return {naive_convolution(widened(of.x), shape, p.zeros, p.stride, weights, widened(of.bias), p.reach()), slopes.x,
          by_weight};
}

// Gradients of weights are added to ones.
template <class B>
passes through_door(context<B>& ctx, convolutions_case const& p, problem const& of) {
  auto const g = p.grid();
  auto const x = upload(ctx, of.x), w = upload(ctx, of.w), bias = upload(ctx, of.bias), grad_y = upload(ctx, of.grad_y);
  softf1::buffer<float, B> y(ctx, of.grad_y.size()), grad_x(ctx, of.x.size());
  auto grad_w = upload(ctx, std::vector<float>(of.w.size(), 1));
  auto const in = x.matrix(p.pixels(), p.channels), weights = w.matrix(g.depth(), p.out),
             slopes = grad_y.matrix(p.out_pixels(), p.out);
  softf1::convolve_forward<float>(ctx, g, in, weights, bias.view(), y.matrix(p.out_pixels(), p.out));
  softf1::convolve_grad_x<float>(ctx, g, weights, slopes, grad_x.matrix(p.pixels(), p.channels));
  softf1::convolve_grad_w<float>(ctx, g, in, slopes, grad_w.matrix(g.depth(), p.out));
  auto by_weight = widened(download(ctx, grad_w));
  for (double& v : by_weight) v -= 1;
  return {widened(download(ctx, y)), widened(download(ctx, grad_x)), by_weight};
}

// As through_door for a group a channel, without a bias.
template <class B>
passes through_depthwise_door(context<B>& ctx, convolutions_case const& p, problem const& of) {
  auto const on = p.grid().on;
  window_grid const all{on.height, on.width, p.channels, on.win};
  auto const x = upload(ctx, of.x), w = upload(ctx, of.w), grad_y = upload(ctx, of.grad_y);
  softf1::buffer<float, B> y(ctx, of.grad_y.size()), grad_x(ctx, of.x.size());
  auto grad_w = upload(ctx, std::vector<float>(of.w.size(), 1));
  auto const in = x.matrix(p.pixels(), p.channels), weights = w.matrix(on.taps(), p.channels),
             slopes = grad_y.matrix(p.out_pixels(), p.channels);
  softf1::depthwise_forward<float>(ctx, all, in, weights, y.matrix(p.out_pixels(), p.channels));
  softf1::depthwise_grad_x<float>(ctx, all, weights, slopes, grad_x.matrix(p.pixels(), p.channels));
  softf1::depthwise_grad_w<float>(ctx, all, in, slopes, grad_w.view());
  auto by_weight = widened(download(ctx, grad_w));
  for (double& v : by_weight) v -= 1;
  return {widened(download(ctx, y)), widened(download(ctx, grad_x)), by_weight};
}

// The largest difference, by the largest number expected.
double error_of(std::vector<double> const& got, std::vector<double> const& expected) {
  if (got.size() != expected.size()) return HUGE_VAL;
  double worst = 0, most = 1;
  for (std::size_t k = 0; k < got.size(); ++k) {
    double const error = std::fabs(got[k] - expected[k]);
    worst = std::isnan(error) ? HUGE_VAL : std::max(worst, error);
    most = std::max(most, std::fabs(expected[k]));
  }
  return worst / most;
}

constexpr double tolerance = 3e-6;

// Channels and outputs on both sides of a vector, a panel, a tile and a unit of work; windows of all kinds.
std::vector<convolutions_case> convolutions() {
  return {
      {3, 4, 5, 8, 16, 1, 1, {}},
      {2, 7, 9, 37, 33, 1, 1, {}},
      {2, 5, 5, 130, 18, 1, 1, {}},
      {2, 7, 9, 12, 50, 1, 2, {}},
      {2, 7, 9, 3, 16, 3, 1, {1, 1, 1, 1}},
      {2, 8, 9, 3, 5, 5, 2, {1, 2, 1, 2}},
      {2, 7, 9, 8, 24, 3, 1, {1, 1, 1, 1}},
      {2, 7, 9, 20, 40, 3, 2, {1, 1, 0, 1}},
      {2, 6, 7, 66, 7, 2, 1, {0, 1, 0, 1}},
      {2, 9, 11, 9, 17, 3, 3, {2, 0, 0, 2}},
      {4, 7, 7, 18, 18, 7, 1, {}},
      {2, 6, 7, 9, 8, 7, 2, {3, 3, 3, 3}},
      {1, 12, 13, 8, 3, 9, 1, {4, 4, 4, 4}},
      {2, 9, 8, 24, 16, 3, 1, {2, 2, 2, 2}, 2, 2},
      {2, 9, 8, 16, 8, 3, 2, {2, 2, 2, 2}, 1, 2},
      {2, 5, 6, 12, 6, 3, 1, {1, 1, 1, 1}, 6},
      {2, 4, 4, 20, 30, 1, 1, {}, 2},
      {1, 3, 300, 9, 10, 3, 1, {1, 1, 1, 1}},
      {1, 1, 2, 8, 8, 1, 3, {}},
  };
}

std::vector<convolutions_case> depthwise_convolutions() {
  std::vector<convolutions_case> all;
  for (std::size_t channels : sizes{5, 16, 70})
    for (auto [size, stride, dilation, before, after] : {std::array<std::size_t, 5>{3, 1, 1, 1, 1},
                                                         {3, 2, 1, 0, 1},
                                                         {5, 2, 1, 2, 2},
                                                         {2, 3, 1, 0, 0},
                                                         {3, 1, 2, 2, 2},
                                                         {9, 1, 1, 4, 4}})
      all.push_back({2, 9, 11, channels, channels, size, stride, {before, after, before, after}, channels, dilation});
  return all;
}

// Small numbers with equal ones among them, and a NaN or two.
std::vector<float> steps(std::size_t n) {
  auto values = stored_numbers<float>(n, 5, 4);
  for (float& v : values) v = std::floor(v);
  values[n / 3] = values[n / 2] = std::numeric_limits<float>::quiet_NaN();
  return values;
}

bool are_same(std::vector<float> const& a, std::vector<float> const& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

}  // namespace backend_convolutions_tests

TEMPLATE_TEST_CASE("the passes of convolutions are those of the definition", "[backend][convolution]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace backend_convolutions_tests;
  for (auto const& p : convolutions()) {
    INFO(text(p));
    problem const of(p);
    auto const expected = naive(p, of);
    for_each_context<TestType>([&](context<TestType>& ctx) {
      auto const got = through_door(ctx, p, of);
      CHECK(error_of(got.y, expected.y) <= tolerance);
      CHECK(error_of(got.grad_x, expected.grad_x) <= tolerance);
      CHECK(error_of(got.grad_w, expected.grad_w) <= tolerance);
    });
  }
}

TEMPLATE_TEST_CASE("the passes of depthwise convolutions are those of the definition", "[backend][convolution]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace backend_convolutions_tests;
  for (auto const& p : depthwise_convolutions()) {
    INFO(text(p));
    problem of(p);
    std::fill(of.bias.begin(), of.bias.end(), 0.0f);
    auto const expected = naive(p, of);
    for_each_context<TestType>([&](context<TestType>& ctx) {
      auto const got = through_depthwise_door(ctx, p, of);
      CHECK(error_of(got.y, expected.y) <= tolerance);
      CHECK(error_of(got.grad_x, expected.grad_x) <= tolerance);
      CHECK(error_of(got.grad_w, expected.grad_w) <= tolerance);
    });
  }
}

TEST_CASE("pools of whole pixels are those of cells, to the bit", "[backend][pooling]") {
  using namespace backend_convolutions_tests;
  constexpr std::size_t images = 2, height = 7, width = 6;
  for (std::size_t channels : sizes{3, 32, 300})
    for (auto const& win : {softf1::window{2, 2, 0, 0, 3, 3}, softf1::window{3, 2, 1, 1, 4, 3},
                            softf1::window{3, 1, 1, 1, 7, 6}, softf1::window{2, 3, 0, 0, 2, 2}})
      for (bool zeros : {false, true}) {
        INFO(channels << " channels, window " << win.size << " / " << win.stride << (zeros ? ", zeros" : ""));
        context<cpu> ctx({.threads = 2});
        window_grid const on{height, width, channels, win};
        std::size_t const pixels = images * on.pixels(), out = images * on.out_pixels();
        auto const x = steps(pixels * channels), slopes = stored_numbers<float>(out * channels, 6, 1);
        matrix_view<const float> const in(x.data(), pixels, channels), above(slopes.data(), out, channels);
        std::vector<float> y(out * channels), grad_x(x.size()), y_of_cells(y), grad_of_cells(grad_x);
        std::vector<std::uint32_t> taps(y.size());
        matrix_view<float> const to(y.data(), out, channels), back(grad_x.data(), pixels, channels),
            to_cells(y_of_cells.data(), out, channels), back_cells(grad_of_cells.data(), pixels, channels);
        matrix_view<std::uint32_t> const places(taps.data(), out, channels);

        softf1::pool_max_forward<float>(ctx, on, zeros, in, to);
        softf1::pool_max_backward<float>(ctx, on, zeros, in, above, back);
        softf1::first_maximum<float, cpu> const maximum{on, in, zeros};
        for_each_cell(ctx, out, channels, softf1::maximum_of_window<float, cpu>{maximum, to_cells});
        for_each_cell(ctx, out, channels, softf1::tap_of_maximum<float, cpu>{maximum, places});
        for_each_cell(ctx, pixels, channels, softf1::slopes_of_maxima<float, cpu>{on, places, above, back_cells});
        CHECK(are_same(y, y_of_cells));
        CHECK(are_same(grad_x, grad_of_cells));

        softf1::cells_of_window const cells{on, zeros};
        softf1::pool_mean_forward<float>(ctx, cells, in, to);
        softf1::pool_mean_backward<float>(ctx, cells, above, back);
        for_each_cell(ctx, out, channels, softf1::mean_of_window<float, cpu>{cells, in, to_cells});
        for_each_cell(ctx, pixels, channels, softf1::slopes_of_means<float, cpu>{cells, above, back_cells});
        CHECK(are_same(y, y_of_cells));
        CHECK(are_same(grad_x, grad_of_cells));
      }
}
