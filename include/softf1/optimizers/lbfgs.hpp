// L-BFGS: minimises a smooth function of many variables, given its value and gradient.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <softf1/core/errors.hpp>
#include <softf1/optimizers/detail/curvature_pairs.hpp>
#include <softf1/optimizers/detail/line_search.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// Options of `minimise`.
struct lbfgs {
  std::size_t memory = 10;           ///< pairs of steps and gradients that are kept, >= 1
  std::size_t max_iterations = 100;  ///< of line searches
  double gradient_tolerance = 1e-5;  ///< converged where no |gradient| is above it, >= 0
  double value_tolerance = 0;        ///< and where a step lowers the value by at most this · max(|value|, 1), >= 0
  double decrease = 1e-4;            ///< first Wolfe condition, in (0, curvature)
  double curvature = 0.9;            ///< second Wolfe condition, in (decrease, 1)
  std::size_t max_evaluations = 25;  ///< of one line search, >= 1

  void check() const {
    require_value(memory >= 1, "lbfgs", "memory must be >= 1, got 0");
    require_value(gradient_tolerance >= 0, "lbfgs",
                  "gradient_tolerance must be >= 0, got " + number_text(gradient_tolerance));
    require_value(value_tolerance >= 0, "lbfgs", "value_tolerance must be >= 0, got " + number_text(value_tolerance));
    require_value(0 < decrease && decrease < curvature && curvature < 1, "lbfgs",
                  "expected 0 < decrease < curvature < 1, got decrease " + number_text(decrease) + " and curvature " +
                      number_text(curvature));
    require_value(max_evaluations >= 1, "lbfgs", "max_evaluations must be >= 1, got 0");
  }
};

/// Why `minimise` stopped.
enum class lbfgs_status : unsigned char {
  converged,       ///< the gradient is small enough
  small_decrease,  ///< the last step lowered the value by too little
  no_decrease,     ///< the line search found no lower value: often the precision of the numbers is reached
  max_iterations,
  not_finite  ///< value or gradient is NaN or infinite where it began
};

inline std::string_view lbfgs_status_name(lbfgs_status s) {
  switch (s) {
    case lbfgs_status::converged:
      return "converged";
    case lbfgs_status::small_decrease:
      return "small_decrease";
    case lbfgs_status::no_decrease:
      return "no_decrease";
    case lbfgs_status::max_iterations:
      return "max_iterations";
    default:
      return "not_finite";
  }
}

/// What `minimise` reached.
struct lbfgs_result {
  double value;             ///< of the objective at x
  double gradient_maximum;  ///< the largest |gradient| at x
  std::size_t iterations, evaluations;
  lbfgs_status status;
};

namespace detail {

template <class T>
double largest(T const* x, std::size_t size) {
  double result = 0;
  for (std::size_t i = 0; i < size; ++i) {
    double const a = std::abs(static_cast<double>(x[i]));
    if (!(a <= result)) result = a;
    if (a != a) return a;
  }
  return result;
}

template <class T, class Objective>
class lbfgs_run {
 public:
  lbfgs_run(context<cpu>& ctx, lbfgs const& options, Objective& objective, vector_view<T> x)
      : ctx_(ctx),
        options_(options),
        objective_(objective),
        x_(x),
        size_(x.size()),
        gradient_(ctx, size_),
        x_before_(ctx, size_),
        g_before_(ctx, size_),
        direction_(ctx, size_),
        pairs_(ctx, size_, options.memory) {}

  lbfgs_result run() {
    result_.value = evaluate();
    result_.gradient_maximum = largest(gradient_.data(), size_);
    if (!std::isfinite(result_.value) || !std::isfinite(result_.gradient_maximum))
      return stopped(lbfgs_status::not_finite);
    while (result_.gradient_maximum > options_.gradient_tolerance) {
      if (result_.iterations == options_.max_iterations) return stopped(lbfgs_status::max_iterations);
      double const before = result_.value;
      if (!iterate()) return stopped(lbfgs_status::no_decrease);
      double const size = std::fmax(std::fmax(std::abs(before), std::abs(result_.value)), 1.0);
      if (result_.gradient_maximum > options_.gradient_tolerance &&
          before - result_.value <= options_.value_tolerance * size)
        return stopped(lbfgs_status::small_decrease);
    }
    return stopped(lbfgs_status::converged);
  }

 private:
  lbfgs_result stopped(lbfgs_status status) {
    result_.status = status;
    return result_;
  }

  double evaluate() {
    ++result_.evaluations;
    return static_cast<double>(objective_(vector_view<T const>(x_), gradient_.view()));
  }

  // One line search; a second one downhill where the pairs led to nothing.
  bool iterate() {
    copy(ctx_, vector_view<T const>(x_), x_before_.view());
    copy(ctx_, std::as_const(gradient_).view(), g_before_.view());
    if (!search()) {
      if (pairs_.empty()) return false;
      pairs_.clear();
      if (!search()) return false;
    }
    pairs_.add(ctx_, x_.data(), x_before_.data(), gradient_.data(), g_before_.data());
    result_.gradient_maximum = largest(gradient_.data(), size_);
    ++result_.iterations;
    return true;
  }

  // On failure x and gradient are as they were.
  bool search() {
    pairs_.direction(ctx_, g_before_.data(), direction_.data());
    double const slope = dot<T>(ctx_, size_, g_before_.data(), direction_.data());
    if (!(slope < 0) || !std::isfinite(slope)) return false;
    auto at = [&](double step) {
      for_each(ctx_, size_, move_along<T>{x_before_.data(), direction_.data(), step, x_.data()});
      double const value = evaluate();
      return line_point{step, value, dot<T>(ctx_, size_, gradient_.data(), direction_.data())};
    };
    // Without pairs the direction has the gradient's length, which says nothing of the way to go.
    double const first = pairs_.empty() ? std::fmin(1.0, 1 / std::sqrt(-slope)) : 1.0;
    line_point const origin{0, result_.value, slope};
    line_search search(at, origin, {options_.decrease, options_.curvature, options_.max_evaluations});
    line_point const found = search.run(first);
    if (found.step == 0) {
      copy(ctx_, std::as_const(x_before_).view(), x_);
      copy(ctx_, std::as_const(g_before_).view(), gradient_.view());
      return false;
    }
    result_.value = found.value;
    if (!search.is_last(found)) at(found.step);
    return true;
  }

  context<cpu>& ctx_;
  lbfgs const& options_;
  Objective& objective_;
  vector_view<T> x_;
  std::size_t size_;
  buffer<T> gradient_, x_before_, g_before_, direction_;
  curvature_pairs<T> pairs_;
  lbfgs_result result_{};
};

}  // namespace detail

/// Minimises `objective` from x on: x (P,), float or double, unit stride, becomes the best point found.
/// objective(x, gradient) returns the value at x (P,) and writes the gradient (P,); it may return NaN or infinity, which
/// only makes the step shorter. No trouble on the way throws: the result says why it stopped, and where it stopped at
/// once for a value that is not finite, x is as it was. Throws value_error for bad options, shape_error where x has
/// gaps; what `objective` throws passes through.
/// Cost: about one evaluation and 4 · memory passes over x an iteration; (2 · memory + 6) · P numbers of scratch. The
/// same bits for any number of threads, if the objective's are. Source: Liu and Nocedal, Mathematical Programming 45,
/// 1989; Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.5, 3.6, 7.4 and 7.5.
template <class T, class Objective>
  requires std::invocable<Objective&, vector_view<T const>, vector_view<T>>
lbfgs_result minimise(context<cpu>& ctx, lbfgs const& options, Objective&& objective, vector_view<T> x) {
  options.check();
  if (!x.is_dense()) throw shape_error("minimise: x must be dense, got one with gaps");
  return detail::lbfgs_run<T, std::remove_reference_t<Objective>>(ctx, options, objective, x).run();
}

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::lbfgs;
using optimizers::lbfgs_result;
using optimizers::lbfgs_status;
using optimizers::minimise;
}  // namespace softf1::inline SOFTF1_ABI
