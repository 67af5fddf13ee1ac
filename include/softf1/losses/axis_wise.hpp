// The driver of losses with one mergeable state a label, a row, or for all cells.
#pragma once

#include <concepts>

#include <softf1/losses/loss.hpp>
#include <softf1/scores/averaging.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

using scores::averaging;

/// What a finished state gives: the value of its term, whether it is a term at all, and what a cell's gradient needs.
template <class Slopes>
struct axis_term {
  double value;
  bool qualifies;
  Slopes slopes;
};

/// An axis-wise loss: `kind`, `name`, `averaging average` (macro: a term a label; micro: one term; samples: a term a
/// row), and, on itself or on what its `bind(ctx, labels)` gives by `get()`, trivially copyable:
/// `template <class T> struct state` (1–6 fields of type T) with `identity()` and `merge(state<U> const&)`;
/// `template <class T> void add(state<T>&, cell<T> const&) const`; `slopes`, the numbers that the gradient of a cell
/// needs; `axis_term<slopes> finish(state<double> const&, std::size_t unit) const` for label, row or 0;
/// `template <class T> T gradient(cell<T> const&, slopes const&) const`: d(term)/d(logit), times the cell's weight.
/// The same functor runs on either axis.
template <class Loss, class B = cpu>
concept axis_wise_loss = Loss::kind == loss_kind::axis_wise && std::is_trivially_copyable_v<loss_functor<Loss, B>> &&
                         requires(Loss const& loss, loss_functor<Loss, B> const& f,
                                  typename loss_functor<Loss, B>::template state<double>& s, cell<double> const& c) {
                           { loss.average } -> std::convertible_to<averaging>;
                           f.add(s, c);
                           {
                             f.finish(s, std::size_t{})
                           } -> std::same_as<axis_term<typename loss_functor<Loss, B>::slopes>>;
                           { f.gradient(c, typename loss_functor<Loss, B>::slopes{}) } -> std::same_as<double>;
                         };

/// A finished label, row or total, ready for the gradient of its cells. weight 0: it is no term.
template <class Slopes>
struct axis_unit {
  Slopes slopes;
  double weight;
};

/// The state of each label: chunks in the compute type, merged in double.
template <class Cells, class F>
struct reduce_labels {
  using scalar = typename Cells::score;
  using partial = typename F::template state<scalar>;
  using total = typename F::template state<double>;
  Cells cells;
  F loss;

  SOFTF1_HD static partial identity() { return partial::identity(); }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const { loss.add(state, cell_at(cells, i, j)); }
  SOFTF1_HD static total neutral() { return total::identity(); }
  template <class Part>
  SOFTF1_HD static void merge(total& to, Part const& from) {
    to.merge(from);
  }
};

/// Finishes the states of labels, or of all cells.
template <class F>
struct finish_states {
  F loss;
  typename F::template state<double> const* states;
  term_sums* terms;
  axis_unit<typename F::slopes>* units;

  SOFTF1_HD void operator()(std::size_t u) const {
    auto const term = loss.finish(states[u], u);
    double const one = term.qualifies ? 1.0 : 0.0;
    terms[u] = {term.qualifies ? term.value : 0.0, one, one};
    units[u] = {term.slopes, one};
  }
};

/// The state of each row, finished: its cells weigh 1, the row's weight weighs the term.
template <class Cells, class F>
struct reduce_row_states {
  using partial = typename F::template state<typename Cells::score>;
  Cells cells;
  F loss;
  term_sums* terms;
  axis_unit<typename F::slopes>* units;

  SOFTF1_HD static partial identity() { return partial::identity(); }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const {
    using T = typename Cells::score;
    auto c = cell_at(cells, i, j);
    c.weight = c.present ? T(1) : T(0);
    loss.add(state, c);
  }
  SOFTF1_HD static void merge(partial& to, partial const& from) { to.merge(from); }
  SOFTF1_HD void finish(std::size_t i, partial const& state) const {
    auto wide = F::template state<double>::identity();
    wide.merge(state);
    auto const term = loss.finish(wide, i);
    double const w = term.qualifies ? cells.weight(i) : 0.0;
    terms[i] = {term.qualifies ? w * term.value : 0.0, w, term.qualifies ? 1.0 : 0.0};
    units[i] = {term.slopes, w};
  }
};

/// Writes the gradient of each cell from its unit: number i · row_step + j · label_step.
template <class Cells, class F, class G>
struct grade_axis_wise {
  Cells cells;
  F loss;
  axis_unit<typename F::slopes> const* units;
  double const* scale;
  cell_output<G, Cells> grad;
  std::size_t row_step, label_step;

  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    using T = typename Cells::score;
    auto const c = cell_at(cells, i, j);
    auto const unit = units[i * row_step + j * label_step];
    T const weight = row_step != 0 ? T(1) : c.weight;  // a row's weight is in its unit
    T const g = static_cast<T>(*scale * unit.weight) * weight * loss.gradient(c, unit.slopes);
    grad(i, j) = static_cast<G>(select(c.present & (unit.weight != 0), g, T(0)));
  }
};

/// State of an axis-wise loss over any union of batches: a state a label, or the sums over rows.
template <class Loss, class B>
class axis_wise_driver {
  static_assert(axis_wise_loss<Loss, B>, "softf1: not an axis-wise loss, see losses/axis_wise.hpp");
  using functor = loss_functor<Loss, B>;
  using unit = axis_unit<typename functor::slopes>;
  using state = typename functor::template state<double>;

 public:
  axis_wise_driver(context<B>& ctx, Loss const& loss, std::size_t labels)
      : bound_(bound_on(ctx, loss, labels)), average_(loss.average), total_(ctx) {
    require_value(average_ != averaging::weighted, Loss::name, "average must be macro, micro or samples, got weighted");
    std::size_t const units = average_ == averaging::macro ? labels : 1;
    if (average_ != averaging::samples) states_ = buffer<state, B>(ctx, labels);
    if (average_ == averaging::micro) pooled_ = buffer<state, B>(ctx, 1);
    terms_ = buffer<term_sums, B>(ctx, units);
    units_ = buffer<unit, B>(ctx, units);
    reset(ctx);
  }

  void reset(context<B>& ctx) {
    fill(ctx, states_.view(), state::identity());
    fill(ctx, terms_.view(), term_sums{});
  }

  template <class Cells>
  void add(context<B>& ctx, Cells const& cells) {
    if (average_ == averaging::samples) {
      buffer<term_sums, B> terms(ctx, cells.rows());
      finish_rows(ctx, cells, terms);
      reduce_columns(ctx, cells.rows(), 1, sum_states<term_sums>{terms.data()}, terms_.view());
    } else {
      reduce_columns(ctx, cells.rows(), cells.cols(), reduce_labels<Cells, functor>{cells, bound_.get()},
                     states_.view());
    }
  }

  void merge(context<B>& ctx, axis_wise_driver const& other) {
    if (average_ == averaging::samples)
      for_each(ctx, terms_.size(), merge_states<term_sums>{terms_.data(), other.terms_.data()});
    else
      for_each(ctx, states_.size(), merge_states<state>{states_.data(), other.states_.data()});
  }

  void finish(context<B>& ctx, loss_reduction reduction, vector_view<double, B> value) {
    if (average_ == averaging::micro) {
      fill(ctx, pooled_.view(), state::identity());
      reduce_columns(ctx, states_.size(), 1, sum_states<state>{states_.data()}, pooled_.view());
    }
    if (average_ != averaging::samples) {
      state const* const states = average_ == averaging::micro ? pooled_.data() : states_.data();
      for_each(ctx, units_.size(), finish_states<functor>{bound_.get(), states, terms_.data(), units_.data()});
    }
    total_.finish(ctx, terms_, reduction, value);
  }

  template <class Cells, class G>
  void gradient(context<B>& ctx, Cells const& cells, matrix_view<G, B> grad) {
    if (average_ == averaging::samples) {
      buffer<term_sums, B> terms(ctx, cells.rows());
      finish_rows(ctx, cells, terms);
    }
    grade(ctx, cells, grad);
  }

  /// One batch alone: the units of its rows are still there when the gradient is taken.
  template <class Cells, class G>
  void value_and_gradient(context<B>& ctx, Cells const& cells, loss_reduction reduction, vector_view<double, B> value,
                          matrix_view<G, B> grad) {
    add(ctx, cells);
    finish(ctx, reduction, value);
    grade(ctx, cells, grad);
  }

 private:
  template <class Cells, class G>
  void grade(context<B>& ctx, Cells const& cells, matrix_view<G, B> grad) const {
    for_each_cell(ctx, cells.rows(), cells.cols(),
                  grade_axis_wise<Cells, functor, G>{
                      cells, bound_.get(), units_.data(), total_.scale(), cell_output<G, Cells>(grad),
                      average_ == averaging::samples ? 1u : 0u, average_ == averaging::macro ? 1u : 0u});
  }

  template <class Cells>
  void finish_rows(context<B>& ctx, Cells const& cells, buffer<term_sums, B>& terms) {
    if (units_.size() < cells.rows()) units_ = buffer<unit, B>(ctx, cells.rows());
    reduce_rows(ctx, cells.rows(), cells.cols(),
                reduce_row_states<Cells, functor>{cells, bound_.get(), terms.data(), units_.data()});
  }

  bound_loss<Loss, B> bound_;
  averaging average_;
  buffer<state, B> states_, pooled_;
  buffer<term_sums, B> terms_;
  buffer<unit, B> units_;
  term_total<B> total_;
};

}  // namespace softf1::inline SOFTF1_ABI::losses
