// The norm of all gradients, and gradients scaled down to a greatest norm.
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>

#include <softf1/core/errors.hpp>
#include <softf1/optimizers/detail/sum.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

namespace detail {

template <class T, class B>
struct square_of {
  vector_view<T const, B> x;
  SOFTF1_HD double operator()(std::size_t i) const {
    double const value = static_cast<double>(x(i));
    return value * value;
  }
};

struct take_root {
  double* x;
  SOFTF1_HD void operator()(std::size_t) const { *x = std::sqrt(*x); }
};

template <class T, class B>
struct scale_to_norm {
  vector_view<T, B> x;
  double const* norm;
  double max_norm;
  SOFTF1_HD void operator()(std::size_t i) const {
    // As torch does; the small number keeps the result below max_norm after rounding.
    double const factor = max_norm / (*norm + 1e-6);
    x(i) = factor < 1 ? static_cast<T>(factor) * x(i) : x(i);
  }
};

}  // namespace detail

/// √(Σ g²) over all gradients (P,), written to norm (1,). Accumulates in double; NaN and infinity come through.
/// Cost: one pass; the same bits for any number of threads.
template <class T, class B>
void gradient_norm(context<B>& ctx, vector_view<T, B> gradients, vector_view<double, B> norm) {
  using value = std::remove_const_t<T>;
  require_shape("gradient_norm", "norm", {1}, norm.shape());
  detail::sum(ctx, gradients.size(), detail::square_of<value, B>{gradients}, norm.data());
  for_each(ctx, 1, detail::take_root{norm.data()});
}

/// g ← g · min(1, max_norm / (norm + 1e-6)): gradients (P,) of a norm above max_norm are scaled down to it, all by the
/// same factor; norm (1,) is what it was before. Where the norm is not finite the result is not either: look at `norm`
/// before the step is taken. Reads nothing back. Throws value_error unless max_norm > 0.
/// Cost: two passes; the same bits for any number of threads. Source: torch.nn.utils.clip_grad_norm_; Pascanu et al.,
/// ICML 2013.
template <class T, class B>
void clip_by_norm(context<B>& ctx, double max_norm, vector_view<T, B> gradients, vector_view<double, B> norm) {
  require_value(max_norm > 0, "clip_by_norm", "max_norm must be > 0, got " + number_text(max_norm));
  gradient_norm(ctx, gradients, norm);
  for_each(ctx, gradients.size(), detail::scale_to_norm<T, B>{gradients, norm.data(), max_norm});
}

/// The same, with the norm before clipping as a number. Cost: one read more.
template <class T, class B>
double clip_by_norm(context<B>& ctx, double max_norm, vector_view<T, B> gradients) {
  buffer<double, B> norm(ctx, 1);
  clip_by_norm(ctx, max_norm, gradients, norm.view());
  double host = 0;
  copy(ctx, std::as_const(norm).view(), vector_view<double>(&host, 1));
  return host;
}

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::clip_by_norm;
using optimizers::gradient_norm;
}  // namespace softf1::inline SOFTF1_ABI
