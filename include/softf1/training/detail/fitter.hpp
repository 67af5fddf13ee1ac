// The epochs of a training run.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/transfer.hpp>
#include <softf1/training/detail/step.hpp>
#include <softf1/training/evaluate_rows.hpp>
#include <softf1/training/state.hpp>

namespace softf1::inline SOFTF1_ABI::training::detail {

template <class T, class B>
class fitter {
 public:
  fitter(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss, feature_feed<T, B>& features,
         labelled_rows<T, B> const& train, labelled_rows<T, B> const& validation, fit_options const& options,
         checkpointing<T> const& kept)
      : ctx_(ctx),
        net_(net),
        loss_(loss),
        validation_(validation),
        options_(options),
        kept_(kept),
        targets_(train.targets),
        mask_(train.mask),
        step_(ctx, net, loss, features, targets_, mask_, options),
        logits_(ctx, validation.rows() * validation.targets.cols()),
        trained_(ctx, step_.averages().size()),
        trained_state_(ctx, step_.averaged_state().size()),
        best_(ctx, net.parameters().size()),
        best_state_(ctx, net.state().size()) {
    keep_best();
    if (kept.resume) restore(*kept.resume);
  }

  fit_result run() {
    for (; epoch_ <= options_.epochs; ++epoch_, done_ = 0) {
      // A run that is resumed may have been at its end.
      if (done_ == 0 && epoch_ > 1 && is_stale(epoch_ - 1)) break;
      if (!run_epoch()) break;
    }
    copy(ctx_, std::as_const(best_).view(), net_.parameters());
    copy(ctx_, std::as_const(best_state_).view(), net_.state());
    return std::move(result_);
  }

 private:
  using clock = std::chrono::steady_clock;

  // True where training ends after an epoch.
  bool is_stale(std::size_t epoch) {
    if (!options_.patience || epoch - result_.best_epoch < options_.patience) return false;
    stop(fit_end::early, "stopped after epoch " + std::to_string(epoch) + ": no better " + options_.monitor.name +
                             " for " + std::to_string(options_.patience) + " epochs");
    return true;
  }

  // False where training ends here.
  bool run_epoch() {
    auto const begin = clock::now();
    auto const rates = learning_rates();
    loss_.begin_epoch(epoch_);
    auto const order = next_order_.empty() ? order_of(epoch_) : std::exchange(next_order_, {});
    step_.begin(epoch_, order, done_, rates);
    while (done_ < step_.steps()) {
      step_.run();
      ++done_;
      if (options_.on_batch) options_.on_batch(epoch_, done_, step_.steps());
      if (options_.stop_requested && options_.stop_requested()) {
        keep_state();
        return stop(fit_end::interrupted, "interrupted in epoch " + std::to_string(epoch_) + ", step " +
                                              std::to_string(done_) + " of " + std::to_string(step_.steps()));
      }
      if (done_ < step_.steps() && kept_.due && kept_.due()) keep_state();
    }
    // While the backend may still be at work.
    if (epoch_ < options_.epochs) next_order_ = order_of(epoch_ + 1);
    step_.end();
    if (auto const bad = step_.first_bad_row(); bad != note_bad_step<B>::none)
      return diverged("batch " + std::to_string(bad / step_.rows_of_step() + 1));
    epoch_record record;
    record.epoch = epoch_;
    record.learning_rate = rates.back();
    if (!evaluate(record)) return diverged("the validation rows");
    record.seconds = std::chrono::duration<double>(clock::now() - begin).count();
    result_.history.push_back(record);
    if (options_.on_epoch) options_.on_epoch(record);
    keep_state_of_next_epoch();
    return true;
  }

  std::vector<std::uint64_t> order_of(std::size_t epoch) const {
    if (!options_.order) return shuffled_rows(step_.rows(), options_.seed, epoch);
    auto order = options_.order(epoch);
    require_shape("fit", "the order of rows", {step_.rows()}, std::vector<std::size_t>{order.size()});
    for (std::uint64_t row : order)
      require_value(row < step_.rows(), "fit",
                    "the order names row " + std::to_string(row) + " of " + std::to_string(step_.rows()));
    return order;
  }

  std::vector<double> learning_rates() const {
    std::vector<double> monitored, rates;
    for (auto const& e : result_.history)
      monitored.push_back(options_.monitor.less_is_better ? -(e.*options_.monitor.value) : e.*options_.monitor.value);
    std::uint64_t const before = (epoch_ - 1) * step_.steps(), all = options_.epochs * step_.steps();
    for (std::size_t k = 0; k < step_.steps(); ++k)
      rates.push_back(options_.learning_rate * options_.schedule.factor({before + k, all, monitored}));
    return rates;
  }

  // False where a value is not finite. The weights are those that are evaluated, and kept where they are the best.
  bool evaluate(epoch_record& record) {
    epoch_record trained;
    {
      buffer<T, B> memory(ctx_, targets_.size());
      auto const targets = memory.matrix(step_.rows(), step_.labels());
      for_each_cell(ctx_, step_.rows(), step_.labels(), gather_rows<T, B>{targets_, step_.order(), targets});
      buffer<std::uint8_t, B> mask_memory(ctx_, mask_.size());
      matrix_view<std::uint8_t const, B> present;
      if (mask_.data()) {
        auto const to = mask_memory.matrix(step_.rows(), step_.labels());
        for_each_cell(ctx_, step_.rows(), step_.labels(), gather_rows<std::uint8_t, B>{mask_, step_.order(), to});
        present = to;
      }
      evaluate_decisions<T, B>(ctx_, loss_, step_.logits(), targets, options_.decision, trained, present);
    }
    // Of rows that were mixed there is nothing to compare with.
    double const none = std::numeric_limits<double>::quiet_NaN();
    record.train_loss = options_.mixup > 0 ? none : trained.loss;
    record.train_macro_f1 = options_.mixup > 0 ? none : trained.macro_f1;
    if (options_.average > 0) take_averages();
    bool const finite = evaluate_validation(record);
    if (finite &&
        (result_.history.empty() || options_.monitor.better(record, result_.history[result_.best_epoch - 1]))) {
      result_.best_epoch = epoch_;
      keep_best();
    }
    if (options_.average > 0) put_back();
    return finite;
  }

  void take_averages() {
    copy(ctx_, std::as_const(net_).parameters(), trained_.view());
    copy(ctx_, std::as_const(net_).state(), trained_state_.view());
    copy(ctx_, vector_view<const T, B>(step_.averages()), net_.parameters());
    copy(ctx_, vector_view<const T, B>(step_.averaged_state()), net_.state());
  }
  void put_back() {
    copy(ctx_, std::as_const(trained_).view(), net_.parameters());
    copy(ctx_, std::as_const(trained_state_).view(), net_.state());
  }

  bool evaluate_validation(epoch_record& record) {
    auto const logits = logits_.matrix(validation_.rows(), step_.labels());
    predict_rows(ctx_, net_, validation_.features, logits, step_.batch());
    evaluate_decisions<T, B>(ctx_, loss_, logits, validation_.targets, options_.decision, record, validation_.mask);
    if (!std::isfinite(record.loss)) return false;
    evaluate_collapse<T, B>(ctx_, logits, validation_.targets, record, validation_.mask);
    evaluate_ranking<T, B>(ctx_, logits, validation_.targets, record, validation_.mask);
    return true;
  }

  bool diverged(std::string const& where) {
    return stop(fit_end::diverged, "the loss is not finite in epoch " + std::to_string(epoch_) + ", " + where +
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

  void keep_state_of_next_epoch() {
    auto const done = std::exchange(done_, 0);
    ++epoch_;
    keep_state();
    --epoch_;
    done_ = done;
  }

  void keep_state() {
    // A loss that was not finite is found before it is kept.
    if (!kept_.save || step_.first_bad_row() != note_bad_step<B>::none) return;
    auto const rule = step_.rule().state();
    kept_.save({.epoch = epoch_,
                .done = done_,
                .steps = (epoch_ - 1) * step_.steps() + done_,
                .parameters = to_host(std::as_const(net_).parameters()),
                .state = to_host(std::as_const(net_).state()),
                .optimizer = to_host({rule.data(), rule.size()}),
                .averages = to_host(step_.averages()),
                .averaged_state = to_host(step_.averaged_state()),
                .best_parameters = to_host(std::as_const(best_).view()),
                .best_state = to_host(std::as_const(best_state_).view()),
                .best_epoch = result_.best_epoch,
                .loss_memory = loss_memory(),
                .logits = to_host({step_.logits().data(), trained_rows() * step_.labels()}),
                .history = result_.history});
  }

  void restore(training_state<T> const& s) {
    require_value(s.epoch >= 1 && s.done <= step_.steps() && s.best_epoch <= s.history.size() &&
                      s.history.size() == s.epoch - 1 && s.steps == (s.epoch - 1) * step_.steps() + s.done,
                  "fit", "the state to resume from is not one of this run");
    epoch_ = s.epoch;
    done_ = s.done;
    to_backend("parameters", s.parameters, net_.parameters());
    to_backend("network state", s.state, net_.state());
    auto const rule = step_.rule().state();
    buffer<T, B> memory(ctx_, rule.size());
    to_backend("optimizer state", s.optimizer, memory.view());
    step_.rule().restore(ctx_, matrix_view<const T, B>(memory.data(), rule.rows(), rule.cols()), s.steps);
    to_backend("averages", s.averages, step_.averages());
    to_backend("averaged network state", s.averaged_state, step_.averaged_state());
    to_backend("best parameters", s.best_parameters, best_.view());
    to_backend("best network state", s.best_state, best_state_.view());
    restore_loss_memory(s.loss_memory);
    to_backend("logits", s.logits, {step_.logits().data(), trained_rows() * step_.labels()});
    result_.best_epoch = s.best_epoch;
    result_.history = s.history;
  }

  std::vector<double> loss_memory() {
    std::vector<double> all;
    for (auto const& one : loss_.memory()) {
      std::vector<double> host(one.size());
      copy(ctx_, vector_view<const double, B>(one), vector_view<double>(host.data(), host.size()));
      all.insert(all.end(), host.begin(), host.end());
    }
    return all;
  }
  void restore_loss_memory(std::vector<double> const& from) {
    std::size_t size = 0;
    auto const memory = loss_.memory();
    for (auto const& one : memory) size += one.size();
    require_shape("fit: the state to resume from", "loss memory", {size}, std::vector<std::size_t>{from.size()});
    std::size_t first = 0;
    for (auto const& one : memory) {
      copy(ctx_, vector_view<const double>(from.data() + first, one.size()), one);
      first += one.size();
    }
  }

  std::size_t trained_rows() const { return std::min(done_ * step_.rows_of_step(), step_.rows()); }

  std::vector<T> to_host(vector_view<const T, B> from) {
    std::vector<T> host(from.size());
    copy(ctx_, from, vector_view<T>(host.data(), host.size()));
    return host;
  }
  void to_backend(std::string_view what, std::vector<T> const& from, vector_view<T, B> to) {
    require_shape("fit: the state to resume from", what, {to.size()}, std::vector<std::size_t>{from.size()});
    copy(ctx_, vector_view<const T>(from.data(), from.size()), to);
  }

  context<B>& ctx_;
  layers::network<T, B>& net_;
  losses::objective<T, B>& loss_;
  labelled_rows<T, B> validation_;
  fit_options const& options_;
  checkpointing<T> const& kept_;
  matrix_view<const T, B> targets_;
  matrix_view<std::uint8_t const, B> mask_;
  training_step<T, B> step_;
  std::size_t epoch_ = 1, done_ = 0;
  std::vector<std::uint64_t> next_order_;
  buffer<T, B> logits_, trained_, trained_state_, best_, best_state_;
  fit_result result_;
};

}  // namespace softf1::inline SOFTF1_ABI::training::detail
