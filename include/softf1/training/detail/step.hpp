// One step of training: wholly on the backend, so that it can be recorded and replayed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/backend/recording.hpp>
#include <softf1/layers/network.hpp>
#include <softf1/losses/objective.hpp>
#include <softf1/optimizers/average_weights.hpp>
#include <softf1/optimizers/clip_by_norm.hpp>
#include <softf1/optimizers/optimizer.hpp>
#include <softf1/training/batches.hpp>
#include <softf1/training/feed.hpp>
#include <softf1/training/mixup.hpp>
#include <softf1/training/options.hpp>

namespace softf1::inline SOFTF1_ABI::training::detail {

/// Where a loss first was not finite: the first row of the step, kept on the backend so that no step waits for the host.
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

/// The first row of the step moves on.
struct advance_row {
  std::uint64_t* row;
  std::uint64_t by;
  SOFTF1_HD void operator()(std::size_t) const { *row += by; }
};

/// The learning rate of the step that begins at a row.
struct choose_rate {
  double const* rates;
  std::uint64_t const* row;
  std::uint64_t rows_of_step;
  double* rate;
  SOFTF1_HD void operator()(std::size_t) const { *rate = rates[*row / rows_of_step]; }
};

template <class T, class B>
struct scale_cells {
  T factor;
  matrix_view<T, B> cells;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { cells(i, j) *= factor; }
};

/// Forward, loss, backward, update, on the rows that come next in an epoch.
template <class T, class B>
class training_step {
 public:
  training_step(context<B>& ctx, layers::network<T, B>& net, losses::objective<T, B>& loss,
                feature_feed<T, B>& features, matrix_view<const T, B> targets, matrix_view<std::uint8_t const, B> mask,
                fit_options const& options)
      : ctx_(ctx),
        net_(net),
        loss_(loss),
        features_(features),
        targets_(targets),
        mask_(mask),
        options_(options),
        rule_(ctx, options.optimizer, net.parameters().size()),
        order_(ctx, targets.rows()),
        ids_(ctx, rows_of_step()),
        places_(ctx, rows_of_step()),
        epoch_(ctx, 1),
        row_(ctx, 1),
        bad_row_(ctx, 1),
        present_(ctx, mask.data() ? rows_of_step() * labels() : 0),
        value_(ctx, 1),
        batch_value_(ctx, 1),
        norm_(ctx, 1),
        rates_(ctx, steps()),
        x_(ctx, rows_of_step() * features.dimension()),
        y_(ctx, rows_of_step() * labels()),
        slopes_(ctx, rows_of_step() * labels()),
        shares_(ctx, options.mixup > 0 ? rows_of_step() : 0),
        step_logits_(ctx, rows_of_step() > batch() ? rows_of_step() * labels() : 0),
        logits_(ctx, targets.rows() * labels()),
        averages_(ctx, options.average > 0 ? net.parameters().size() : 0),
        averaged_state_(ctx, options.average > 0 ? net.state().size() : 0) {
    for (auto const& p : net.named()) trained_.push_back(p.trained);
    freeze_still(net, options.groups);
    rule_.set_segments(segments_of(net, options.groups));
    if (options.average == 0) return;
    copy(ctx, std::as_const(net).parameters(), averages_.view());
    copy(ctx, std::as_const(net).state(), averaged_state_.view());
  }

  training_step(training_step const&) = delete;
  training_step& operator=(training_step const&) = delete;
  /// What the groups froze is trained again by whoever comes next.
  ~training_step() {
    std::map<std::string_view, bool> frozen;
    std::size_t k = 0;
    for (auto const& p : net_.named()) frozen[p.name] = !trained_[k++];
    net_.freeze([&](std::string const& name) { return frozen[name]; });
  }

  std::size_t rows() const { return targets_.rows(); }
  std::size_t labels() const { return targets_.cols(); }
  std::size_t batch() const { return std::min(options_.batch_size, rows()); }
  std::size_t rows_of_step() const { return training::rows_of_step(options_, rows()); }
  /// Of an epoch.
  std::size_t steps() const { return (rows() + rows_of_step() - 1) / rows_of_step(); }

  /// An epoch begins, or goes on after `done` steps. rates: the learning rate of each of its steps.
  void begin(std::size_t epoch, std::vector<std::uint64_t> const& order, std::size_t done,
             std::vector<double> const& rates) {
    fill(ctx_, epoch_.view(), epoch);
    fill(ctx_, row_.view(), done * rows_of_step());
    fill(ctx_, bad_row_.view(), note_bad_step<B>::none);
    copy(ctx_, vector_view<std::uint64_t const>(order.data(), order.size()), order_.view());
    copy(ctx_, vector_view<double const>(rates.data(), rates.size()), rates_.view());
    features_.begin(ctx_, {epoch, order, std::min(done * rows_of_step(), rows()), rows_of_step()});
    next_ = done;
    full_step_.emplace();
  }

  /// The next step of the epoch.
  void run() {
    std::size_t const count = std::min(rows_of_step(), rows() - next_ * rows_of_step());
    features_.load(ctx_, x_.matrix(count, features_.dimension()));
    if (count == rows_of_step())
      full_step_->run(ctx_, [&] { step(count); });
    else
      step(count);
    ++next_;
  }

  /// All steps of the epoch were taken. A recording has the addresses of memory that an evaluation may exchange for more.
  void end() { full_step_.reset(); }

  /// The first row of the first step of this epoch whose loss was not finite, else note_bad_step::none. Waits for the backend.
  std::uint64_t first_bad_row() {
    std::uint64_t bad = 0;
    copy(ctx_, std::as_const(bad_row_).view(), vector_view<std::uint64_t>(&bad, 1));
    return bad;
  }

  /// What the network said of the rows when it was trained on them: (N, L), in the order of the epoch.
  matrix_view<T, B> logits() { return logits_.matrix(rows(), labels()); }
  vector_view<std::uint64_t const, B> order() const { return order_.view(); }
  optimizer<T, B>& rule() { return rule_; }
  /// Of parameters, (P,), and state, (S,); or empty.
  vector_view<T, B> averages() { return averages_.view(); }
  vector_view<T, B> averaged_state() { return averaged_state_.view(); }

 private:
  using ids_view = vector_view<std::uint64_t const, B>;

  void step(std::size_t count) {
    matrix_view<T, B> const x = x_.matrix(count, features_.dimension()), y = y_.matrix(count, labels());
    vector_view<std::uint64_t, B> const new_ids(ids_.data(), count), new_places(places_.data(), count);
    for_each(ctx_, count, ids_of_batch<B>{std::as_const(order_).view(), row_.data(), new_places, new_ids});
    vector_view<std::uint64_t const, B> const ids = new_ids, places = new_places;
    features_.gather(ctx_, ids, x);
    for_each_cell(ctx_, count, labels(), gather_rows<T, B>{targets_, ids, y});
    matrix_view<std::uint8_t const, B> present;
    if (mask_.data()) {
      auto const to = present_.matrix(count, labels());
      for_each_cell(ctx_, count, labels(), gather_rows<std::uint8_t, B>{mask_, ids, to});
      if (options_.mixup > 0) for_each_cell(ctx_, count / 2, labels(), mix_present<B>{to});
      present = to;
    }
    if (options_.mixup > 0) mix(places, x, y);
    fill(ctx_, net_.gradients(ctx_), T(0));
    auto const logits = count <= batch()                           ? whole(places, ids, x, y, present)
                        : options_.loss_scope == loss_scope::batch ? batch_by_batch(places, ids, x, y, present)
                                                                   : in_batches(places, ids, x, y, present);
    for_each(ctx_, 1, note_bad_step<B>{std::as_const(value_).view(), row_.data(), bad_row_.view()});
    if (count <= batch() || options_.loss_scope != loss_scope::batch) loss_.advance(ctx_);
    update();
    for_each_cell(ctx_, count, labels(), scatter_batch<T, B>{logits, row_.data(), this->logits()});
    for_each(ctx_, 1, advance_row{row_.data(), count});
  }

  void mix(vector_view<std::uint64_t const, B> places, matrix_view<T, B> x, matrix_view<T, B> y) {
    std::size_t const pairs = x.rows() / 2;
    for_each(ctx_, pairs, draw_shares<T, B>{places, epoch_.data(), options_.seed, options_.mixup, shares_.view()});
    for_each_cell(ctx_, pairs, x.cols(), mix_pairs<T, B>{x, std::as_const(shares_).view()});
    for_each_cell(ctx_, pairs, y.cols(), mix_pairs<T, B>{y, std::as_const(shares_).view()});
  }

  layers::pass<B> pass_of(vector_view<std::uint64_t const, B> places) const {
    return {layers::pass_mode::training, options_.seed, epoch_.view(), places};
  }

  matrix_view<const T, B> forward(layers::pass<B> const& how, matrix_view<const T, B> x) {
    return layers::pixels_of(net_.forward(ctx_, how, layers::maps_of(x, net_.input_shape())));
  }
  void backward(layers::pass<B> const& how, matrix_view<const T, B> x, matrix_view<const T, B> slopes) {
    net_.backward(ctx_, how, layers::maps_of(x, net_.input_shape()), layers::maps_of(slopes, net_.output_shape()));
  }
  matrix_view<const T, B> whole(ids_view places, ids_view ids, matrix_view<const T, B> x, matrix_view<const T, B> y,
                                matrix_view<std::uint8_t const, B> present) {
    auto const how = pass_of(places);
    auto const logits = forward(how, x);
    auto const slopes = slopes_.matrix(x.rows(), labels());
    loss_.value_and_gradient(ctx_, logits, y, value_.view(), slopes, mask_of(present), ids);
    backward(how, x, slopes);
    return logits;
  }

  // Each batch's own loss and slopes; the step's are their mean by rows.
  matrix_view<const T, B> batch_by_batch(ids_view places, ids_view ids, matrix_view<const T, B> x,
                                         matrix_view<const T, B> y, matrix_view<std::uint8_t const, B> present) {
    std::size_t const count = x.rows();
    auto const logits = step_logits_.matrix(count, labels()), slopes = slopes_.matrix(count, labels());
    fill(ctx_, value_.view(), 0.0);
    each_batch(count, [&](std::size_t first, std::size_t n) {
      auto const how = pass_of({places.data() + first, n});
      auto const mine = forward(how, rows_of(x, first, n));
      auto const mine_slopes = rows_of<T>(slopes, first, n);
      copy(ctx_, vector_view<const T, B>(mine.data(), mine.size()),
           vector_view<T, B>(logits.data() + first * labels(), mine.size()));
      double const share = static_cast<double>(n) / static_cast<double>(count);
      auto const own = present.data() ? rows_of<std::uint8_t const>(present, first, n) : present;
      loss_.value_and_gradient(ctx_, mine, rows_of(y, first, n), batch_value_.view(), mine_slopes, mask_of(own),
                               {ids.data() + first, n});
      loss_.advance(ctx_);
      for_each(ctx_, 1, losses::add_scaled_value<B>{std::as_const(batch_value_).view(), share, false, value_.view()});
      for_each_cell(ctx_, n, labels(), scale_cells<T, B>{static_cast<T>(share), mine_slopes});
      backward(how, rows_of(x, first, n), mine_slopes);
    });
    return logits;
  }

  // The logits of all batches first, so that the loss and its slopes are those of all their rows at once; then each
  // batch once more, with its slopes. Random numbers are pure functions, so that both passes see the same.
  matrix_view<const T, B> in_batches(ids_view places, ids_view ids, matrix_view<const T, B> x,
                                     matrix_view<const T, B> y, matrix_view<std::uint8_t const, B> present) {
    std::size_t const count = x.rows();
    auto const logits = step_logits_.matrix(count, labels()), slopes = slopes_.matrix(count, labels());
    each_batch(count, [&](std::size_t first, std::size_t n) {
      auto how = pass_of({places.data() + first, n});
      how.updates_state = false;
      auto const mine = forward(how, rows_of(x, first, n));
      copy(ctx_, vector_view<const T, B>(mine.data(), mine.size()),
           vector_view<T, B>(logits.data() + first * labels(), mine.size()));
    });
    loss_.value_and_gradient(ctx_, logits, y, value_.view(), slopes, mask_of(present), ids);
    each_batch(count, [&](std::size_t first, std::size_t n) {
      auto const how = pass_of({places.data() + first, n});
      forward(how, rows_of(x, first, n));
      backward(how, rows_of(x, first, n), rows_of<const T>(slopes, first, n));
    });
    return logits;
  }

  template <class Use>
  void each_batch(std::size_t count, Use const& use) const {
    for (std::size_t first = 0; first < count; first += batch()) use(first, std::min(batch(), count - first));
  }
  template <class U>
  static matrix_view<U, B> rows_of(matrix_view<U, B> m, std::size_t first, std::size_t count) {
    return {m.data() + first * m.cols(), count, m.cols()};
  }

  void update() {
    auto const gradients = net_.gradients(ctx_);
    if (options_.clip_norm > 0) clip_by_norm(ctx_, options_.clip_norm, gradients, norm_.view());
    double* const clock = rule_.clock().data();
    for_each(ctx_, 1, choose_rate{rates_.data(), row_.data(), rows_of_step(), clock});
    rule_.step(ctx_, net_.parameters(), gradients);
    if (options_.average == 0) return;
    vector_view<double const, B> const taken(clock + 1, 1);
    average_weights<T>(ctx_, options_.average, taken, net_.parameters(), averages_.view());
    average_weights<T>(ctx_, options_.average, taken, net_.state(), averaged_state_.view());
  }

  context<B>& ctx_;
  layers::network<T, B>& net_;
  losses::objective<T, B>& loss_;
  feature_feed<T, B>& features_;
  matrix_view<const T, B> targets_;
  matrix_view<std::uint8_t const, B> mask_;
  fit_options const& options_;
  optimizer<T, B> rule_;
  buffer<std::uint64_t, B> order_, ids_, places_, epoch_, row_, bad_row_;
  buffer<std::uint8_t, B> present_;
  buffer<double, B> value_, batch_value_, norm_, rates_;
  buffer<T, B> x_, y_, slopes_, shares_, step_logits_, logits_, averages_, averaged_state_;
  std::optional<recording<B>> full_step_;
  std::size_t next_ = 0;
  std::vector<bool> trained_;  // of the network's arrays, before
};

}  // namespace softf1::inline SOFTF1_ABI::training::detail
