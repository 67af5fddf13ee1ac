// Trains a network on rows of features.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <softf1/backend/transfer.hpp>
#include <softf1/training/detail/fitter.hpp>
#include <softf1/training/feed.hpp>
#include <softf1/training/options.hpp>
#include <softf1/training/state.hpp>

namespace softf1::inline SOFTF1_ABI::training {

namespace detail {

/// Rows but for the memory of their features, of which there are `count` of `dimension`.
template <class T, class B, class R>
void check_targets(layers::network<T, B> const& net, std::size_t count, std::size_t dimension,
                   labelled_rows<T, R> const& rows, std::string_view what) {
  std::string const who = "fit: " + std::string(what);
  require_value(count > 0, who, "expected at least one row, got 0");
  require_shape(who, "features", {count, net.input_shape().size()}, std::vector<std::size_t>{count, dimension});
  require_shape(who, "targets", {count, net.output_shape().size()}, rows.targets.shape());
  if (!rows.targets.is_dense()) throw shape_error(who + ": targets must be dense, got rows with gaps");
  if (!rows.mask.data()) return;
  require_shape(who, "mask", {count, rows.targets.cols()}, rows.mask.shape());
  if (!rows.mask.is_dense()) throw shape_error(who + ": mask must be dense, got rows with gaps");
}

template <class T, class B, class R>
void check_rows(layers::network<T, B> const& net, labelled_rows<T, R> const& rows, std::string_view what) {
  check_targets(net, rows.rows(), rows.features.cols(), rows, what);
  if (!rows.features.is_dense())
    throw shape_error("fit: " + std::string(what) + ": features must be dense, got rows with gaps");
}

inline void check_options(fit_options const& options) {
  require_value(options.batch_size > 0, "fit", "batch_size must be at least 1, got 0");
  require_value(options.learning_rate >= 0 && options.learning_rate * 0 == 0, "fit",
                "learning_rate must be finite and >= 0, got " + number_text(options.learning_rate));
  require_value(options.accumulate > 0, "fit", "accumulate must be at least 1, got 0");
  require_value(options.clip_norm >= 0, "fit", "clip_norm must be >= 0, got " + number_text(options.clip_norm));
  require_value(options.average >= 0 && options.average < 1, "fit",
                "average must be in [0, 1), got " + number_text(options.average));
  require_value(options.mixup >= 0 && options.mixup <= 1, "fit",
                "mixup must be in [0, 1], got " + number_text(options.mixup));
}

template <class T, class B, class R>
void check_fit(layers::network<T, B> const& net, labelled_rows<T, R> const& train,
               labelled_rows<T, R> const& validation, fit_options const& options) {
  check_rows(net, train, "training rows");
  check_rows(net, validation, "validation rows");
  check_options(options);
}
template <class T, class B, class R>
void check_fit(layers::network<T, B> const& net, feature_feed<T, B> const& features, labelled_rows<T, R> const& train,
               labelled_rows<T, R> const& validation, fit_options const& options) {
  check_targets(net, features.rows(), features.dimension(), train, "training rows");
  check_rows(net, validation, "validation rows");
  check_options(options);
}

}  // namespace detail

/// Trains `net` to minimise `loss` on the training rows; after each epoch it is evaluated on the validation rows, and
/// in the end it has the weights of the best epoch. features (N, D) and targets (N, L), dense rows.
/// `kept`: where to begin, and what is told the state of the run, from which it goes on to the same bits.
/// Stops early by `options.monitor` and `options.patience`, on request, and where the loss is not finite (then the best
/// weights so far are kept as well, and the result says where it was).
/// Throws shape_error for rows that do not fit the network or have gaps, value_error for no rows and bad options.
/// The same bits for a seed at any number of threads; after the first epoch nothing is allocated but for metrics. A step
/// reads nothing back; a backend that can records it and replays it.
template <class T, class B>
fit_result fit(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss,
               labelled_rows<T, B> const& train, labelled_rows<T, B> const& validation, fit_options const& options,
               std::type_identity_t<checkpointing<T>> const& kept = {}) {
  detail::check_fit(net, train, validation, options);
  resident_features<T, B> features(train.features);
  return detail::fitter<T, B>(ctx, net, loss, features, train, validation, options, kept).run();
}

/// The same with training features that come from a feed, such as images that are augmented anew in each epoch; of
/// `train`, only targets and mask count, those of the feed's rows.
template <class T, class B>
fit_result fit(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss, feature_feed<T, B>& features,
               labelled_rows<T, B> const& train, labelled_rows<T, B> const& validation, fit_options const& options,
               std::type_identity_t<checkpointing<T>> const& kept = {}) {
  detail::check_fit(net, features, train, validation, options);
  return detail::fitter<T, B>(ctx, net, loss, features, train, validation, options, kept).run();
}

namespace detail {

/// A matrix of the host, on a backend with memory of its own; an empty one stays empty.
template <class T, class B>
class uploaded {
 public:
  uploaded(context<B>& ctx, matrix_view<const T> host)
      : rows_(host.rows()), cols_(host.cols()), is_there_(host.data() != nullptr) {
    if (is_there_) values_ = upload<T>(ctx, vector_view<const T>(host.data(), host.size()));
  }
  matrix_view<const T, B> view() const { return is_there_ ? values_.matrix(rows_, cols_) : matrix_view<const T, B>(); }

 private:
  std::size_t rows_, cols_;
  bool is_there_;
  buffer<T, B> values_;
};

/// Rows of the host, there.
template <class T, class B>
struct uploaded_rows {
  uploaded<T, B> features, targets;
  uploaded<std::uint8_t, B> mask;

  uploaded_rows(context<B>& ctx, labelled_rows<T> const& rows)
      : features(ctx, rows.features), targets(ctx, rows.targets), mask(ctx, rows.mask) {}
  labelled_rows<T, B> view() const { return {features.view(), targets.view(), mask.view()}; }
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
               labelled_rows<T> const& train, labelled_rows<T> const& validation, fit_options const& options,
               std::type_identity_t<checkpointing<T>> const& kept = {}) {
  detail::check_fit(net, train, validation, options);
  detail::uploaded_rows<T, B> const known(ctx, {{}, train.targets, train.mask}), seen(ctx, validation);
  detail::host_features<T, B> features(ctx, train.features, rows_of_step(options, train.rows()), options.stream);
  return detail::fitter<T, B>(ctx, net, loss, features.feed(), known.view(), seen.view(), options, kept).run();
}

/// The same with a feed of such a backend.
template <class T, class B>
  requires(!std::is_same_v<B, cpu>)
fit_result fit(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss, feature_feed<T, B>& features,
               labelled_rows<T> const& train, labelled_rows<T> const& validation, fit_options const& options,
               std::type_identity_t<checkpointing<T>> const& kept = {}) {
  detail::check_fit(net, features, train, validation, options);
  detail::uploaded_rows<T, B> const known(ctx, {{}, train.targets, train.mask}), seen(ctx, validation);
  return detail::fitter<T, B>(ctx, net, loss, features, known.view(), seen.view(), options, kept).run();
}

}  // namespace softf1::inline SOFTF1_ABI::training
