// The convolution as its definition has it.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace softf1_test {

/// Rows and columns of zeros around an image.
struct zeros_around {
  std::size_t top, bottom, left, right;
};

/// TensorFlow's padding = "SAME": as many as give ⌈in / stride⌉ outputs, the odd one at the end.
inline zeros_around tensorflow_zeros(std::size_t height, std::size_t width, std::size_t size, std::size_t stride) {
  auto const all = [&](std::size_t in) {
    std::size_t const rest = in % stride == 0 ? stride : in % stride;
    return size > rest ? size - rest : 0;
  };
  std::size_t const rows = all(height), cols = all(width);
  return {rows / 2, rows - rows / 2, cols / 2, cols - cols / 2};
}

/// x (N, H, W, C), weights (F, C, size, size), bias (F,); result (N, out height, out width, F).
inline std::vector<double> naive_convolution(std::vector<double> const& x, std::array<std::size_t, 4> const& shape,
                                             zeros_around const& zeros, std::size_t stride,
                                             std::vector<double> const& weights, std::vector<double> const& bias,
                                             std::size_t size) {
  auto const [images, height, width, in] = shape;
  std::size_t const out = bias.size();
  // The image with its zeros.
  std::size_t const rows = height + zeros.top + zeros.bottom, cols = width + zeros.left + zeros.right;
  std::vector<double> padded(images * rows * cols * in);
  for (std::size_t n = 0; n < images; ++n)
    for (std::size_t a = 0; a < height; ++a)
      for (std::size_t b = 0; b < width; ++b)
        for (std::size_t c = 0; c < in; ++c)
          padded[((n * rows + a + zeros.top) * cols + b + zeros.left) * in + c] =
              x[((n * height + a) * width + b) * in + c];
  std::vector<double> y;
  for (std::size_t n = 0; n < images; ++n)
    for (std::size_t top = 0; top + size <= rows; top += stride)
      for (std::size_t left = 0; left + size <= cols; left += stride)
        for (std::size_t f = 0; f < out; ++f) {
          double sum = bias[f];
          for (std::size_t c = 0; c < in; ++c)
            for (std::size_t a = 0; a < size; ++a)
              for (std::size_t b = 0; b < size; ++b)
                sum += padded[((n * rows + top + a) * cols + left + b) * in + c] *
                       weights[((f * in + c) * size + a) * size + b];
          y.push_back(sum);
        }
  return y;
}

/// The gradients of Σ grad_y · naive_convolution(x) by x and by the weights.
struct naive_slopes {
  std::vector<double> x, weights;
};

/// Shapes as in naive_convolution; grad_y (N, out height, out width, F).
inline naive_slopes naive_convolution_slopes(std::vector<double> const& x, std::array<std::size_t, 4> const& shape,
                                             zeros_around const& zeros, std::size_t stride,
                                             std::vector<double> const& weights, std::vector<double> const& grad_y,
                                             std::size_t out, std::size_t size) {
  auto const [images, height, width, in] = shape;
  naive_slopes slopes{std::vector<double>(x.size()), std::vector<double>(weights.size())};
  std::size_t const rows = height + zeros.top + zeros.bottom, cols = width + zeros.left + zeros.right;
  std::size_t next = 0;
  for (std::size_t n = 0; n < images; ++n)
    for (std::size_t top = 0; top + size <= rows; top += stride)
      for (std::size_t left = 0; left + size <= cols; left += stride)
        for (std::size_t f = 0; f < out; ++f, ++next)
          for (std::size_t a = 0; a < size; ++a)
            for (std::size_t b = 0; b < size; ++b) {
              std::size_t const i = top + a, j = left + b;
              if (i < zeros.top || i >= zeros.top + height || j < zeros.left || j >= zeros.left + width) continue;
              for (std::size_t c = 0; c < in; ++c) {
                std::size_t const pixel = ((n * height + i - zeros.top) * width + j - zeros.left) * in + c;
                std::size_t const weight = ((f * in + c) * size + a) * size + b;
                slopes.x[pixel] += grad_y[next] * weights[weight];
                slopes.weights[weight] += grad_y[next] * x[pixel];
              }
            }
  return slopes;
}

}  // namespace softf1_test
