// The driver of losses with one mergeable state a label, a row, or for all cells.
#pragma once

#include <concepts>

#include <softf1/core/fields.hpp>
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

/// What of an axis-wise loss adds cells up and grades them: the loss itself, or its `counter()`, which losses that count
/// alike share, so that their passes over cells are compiled once.
template <class F>
SOFTF1_HD constexpr auto counter_of(F const& loss) {
  if constexpr (requires { loss.counter(); })
    return loss.counter();
  else
    return loss;
}
template <class F>
using counter_type = decltype(counter_of(std::declval<F const&>()));

/// An axis-wise loss: `kind`, `name`, `averaging average` (macro: a term a label; micro: one term; samples: a term a
/// row), and, on itself or on what its `bind(ctx, labels)` gives by `get()`, trivially copyable:
/// `axis_term<slopes> finish(state<double> const&, std::size_t unit) const` for label, row or 0; optionally
/// `advance(state<double> const&, std::size_t unit) const`, called once a training step, for what it remembers, and, on
/// what `bind` gives, `exact()`, the functor without it, and `each_memory(visit)`;
/// and, on it or on its `counter()`:
/// `template <class T> struct state` (1–6 fields of type T) with `identity()` and `merge(state<U> const&)`;
/// `template <class T> void add(state<T>&, cell<T> const&) const`; `slopes`, the numbers that the gradient of a cell
/// needs; `template <class T> T gradient(cell<T> const&, slopes const&) const`: d(term)/d(logit); optionally `static
/// constexpr bool ignores_place = true` where neither row nor label of a cell is read: it is faster.
/// The same functor runs on either axis.
template <class Loss, class B = cpu>
concept axis_wise_loss = Loss::kind ==
                         loss_kind::axis_wise&& std::is_trivially_copyable_v<loss_functor<Loss, B>>&& requires(
                             Loss const& loss, loss_functor<Loss, B> const& f,
                             counter_type<loss_functor<Loss, B>> const& counter,
                             typename counter_type<loss_functor<Loss, B>>::template state<double>& s,
                             typename counter_type<loss_functor<Loss, B>>::slopes const& slopes,
                             cell<double> const& c) {
  { loss.average } -> std::convertible_to<averaging>;
  counter.add(s, c);
  { f.finish(s, std::size_t{}) } -> std::same_as<axis_term<std::remove_cvref_t<decltype(slopes)>>>;
  { counter.gradient(c, slopes) } -> std::same_as<double>;
};

/// Finished labels, rows or the total, ready for the gradient of their cells: a row of numbers for each field of the
/// slopes, and one for the weight, 0 where a unit is no term.
template <class Slopes>
struct unit_table {
  using fields = fields_of<Slopes, double>;
  static constexpr std::size_t width = fields::count + 1;
  double* numbers;
  std::size_t units;

  SOFTF1_HD double* operator[](std::size_t field) const { return numbers + field * units; }
  SOFTF1_HD double& weight(std::size_t u) const { return (*this)[fields::count][u]; }
};

/// The state of each label: chunks in the compute type, merged in double.
template <class Cells, class Counter>
struct reduce_labels {
  static constexpr bool bound_by_arithmetic = true;
  using scalar = typename Cells::score;
  using partial = typename Counter::template state<scalar>;
  using total = typename Counter::template state<double>;
  static constexpr std::size_t vector_lanes = Cells::vector_lanes;
  Cells cells;
  Counter counter;

  std::size_t rows_at_once() const { return cells.rows_run_on() && ignores_place<Counter> ? any_number_of_rows : 1; }
  SOFTF1_HD static partial identity() { return partial::identity(); }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const { counter.add(state, cell_at(cells, i, j)); }
  SOFTF1_HD static total neutral() { return total::identity(); }
  template <class Part>
  SOFTF1_HD static void merge(total& to, Part const& from) {
    to.merge(from);
  }
};

/// The state of each row, and the row's weight: its cells have weights of their own only.
template <class Cells, class Counter>
struct reduce_row_states {
  static constexpr bool bound_by_arithmetic = true;
  using scalar = typename Cells::score;
  using partial = typename Counter::template state<scalar>;
  using total = typename Counter::template state<double>;
  Cells cells;
  Counter counter;
  total* states;
  double* weights;

  SOFTF1_HD static partial identity() { return partial::identity(); }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const {
    counter.add(state, cell_in_row(cells, i, j));
  }
  SOFTF1_HD static void merge(partial& to, partial const& from) { to.merge(from); }
  SOFTF1_HD void finish(std::size_t i, partial const& state) const {
    states[i] = total::identity();
    states[i].merge(state);
    weights[i] = cells.weight(i);
  }
};

/// Finishes the states of labels, of rows, or of all cells.
template <class F>
struct finish_states {
  using counter = counter_type<F>;
  F loss;
  typename counter::template state<double> const* states;
  double const* weights;
  term_sums* terms;
  unit_table<typename counter::slopes> table;
  std::size_t count, copies;  // of the units, one after the other

  SOFTF1_HD void operator()(std::size_t u) const {
    auto const term = loss.finish(states[u], u);
    double const weight = term.qualifies ? weights[u] : 0.0;
    terms[u] = {weight != 0 ? weight * term.value : 0.0, weight, term.qualifies ? 1.0 : 0.0};
    for (std::size_t k = u; k < count * copies; k += count) {
      decltype(table)::fields::store(table, k, term.slopes);
      table.weight(k) = weight;
    }
  }
};

/// A step was taken: what a loss remembers moves on.
template <class F>
struct advance_states {
  F loss;
  typename counter_type<F>::template state<double> const* states;
  SOFTF1_HD void operator()(std::size_t u) const { loss.advance(states[u], u); }
};

/// Writes the gradient of each cell from its unit: number i · row_step + j · label_step.
template <class Cells, class Counter, class G>
struct grade_axis_wise {
  static constexpr bool bound_by_arithmetic = true;
  Cells cells;
  Counter counter;
  unit_table<typename Counter::slopes> table;
  double const* scale;
  cell_output<G, Cells> grad;
  std::size_t row_step, label_step, copies;

  std::size_t rows_at_once() const {
    bool const run_on = cells.rows_run_on() && grad.rows_run_on(cells.cols()) && ignores_place<Counter>;
    if (!run_on || row_step != 0) return 1;
    return label_step == 0 ? any_number_of_rows : copies;
  }

  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    using T = typename Cells::score;
    auto const c = row_step != 0 ? cell_in_row(cells, i, j) : cell_at(cells, i, j);
    std::size_t const u = i * row_step + j * label_step;
    double const weight = table.weight(u);
    T const g = static_cast<T>(*scale * weight) * counter.gradient(c, decltype(table)::fields::load(table, u));
    grad(i, j) = static_cast<G>(select(c.present & (weight != 0), g, T(0)));
  }
};

/// State of an axis-wise loss over any union of batches: a state a label, or the sums over rows.
template <class Loss, class B>
class axis_wise_driver {
  static_assert(axis_wise_loss<Loss, B>, "softf1: not an axis-wise loss, see losses/axis_wise.hpp");
  using functor = loss_functor<Loss, B>;
  using counter = counter_type<functor>;
  using table = unit_table<typename counter::slopes>;
  using state = typename counter::template state<double>;

 public:
  axis_wise_driver(context<B>& ctx, Loss const& loss, std::size_t labels)
      : bound_(bound_on(ctx, loss, labels)), average_(loss.average), total_(ctx) {
    require_value(average_ != averaging::weighted, Loss::name, "average must be macro, micro or samples, got weighted");
    std::size_t const units = average_ == averaging::macro ? labels : 1;
    terms_ = buffer<term_sums, B>(ctx, units);
    if (average_ != averaging::samples) {
      states_ = buffer<state, B>(ctx, labels);
      if (std::is_same_v<B, cpu> && average_ == averaging::macro && labels > 0) copies_ = rows_for_vectors(labels, 64);
      table_ = buffer<double, B>(ctx, table::width * units * copies_);
      weights_ = buffer<double, B>(ctx, units);
      fill(ctx, weights_.view(), 1.0);
    }
    if (average_ == averaging::micro) pooled_ = buffer<state, B>(ctx, 1);
    reset(ctx);
  }

  /// Whether labels have terms that can be weighed.
  bool has_label_terms() const { return average_ == averaging::macro; }
  vector_view<double, B> label_weights() { return weights_.view(); }

  void reset(context<B>& ctx) {
    if (average_ == averaging::samples)
      fill(ctx, terms_.view(), term_sums{});
    else
      fill(ctx, states_.view(), state::identity());
  }

  template <class Cells>
  void add(context<B>& ctx, Cells const& cells) {
    if (average_ == averaging::samples) {
      buffer<term_sums, B> terms(ctx, cells.rows());
      finish_rows(ctx, cells, terms);
      reduce_columns(ctx, cells.rows(), 1, sum_states<term_sums>{terms.data()}, terms_.view());
    } else {
      reduce_columns(ctx, cells.rows(), cells.cols(), reduce_labels<Cells, counter>{cells, counter_of(bound_.get())},
                     states_.view());
    }
  }

  void merge(context<B>& ctx, axis_wise_driver const& other) {
    require_value(average_ == other.average_, Loss::name, "merged unions must have the same average");
    if (average_ == averaging::samples)
      for_each(ctx, terms_.size(), merge_states<term_sums>{terms_.data(), other.terms_.data()});
    else
      for_each(ctx, states_.size(), merge_states<state>{states_.data(), other.states_.data()});
  }

  /// exact: the value of what was added alone, whatever the loss remembers; there is no gradient of it.
  void finish(context<B>& ctx, loss_reduction reduction, vector_view<double, B> value, bool exact = false) {
    if (average_ == averaging::micro) {
      fill(ctx, pooled_.view(), state::identity());
      reduce_columns(ctx, states_.size(), 1, sum_states<state>{states_.data()}, pooled_.view());
    }
    if (average_ != averaging::samples)
      for_each(ctx, terms_.size(),
               finish_states<functor>{exact ? exact_functor(bound_) : bound_.get(), unit_states(), weights_.data(),
                                      terms_.data(), units(), terms_.size(), copies_});
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

  template <class AllGather>
  void exchange(context<B>& ctx, AllGather const& all_gather) {
    if (average_ == averaging::samples)
      exchange_states(ctx, terms_, all_gather, Loss::name);
    else
      exchange_states(ctx, states_, all_gather, Loss::name);
  }

  /// What the loss remembers takes in the states as they are.
  void advance(context<B>& ctx) {
    if constexpr (requires(functor const& f, state const& s) { f.advance(s, std::size_t{}); })
      if (average_ != averaging::samples)
        for_each(ctx, terms_.size(), advance_states<functor>{bound_.get(), unit_states()});
  }

  /// Numbers that outlive a step: `visit(name, view)` for each array.
  template <class Visit>
  void each_memory(Visit const& visit) {
    if constexpr (requires { bound_.each_memory(visit); }) bound_.each_memory(visit);
  }

 private:
  table units() { return {table_.data(), table_.size() / table::width}; }

  state const* unit_states() const { return average_ == averaging::micro ? pooled_.data() : states_.data(); }

  template <class Cells, class G>
  void grade(context<B>& ctx, Cells const& cells, matrix_view<G, B> grad) {
    for_each_cell(ctx, cells.rows(), cells.cols(),
                  grade_axis_wise<Cells, counter, G>{
                      cells, counter_of(bound_.get()), units(), total_.scale(), cell_output<G, Cells>(grad),
                      average_ == averaging::samples ? 1u : 0u, average_ == averaging::macro ? 1u : 0u, copies_});
  }

  template <class Cells>
  void finish_rows(context<B>& ctx, Cells const& cells, buffer<term_sums, B>& terms) {
    if (table_.size() < table::width * cells.rows()) {
      // The table last: where memory runs out, the next call must begin anew.
      row_states_ = buffer<state, B>(ctx, cells.rows());
      weights_ = buffer<double, B>(ctx, cells.rows());
      table_ = buffer<double, B>(ctx, table::width * cells.rows());
    }
    reduce_rows(
        ctx, cells.rows(), cells.cols(),
        reduce_row_states<Cells, counter>{cells, counter_of(bound_.get()), row_states_.data(), weights_.data()});
    for_each(ctx, cells.rows(),
             finish_states<functor>{bound_.get(), row_states_.data(), weights_.data(), terms.data(), units(),
                                    cells.rows(), 1});
  }

  bound_loss<Loss, B> bound_;
  averaging average_;
  buffer<state, B> states_, pooled_, row_states_;
  buffer<term_sums, B> terms_;
  buffer<double, B> table_;
  std::size_t copies_ = 1;     // of the units of labels, so that rows can be taken together
  buffer<double, B> weights_;  // of units
  term_total<B> total_;
};

}  // namespace softf1::inline SOFTF1_ABI::losses
