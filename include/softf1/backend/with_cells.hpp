// The cell source of scores, targets, mask and row weights: one of two, whatever the caller's strides are.
#pragma once

#include <optional>
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

template <class T, class B>
struct copy_factor {
  cell_weights_view<B> from;
  T* to;
  std::size_t cols;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { to[i * cols + j] = static_cast<T>(from(i, j)); }
};

template <class T, class B>
struct copy_label_factor {
  weights_view<B> from;
  T* to;
  SOFTF1_HD void operator()(std::size_t j) const { to[j] = static_cast<T>(from(j)); }
};

/// The factors of cells, given for each, given for each label, or all 1.
template <class T, class B>
class dense_factors {
 public:
  dense_factors(context<B>& ctx, cell_weights_view<B> const& cells, weights_view<B> const& labels, std::size_t rows,
                std::size_t cols)
      : numbers_(ctx, cells.given() ? rows * cols : cols),
        view_(numbers_.data(), rows, cols, static_cast<std::ptrdiff_t>(cells.given() ? cols : 0), 1) {
    if (cells.given())
      for_each_cell(ctx, rows, cols, copy_factor<T, B>{cells, numbers_.data(), cols});
    else if (labels.given())
      for_each(ctx, cols, copy_label_factor<T, B>{labels, numbers_.data()});
    else
      fill(ctx, numbers_.view(), T(1));
  }
  matrix_view<T const, B> view() const { return view_; }

 private:
  buffer<T, B> numbers_;
  matrix_view<T const, B> view_;
};

inline void require_size(std::string_view who, std::string_view what, std::size_t expected, std::size_t got) {
  if (got != expected) require_shape(who, what, {expected}, vector_view<const float>(nullptr, got).shape());
}

// The shapes of all that with_cells takes.
template <class S, class Y, class B>
void require_cells(std::string_view who, matrix_view<const S, B> scores, matrix_view<const Y, B> targets,
                   mask_view<B> const& mask, weights_view<B> const& weights) {
  static_assert(score_type<S> || decision_type<S>, "softf1: scores are float, double, half, bfloat16 or decisions");
  static_assert(target_type<Y>, "softf1: targets are bool, integers, bits or floating point");
  require_shape(who, "targets", {scores.rows(), scores.cols()}, targets.shape());
  if (mask.given()) require_shape(who, "mask", {scores.rows(), scores.cols()}, mask.view().shape());
  if (weights.given()) require_size(who, "row_weights", scores.rows(), weights.size());
}

}  // namespace detail

/// Calls `use(cells)` with the plain source where there is neither mask nor weights, else the masked one.
/// `plain_output`: every output has unit column stride (see cell_output); else the source is the masked one.
/// Throws shape_error unless targets, mask and row weights fit the scores; `who` names the caller.
/// Cost: what has another column stride than 1 is copied; a mask or weights take 8 bytes a row and 1 a label of scratch.
template <class S, class Y, class B, class Use>
decltype(auto) with_cells(context<B>& ctx, std::string_view who, matrix_view<const S, B> scores,
                          matrix_view<const Y, B> targets, mask_view<B> const& mask, weights_view<B> const& weights,
                          Use&& use, bool plain_output = true) {
  detail::require_cells(who, scores, targets, mask, weights);
  detail::dense_rows<S, B> const dense_scores(ctx, scores);
  detail::dense_rows<Y, B> const dense_targets(ctx, targets);
  plain_cells<S, Y, B> const cells(dense_scores.view(), dense_targets.view());
  if (plain_output && !mask.given() && !weights.given()) return use(cells);
  detail::dense_mask<B> const dense(ctx, mask, weights, scores.rows(), scores.cols());
  return use(masked_cells<plain_cells<S, Y, B>>(cells, dense.mask(), dense.weights(), weights.given()));
}

/// Weights of labels, (L,), as doubles of the backend. Throws shape_error unless there is one for each element of `to`.
template <class B>
void copy_label_weights(context<B>& ctx, std::string_view who, weights_view<B> const& weights,
                        vector_view<double, B> to) {
  detail::require_size(who, "label_weights", to.size(), weights.size());
  for_each(ctx, to.size(), detail::copy_weight<B>{weights, to.data()});
}

/// What makes some cells count otherwise than others, all optional.
template <class B = cpu>
struct cell_options {
  mask_view<B> mask = {};                  ///< (N, L), != 0 is present
  weights_view<B> row_weights = {};        ///< (N,)
  cell_weights_view<B> cell_weights = {};  ///< (N, L)
  weights_view<B> label_weights = {};      ///< (L,); not beside cell_weights
};

namespace detail {

/// What with_weighted_cells hands on: compiled once for all that use it.
template <class S, class Y, class B>
class weighted_source {
 public:
  using plain = plain_cells<S, Y, B>;

  weighted_source(context<B>& ctx, std::string_view who, matrix_view<const S, B> scores,
                  matrix_view<const Y, B> targets, cell_options<B> const& o, bool plain_output)
      : has_factors_(has_factors(who, scores, targets, o)),
        is_plain_(plain_output && !has_factors_ && !o.mask.given() && !o.row_weights.given()),
        has_weights_(o.row_weights.given()),
        scores_(ctx, scores),
        targets_(ctx, targets) {
    if (is_plain_) return;
    std::size_t const rows = scores.rows(), cols = scores.cols();
    mask_.emplace(ctx, o.mask, o.row_weights, rows, cols);
    factors_.emplace(ctx, o.cell_weights, o.label_weights, rows, cols);
  }

  bool is_plain() const { return is_plain_; }
  plain cells() const { return {scores_.view(), targets_.view()}; }
  weighted_cells<plain> weighted() const {
    return {{cells(), mask_->mask(), mask_->weights(), has_weights_}, factors_->view(), has_factors_};
  }

 private:
  static bool has_factors(std::string_view who, matrix_view<const S, B> scores, matrix_view<const Y, B> targets,
                          cell_options<B> const& o) {
    require_cells(who, scores, targets, o.mask, o.row_weights);
    bool const of_cells = o.cell_weights.given(), of_labels = o.label_weights.given();
    if (of_cells) require_shape(who, "cell_weights", {scores.rows(), scores.cols()}, o.cell_weights.shape());
    if (of_labels) require_size(who, "label_weights", scores.cols(), o.label_weights.size());
    require_value(!of_cells || !of_labels, who,
                  "weights of labels and of cells cannot both be given: multiply them into those of cells");
    return of_cells || of_labels;
  }

  bool has_factors_, is_plain_, has_weights_;
  dense_rows<S, B> scores_;
  dense_rows<Y, B> targets_;
  std::optional<dense_mask<B>> mask_;
  std::optional<dense_factors<typename plain::score, B>> factors_;
};

}  // namespace detail

/// The same with weights of cells or of labels as well: the plain source where nothing is given, else the weighted one.
/// Throws shape_error as with_cells, and value_error where weights of cells and of labels are given.
/// Cost: as with_cells; weights of cells are copied.
template <class S, class Y, class B, class Use>
decltype(auto) with_weighted_cells(context<B>& ctx, std::string_view who, matrix_view<const S, B> scores,
                                   matrix_view<const Y, B> targets, cell_options<B> const& o, Use&& use,
                                   bool plain_output = true) {
  detail::weighted_source<S, Y, B> const source(ctx, who, scores, targets, o, plain_output);
  if (source.is_plain()) return use(source.cells());
  return use(source.weighted());
}

}  // namespace softf1::inline SOFTF1_ABI
