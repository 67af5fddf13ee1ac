#include <softf1/backend/inference.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/fused.hpp"
#include "support/naive_convolution.hpp"

namespace backend_convolution_tests {

using namespace softf1_test;
using softf1::activation;
using softf1::context;
using softf1::window;

struct convolution_case {
  std::size_t images, height, width, channels, out, size, stride;
  zeros_around zeros;
  activation act = activation::none;
  bool residual = false;

  window win() const {
    return {size,
            stride,
            zeros.top,
            zeros.left,
            (height + zeros.top + zeros.bottom - size) / stride + 1,
            (width + zeros.left + zeros.right - size) / stride + 1};
  }
};

std::vector<convolution_case> problems() {
  std::vector<convolution_case> all;
  for (auto [size, stride] :
       {std::pair<std::size_t, std::size_t>{1, 1}, {1, 2}, {2, 1}, {3, 1}, {3, 2}, {5, 2}, {7, 3}})
    for (std::size_t channels : sizes{1, 3, 16, 37})
      for (auto act : activations)
        for (bool residual : {false, true})
          all.push_back({2, 7, 9, channels, 11, size, stride, tensorflow_zeros(7, 9, size, stride), act, residual});
  return all;
}

std::string text(convolution_case const& p) {
  return "window " + std::to_string(p.size) + " / " + std::to_string(p.stride) + ", " + std::to_string(p.channels) +
         " channels, activation " + std::to_string(static_cast<int>(p.act)) + (p.residual ? ", residual" : "");
}

template <class T>
std::vector<double> widened(std::vector<T> const& x) {
  std::vector<double> wide;
  for (T v : x) wide.push_back(number(v));
  return wide;
}

// The largest difference to clamp(expected + residual), in epsilon.
template <class T>
double error_of(std::vector<T> const& y, std::vector<double> const& expected, convolution_case const& p,
                std::vector<T> const& residual) {
  if (y.size() != expected.size()) return HUGE_VAL;
  double worst = 0;
  for (std::size_t k = 0; k < y.size(); ++k) {
    double const wanted = clamped(expected[k] + (p.residual ? number(residual[k]) : 0), p.act);
    double const error = std::fabs(number(y[k]) - wanted);
    worst = std::isnan(error) ? HUGE_VAL : std::max(worst, error);
  }
  return worst / epsilon_of<T>();
}

template <class T>
using biases = std::vector<softf1::compute_type<T>>;

template <class T, class B>
std::vector<T> convolved(context<B>& ctx, convolution_case const& p, std::vector<T> const& x, std::vector<T> const& w,
                         biases<T> const& bias, std::vector<T> const& residual) {
  auto const win = p.win();
  softf1::packed_matrix<T, B> const packed(ctx,
                                           softf1::matrix_view<const T>(w.data(), p.size * p.size * p.channels, p.out));
  auto const from = upload(ctx, x), more = upload(ctx, residual);
  auto const biases_there = upload(ctx, bias);
  softf1::buffer<T, B> scratch(ctx, softf1::convolution_scratch<T>(ctx, win, p.channels, p.images));
  softf1::buffer<T, B> y(ctx, p.images * win.out_height * win.out_width * p.out);
  softf1::convolve<T>(ctx, {from.data(), {p.images, p.height, p.width, p.channels}}, packed, win,
                      {{biases_there.data(), p.out}, p.act, residual_of(more, p.residual)}, scratch.view(),
                      {y.data(), {p.images, win.out_height, win.out_width, p.out}});
  return download(ctx, y);
}

template <class T, class B>
std::vector<T> depthwise(context<B>& ctx, convolution_case const& p, std::vector<T> const& x, std::vector<T> const& w,
                         biases<T> const& bias, std::vector<T> const& residual) {
  auto const win = p.win();
  auto const from = upload(ctx, x), weights = upload(ctx, w), more = upload(ctx, residual);
  auto const biases_there = upload(ctx, bias);
  softf1::buffer<T, B> y(ctx, p.images * win.out_height * win.out_width * p.channels);
  softf1::convolve_depthwise<T>(ctx, {from.data(), {p.images, p.height, p.width, p.channels}},
                                weights.matrix(p.size * p.size, p.channels), win,
                                {{biases_there.data(), p.channels}, p.act, residual_of(more, p.residual)},
                                {y.data(), {p.images, win.out_height, win.out_width, p.channels}});
  return download(ctx, y);
}

}  // namespace backend_convolution_tests

TEMPLATE_TEST_CASE("fused convolutions are those of the definition", "[backend][convolution]", SOFTF1_TEST_BACKENDS) {
  using namespace backend_convolution_tests;
  for_each_storage<TestType>([&]<class T>() {
    for (auto const& p : problems()) {
      INFO(text(p) << ", stored in " << sizeof(T) << " bytes");
      std::size_t const taps = p.size * p.size;
      auto const x = stored_numbers<T>(p.images * p.height * p.width * p.channels, 1, 1);
      auto const w =
          stored_numbers<T>(taps * p.channels * p.out, 2, 4 / std::sqrt(static_cast<double>(taps * p.channels)));
      auto const bias = stored_numbers<softf1::compute_type<T>>(p.out, 3, 4);
      auto const residual = stored_numbers<T>(p.images * p.win().out_height * p.win().out_width * p.out, 4, 4);
      std::vector<double> oihw(w.size());
      for (std::size_t t = 0; t < taps; ++t)
        for (std::size_t c = 0; c < p.channels; ++c)
          for (std::size_t f = 0; f < p.out; ++f)
            oihw[(f * p.channels + c) * taps + t] = number(w[(t * p.channels + c) * p.out + f]);
      auto const expected = naive_convolution(widened(x), {p.images, p.height, p.width, p.channels}, p.zeros, p.stride,
                                              oihw, widened(bias), p.size);
      for_each_context<TestType>([&](context<TestType>& ctx) {
        CHECK(error_of(convolved(ctx, p, x, w, bias, residual), expected, p, residual) <= 100);
      });
    }
  });
}

TEMPLATE_TEST_CASE("fused depthwise convolutions are those of the definition", "[backend][convolution]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace backend_convolution_tests;
  for_each_storage<TestType>([&]<class T>() {
    for (auto const& p : problems()) {
      INFO(text(p) << ", stored in " << sizeof(T) << " bytes");
      std::size_t const taps = p.size * p.size;
      auto const x = stored_numbers<T>(p.images * p.height * p.width * p.channels, 1, 1);
      auto const w = stored_numbers<T>(taps * p.channels, 2, 4 / static_cast<double>(p.size));
      auto const bias = stored_numbers<softf1::compute_type<T>>(p.channels, 3, 4);
      auto const residual = stored_numbers<T>(p.images * p.win().out_height * p.win().out_width * p.channels, 4, 4);
      std::vector<double> oihw(taps * p.channels * p.channels);
      for (std::size_t t = 0; t < taps; ++t)
        for (std::size_t c = 0; c < p.channels; ++c)
          oihw[(c * p.channels + c) * taps + t] = number(w[t * p.channels + c]);
      auto const expected = naive_convolution(widened(x), {p.images, p.height, p.width, p.channels}, p.zeros, p.stride,
                                              oihw, widened(bias), p.size);
      for_each_context<TestType>([&](context<TestType>& ctx) {
        CHECK(error_of(depthwise(ctx, p, x, w, bias, residual), expected, p, residual) <= 100);
      });
    }
  });
}

TEST_CASE("fused convolutions have the same bits for any number of threads", "[backend][convolution][threads]") {
  using namespace backend_convolution_tests;
  convolution_case const p{3, 20, 22, 40, 24, 3, 2, {1, 1, 1, 1}, activation::relu6, true};
  auto const x = stored_numbers<float>(p.images * p.height * p.width * p.channels, 1, 1);
  auto const w = stored_numbers<float>(9 * p.channels * p.out, 2, 0.3), bias = stored_numbers<float>(p.channels, 3, 1);
  auto const residual = stored_numbers<float>(p.images * 10 * 11 * p.channels, 4, 1);
  std::vector<float> first, first_depthwise;
  for (int threads : {1, 2, 3, 8}) {
    context<> ctx({.threads = threads});
    auto const y = convolved(ctx, p, x, w, bias, residual), z = depthwise(ctx, p, x, w, bias, residual);
    if (threads == 1) first = y, first_depthwise = z;
    CHECK(y == first);
    CHECK(z == first_depthwise);
  }
}

TEMPLATE_TEST_CASE("means of pixels are means", "[backend][convolution]", SOFTF1_TEST_BACKENDS) {
  using namespace backend_convolution_tests;
  for_each_context<TestType>([](context<TestType>& ctx) {
    for_each_storage<TestType>([&]<class T>() {
      for (std::size_t channels : sizes{1, 5, 64, 129})
        for (std::size_t pixels : sizes{1, 49}) {
          constexpr std::size_t images = 3;
          auto const x = stored_numbers<T>(images * pixels * channels, 1, 1);
          auto const from = upload(ctx, x);
          softf1::buffer<T, TestType> mean(ctx, images * channels);
          softf1::mean_of_pixels<T>(ctx, {from.data(), {images, pixels, 1, channels}}, mean.matrix(images, channels));
          auto const got = download(ctx, mean);
          for (std::size_t i = 0; i < images; ++i)
            for (std::size_t c = 0; c < channels; ++c) {
              double sum = 0;
              for (std::size_t k = 0; k < pixels; ++k) sum += number(x[(i * pixels + k) * channels + c]);
              CHECK_FALSE(std::fabs(number(got[i * channels + c]) - sum / static_cast<double>(pixels)) >
                          10 * epsilon_of<T>());
            }
        }
    });
  });
}

TEMPLATE_TEST_CASE("fused convolutions refuse shapes that do not fit", "[backend][convolution][errors]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace backend_convolution_tests;
  context<TestType> ctx;
  softf1::buffer<float, TestType> memory(ctx, 4000);
  float* const at = memory.data();
  std::vector<float> const weights(9 * 20 * 4);
  // Deep enough to be laid side by side on every backend.
  softf1::packed_matrix<float, TestType> const w(ctx, softf1::matrix_view<const float>(weights.data(), 180, 4));
  window const win{3, 1, 1, 1, 5, 5};
  std::size_t const needed = softf1::convolution_scratch<float>(ctx, win, 20, 1);
  auto const run = [&](std::size_t channels, std::size_t height, std::size_t scratch) {
    return error_text<softf1::shape_error>([&] {
      softf1::convolve<float>(ctx, {at, {1, 5, 5, channels}}, w, win, {{at, 4}}, {at, scratch},
                              {at, {1, height, 5, 4}});
    });
  };
  CHECK(run(3, 5, needed) == "convolve: w must have shape (27, 4), got (180, 4)");
  CHECK(run(20, 4, needed) == "convolve: y must have shape (1, 5, 5, 4), got (1, 4, 5, 4)");
  CHECK(run(20, 5, needed + 1) == "convolve: scratch must have shape (" + std::to_string(needed) + ",), got (" +
                                      std::to_string(needed + 1) + ",)");
}

TEST_CASE("windows of depthwise convolutions on the host are small", "[backend][convolution][errors]") {
  using namespace backend_convolution_tests;
  context<> ctx;
  std::vector<float> memory(1000);
  window const wide{9, 1, 4, 4, 5, 5};
  CHECK(error_text<softf1::value_error>([&] {
          softf1::convolve_depthwise<float>(ctx, {memory.data(), {1, 5, 5, 2}}, {memory.data(), 81, 2}, wide,
                                            {{memory.data(), 2}}, {memory.data(), {1, 5, 5, 2}});
        }) == "convolve_depthwise: the window must be at most 7 wide, got 9");
}
