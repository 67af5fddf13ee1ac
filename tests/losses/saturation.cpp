// Values and gradients at saturated logits, beside the formulas in long double. Bounds are of relative errors, however
// small the results, but where a test says otherwise: results below the smallest normal number are 0, or nearly.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <softf1/losses/asymmetric.hpp>
#include <softf1/losses/binary_cross_entropy.hpp>
#include <softf1/losses/class_balanced.hpp>
#include <softf1/losses/focal.hpp>
#include <softf1/losses/hinge.hpp>
#include <softf1/losses/poly1.hpp>
#include <softf1/losses/self_adjusting_dice.hpp>
#include <softf1/losses/soap.hpp>
#include <softf1/losses/soft_f1.hpp>
#include <softf1/losses/two_way.hpp>
#include <softf1/losses/value_and_gradient.hpp>
#include <softf1/losses/zlpr.hpp>

#include "support/catch.hpp"

namespace saturation_tests {

using softf1::as_matrix;
using real = long double;

real sigma(real z) { return 1 / (1 + expl(-z)); }
real softplus(real z) { return z > 0 ? z + log1pl(expl(-z)) : log1pl(expl(z)); }

struct exact {
  real value;
  std::vector<real> gradient;
};

template <class T>
std::vector<T> sizes() {
  std::vector<T> all{20, 25.5, 33, 37, 50, 64.25, 80};
  if (sizeof(T) == 8)
    for (double more : {100.0, 150.75, 300.0, 500.5, 700.0}) all.push_back(static_cast<T>(more));
  return all;
}

// |got − expected| in units of |expected|; 0 where both are below what T can tell.
template <class T>
real relative_error(real got, real expected) {
  real const tiny = 16 * static_cast<real>(std::numeric_limits<T>::min());
  if (fabsl(expected) < tiny) return fabsl(got) < 2 * tiny ? 0 : 1;
  return fabsl(got - expected) / fabsl(expected);
}

template <class T>
real bound(real in_double, real in_float) {
  return sizeof(T) == 8 ? in_double : in_float;
}

// One cell of each loss.
template <class T, class Loss, class Reference>
void check_cells(Loss const& loss, real most, Reference const& reference) {
  for (T size : sizes<T>())
    for (T z : {size, -size})
      for (T y : {T(0), T(1)}) {
        exact const expected = reference(static_cast<real>(z), static_cast<real>(y));
        auto const got = softf1::value_and_gradient(loss, as_matrix(&z, 1, 1), as_matrix(&y, 1, 1));
        INFO(Loss::name << " of " << z << ", target " << y << ": " << got.value << ", " << got.gradient[0] << "; not "
                        << expected.value << ", " << expected.gradient[0]);
        CHECK(relative_error<T>(got.value, expected.value) <= most);
        CHECK(relative_error<T>(got.gradient[0], expected.gradient[0]) <= most);
      }
}

// A table of saturated logits: right decisions, but for those of some cells.
template <class T>
struct table {
  std::size_t rows = 6, cols = 3;
  std::vector<T> z, y;

  table(T size, std::size_t wrong) {
    for (std::size_t k = 0; k < rows * cols; ++k) {
      bool const positive = (k / cols + k % cols) % 2 == 0, right = k >= wrong;
      y.push_back(positive ? T(1) : T(0));
      z.push_back((positive == right ? size : -size) * (1 - T(k) / 64));
    }
  }
  real logit(std::size_t i, std::size_t j) const { return z[i * cols + j]; }
  real target(std::size_t i, std::size_t j) const { return y[i * cols + j]; }
  real sign(std::size_t i, std::size_t j) const { return target(i, j) != 0 ? -1 : 1; }
};

template <class T, class Loss, class Reference, class Check>
void check_tables(Loss const& loss, Reference const& reference, Check const& check) {
  for (T size : sizes<T>())
    for (std::size_t wrong : {0, 1, 7, 18}) {
      table<T> const t(size, wrong);
      exact const expected = reference(t);
      auto const got = softf1::value_and_gradient(loss, as_matrix(t.z, t.rows, t.cols), as_matrix(t.y, t.rows, t.cols));
      INFO(Loss::name << ", logits up to " << size << ", " << wrong << " wrong: " << got.value << ", not "
                      << expected.value);
      for (std::size_t k = 0; k < t.z.size(); ++k) {
        INFO("logit " << t.z[k] << ", target " << t.y[k] << ": slope " << got.gradient[k] << ", not "
                      << expected.gradient[k]);
        check(got.value, expected.value, got.gradient[k], expected.gradient[k], sigma(t.z[k]) * sigma(-t.z[k]));
      }
    }
}

}  // namespace saturation_tests

TEMPLATE_TEST_CASE("losses of cells keep their relative accuracy where they saturate", "[losses][saturation]", float,
                   double) {
  using namespace saturation_tests;
  using T = TestType;
  real const most = bound<T>(5e-15, 5e-7);
  check_cells<T>(softf1::binary_cross_entropy{}, most, [](real z, real y) {
    return exact{y * softplus(-z) + (1 - y) * softplus(z), {(1 - y) * sigma(z) - y * sigma(-z)}};
  });
  auto const focal = [](real alpha_1, real alpha_0, real gamma) {
    return [=](real z, real y) {
      real const p = sigma(z), q = sigma(-z), yes = alpha_1 * y * powl(q, gamma),
                 no = alpha_0 * (1 - y) * powl(p, gamma);
      return exact{yes * softplus(-z) + no * softplus(z),
                   {no * (gamma * q * softplus(z) + p) - yes * (gamma * p * softplus(-z) + q)}};
    };
  };
  check_cells<T>(softf1::focal{}, most, focal(0.25L, 0.75L, 2));
  check_cells<T>(softf1::focal{.alpha = -1, .gamma = 0.5}, most, focal(1, 1, 0.5L));
  check_cells<T>(softf1::class_balanced{}, most, focal(1, 1, 0));
  check_cells<T>(softf1::asymmetric{.gamma_negative = 3, .gamma_positive = 3, .margin = 0}, most, focal(1, 1, 3));
  check_cells<T>(softf1::asymmetric{}, most, [&](real z, real y) {
    real const p = sigma(z), q = sigma(-z), margin = static_cast<T>(0.05), m = std::max(p - margin, real(0));
    auto const positive = focal(1, 0, 1)(z, y);
    if (y != 0) return positive;
    real const slope = 4 * powl(m, 3) * -logl(1 - m) + powl(m, 4) / (1 - m);
    return exact{powl(m, 4) * -logl(1 - m), {slope * p * q}};
  });
  check_cells<T>(softf1::poly1{.epsilon = 0.5}, most, [](real z, real y) {
    real const p = sigma(z), q = sigma(-z);
    return exact{y * (softplus(-z) + q / 2) + (1 - y) * (softplus(z) + p / 2),
                 {(1 - y) * (p + p * q / 2) - y * (q + p * q / 2)}};
  });
  check_cells<T>(softf1::self_adjusting_dice{}, most, [](real z, real y) {
    real const p = sigma(z), q = p * sigma(-z), slope = q * (1 - 2 * p), bottom = q + y + 1;
    // 1 − (2 q y + 1) / bottom
    return exact{(q + y - 2 * q * y) / bottom, {((2 * q * y + 1) / bottom - 2 * y) / bottom * slope}};
  });
  check_cells<T>(softf1::squared_hinge{}, most, [](real z, real y) {
    real const t = 2 * y - 1, gap = std::max(1 - t * z, real(0));
    return exact{gap * gap, {-2 * t * gap}};
  });
}

TEMPLATE_TEST_CASE("log-sum-exps keep their relative accuracy where they saturate", "[losses][saturation]", float,
                   double) {
  using namespace saturation_tests;
  using T = TestType;
  // Exponentials of differences of large numbers: the error grows with the logit.
  real const most = bound<T>(1e-13, 5e-6);
  auto const check = [&](real value, real expected_value, real slope, real expected_slope, real) {
    CHECK(relative_error<T>(value, expected_value) <= most);
    CHECK(relative_error<T>(slope, expected_slope) <= most);
  };
  check_tables<T>(
      softf1::zlpr{},
      [](table<T> const& t) {
        exact e{0, {}};
        for (std::size_t i = 0; i < t.rows; ++i) {
          real sums[2] = {0, 0};
          for (std::size_t j = 0; j < t.cols; ++j) sums[t.target(i, j) != 0] += expl(t.sign(i, j) * t.logit(i, j));
          e.value += (log1pl(sums[0]) + log1pl(sums[1])) / t.rows;
          for (std::size_t j = 0; j < t.cols; ++j)
            e.gradient.push_back(t.sign(i, j) * expl(t.sign(i, j) * t.logit(i, j)) / (1 + sums[t.target(i, j) != 0]) /
                                 t.rows);
        }
        return e;
      },
      check);
  check_tables<T>(
      softf1::two_way{},
      [](table<T> const& t) {
        exact e{0, std::vector<real>(t.z.size())};
        real const temperature[2] = {1, 4};
        // Every row and every label has both classes.
        auto const add = [&](std::vector<std::size_t> const& cells, std::size_t terms) {
          real sums[2] = {0, 0};
          auto const x = [&](std::size_t k) {
            bool const y = t.y[k] != 0;
            return expl((y ? -1 : 1) * static_cast<real>(t.z[k]) / temperature[y]);
          };
          for (std::size_t k : cells) sums[t.y[k] != 0] += x(k);
          real const gap = logl(sums[0]) + 4 * logl(sums[1]);
          e.value += softplus(gap) / terms;
          for (std::size_t k : cells) {
            bool const y = t.y[k] != 0;
            e.gradient[k] += (y ? -1 : 1) * sigma(gap) * x(k) / sums[y] / terms;
          }
        };
        for (std::size_t i = 0; i < t.rows; ++i) {
          std::vector<std::size_t> row;
          for (std::size_t j = 0; j < t.cols; ++j) row.push_back(i * t.cols + j);
          add(row, t.rows);
        }
        for (std::size_t j = 0; j < t.cols; ++j) {
          std::vector<std::size_t> column;
          for (std::size_t i = 0; i < t.rows; ++i) column.push_back(i * t.cols + j);
          add(column, t.cols);
        }
        return e;
      },
      check);
}

// 1 − F1 and 1 − average precision are differences of numbers near 1: small values have absolute accuracy. Gradients
// have a factor σ'(z), and are accurate relative to it.
TEMPLATE_TEST_CASE("the gradients of soft scores are accurate relative to the slope of the sigmoid",
                   "[losses][saturation]", float, double) {
  using namespace saturation_tests;
  using T = TestType;
  check_tables<T>(
      softf1::soft_f1{},
      [](table<T> const& t) {
        exact e{0, std::vector<real>(t.z.size())};
        for (std::size_t j = 0; j < t.cols; ++j) {
          real tp = 0, wrong = 0;
          for (std::size_t i = 0; i < t.rows; ++i) {
            real const p = sigma(t.logit(i, j)), q = sigma(-t.logit(i, j));
            tp += t.target(i, j) * p;
            wrong += t.target(i, j) != 0 ? q : p;
          }
          real const bottom = 2 * tp + wrong;
          e.value += wrong / bottom / t.cols;
          for (std::size_t i = 0; i < t.rows; ++i) {
            real const z = t.logit(i, j), slope = sigma(z) * sigma(-z);
            // By p of a positive: −2 / bottom + 2 tp / bottom², without the difference.
            e.gradient[i * t.cols + j] =
                (t.target(i, j) != 0 ? -2 * (tp + wrong) : 2 * tp) / (bottom * bottom) * slope / t.cols;
          }
        }
        return e;
      },
      [&](real value, real expected_value, real slope, real expected_slope, real) {
        CHECK(fabsl(value - expected_value) <= bound<T>(5e-16, 1e-8));
        CHECK(relative_error<T>(slope, expected_slope) <= bound<T>(5e-15, 5e-7));
      });
  check_tables<T>(
      softf1::soap{},
      [](table<T> const& t) {
        exact e{0, std::vector<real>(t.z.size())};
        for (std::size_t j = 0; j < t.cols; ++j) {
          real positives = 0;
          for (std::size_t i = 0; i < t.rows; ++i) positives += t.target(i, j);
          for (std::size_t i = 0; i < t.rows; ++i) {
            if (t.target(i, j) == 0) continue;
            std::vector<real> h;
            real near = 0, far = 0;
            for (std::size_t k = 0; k < t.rows; ++k) {
              h.push_back(sigma(-t.logit(i, j)) + sigma(t.logit(k, j)));  // 1 − (p_i − p_k)
              far += h[k] * h[k];
              near += t.target(k, j) * h[k] * h[k];
            }
            real const factor = 1 / (positives * t.cols);
            e.value += (far - near) / far * factor;
            for (std::size_t k = 0; k < t.rows; ++k) {
              // d(−near / far), by h_k = … − p_i + p_k.
              real const pull = factor * 2 * h[k] * (near / far - t.target(k, j)) / far;
              e.gradient[k * t.cols + j] += pull * sigma(t.logit(k, j)) * sigma(-t.logit(k, j));
              e.gradient[i * t.cols + j] -= pull * sigma(t.logit(i, j)) * sigma(-t.logit(i, j));
            }
          }
        }
        return e;
      },
      [&](real value, real expected_value, real slope, real expected_slope, real unit) {
        CHECK(fabsl(value - expected_value) <= bound<T>(5e-16, 1e-8));
        CHECK(fabsl(slope - expected_slope) <=
              bound<T>(1e-15, 1e-7) * unit + static_cast<real>(std::numeric_limits<T>::min()));
      });
}
