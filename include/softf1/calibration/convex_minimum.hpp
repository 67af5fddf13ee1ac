// The least value of a convex function of a few numbers.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include <softf1/calibration/label_cells.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// A function of D numbers at one place: its value, slopes and second derivatives.
template <std::size_t D>
struct local_shape {
  double value = 0;
  std::array<double, D> slope{};
  std::array<std::array<double, D>, D> curvature{};

  /// Adds the cross-entropy of cells that are given the logit Σ_d at_d x_d.
  void add(std::array<double, D> const& at, std::array<double, D> const& x, soft_cells const& cells) {
    double logit = 0;
    for (std::size_t d = 0; d < D; ++d) logit += at[d] * x[d];
    auto const parts = math::softplus_with_sigmoid(logit);
    value += cells.hits * parts.of_minus_logit + cells.misses * parts.of_logit;
    double const first = cells.misses * parts.sigmoid - cells.hits * parts.complement;
    double const second = (cells.hits + cells.misses) * parts.sigmoid * parts.complement;
    for (std::size_t d = 0; d < D; ++d) {
      slope[d] += first * x[d];
      for (std::size_t e = 0; e <= d; ++e) curvature[d][e] += second * x[d] * x[e];
    }
  }
};

template <std::size_t D>
struct minimum {
  std::array<double, D> at;
  double value;
};

namespace detail {

/// −H⁻¹ g by a Cholesky factor of H, scaled to ones on its diagonal and a little more, so that directions of no
/// curvature are left alone.
template <std::size_t D>
std::array<double, D> newton_step(local_shape<D> const& here) {
  std::array<double, D> scale{}, step{};
  for (std::size_t d = 0; d < D; ++d) scale[d] = here.curvature[d][d] > 0 ? 1 / std::sqrt(here.curvature[d][d]) : 0.0;
  std::array<std::array<double, D>, D> low{};
  for (std::size_t d = 0; d < D; ++d)
    for (std::size_t e = 0; e <= d; ++e) {
      double sum = d == e ? 1 + 1e-12 : here.curvature[d][e] * scale[d] * scale[e];
      for (std::size_t k = 0; k < e; ++k) sum -= low[d][k] * low[e][k];
      low[d][e] = d == e ? std::sqrt(sum > 1e-12 ? sum : 1e-12) : sum / low[e][e];
    }
  for (std::size_t d = 0; d < D; ++d) {
    double sum = -here.slope[d] * scale[d];
    for (std::size_t k = 0; k < d; ++k) sum -= low[d][k] * step[k];
    step[d] = sum / low[d][d];
  }
  for (std::size_t d = D; d-- > 0;) {
    for (std::size_t k = d + 1; k < D; ++k) step[d] -= low[k][d] * step[k];
    step[d] /= low[d][d];
  }
  for (std::size_t d = 0; d < D; ++d) step[d] *= scale[d];
  return step;
}

}  // namespace detail

/// The least value of a smooth convex function; `shape_at(place)` gives its local_shape. Newton's method with halved
/// steps.
/// Cost: about ten calls; one hundred at most (where the function falls for ever). Source: Lin, Lin and Weng, "A note
/// on Platt's probabilistic outputs for support vector machines", Machine Learning 68, 2007.
template <std::size_t D, class ShapeAt>
minimum<D> find_minimum(std::array<double, D> start, ShapeAt const& shape_at) {
  minimum<D> best{start, 0};
  auto here = shape_at(start);
  for (int step = 0; step < 100; ++step) {
    auto const move = detail::newton_step(here);
    double gain = 0;
    for (std::size_t d = 0; d < D; ++d) gain -= here.slope[d] * move[d];
    if (!(gain > 0)) break;
    // A gain that is lost in the value's rounding belongs to a step that is short enough.
    bool const is_short = gain < 1e-9 * here.value;
    double length = 1;
    auto at = best.at;
    auto next = here;
    for (int halved = 0; halved < 60; ++halved, length /= 2) {
      for (std::size_t d = 0; d < D; ++d) at[d] = best.at[d] + length * move[d];
      next = shape_at(at);
      if (is_short || next.value <= here.value - 1e-4 * length * gain) break;
    }
    if (!(next.value <= here.value) && !is_short) break;
    best.at = at;
    here = next;
    if (gain <= 1e-20 * here.value) break;
  }
  best.value = here.value;
  return best;
}

}  // namespace softf1::inline SOFTF1_ABI::calibration
