// Trains a network on rows of features.
#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include <softf1/optimizers/optimizer.hpp>
#include <softf1/training/evaluate_rows.hpp>

namespace softf1::inline SOFTF1_ABI::training {

struct fit_options {
  std::size_t epochs = 100;      ///< at most
  std::size_t batch_size = 256;  ///< the last batch of an epoch may be smaller
  double learning_rate = 1e-3;
  update_rule optimizer = optimizers::adamw{};
  std::uint64_t seed = 0;  ///< of shuffling and dropout
  training::monitor monitor = {};
  std::size_t patience = 10;    ///< epochs without a better value of the monitor before training stops; 0: never stops
  decision_rule decision = {};  ///< of the F1 columns of the history
  std::function<void(epoch_record const&)> on_epoch = {};
  std::function<void(std::size_t epoch, std::size_t done, std::size_t batches)> on_batch = {};
  std::function<bool()> stop_requested = {};  ///< asked after each batch
};

enum class fit_end { finished, early, interrupted, diverged };

constexpr std::string_view name_of(fit_end end) {
  return end == fit_end::finished      ? "finished"
         : end == fit_end::early       ? "early"
         : end == fit_end::interrupted ? "interrupted"
                                       : "diverged";
}

struct fit_result {
  training::history history;
  std::size_t best_epoch = 0;  ///< counted from 1; 0: the first weights, no epoch was completed
  fit_end end = fit_end::finished;
  std::string sentence;  ///< why it ended, where it did not run all epochs
};

namespace detail {

/// Where a loss first was not finite: the step, kept on the backend so that no step waits for the host.
template <class B>
struct note_bad_step {
  vector_view<const double, B> value;
  std::uint64_t step;
  vector_view<std::uint64_t, B> first;
  static constexpr std::uint64_t none = ~std::uint64_t{0};
  SOFTF1_HD void operator()(std::size_t) const {
    bool const finite = value(0) - value(0) == 0;
    if (!finite && first(0) == none) first(0) = step;
  }
};

template <class T, class B>
class fitter {
 public:
  fitter(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss, labelled_rows<T, B> const& train,
         labelled_rows<T, B> const& validation, fit_options const& options)
      : ctx_(ctx),
        net_(net),
        loss_(loss),
        train_(train),
        validation_(validation),
        options_(options),
        rule_(ctx, options.optimizer, net.parameters().size()),
        order_(ctx, train.rows()),
        epoch_(ctx, 1),
        bad_step_(ctx, 1),
        value_(ctx, 1),
        x_(ctx, batch() * train.features.cols()),
        y_(ctx, batch() * labels()),
        grad_(ctx, batch() * labels()),
        logits_(ctx, std::max(train.rows(), validation.rows()) * labels()),
        ordered_targets_(ctx, train.rows() * labels()),
        best_(ctx, net.parameters().size()),
        best_state_(ctx, net.state().size()) {
    keep_best();
  }

  fit_result run() {
    for (std::size_t epoch = 1; epoch <= options_.epochs; ++epoch) {
      if (!run_epoch(epoch)) break;
      if (options_.patience && epoch - result_.best_epoch >= options_.patience && epoch < options_.epochs) {
        stop(fit_end::early, "stopped after epoch " + std::to_string(epoch) + ": no better " + options_.monitor.name +
                                 " for " + std::to_string(options_.patience) + " epochs");
        break;
      }
    }
    copy(ctx_, std::as_const(best_).view(), net_.parameters());
    copy(ctx_, std::as_const(best_state_).view(), net_.state());
    return std::move(result_);
  }

 private:
  using clock = std::chrono::steady_clock;

  std::size_t batch() const { return std::min(options_.batch_size, train_.rows()); }
  std::size_t labels() const { return train_.targets.cols(); }
  std::size_t batches() const { return (train_.rows() + batch() - 1) / batch(); }

  // False where training ends here.
  bool run_epoch(std::size_t epoch) {
    auto const begin = clock::now();
    set(epoch_, epoch);
    set(bad_step_, note_bad_step<B>::none);
    auto const order = shuffled_rows(train_.rows(), options_.seed, epoch);
    copy(ctx_, vector_view<std::uint64_t const>(order.data(), order.size()), order_.view());
    for (std::size_t k = 0; k < batches(); ++k) {
      step(k);
      if (options_.on_batch) options_.on_batch(epoch, k + 1, batches());
      if (options_.stop_requested && options_.stop_requested())
        return stop(fit_end::interrupted, "interrupted in epoch " + std::to_string(epoch) + ", batch " +
                                              std::to_string(k + 1) + " of " + std::to_string(batches()));
    }
    std::uint64_t bad = 0;
    copy(ctx_, std::as_const(bad_step_).view(), vector_view<std::uint64_t>(&bad, 1));
    if (bad != note_bad_step<B>::none) return diverged(epoch, "batch " + std::to_string(bad + 1));
    epoch_record record;
    record.epoch = epoch;
    record.learning_rate = options_.learning_rate;
    if (!evaluate(record)) return diverged(epoch, "the validation rows");
    record.seconds = std::chrono::duration<double>(clock::now() - begin).count();
    if (result_.history.empty() || options_.monitor.better(record, result_.history[result_.best_epoch - 1])) {
      result_.best_epoch = epoch;
      keep_best();
    }
    result_.history.push_back(record);
    if (options_.on_epoch) options_.on_epoch(record);
    return true;
  }

  void step(std::size_t k) {
    std::size_t const first = k * batch(), count = std::min(batch(), train_.rows() - first);
    vector_view<std::uint64_t const, B> const rows(order_.data() + first, count);
    matrix_view<T, B> const x = x_.matrix(count, train_.features.cols()), y = y_.matrix(count, labels()),
                            slopes = grad_.matrix(count, labels());
    for_each_cell(ctx_, count, x.cols(), gather_rows<T, B>{train_.features, rows, x});
    for_each_cell(ctx_, count, y.cols(), gather_rows<T, B>{train_.targets, rows, y});
    layers::pass<B> const how{layers::pass_mode::training, options_.seed, std::as_const(epoch_).view(), rows};
    auto const in = layers::maps_of(matrix_view<const T, B>(x));
    auto const out = layers::elements_of(net_.forward(ctx_, how, in));
    matrix_view<const T, B> const logits(out.data(), count, labels());
    loss_.value_and_gradient(ctx_, logits, y, value_.view(), slopes);
    for_each(ctx_, 1, note_bad_step<B>{std::as_const(value_).view(), k, bad_step_.view()});
    auto const gradients = net_.gradients(ctx_);
    fill(ctx_, gradients, T(0));
    net_.backward(ctx_, how, in, layers::maps_of(matrix_view<const T, B>(slopes)));
    rule_.step(ctx_, net_.parameters(), gradients, options_.learning_rate);
    copy(ctx_, out, vector_view<T, B>(logits_.data() + first * labels(), count * labels()));
    copy(ctx_, vector_view<const T, B>(y.data(), y.size()),
         vector_view<T, B>(ordered_targets_.data() + first * labels(), y.size()));
  }

  // False where a value is not finite.
  bool evaluate(epoch_record& record) {
    epoch_record trained;
    matrix_view<const T, B> const seen(logits_.data(), train_.rows(), labels());
    evaluate_decisions(ctx_, loss_, seen, {ordered_targets_.data(), train_.rows(), labels()}, options_.decision,
                       trained);
    record.train_loss = trained.loss;
    record.train_macro_f1 = trained.macro_f1;
    matrix_view<T, B> const logits(logits_.data(), validation_.rows(), labels());
    predict_rows(ctx_, net_, validation_.features, logits, options_.batch_size);
    evaluate_decisions<T, B>(ctx_, loss_, logits, validation_.targets, options_.decision, record);
    if (!std::isfinite(record.loss)) return false;
    evaluate_ranking<T, B>(ctx_, logits, validation_.targets, record);
    return true;
  }

  bool diverged(std::size_t epoch, std::string const& where) {
    return stop(fit_end::diverged, "the loss is not finite in epoch " + std::to_string(epoch) + ", " + where +
                                       "; a smaller learning rate than " + number_text(options_.learning_rate) +
                                       " may help");
  }
  bool stop(fit_end how, std::string why) {
    result_.end = how;
    result_.sentence = std::move(why);
    return false;
  }

  void set(buffer<std::uint64_t, B>& to, std::uint64_t value) {
    copy(ctx_, vector_view<std::uint64_t const>(&value, 1), to.view());
  }
  void keep_best() {
    copy(ctx_, std::as_const(net_).parameters(), best_.view());
    copy(ctx_, std::as_const(net_).state(), best_state_.view());
  }

  context<B>& ctx_;
  layers::network<T, B>& net_;
  losses::objective<T, B>& loss_;
  labelled_rows<T, B> train_, validation_;
  fit_options const& options_;
  optimizer<T, B> rule_;
  buffer<std::uint64_t, B> order_, epoch_, bad_step_;
  buffer<double, B> value_;
  buffer<T, B> x_, y_, grad_, logits_, ordered_targets_, best_, best_state_;
  fit_result result_;
};

template <class T, class B>
void check_rows(layers::network<T, B> const& net, labelled_rows<T, B> const& rows, std::string_view what) {
  std::string const who = "fit: " + std::string(what);
  require_value(rows.rows() > 0, who, "expected at least one row, got 0");
  require_shape(who, "features", {rows.rows(), net.input_shape().size()}, rows.features.shape());
  require_shape(who, "targets", {rows.rows(), net.output_shape().size()}, rows.targets.shape());
  if (!rows.features.is_dense() || !rows.targets.is_dense())
    throw shape_error(who + ": features and targets must be dense, got rows with gaps");
}

}  // namespace detail

/// Trains `net` to minimise `loss` on the training rows; after each epoch it is evaluated on the validation rows, and
/// in the end it has the weights of the best epoch. features (N, D) and targets (N, L), dense rows.
/// Stops early by `options.monitor` and `options.patience`, on request, and where the loss is not finite (then the best
/// weights so far are kept as well, and the result says where it was).
/// Throws shape_error for rows that do not fit the network or have gaps, value_error for no rows and bad options.
/// The same bits for a seed at any number of threads; after the first epoch nothing is allocated but for metrics.
template <class T, class B>
fit_result fit(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss,
               labelled_rows<T, B> const& train, labelled_rows<T, B> const& validation, fit_options const& options) {
  detail::check_rows(net, train, "training rows");
  detail::check_rows(net, validation, "validation rows");
  require_value(options.batch_size > 0, "fit", "batch_size must be at least 1, got 0");
  return detail::fitter<T, B>(ctx, net, loss, train, validation, options).run();
}

}  // namespace softf1::inline SOFTF1_ABI::training
