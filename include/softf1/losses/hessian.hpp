// Second derivatives of element-wise losses: what gradient boosting asks for.
#pragma once

#include <string_view>

#include <softf1/losses/value_and_gradient.hpp>
#include <softf1/math/dual.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

namespace detail {

// Slope and curvature of each cell, the latter by a dual number through the slope.
template <class Cells, class Point, class G, class H>
struct grade_twice {
  Cells cells;
  Point point;
  cell_output<G, Cells> grad;
  cell_output<H, Cells> hessian;
  double const* scale;

  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    using T = typename Cells::score;
    using number = math::dual<T, 1>;
    auto const c = cell_at(cells, i, j);
    cell<number> const varied{number::variable(c.logit, 0), number(c.target), number(c.weight), c.present, i, j};
    number const slope = point(varied).slope;
    T const factor = static_cast<T>(*scale) * c.weight;
    grad(i, j) = static_cast<G>(select(c.present, factor * slope.value, T(0)));
    hessian(i, j) = static_cast<H>(select(c.present, factor * slope.derivative[0], T(0)));
  }
};

}  // namespace detail

/// Value, gradient and diagonal of the Hessian of an element-wise loss, written to views: value(0), grad_logits (N, L),
/// hessian (N, L): d²/dz² of each cell, exact, negative where the loss is not convex; 0 where it bends, and in missing
/// cells. The Hessian has no other entries. logits (N, L), targets (N, L). Reads nothing back, so NaN in gives NaN out.
/// Throws as value_and_gradient. Cost: two passes. The same bits for any number of threads.
template <class B, class Loss, class X, class Y, class G, class H>
void value_gradient_and_hessian(context<B>& ctx, Loss const& loss, X const& logits, Y const& targets,
                                vector_view<double, B> value, G&& grad_logits, H&& hessian,
                                loss_options<B> const& options = {}) {
  static_assert(element_wise_loss<Loss, B>,
                "softf1: second derivatives are those of losses of cells, such as bce or focal");
  auto const z = const_view<2>(logits, Loss::name, "logits");
  auto const y = const_view<2>(targets, Loss::name, "targets");
  auto const first = to_view<2>(grad_logits, Loss::name, "grad_logits");
  auto const second = to_view<2>(hessian, Loss::name, "hessian");
  require_shape(Loss::name, "grad_logits", {z.rows(), z.cols()}, first.shape());
  require_shape(Loss::name, "hessian", {z.rows(), z.cols()}, second.shape());
  element_wise_driver<Loss, B> sums(ctx, loss, z.cols());
  using out_g = typename decltype(first)::value_type;
  using out_h = typename decltype(second)::value_type;
  bool const plain_output = first.stride(1) == 1 && second.stride(1) == 1;
  with_weighted_cells(
      ctx, Loss::name, z, y, {options.mask, options.row_weights, options.cell_weights, options.label_weights},
      [&](auto const& cells) {
        using source = std::remove_cvref_t<decltype(cells)>;
        sums.add(ctx, cells);
        sums.finish(ctx, options.reduction, value);
        for_each_cell(ctx, cells.rows(), cells.cols(),
                      detail::grade_twice<source, loss_functor<Loss, B>, out_g, out_h>{
                          cells, sums.functor(), cell_output<out_g, source>(first), cell_output<out_h, source>(second),
                          sums.scale()});
      },
      plain_output);
}

/// Where a boosting library has the score of row i and label j.
enum class booster_layout {
  label_major,  ///< scores[j · rows + i]: LightGBM
  row_major     ///< scores[i · labels + j]: XGBoost
};

/// A loss as a custom objective of LightGBM or XGBoost: `objective(scores, targets, rows, gradients, hessians)`, all in the
/// layout of the library, the gradients of the sum of cells. `least_hessian` stands where the Hessian is less: focal losses
/// are not convex, and boosters divide by it.
template <class Loss>
struct boosting_objective {
  Loss loss = {};
  std::size_t labels = 1;
  booster_layout layout = booster_layout::row_major;
  double least_hessian = 1e-16;  ///< finite, >= 0

  /// T: float or double, of (rows, labels) numbers each. Returns the value. Throws value_error for NaN, with row and
  /// label, and for a least_hessian out of its range.
  template <class T, class Y>
  double operator()(T const* scores, Y const* targets, std::size_t rows, T* gradients, T* hessians) const {
    require_value(least_hessian >= 0 && least_hessian * 0 == 0, Loss::name,
                  "least_hessian must be finite and >= 0, got " + number_text(least_hessian));
    auto ctx = context<cpu>::for_one_call();
    auto const there = [&]<class U>(U* data) {
      return layout == booster_layout::row_major
                 ? matrix_view<U>(data, rows, labels)
                 : matrix_view<U>(data, rows, labels, 1, static_cast<std::ptrdiff_t>(rows));
    };
    loss_options<> const sum{.reduction = loss_reduction::sum};
    buffer<double> value(ctx, 1);
    value_gradient_and_hessian(ctx, loss, there(scores), there(targets), value.view(), there(gradients),
                               there(hessians), sum);
    for (std::size_t k = 0; k < rows * labels; ++k)
      if (hessians[k] < static_cast<T>(least_hessian)) hessians[k] = static_cast<T>(least_hessian);
    return detail::checked_value<Loss>(ctx, value, there(scores), there(targets), sum);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::booster_layout;
using losses::boosting_objective;
using losses::value_gradient_and_hessian;
}  // namespace softf1::inline SOFTF1_ABI
