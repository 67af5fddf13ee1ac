// The front of all losses: value, gradient, and the exact union of batches.
#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include <softf1/core/view_traits.hpp>
#include <softf1/losses/axis_wise.hpp>
#include <softf1/losses/column_wise.hpp>
#include <softf1/losses/composite.hpp>
#include <softf1/losses/element_wise.hpp>
#include <softf1/losses/row_wise.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// The driver of a loss's kind.
template <class Loss, class B>
using driver_of = typename std::conditional_t<
    Loss::kind == loss_kind::element_wise, std::type_identity<element_wise_driver<Loss, B>>,
    std::conditional_t<
        Loss::kind == loss_kind::axis_wise, std::type_identity<axis_wise_driver<Loss, B>>,
        std::conditional_t<Loss::kind == loss_kind::row_wise, std::type_identity<row_wise_driver<Loss, B>>,
                           std::type_identity<column_wise_driver<Loss, B>>>>>::type;

/// A loss over the union of any batches, exact: add all batches (and merge other unions), then take value and
/// gradients. Sums, never means, are kept: one batch gives the same loss and gradient as its micro-batches.
/// Both passes must see the same logits. Cost: `add` one pass, `gradient` one pass; O(L) memory. Losses of pairs of rows
/// keep the cells themselves, and most walk over pairs: see column_wise.hpp.
template <class Loss, class B>
class loss_union {
 public:
  /// Of the options, `reduction` and `label_weights` (copied) are used. Throws what the loss throws for parameters that
  /// do not fit `labels`, and shape_error for label weights that do not.
  loss_union(context<B>& ctx, Loss const& loss, std::size_t labels, loss_options<B> const& options = {})
      : driver_(ctx, loss, labels), value_(ctx, 1), labels_(labels), reduction_(options.reduction) {
    if (!options.label_weights.given()) return;
    bool const of_terms = driver_.has_label_terms();
    if (!of_terms) label_weights_ = buffer<double, B>(ctx, labels);
    copy_label_weights(ctx, Loss::name, options.label_weights,
                       of_terms ? driver_.label_weights() : label_weights_.view());
  }

  /// Forgets all batches; memory is kept, so that a union made once serves every step without an allocation.
  void reset(context<B>& ctx) {
    driver_.reset(ctx);
    finished_ = false;
  }

  /// Pass 1: takes in a batch: logits (n, L), targets (n, L), anything with a view on B. Of the options, `reduction` and
  /// `label_weights` are those of the union. Throws shape_error for shapes that do not fit.
  template <class X, class Y>
  void add(context<B>& ctx, X const& logits, Y const& targets, loss_options<B> const& options = {}) {
    with(ctx, logits, targets, options, true, [&](auto const& cells) { driver_.add(ctx, cells); });
    finished_ = false;
  }

  /// Takes in the batches of another union of the same loss (another thread's or rank's).
  void merge(context<B>& ctx, loss_union const& other) {
    require_shape(Loss::name, "merged union", {labels_}, vector_view<const char>(nullptr, other.labels_).shape());
    driver_.merge(ctx, other.driver_);
    finished_ = false;
  }

  /// Takes in what other ranks added, between the passes: `all_gather(std::vector<double> const& mine)` gives the numbers
  /// of all ranks, in their order, one after the other (MPI_Allgather, ncclAllGather, threads), from 3 to 6 numbers a label.
  /// Losses of pairs of rows send their cells, 4 numbers each: as many as a rank has rows (MPI_Allgatherv).
  /// Afterwards all ranks have the same union, to the bit. Throws value_error where it gives no whole number of ranks, and
  /// from losses of pairs of rows where a rank has other labels.
  template <class AllGather>
  void exchange(context<B>& ctx, AllGather const& all_gather) {
    driver_.exchange(ctx, all_gather);
    finished_ = false;
  }

  /// Writes the value of the loss over all batches to value(0). Reads nothing back.
  void value(context<B>& ctx, vector_view<double, B> value) {
    require_shape(Loss::name, "value", {1}, value.shape());
    driver_.finish(ctx, reduction_, value);
    finished_ = true;
  }

  /// The same of a loss that remembers, without what it remembers: of the rows alone, for evaluation.
  void exact_value(context<B>& ctx, vector_view<double, B> value) {
    require_shape(Loss::name, "value", {1}, value.shape());
    driver_.finish(ctx, reduction_, value, true);
    finished_ = false;  // a gradient, or a step, is of the loss with its memory
  }

  /// The value, read back. Throws nothing for NaN: it is NaN then.
  double value(context<B>& ctx) {
    double host = 0;
    value(ctx, value_.view());
    copy(ctx, std::as_const(value_).view(), vector_view<double>(&host, 1));
    return host;
  }

  /// One batch alone, at once: forgets what was added before, and takes one pass where the loss can. For training
  /// steps: nothing is read back or sent from the host. Scratch comes from the context's memory, which is warm after the
  /// first step: row-wise losses take a number a cell, sums of losses two, losses of rows some numbers a row.
  template <class X, class Y, class G>
  void value_and_gradient(context<B>& ctx, X const& logits, Y const& targets, vector_view<double, B> value,
                          G&& grad_logits, loss_options<B> const& options = {}) {
    reset(ctx);
    require_shape(Loss::name, "value", {1}, value.shape());
    auto const out = to_view<2>(grad_logits, Loss::name, "grad_logits");
    with(ctx, logits, targets, options, out.stride(1) == 1, [&](auto const& cells) {
      require_shape(Loss::name, "grad_logits", {cells.rows(), cells.cols()}, out.shape());
      driver_.value_and_gradient(ctx, cells, reduction_, value, out);
    });
    finished_ = true;
  }

  /// A training step was taken with what was added: a loss that remembers (running counts, dual variables) moves on.
  /// Other losses do nothing.
  void advance(context<B>& ctx) {
    if (!finished_) value(ctx, value_.view());
    driver_.advance(ctx);
  }

  /// What the loss remembers, to be saved and restored: `visit(name, view)` for each array of doubles.
  template <class Visit>
  void each_memory(Visit const& visit) {
    driver_.each_memory(visit);
  }

  /// Pass 2: writes the gradient of the union's loss by this batch's logits to grad_logits (n, L), of any score type.
  template <class X, class Y, class G>
  void gradient(context<B>& ctx, X const& logits, Y const& targets, G&& grad_logits,
                loss_options<B> const& options = {}) {
    if (!finished_) value(ctx, value_.view());
    auto const out = to_view<2>(grad_logits, Loss::name, "grad_logits");
    with(ctx, logits, targets, options, out.stride(1) == 1, [&](auto const& cells) {
      require_shape(Loss::name, "grad_logits", {cells.rows(), cells.cols()}, out.shape());
      driver_.gradient(ctx, cells, out);
    });
  }

 private:
  template <class X, class Y, class Use>
  void with(context<B>& ctx, X const& logits, Y const& targets, loss_options<B> const& options, bool plain_output,
            Use const& use) {
    auto const z = const_view<2>(logits, Loss::name, "logits");
    auto const y = const_view<2>(targets, Loss::name, "targets");
    require_shape(Loss::name, "logits", {z.rows(), labels_}, z.shape());
    if (options.row_ids.data()) require_shape(Loss::name, "row_ids", {z.rows()}, options.row_ids.shape());
    if constexpr (requires { driver_.set_row_ids(options.row_ids); }) driver_.set_row_ids(options.row_ids);
    weights_view<B> label_weights;
    if (label_weights_.size() > 0) label_weights = std::as_const(label_weights_).view();
    with_weighted_cells(ctx, Loss::name, z, y, {options.mask, options.row_weights, options.cell_weights, label_weights},
                        use, plain_output);
  }

  driver_of<Loss, B> driver_;
  buffer<double, B> value_, label_weights_;
  std::size_t labels_;
  loss_reduction reduction_;
  bool finished_ = false;
};

/// Value and gradient of a loss, written to views: value(0), grad_logits (N, L). Reads nothing back, so NaN in gives
/// NaN out.
/// logits (N, L), targets (N, L) in [0, 1]. Throws shape_error for shapes that do not fit. Cost: at most two passes.
/// The same bits for any number of threads. A loss that remembers (see each_memory) is as at its first step here: keep a
/// loss_union, and call its advance, to train with it.
template <class B, class Loss, class X, class Y, class G>
void value_and_gradient(context<B>& ctx, Loss const& loss, X const& logits, Y const& targets,
                        vector_view<double, B> value, G&& grad_logits, loss_options<B> const& options = {}) {
  loss_union<Loss, B> all(ctx, loss, const_view<2>(logits, Loss::name, "logits").cols(), options);
  all.value_and_gradient(ctx, logits, targets, value, grad_logits, options);
}

/// The value alone, written to value(0). Otherwise as value_and_gradient. Cost: one pass.
template <class B, class Loss, class X, class Y>
void loss_value(context<B>& ctx, Loss const& loss, X const& logits, Y const& targets, vector_view<double, B> value,
                loss_options<B> const& options = {}) {
  loss_union<Loss, B> all(ctx, loss, const_view<2>(logits, Loss::name, "logits").cols(), options);
  all.add(ctx, logits, targets, options);
  all.value(ctx, value);
}

/// A loss's value, and its gradient by the logits in the caller's own kind of array.
template <class Matrix>
struct loss_and_gradient {
  double value;
  Matrix gradient;
};

namespace detail {

template <class Loss>
constexpr targets_rule targets_of() {
  if constexpr (requires { Loss::targets; })
    return Loss::targets;
  else
    return targets_rule::any_number;
}

// Reads the value back; where it is not finite, a second pass looks for the NaN that made it so.
template <class Loss, class B, class X, class Y>
double checked_value(context<B>& ctx, buffer<double, B> const& value, X const& logits, Y const& targets,
                     loss_options<B> const& o) {
  double host = 0;
  copy(ctx, value.view(), vector_view<double>(&host, 1));
  bool const weighted = o.row_weights.given() || o.cell_weights.given() || o.label_weights.given();
  if (std::isfinite(host) && !weighted) return host;
  with_weighted_cells(ctx, Loss::name, logits, targets, {o.mask, o.row_weights, o.cell_weights, o.label_weights},
                      [&](auto const& cells) {
                        refuse_bad_weights(ctx, cells, Loss::name);
                        refuse_bad_factors(ctx, cells, Loss::name);
                        if (!std::isfinite(host))
                          refuse_bad_cells(ctx, cells, targets_of<Loss>(), Loss::name, "logits");
                      });
  if constexpr (requires { Loss::domain; }) require_value(!std::isnan(host), Loss::name, Loss::domain);
  return host;
}

}  // namespace detail

/// Value and gradient of a loss: `auto [value, gradient] = value_and_gradient(soft(f_beta{}), logits, targets)`.
/// The gradient has the shape and number type of the logits: an xt::xtensor for xtensor input, a row-major std::vector
/// for views, vectors and spans. Throws shape_error for shapes that do not fit, value_error for NaN (row and label
/// named) and for bad row weights.
template <class Loss, class X, class Y>
loss_and_gradient<matrix_of<X, value_of<X>>> value_and_gradient(Loss const& loss, X const& logits, Y const& targets,
                                                                loss_options<backend_of<X>> const& options = {}) {
  using B = backend_of<X>;
  auto ctx = context<B>::for_one_call();
  auto const z = const_view<2>(logits, Loss::name, "logits");
  auto const y = const_view<2>(targets, Loss::name, "targets");
  loss_and_gradient<matrix_of<X, value_of<X>>> result{
      0, view_traits<std::remove_cvref_t<X>>::template make_matrix<value_of<X>>(ctx, z.rows(), z.cols())};
  buffer<double, B> value(ctx, 1);
  value_and_gradient(ctx, loss, z, y, value.view(),
                     matrix_view<value_of<X>, B>(result.gradient.data(), z.rows(), z.cols()), options);
  result.value = detail::checked_value<Loss>(ctx, value, z, y, options);
  return result;
}

/// The value of a loss alone. Otherwise as value_and_gradient.
template <class Loss, class X, class Y>
double loss_value(Loss const& loss, X const& logits, Y const& targets,
                  loss_options<backend_of<X>> const& options = {}) {
  using B = backend_of<X>;
  auto ctx = context<B>::for_one_call();
  auto const z = const_view<2>(logits, Loss::name, "logits");
  auto const y = const_view<2>(targets, Loss::name, "targets");
  buffer<double, B> value(ctx, 1);
  loss_value(ctx, loss, z, y, value.view(), options);
  return detail::checked_value<Loss>(ctx, value, z, y, options);
}

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::loss_union;
using losses::loss_value;
using losses::value_and_gradient;
}  // namespace softf1::inline SOFTF1_ABI
