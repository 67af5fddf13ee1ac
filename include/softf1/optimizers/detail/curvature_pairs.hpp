// The memory of L-BFGS: the last steps and changes of the gradient, and the direction that they give.
#pragma once

#include <cstddef>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/optimizers/detail/sum.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers::detail {

template <class T>
struct product_of {
  T const *a, *b;
  SOFTF1_HD double operator()(std::size_t i) const { return static_cast<double>(a[i]) * static_cast<double>(b[i]); }
};

/// y = x + factor · d
template <class T>
struct move_along {
  T const *x, *d;
  double factor;
  T* y;
  SOFTF1_HD void operator()(std::size_t i) const { y[i] = x[i] + static_cast<T>(factor) * d[i]; }
};

template <class T>
struct scale_by {
  double factor;
  T const* x;
  T* y;
  SOFTF1_HD void operator()(std::size_t i) const { y[i] = static_cast<T>(factor) * x[i]; }
};

template <class T>
double dot(context<cpu>& ctx, std::size_t size, T const* a, T const* b) {
  double result = 0;
  sum(ctx, size, product_of<T>{a, b}, &result);
  return result;
}

/// The last `memory` pairs (s, y) of step and change of the gradient.
template <class T>
class curvature_pairs {
 public:
  curvature_pairs(context<cpu>& ctx, std::size_t size, std::size_t memory)
      : size_(size), slots_(memory + 1), steps_(ctx, size * slots_), changes_(ctx, size * slots_), inverse_(slots_) {}

  void clear() { count_ = 0; }
  bool empty() const { return count_ == 0; }

  /// Takes x − x_before and g − g_before, unless their product says that the objective is not convex between them.
  void add(context<cpu>& ctx, T const* x, T const* x_before, T const* g, T const* g_before) {
    std::size_t const k = next_;
    for_each(ctx, size_, move_along<T>{x, x_before, -1, step(k)});
    for_each(ctx, size_, move_along<T>{g, g_before, -1, change(k)});
    double const product = dot<T>(ctx, size_, step(k), change(k)), square = dot<T>(ctx, size_, change(k), change(k));
    if (!(product > 1e-10 * square)) return;
    inverse_[k] = 1 / product;
    scale_ = product / square;
    next_ = (k + 1) % slots_;
    if (count_ + 1 < slots_) ++count_;
  }

  /// out = −H g, H the inverse Hessian that the pairs tell of. Source: Nocedal and Wright, algorithm 7.4.
  void direction(context<cpu>& ctx, T const* gradient, T* out) const {
    std::vector<double> alpha(count_);
    for_each(ctx, size_, scale_by<T>{-1, gradient, out});
    for (std::size_t k = count_; k-- > 0;) {
      std::size_t const at = slot(k);
      alpha[k] = inverse_[at] * dot<T>(ctx, size_, step(at), out);
      for_each(ctx, size_, move_along<T>{out, change(at), -alpha[k], out});
    }
    if (count_ > 0) for_each(ctx, size_, scale_by<T>{scale_, out, out});
    for (std::size_t k = 0; k < count_; ++k) {
      std::size_t const at = slot(k);
      double const beta = inverse_[at] * dot<T>(ctx, size_, change(at), out);
      for_each(ctx, size_, move_along<T>{out, step(at), alpha[k] - beta, out});
    }
  }

 private:
  // The k-th pair from the oldest.
  std::size_t slot(std::size_t k) const { return (next_ + slots_ - count_ + k) % slots_; }
  T* step(std::size_t at) { return steps_.data() + at * size_; }
  T* change(std::size_t at) { return changes_.data() + at * size_; }
  T const* step(std::size_t at) const { return steps_.data() + at * size_; }
  T const* change(std::size_t at) const { return changes_.data() + at * size_; }

  // One slot more than pairs, so that a pair that is refused has overwritten none.
  std::size_t size_, slots_, count_ = 0, next_ = 0;
  double scale_ = 1;
  buffer<T> steps_, changes_;
  std::vector<double> inverse_;
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers::detail
