// Arrays of logits to arrays of probabilities.
#pragma once

#include <string_view>
#include <type_traits>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/half.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/core/view_traits.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

namespace detail {

template <class S, class T, class B>
struct write_sigmoid {
  matrix_view<const S, B> logits;
  matrix_view<T, B> out;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    out(i, j) = static_cast<T>(math::sigmoid(static_cast<compute_type<S>>(logits(i, j))));
  }
};

template <class S, class T, class B>
struct write_softmax {
  matrix_view<const S, B> logits;
  matrix_view<T, B> out;
  SOFTF1_HD void operator()(std::size_t i) const {
    using C = compute_type<S>;
    C highest = -largest<C>(), sum = 0;
    for (std::size_t j = 0; j < logits.cols(); ++j) {
      C const z = static_cast<C>(logits(i, j));
      highest = z > highest ? z : highest;
    }
    for (std::size_t j = 0; j < logits.cols(); ++j) sum += math::exp(static_cast<C>(logits(i, j)) - highest);
    for (std::size_t j = 0; j < logits.cols(); ++j)
      out(i, j) = static_cast<T>(math::exp(static_cast<C>(logits(i, j)) - highest) / sum);
  }
};

}  // namespace detail

/// Writes σ(z) of each cell: logits (N, L), out (N, L). Throws shape_error for shapes that differ.
/// Cost: one pass; no scratch; deterministic. NaN gives NaN.
template <class S, class T, class B>
void sigmoid(context<B>& ctx, matrix_view<const S, B> logits, matrix_view<T, B> out) {
  require_shape("sigmoid", "out", {logits.rows(), logits.cols()}, out.shape());
  for_each_cell(ctx, logits.rows(), logits.cols(), detail::write_sigmoid<S, T, B>{logits, out});
}

/// Writes e^{z_j} / Σ_k e^{z_k} of each row. Rows sum to 1. Logits are finite. Otherwise as sigmoid; three passes over
/// a row.
template <class S, class T, class B>
void softmax(context<B>& ctx, matrix_view<const S, B> logits, matrix_view<T, B> out) {
  require_shape("softmax", "out", {logits.rows(), logits.cols()}, out.shape());
  for_each_row(ctx, logits.rows(), logits.cols(), detail::write_softmax<S, T, B>{logits, out});
}

namespace detail {
template <class X, class Map>
matrix_of<X, value_of<X>> mapped(X const& logits, std::string_view who, Map map) {
  using B = backend_of<X>;
  auto ctx = context<B>::for_one_call();
  auto const in = const_view<2>(logits, who, "logits");
  auto out = view_traits<X>::template make_matrix<value_of<X>>(ctx, in.rows(), in.cols());
  map(ctx, in, matrix_view<value_of<X>, B>(out.data(), in.rows(), in.cols()));
  return out;
}
}  // namespace detail

/// σ of each cell, as an owning matrix of the input's own kind.
template <class X>
  requires viewable<X>
auto sigmoid(X const& logits) {
  return detail::mapped(logits, "sigmoid", [](auto& ctx, auto in, auto out) { decisions::sigmoid(ctx, in, out); });
}

/// The softmax of each row, as an owning matrix of the input's own kind.
template <class X>
  requires viewable<X>
auto softmax(X const& logits) {
  return detail::mapped(logits, "softmax", [](auto& ctx, auto in, auto out) { decisions::softmax(ctx, in, out); });
}

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::sigmoid;
using decisions::softmax;
}  // namespace softf1::inline SOFTF1_ABI
