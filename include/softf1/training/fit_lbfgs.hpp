// Trains a network on all rows at once: for linear heads, whose losses are smooth.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <softf1/optimizers/lbfgs.hpp>
#include <softf1/training/fit.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// L-BFGS on all training rows, with l2 / 2 · ‖weights‖² added to the loss (biases are free).
struct lbfgs_training {
  static constexpr std::string_view name = "lbfgs";
  static constexpr std::array<std::string_view, 4> option_names{"l2", "max_iterations", "memory", "gradient_tolerance"};

  double l2 = 5e-3;  ///< >= 0; for bce, scikit-learn's LogisticRegression(C) has l2 = 1 / (C · N · L)
  double max_iterations = 200, memory = 10, gradient_tolerance = 1e-6;

  double& option(std::size_t k) { return k == 0 ? l2 : k == 1 ? max_iterations : k == 2 ? memory : gradient_tolerance; }
  void check() const {
    require_value(l2 >= 0 && l2 * 0 == 0, name, "l2 must be finite and >= 0, got " + number_text(l2));
    for (double whole : {max_iterations, memory})
      require_value(whole >= 1 && whole <= 1e6 && whole == std::floor(whole), name,
                    "memory and max_iterations must be whole numbers from 1 to 1000000, got " + number_text(whole));
    settings().check();
  }
  optimizers::lbfgs settings() const {
    return {.memory = static_cast<std::size_t>(memory),
            .max_iterations = static_cast<std::size_t>(max_iterations),
            .gradient_tolerance = gradient_tolerance};
  }
};

namespace detail {

/// Loss and gradient of all rows, as a function of the parameters, which are the network's own.
template <class T>
class full_batch_loss {
 public:
  full_batch_loss(context<cpu>& ctx, layers::network<T>& net, losses::objective<T>& loss, labelled_rows<T> const& rows,
                  double l2, fit_options const& options)
      : ctx_(ctx),
        net_(net),
        loss_(loss),
        rows_(rows),
        l2_(l2),
        options_(options),
        value_(ctx, 1),
        slopes_(ctx, rows.targets.size()) {}

  double operator()(vector_view<T const>, vector_view<T> gradient) {
    // Not finite: the search then ends where it is.
    if (stopped) return std::nan("");
    ++evaluations;
    if (options_.on_batch) options_.on_batch(1, evaluations, 0);
    stopped = options_.stop_requested && options_.stop_requested();
    if (stopped) return std::nan("");
    auto const in = layers::maps_of(rows_.features);
    auto const logits = layers::pixels_of(net_.forward(ctx_, {}, in));
    auto const slopes = slopes_.matrix(rows_.rows(), rows_.targets.cols());
    loss_.value_and_gradient(ctx_, logits, rows_.targets, value_.view(), slopes, mask_of(rows_.mask));
    auto const mine = net_.gradients(ctx_);
    fill(ctx_, mine, T(0));
    net_.backward(ctx_, {}, in, layers::maps_of(matrix_view<const T>(slopes)));
    copy(ctx_, vector_view<const T>(mine), gradient);
    return value_.view()(0) + penalise(gradient);
  }

  std::size_t evaluations = 0;
  bool stopped = false;

 private:
  double penalise(vector_view<T> gradient) {
    double squares = 0;
    for (auto const& p : net_.named()) {
      if (p.role != layers::parameter_role::trained || p.shape.size() < 2) continue;
      T* const slope = gradient.data() + (p.values.data() - net_.parameters().data());
      for (std::size_t i = 0; i < p.size(); ++i) {
        squares += static_cast<double>(p.values(i)) * static_cast<double>(p.values(i));
        slope[i] += static_cast<T>(l2_) * p.values(i);
      }
    }
    return l2_ / 2 * squares;
  }

  context<cpu>& ctx_;
  layers::network<T>& net_;
  losses::objective<T>& loss_;
  labelled_rows<T> const& rows_;
  double l2_;
  fit_options const& options_;
  buffer<double> value_;
  buffer<T> slopes_;
};

}  // namespace detail

/// Trains a network with one dense layer to the minimum of loss and penalty over all training rows. Dropout is left
/// out. The history has one record, of the end. Of `options`, decision, on_epoch, on_batch (it counts evaluations) and
/// stop_requested are used. Stopped before the first step, and where the loss is not finite at the beginning, or in the
/// end on the validation rows, the network is as it was, the history is empty, and the result says why.
/// Throws value_error for a network with more than one dense layer, and as `fit`.
/// The same bits for a seed at any number of threads.
template <class T>
fit_result fit_lbfgs(context<cpu>& ctx, layers::network<T>& net, losses::objective<T>& loss,
                     labelled_rows<T> const& train, labelled_rows<T> const& validation, lbfgs_training const& how,
                     fit_options const& options) {
  detail::check_rows(net, train, "training rows");
  detail::check_rows(net, validation, "validation rows");
  how.check();
  std::size_t dense = 0;
  for (auto const& n : net.nodes()) dense += std::holds_alternative<layers::dense>(n.layer);
  require_value(dense == 1, "fit_lbfgs",
                "the head must be linear, got one with " + std::to_string(dense) + " dense layers");
  auto const begin = std::chrono::steady_clock::now();
  buffer<T> first(ctx, net.parameters().size());
  copy(ctx, std::as_const(net).parameters(), first.view());
  auto const nothing_kept = [&](fit_end end, std::string why) {
    copy(ctx, std::as_const(first).view(), net.parameters());
    return fit_result{{}, 0, end, std::move(why)};
  };
  detail::full_batch_loss<T> objective(ctx, net, loss, train, how.l2, options);
  auto const found = minimise(ctx, how.settings(), objective, net.parameters());
  fit_result result;
  result.sentence = "L-BFGS ended after " + std::to_string(found.iterations) + " iterations: " +
                    (objective.stopped ? "interrupted" : std::string(optimizers::lbfgs_status_name(found.status)));
  if (objective.stopped) result.end = fit_end::interrupted;
  if (objective.stopped && found.iterations == 0) return nothing_kept(fit_end::interrupted, result.sentence);
  if (found.status == optimizers::lbfgs_status::not_finite)
    return nothing_kept(fit_end::diverged, "the loss is not finite where L-BFGS began");
  epoch_record record;
  record.epoch = 1;
  buffer<T> logits(ctx, std::max(train.targets.size(), validation.targets.size()));
  auto const measure = [&](labelled_rows<T> const& rows, epoch_record& to) {
    auto const view = logits.matrix(rows.rows(), rows.targets.cols());
    predict_rows(ctx, net, rows.features, view);
    evaluate_decisions<T, cpu>(ctx, loss, view, rows.targets, options.decision, to, rows.mask);
    return view;
  };
  epoch_record trained;
  measure(train, trained);
  auto const scores = measure(validation, record);
  if (!std::isfinite(record.loss))
    return nothing_kept(fit_end::diverged, "the loss is not finite on the validation rows");
  evaluate_ranking<T, cpu>(ctx, scores, validation.targets, record, validation.mask);
  record.train_loss = trained.loss;
  record.train_macro_f1 = trained.macro_f1;
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  result.history.push_back(record);
  result.best_epoch = 1;
  if (options.on_epoch) options.on_epoch(record);
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::training
