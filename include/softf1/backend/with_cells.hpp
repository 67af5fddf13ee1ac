// The cell source of scores, targets, mask and row weights: one of two, whatever the caller's strides are.
#pragma once

#include <string_view>

#include <softf1/backend/cpu/elementwise.hpp>
#include <softf1/core/cells.hpp>
#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/elementwise.hpp>
#include <softf1/backend/cuda/tensor.hpp>
#endif

namespace softf1::inline SOFTF1_ABI {

namespace detail {

template <class T, class B>
struct copy_cell {
  matrix_view<const T, B> from;
  T* to;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { to[i * from.cols() + j] = from(i, j); }
};

template <class B>
struct copy_weight {
  weights_view<B> from;
  double* to;
  SOFTF1_HD void operator()(std::size_t i) const { to[i] = from(i); }
};

/// A matrix whose rows are dense: the caller's own, or a copy.
template <class T, class B>
class dense_rows {
 public:
  dense_rows(context<B>& ctx, matrix_view<const T, B> x) : view_(x) {
    if constexpr (!std::is_same_v<T, packed_bit>) {
      if (x.stride(1) == 1 || x.cols() <= 1) return;
      copy_ = buffer<T, B>(ctx, x.size());
      for_each_cell(ctx, x.rows(), x.cols(), copy_cell<T, B>{x, copy_.data()});
      view_ = matrix_view<const T, B>(copy_.data(), x.rows(), x.cols());
    }
  }
  matrix_view<const T, B> view() const { return view_; }

 private:
  matrix_view<const T, B> view_;
  std::conditional_t<std::is_same_v<T, packed_bit>, char, buffer<T, B>> copy_{};
};

/// The presence of cells and the weights of rows, given or all 1.
template <class B>
class dense_mask {
 public:
  dense_mask(context<B>& ctx, mask_view<B> const& mask, weights_view<B> const& weights, std::size_t rows,
             std::size_t cols)
      : given_(ctx, mask.view()), all_(ctx, mask.given() ? 0 : cols), weights_(ctx, rows) {
    if (!mask.given()) fill(ctx, all_.view(), std::uint8_t{1});
    if (weights.given())
      for_each(ctx, rows, copy_weight<B>{weights, weights_.data()});
    else
      fill(ctx, weights_.view(), 1.0);
    mask_ = mask.given() ? given_.view() : matrix_view<const std::uint8_t, B>(all_.data(), rows, cols, 0, 1);
  }
  matrix_view<const std::uint8_t, B> mask() const { return mask_; }
  double const* weights() const { return weights_.data(); }

 private:
  dense_rows<std::uint8_t, B> given_;
  buffer<std::uint8_t, B> all_;
  buffer<double, B> weights_;
  matrix_view<const std::uint8_t, B> mask_;
};

}  // namespace detail

/// Calls `use(cells)` with the plain source where there is neither mask nor weights, else the masked one.
/// `plain_output`: every output has unit column stride (see cell_output); else the source is the masked one.
/// Throws shape_error unless targets, mask and row weights fit the scores; `who` names the caller.
/// Cost: what has another column stride than 1 is copied; a mask or weights take 8 bytes a row and 1 a label of scratch.
template <class S, class Y, class B, class Use>
decltype(auto) with_cells(context<B>& ctx, std::string_view who, matrix_view<const S, B> scores,
                          matrix_view<const Y, B> targets, mask_view<B> const& mask, weights_view<B> const& weights,
                          Use&& use, bool plain_output = true) {
  static_assert(score_type<S> || decision_type<S>, "softf1: scores are float, double, half, bfloat16 or decisions");
  static_assert(target_type<Y>, "softf1: targets are bool, integers, bits or floating point");
  require_shape(who, "targets", {scores.rows(), scores.cols()}, targets.shape());
  if (mask.given()) require_shape(who, "mask", {scores.rows(), scores.cols()}, mask.view().shape());
  if (weights.given() && weights.size() != scores.rows())
    require_shape(who, "row_weights", {scores.rows()}, vector_view<const float>(nullptr, weights.size()).shape());
  detail::dense_rows<S, B> const dense_scores(ctx, scores);
  detail::dense_rows<Y, B> const dense_targets(ctx, targets);
  plain_cells<S, Y, B> const cells(dense_scores.view(), dense_targets.view());
  if (plain_output && !mask.given() && !weights.given()) return use(cells);
  detail::dense_mask<B> const dense(ctx, mask, weights, scores.rows(), scores.cols());
  return use(masked_cells<plain_cells<S, Y, B>>(cells, dense.mask(), dense.weights(), weights.given()));
}

}  // namespace softf1::inline SOFTF1_ABI
