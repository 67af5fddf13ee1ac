// Losses composed at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/losses/all.hpp>
#include <softf1/losses/schedule.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// A loss that is known at run time: what a trainer minimises.
template <class T, class B = cpu>
class objective {
 public:
  objective() = default;
  objective(objective const&) = delete;
  objective& operator=(objective const&) = delete;
  virtual ~objective() = default;

  /// Writes value(0) and grad_logits (N, L) of one batch; mask (N, L) and row_ids (N,) as in loss_options, or empty. Reads
  /// nothing back; NaN in gives NaN out.
  virtual void value_and_gradient(context<B>& ctx, matrix_view<const T, B> logits, matrix_view<const T, B> targets,
                                  vector_view<double, B> value, matrix_view<T, B> grad_logits, mask_view<B> mask = {},
                                  vector_view<std::uint64_t const, B> row_ids = {}) = 0;

  /// Writes value(0): the exact loss of all these rows at once.
  virtual void value(context<B>& ctx, matrix_view<const T, B> logits, matrix_view<const T, B> targets,
                     vector_view<double, B> value, mask_view<B> mask = {}) = 0;

  /// A training step was taken with the last value_and_gradient: a loss that remembers moves on.
  virtual void advance(context<B>&) {}

  /// An epoch, counted from 1, begins: weights that follow a schedule are those of it. `value` has the last ones, always.
  virtual void begin_epoch(std::size_t) {}

  /// What it remembers from step to step, to be saved and restored.
  virtual std::vector<vector_view<double, B>> memory() { return {}; }
};

namespace detail {

template <class Loss, class T, class B>
class one_loss final : public objective<T, B> {
 public:
  one_loss(context<B>& ctx, Loss const& loss, std::size_t labels) : union_(ctx, loss, labels) {}

  void value_and_gradient(context<B>& ctx, matrix_view<const T, B> logits, matrix_view<const T, B> targets,
                          vector_view<double, B> value, matrix_view<T, B> grad_logits, mask_view<B> mask,
                          vector_view<std::uint64_t const, B> row_ids) override {
    union_.value_and_gradient(ctx, logits, targets, value, grad_logits, {.mask = mask, .row_ids = row_ids});
    trained_ = true;
  }

  void value(context<B>& ctx, matrix_view<const T, B> logits, matrix_view<const T, B> targets,
             vector_view<double, B> value, mask_view<B> mask) override {
    union_.reset(ctx);
    union_.add(ctx, logits, targets, {.mask = mask});
    union_.exact_value(ctx, value);
    trained_ = false;
  }

  void advance(context<B>& ctx) override {
    require_value(trained_, Loss::name, "advance follows value_and_gradient: the last call was for a value alone");
    union_.advance(ctx);
  }
  std::vector<vector_view<double, B>> memory() override {
    std::vector<vector_view<double, B>> all;
    union_.each_memory([&](std::string_view, vector_view<double, B> one) { all.push_back(one); });
    return all;
  }

 private:
  loss_union<Loss, B> union_;
  bool trained_ = false;  // whether the union holds a training step, not rows that were evaluated
};

// Σ weight · loss.
template <class T, class B>
class weighted_losses final : public objective<T, B> {
 public:
  struct term {
    double weight;
    std::unique_ptr<objective<T, B>> loss;
  };

  weighted_losses(context<B>& ctx, std::vector<term> terms, loss_schedule const& schedule)
      : terms_(std::move(terms)), schedule_(schedule), value_(ctx, 1) {
    for (auto const& t : terms_) now_.push_back(t.weight);
  }

  void begin_epoch(std::size_t epoch) override {
    double sum = 0;
    for (auto const& t : terms_) sum += t.weight;
    double const share = schedule_.share(epoch);
    for (std::size_t k = 0; k < terms_.size(); ++k) {
      double const begin = k == 0 ? sum : 0.0;
      now_[k] = begin + share * (terms_[k].weight - begin);
    }
  }

  void value_and_gradient(context<B>& ctx, matrix_view<const T, B> logits, matrix_view<const T, B> targets,
                          vector_view<double, B> value, matrix_view<T, B> grad_logits, mask_view<B> mask,
                          vector_view<std::uint64_t const, B> row_ids) override {
    std::size_t const rows = logits.rows(), cols = logits.cols();
    if (gradient_.size() < rows * cols) gradient_ = buffer<T, B>(ctx, rows * cols);
    auto const gradient = gradient_.matrix(rows, cols);
    for (std::size_t k = 0; k < terms_.size(); ++k) {
      terms_[k].loss->value_and_gradient(ctx, logits, targets, value_.view(), gradient, mask, row_ids);
      add_value(ctx, now_[k], k == 0, value);
      for_each_cell(ctx, rows, cols, add_scaled_cells<T, B>{gradient, static_cast<T>(now_[k]), k == 0, grad_logits});
    }
  }

  void value(context<B>& ctx, matrix_view<const T, B> logits, matrix_view<const T, B> targets,
             vector_view<double, B> value, mask_view<B> mask) override {
    for (auto const& t : terms_) {
      t.loss->value(ctx, logits, targets, value_.view(), mask);
      add_value(ctx, t.weight, &t == &terms_.front(), value);
    }
  }

  void advance(context<B>& ctx) override {
    for (auto const& t : terms_) t.loss->advance(ctx);
  }
  std::vector<vector_view<double, B>> memory() override {
    std::vector<vector_view<double, B>> all;
    for (auto const& t : terms_)
      for (auto const& one : t.loss->memory()) all.push_back(one);
    return all;
  }

 private:
  void add_value(context<B>& ctx, double weight, bool first, vector_view<double, B> value) {
    for_each(ctx, 1, add_scaled_value<B>{std::as_const(value_).view(), weight, first, value});
  }

  std::vector<term> terms_;
  loss_schedule schedule_;
  std::vector<double> now_;  // the weights of this epoch
  buffer<double, B> value_;
  buffer<T, B> gradient_;
};

// The parameter `weight` of a spec, taken out of it; 1 where it has none.
inline double take_weight(named_spec& spec) {
  double weight = 1;
  std::erase_if(spec.parameters, [&](auto const& p) {
    if (p.key != "weight") return false;
    weight = parse_number(p.value, spec.name + ": weight");
    return true;
  });
  require_value(weight >= 0 && weight * 0 == 0, spec.name,
                "weight must be finite and >= 0, got " + number_text(weight));
  return weight;
}

}  // namespace detail

struct objective_options {
  std::vector<double> pos_weight = {};    ///< (L,) of the losses that take one (bce); empty: 1
  std::vector<double> label_counts = {};  ///< (L,) positives of each label in the training rows; empty: all alike
  double rows = 0;                        ///< how many training rows there are, of which row_ids name some; 0: unknown
  std::vector<double> similarities = {};  ///< (L, L) of labels, of the losses that take them (label_correlation); empty: 1
  loss_schedule schedule = {};            ///< of the weights of a sum
};

/// The objective that a text names: "soft_f1", or a weighted sum "bce:weight=0.3+soft_f1:weight=0.7".
/// Throws value_error for a text that names no losses, listing those there are, and where pos_weight is given and no
/// loss takes one; shape_error for pos_weight of another length. `Losses`: those that a text can name; each costs the
/// compiler seconds.
template <class T, class Losses = all, class B>
std::unique_ptr<objective<T, B>> make_objective(context<B>& ctx, std::string_view text, std::size_t labels,
                                                objective_options const& options = {}) {
  using terms = detail::weighted_losses<T, B>;
  std::vector<typename terms::term> found;
  bool weighted = false;
  for (auto spec : parse_specs(text)) {
    double const weight = detail::take_weight(spec);
    with_named<Losses>(spec, "loss", [&](auto loss) {
      if constexpr (requires { loss.pos_weight; }) {
        loss.pos_weight = options.pos_weight;
        weighted = true;
      }
      if constexpr (requires { loss.label_counts; }) loss.label_counts = options.label_counts;
      if constexpr (requires { loss.rows; }) loss.rows = options.rows;
      if constexpr (requires { loss.similarities; }) loss.similarities = options.similarities;
      found.push_back({weight, std::make_unique<detail::one_loss<decltype(loss), T, B>>(ctx, loss, labels)});
    });
  }
  require_value(weighted || options.pos_weight.empty(), text, "no loss of these takes pos_weight");
  require_value(found.size() > 1 || options.schedule.epochs == 0, text,
                "a schedule of weights needs a sum of losses, the first of which begins alone");
  if (found.size() == 1 && found[0].weight == 1) return std::move(found[0].loss);
  return std::make_unique<terms>(ctx, std::move(found), options.schedule);
}

}  // namespace softf1::inline SOFTF1_ABI::losses
