// Batch normalisation.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <softf1/layers/functors.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/math/ratio.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// centre(j) = the mean of some rows of column j, spread over all: near its mean, so that squares around it lose no digits.
template <class T, class B>
struct column_centre {
  matrix_view<const T, B> x;
  vector_view<T, B> centre;
  SOFTF1_HD void operator()(std::size_t j) const {
    std::size_t const rows = x.rows(), some = rows < 64 ? rows : 64;
    T sum = 0;
    for (std::size_t k = 0; k < some; ++k) sum += x(k * rows / some, j);
    centre(j) = sum / static_cast<T>(some);
  }
};

/// (Σ (x − centre), Σ (x − centre)²), down a column.
template <class T>
struct norm_moments {
  T sum = 0, squares = 0;
};
template <class T, class B>
struct column_moments {
  using partial = norm_moments<T>;
  using scalar = T;
  using total = norm_moments<T>;
  dense_rows<const T, B> x;
  T const* centre;
  column_moments(matrix_view<const T, B> values, vector_view<const T, B> c) : x(values), centre(c.data()) {}
  static SOFTF1_HD partial identity() { return partial{}; }
  SOFTF1_HD void add(partial& to, std::size_t i, std::size_t j) const {
    T const d = x(i, j) - centre[j];
    to.sum += d;
    to.squares += d * d;
  }
  static SOFTF1_HD total neutral() { return total{}; }
  static SOFTF1_HD void merge(total& to, partial const& part) {
    to.sum += part.sum;
    to.squares += part.squares;
  }
};

/// (Σ grad_y, Σ grad_y · (x − mean)), down a column.
template <class T>
struct norm_slopes {
  T shift = 0, scale = 0;
};
template <class T, class B>
struct column_norm_slopes {
  using partial = norm_slopes<T>;
  using scalar = T;
  using total = norm_slopes<T>;
  dense_rows<const T, B> x, grad_y;
  T const* mean;
  column_norm_slopes(matrix_view<const T, B> values, matrix_view<const T, B> slopes, vector_view<const T, B> m)
      : x(values), grad_y(slopes), mean(m.data()) {}
  static SOFTF1_HD partial identity() { return partial{}; }
  SOFTF1_HD void add(partial& sum, std::size_t i, std::size_t j) const {
    sum.shift += grad_y(i, j);
    sum.scale += grad_y(i, j) * (x(i, j) - mean[j]);
  }
  static SOFTF1_HD total neutral() { return total{}; }
  static SOFTF1_HD void merge(total& to, partial const& part) {
    to.shift += part.shift;
    to.scale += part.scale;
  }
};

/// What one pass normalises by, a channel; and the running statistics' step.
template <class T, class B>
struct norm_statistics {
  vector_view<const norm_moments<T>, B> moments;
  vector_view<T, B> mean, variance, running_mean, running_variance;  // mean: the centre of the moments before
  T rows, momentum;
  bool updates;

  /// Moments to statistics; the running variance is the unbiased one, as everywhere.
  SOFTF1_HD void operator()(std::size_t j) const {
    T const moved = moments(j).sum / rows, biased = moments(j).squares / rows - moved * moved;
    mean(j) += moved;
    variance(j) = biased < T(0) ? T(0) : biased;
    if (!updates) return;
    T const unbiased = rows > T(1) ? variance(j) * rows / (rows - T(1)) : variance(j);
    running_mean(j) += momentum * (mean(j) - running_mean(j));
    running_variance(j) += momentum * (unbiased - running_variance(j));
  }
};

/// factor = scale / √(variance + epsilon).
template <class T, class B>
struct norm_factor {
  vector_view<const T, B> variance, scale;
  T epsilon;
  vector_view<T, B> factor;
  SOFTF1_HD void operator()(std::size_t j) const { factor(j) = scale(j) / math::safe_sqrt(variance(j) + epsilon); }
};

/// y = (x − mean) · factor + shift.
template <class T, class B>
struct norm_forward {
  matrix_view<const T, B> x;
  vector_view<const T, B> mean, factor, shift;
  matrix_view<T, B> y;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    y(i, j) = (x(i, j) - mean(j)) * factor(j) + shift(j);
  }
};

/// What the gradient by x takes from the slopes of a channel; 0 where the statistics are constants.
template <class T, class B>
struct norm_shares {
  vector_view<const norm_slopes<T>, B> slopes;
  vector_view<const T, B> variance;
  T epsilon, inverse_rows;  // 0: constants
  vector_view<T, B> shift, scale;
  SOFTF1_HD void operator()(std::size_t j) const {
    shift(j) = inverse_rows * slopes(j).shift;
    scale(j) = inverse_rows * slopes(j).scale / (variance(j) + epsilon);
  }
};

/// The gradient by x: factor · (grad_y − shift − scale · (x − mean)).
template <class T, class B>
struct norm_backward {
  matrix_view<const T, B> x, grad_y;
  vector_view<const T, B> mean, factor, shift, scale;
  matrix_view<T, B> grad_x;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    grad_x(i, j) = factor(j) * (grad_y(i, j) - shift(j) - scale(j) * (x(i, j) - mean(j)));
  }
};

/// Adds to the gradients of scale and shift, where they are asked for.
template <class T, class B>
struct norm_parameter_slopes {
  vector_view<const norm_slopes<T>, B> slopes;
  vector_view<const T, B> variance;
  T epsilon;
  vector_view<T, B> grad_scale, grad_shift;
  SOFTF1_HD void operator()(std::size_t j) const {
    if (grad_scale.data()) grad_scale(j) += slopes(j).scale / math::safe_sqrt(variance(j) + epsilon);
    if (grad_shift.data()) grad_shift(j) += slopes(j).shift;
  }
};

/// batch: the statistics of the batch in training, with which the running ones are updated. frozen: the running
/// statistics in training too, which stay as they are, while weight and bias are trained: for fine-tuning a network that
/// was trained before, on batches too small or too different to measure.
enum class norm_policy { batch, frozen };

constexpr std::string_view name_of(norm_policy p) { return p == norm_policy::batch ? "batch" : "frozen"; }

/// Throws value_error where there is none of that name.
inline norm_policy norm_policy_named(std::string_view name) {
  for (norm_policy p : {norm_policy::batch, norm_policy::frozen})
    if (name_of(p) == name) return p;
  throw value_error("no policy of batch-norm is named '" + std::string(name) + "', there are batch, frozen");
}

/// Batch normalisation, bound to its input.
template <class T, class B>
class batch_norm_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  batch_norm_layer(sample_shape shape, T epsilon, T momentum, norm_policy policy)
      : shape_(shape), epsilon_(epsilon), momentum_(momentum), policy_(policy) {
    using enum parameter_role;
    std::vector<std::size_t> const size{shape.channels};
    this->parameters_.push_back({.name = "weight", .shape = size, .initial = initialiser::ones});
    this->parameters_.push_back({.name = "bias", .shape = size});
    this->parameters_.push_back({.name = "running_mean", .shape = size, .role = state});
    this->parameters_.push_back({.name = "running_var", .shape = size, .role = state, .initial = initialiser::ones});
  }

  sample_shape output_shape() const override { return shape_; }

  void forward(context<B>& ctx, pass<B> const& how, in_maps x, out_maps y) override {
    auto const from = pixels_of(x);
    if (from.rows() == 0) return;
    if (measures(how)) measure(ctx, how, from);
    auto const [mean, variance] = statistics(how);
    buffer<T, B> memory(ctx, shape_.channels);
    auto const factor = factor_in(ctx, memory, variance);
    for_each_cell(ctx, from.rows(), from.cols(), norm_forward<T, B>{from, mean, factor, values(1), pixels_of(y)});
  }

  void backward(context<B>& ctx, pass<B> const& how, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    auto const from = pixels_of(x), above = pixels_of(grad_y);
    if (from.rows() == 0) return;
    auto const [mean, variance] = statistics(how);
    buffer<norm_slopes<T>, B> slopes(ctx, shape_.channels);
    fill(ctx, slopes.view(), norm_slopes<T>{});
    reduce_columns(ctx, from.rows(), from.cols(), column_norm_slopes<T, B>(from, above, mean), slopes.view());
    auto const sums = std::as_const(slopes).view();
    for_each(ctx, shape_.channels, norm_parameter_slopes<T, B>{sums, variance, epsilon_, slopes_of(0), slopes_of(1)});
    if (!grad_x.data()) return;
    T const inverse_rows = measures(how) ? T(1) / static_cast<T>(from.rows()) : T(0);
    std::size_t const channels = shape_.channels;
    buffer<T, B> memory(ctx, channels), shift(ctx, channels), scale(ctx, channels);
    auto const factor = factor_in(ctx, memory, variance);
    for_each(ctx, channels, norm_shares<T, B>{sums, variance, epsilon_, inverse_rows, shift.view(), scale.view()});
    for_each_cell(ctx, from.rows(), from.cols(),
                  norm_backward<T, B>{from, above, mean, factor, std::as_const(shift).view(),
                                      std::as_const(scale).view(), pixels_of(grad_x)});
  }

 private:
  vector_view<T, B> values(std::size_t k) { return this->parameters_[k].values; }
  vector_view<T, B> slopes_of(std::size_t k) {
    return this->trains(k) ? this->parameters_[k].gradients : vector_view<T, B>{};
  }
  bool measures(pass<B> const& how) const { return how.training() && policy_ == norm_policy::batch; }

  vector_view<const T, B> factor_in(context<B>& ctx, buffer<T, B>& memory, vector_view<const T, B> variance) {
    for_each(ctx, shape_.channels, norm_factor<T, B>{variance, values(0), epsilon_, memory.view()});
    return std::as_const(memory).view();
  }

  struct used {
    vector_view<const T, B> mean, variance;
  };
  used statistics(pass<B> const& how) {
    if (!measures(how)) return {values(2), values(3)};
    return {std::as_const(mean_).view(), std::as_const(variance_).view()};
  }

  void measure(context<B>& ctx, pass<B> const& how, matrix_view<const T, B> x) {
    std::size_t const channels = shape_.channels;
    if (variance_.empty()) mean_ = buffer<T, B>(ctx, channels), variance_ = buffer<T, B>(ctx, channels);
    buffer<norm_moments<T>, B> moments(ctx, channels);
    fill(ctx, moments.view(), norm_moments<T>{});
    for_each(ctx, channels, column_centre<T, B>{x, mean_.view()});
    reduce_columns(ctx, x.rows(), channels, column_moments<T, B>(x, std::as_const(mean_).view()), moments.view());
    for_each(ctx, channels,
             norm_statistics<T, B>{std::as_const(moments).view(), mean_.view(), variance_.view(), values(2), values(3),
                                   static_cast<T>(x.rows()), momentum_, how.updates_state});
  }

  sample_shape shape_;
  T epsilon_, momentum_;
  norm_policy policy_;
  buffer<T, B> mean_, variance_;  // of the last pass in training, for its backward pass
};

/// y = (x − mean) / √(variance + epsilon) · weight + bias, a channel. In training, mean and variance are those of the
/// batch, and the running ones take a step of `momentum` to them (not where the pass says that it updates no state); at
/// inference, and with the policy `frozen` always, the running ones are used.
/// An empty batch changes nothing.
/// Source: Ioffe & Szegedy, "Batch normalization", 2015; names and momentum as torch.nn.BatchNorm2d.
struct batch_norm {
  static constexpr std::string_view name = "batch_norm";

  double epsilon = 1e-5;
  double momentum = 0.1;
  norm_policy policy = norm_policy::batch;

  /// visit(name, value) for each option.
  template <class Self, class Visit>
  static void each_option(Self& self, Visit&& visit) {
    visit("epsilon", self.epsilon);
    visit("momentum", self.momentum);
    visit("policy", self.policy);
  }

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    require_value(epsilon > 0, name, "epsilon must be > 0, got " + number_text(epsilon));
    return std::make_unique<batch_norm_layer<T, B>>(in, static_cast<T>(epsilon), static_cast<T>(momentum), policy);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
