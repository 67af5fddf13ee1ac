// Trains a network on rows of features.
#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/recording.hpp>
#include <softf1/backend/transfer.hpp>
#include <softf1/optimizers/optimizer.hpp>
#include <softf1/training/evaluate_rows.hpp>
#include <softf1/training/feed.hpp>

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
  bool stream = false;          ///< rows of the host travel in batches even where the backend has room for all
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

/// Where a loss first was not finite: the first row of the batch, kept on the backend so that no step waits for the host.
template <class B>
struct note_bad_step {
  vector_view<const double, B> value;
  std::uint64_t const* row;
  vector_view<std::uint64_t, B> first;
  static constexpr std::uint64_t none = ~std::uint64_t{0};
  SOFTF1_HD void operator()(std::size_t) const {
    bool const finite = value(0) - value(0) == 0;
    if (!finite && first(0) == none) first(0) = *row;
  }
};

/// The first row of the batch moves on.
struct advance_row {
  std::uint64_t* row;
  std::uint64_t by;
  SOFTF1_HD void operator()(std::size_t) const { *row += by; }
};

template <class T, class B>
class fitter {
 public:
  fitter(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss, feature_feed<T, B>& features,
         matrix_view<const T, B> targets, labelled_rows<T, B> const& validation, fit_options const& options)
      : ctx_(ctx),
        net_(net),
        loss_(loss),
        features_(features),
        targets_(targets),
        validation_(validation),
        options_(options),
        rule_(ctx, options.optimizer, net.parameters().size()),
        order_(ctx, targets.rows()),
        ids_(ctx, batch()),
        epoch_(ctx, 1),
        row_(ctx, 1),
        bad_row_(ctx, 1),
        value_(ctx, 1),
        x_(ctx, batch() * features.dimension()),
        y_(ctx, batch() * labels()),
        grad_(ctx, batch() * labels()),
        logits_(ctx, std::max(targets.rows(), validation.rows()) * labels()),
        best_(ctx, net.parameters().size()),
        best_state_(ctx, net.state().size()) {
    rule_.set_learning_rate(ctx, options.learning_rate);
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

  std::size_t rows() const { return targets_.rows(); }
  std::size_t batch() const { return std::min(options_.batch_size, rows()); }
  std::size_t labels() const { return targets_.cols(); }
  std::size_t batches() const { return (rows() + batch() - 1) / batch(); }

  // False where training ends here.
  bool run_epoch(std::size_t epoch) {
    auto const begin = clock::now();
    fill(ctx_, epoch_.view(), epoch);
    fill(ctx_, row_.view(), 0);
    fill(ctx_, bad_row_.view(), note_bad_step<B>::none);
    auto const order = epoch == 1 ? shuffled_rows(rows(), options_.seed, epoch) : std::move(next_order_);
    copy(ctx_, vector_view<std::uint64_t const>(order.data(), order.size()), order_.view());
    features_.begin(ctx_, order, batch());
    // A recording has the addresses of memory that the evaluation of an epoch may exchange for more.
    recording<B> full_batch;
    for (std::size_t k = 0; k < batches(); ++k) {
      std::size_t const count = std::min(batch(), rows() - k * batch());
      features_.load(ctx_, x_.matrix(count, features_.dimension()));
      if (count == batch())
        full_batch.run(ctx_, [&] { step(count); });
      else
        step(count);
      if (options_.on_batch) options_.on_batch(epoch, k + 1, batches());
      if (options_.stop_requested && options_.stop_requested())
        return stop(fit_end::interrupted, "interrupted in epoch " + std::to_string(epoch) + ", batch " +
                                              std::to_string(k + 1) + " of " + std::to_string(batches()));
    }
    // While the backend may still be at work.
    if (epoch < options_.epochs) next_order_ = shuffled_rows(rows(), options_.seed, epoch + 1);
    std::uint64_t bad = 0;
    copy(ctx_, std::as_const(bad_row_).view(), vector_view<std::uint64_t>(&bad, 1));
    if (bad != note_bad_step<B>::none) return diverged(epoch, "batch " + std::to_string(bad / batch() + 1));
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

  // One step on the batch that begins at row_, wholly on the backend: it is recorded.
  void step(std::size_t count) {
    matrix_view<T, B> const x = x_.matrix(count, features_.dimension()), y = y_.matrix(count, labels()),
                            slopes = grad_.matrix(count, labels());
    vector_view<std::uint64_t, B> const new_ids(ids_.data(), count);
    for_each(ctx_, count, ids_of_batch<B>{std::as_const(order_).view(), row_.data(), new_ids});
    vector_view<std::uint64_t const, B> const ids = new_ids;
    features_.gather(ctx_, ids, x);
    for_each_cell(ctx_, count, y.cols(), gather_rows<T, B>{targets_, ids, y});
    layers::pass<B> const how{layers::pass_mode::training, options_.seed, std::as_const(epoch_).view(), ids};
    auto const in = layers::maps_of(matrix_view<const T, B>(x));
    auto const logits = layers::pixels_of(net_.forward(ctx_, how, in));
    loss_.value_and_gradient(ctx_, logits, y, value_.view(), slopes);
    for_each(ctx_, 1, note_bad_step<B>{std::as_const(value_).view(), row_.data(), bad_row_.view()});
    auto const gradients = net_.gradients(ctx_);
    fill(ctx_, gradients, T(0));
    net_.backward(ctx_, how, in, layers::maps_of(matrix_view<const T, B>(slopes)));
    rule_.step(ctx_, net_.parameters(), gradients);
    for_each_cell(ctx_, count, labels(), scatter_batch<T, B>{logits, row_.data(), logits_.matrix(rows(), labels())});
    for_each(ctx_, 1, advance_row{row_.data(), count});
  }

  // False where a value is not finite.
  bool evaluate(epoch_record& record) {
    epoch_record trained;
    {
      buffer<T, B> memory(ctx_, targets_.size());
      auto const targets = memory.matrix(rows(), labels());
      for_each_cell(ctx_, rows(), labels(), gather_rows<T, B>{targets_, std::as_const(order_).view(), targets});
      evaluate_decisions<T, B>(ctx_, loss_, std::as_const(logits_).matrix(rows(), labels()), targets, options_.decision,
                               trained);
    }
    record.train_loss = trained.loss;
    record.train_macro_f1 = trained.macro_f1;
    matrix_view<T, B> const logits(logits_.data(), validation_.rows(), labels());
    predict_rows(ctx_, net_, validation_.features, logits, batch());
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

  void keep_best() {
    copy(ctx_, std::as_const(net_).parameters(), best_.view());
    copy(ctx_, std::as_const(net_).state(), best_state_.view());
  }

  context<B>& ctx_;
  layers::network<T, B>& net_;
  losses::objective<T, B>& loss_;
  feature_feed<T, B>& features_;
  matrix_view<const T, B> targets_;
  labelled_rows<T, B> validation_;
  fit_options const& options_;
  std::vector<std::uint64_t> next_order_;
  optimizer<T, B> rule_;
  buffer<std::uint64_t, B> order_, ids_, epoch_, row_, bad_row_;
  buffer<double, B> value_;
  buffer<T, B> x_, y_, grad_, logits_, best_, best_state_;
  fit_result result_;
};

template <class T, class B, class R>
void check_rows(layers::network<T, B> const& net, labelled_rows<T, R> const& rows, std::string_view what) {
  std::string const who = "fit: " + std::string(what);
  require_value(rows.rows() > 0, who, "expected at least one row, got 0");
  require_shape(who, "features", {rows.rows(), net.input_shape().size()}, rows.features.shape());
  require_shape(who, "targets", {rows.rows(), net.output_shape().size()}, rows.targets.shape());
  if (!rows.features.is_dense() || !rows.targets.is_dense())
    throw shape_error(who + ": features and targets must be dense, got rows with gaps");
}

template <class T, class B, class R>
void check_fit(layers::network<T, B> const& net, labelled_rows<T, R> const& train,
               labelled_rows<T, R> const& validation, fit_options const& options) {
  check_rows(net, train, "training rows");
  check_rows(net, validation, "validation rows");
  require_value(options.batch_size > 0, "fit", "batch_size must be at least 1, got 0");
}

}  // namespace detail

/// Trains `net` to minimise `loss` on the training rows; after each epoch it is evaluated on the validation rows, and
/// in the end it has the weights of the best epoch. features (N, D) and targets (N, L), dense rows.
/// Stops early by `options.monitor` and `options.patience`, on request, and where the loss is not finite (then the best
/// weights so far are kept as well, and the result says where it was).
/// Throws shape_error for rows that do not fit the network or have gaps, value_error for no rows and bad options.
/// The same bits for a seed at any number of threads; after the first epoch nothing is allocated but for metrics. A step
/// reads nothing back; a backend that can records it and replays it.
template <class T, class B>
fit_result fit(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss,
               labelled_rows<T, B> const& train, labelled_rows<T, B> const& validation, fit_options const& options) {
  detail::check_fit(net, train, validation, options);
  resident_features<T, B> features(train.features);
  return detail::fitter<T, B>(ctx, net, loss, features, train.targets, validation, options).run();
}

namespace detail {

/// Rows of the host, on a backend with memory of its own.
template <class T, class B>
class uploaded {
 public:
  uploaded(context<B>& ctx, matrix_view<const T> host)
      : rows_(host.rows()),
        cols_(host.cols()),
        values_(upload<T>(ctx, vector_view<const T>(host.data(), host.size()))) {}
  matrix_view<const T, B> view() const { return values_.matrix(rows_, cols_); }

 private:
  std::size_t rows_, cols_;
  buffer<T, B> values_;
};

/// Training features on the backend, or where there is no room, from the host.
template <class T, class B>
class host_features {
 public:
  host_features(context<B>& ctx, matrix_view<const T> features, std::size_t batch, bool stream) {
    try {
      if (!stream) uploaded_ = std::make_unique<uploaded<T, B>>(ctx, features);
    } catch (out_of_memory const&) {
      // There is no room for all of them at once.
    }
    if (uploaded_)
      feed_ = std::make_unique<resident_features<T, B>>(uploaded_->view());
    else
      feed_ = std::make_unique<streamed_features<T, B>>(ctx, features, batch);
  }
  feature_feed<T, B>& feed() { return *feed_; }

 private:
  std::unique_ptr<uploaded<T, B>> uploaded_;
  std::unique_ptr<feature_feed<T, B>> feed_;
};

}  // namespace detail

/// The same with rows of the host, on a backend with memory of its own. Targets and validation rows are copied to it
/// once, and so are the training features, if there is room; else, or where `options.stream` asks for it, batches of them
/// travel while the backend works. Throws out_of_memory where the rest has no room either. The same bits in both ways.
template <class T, class B>
  requires(!std::is_same_v<B, cpu>)
fit_result fit(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss,
               labelled_rows<T> const& train, labelled_rows<T> const& validation, fit_options const& options) {
  detail::check_fit(net, train, validation, options);
  detail::uploaded<T, B> const targets(ctx, train.targets), seen(ctx, validation.features),
      wanted(ctx, validation.targets);
  std::size_t const batch = std::min(options.batch_size, train.rows());
  detail::host_features<T, B> features(ctx, train.features, batch, options.stream);
  return detail::fitter<T, B>(ctx, net, loss, features.feed(), targets.view(), {seen.view(), wanted.view()}, options)
      .run();
}

}  // namespace softf1::inline SOFTF1_ABI::training
