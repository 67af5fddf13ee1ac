// The driver of losses with one mergeable state a label, a row, or for all cells.
#pragma once

#include <concepts>
#include <string>
#include <utility>

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

/// An axis-wise loss, trivially copyable:
/// `kind`, `name`, `averaging average` (macro: a term a label; micro: one term; samples: a term a row);
/// `template <class T> struct state` (1–6 fields of type T) with `identity()` and `merge(state<U> const&)`;
/// `template <class T> void add(state<T>&, cell<T> const&) const`; `slopes`, the numbers that the gradient of a cell
/// needs;
/// `axis_term<slopes> finish(state<double> const&) const`;
/// `template <class T> T gradient(cell<T> const&, slopes const&) const`: d(term)/d(logit), times the cell's weight.
/// The same functor runs on either axis.
template <class Loss>
concept axis_wise_loss = Loss::kind == loss_kind::axis_wise && std::is_trivially_copyable_v<Loss> &&
                         requires(Loss const& loss, typename Loss::template state<double>& s, cell<double> const& c) {
                           { loss.average } -> std::convertible_to<averaging>;
                           loss.add(s, c);
                           { loss.finish(s) } -> std::same_as<axis_term<typename Loss::slopes>>;
                           { loss.gradient(c, typename Loss::slopes{}) } -> std::same_as<double>;
                         };

/// The state of each label: chunks in the compute type, merged in double.
template <class Cells, class Loss>
struct reduce_labels {
  using scalar = typename Cells::score;
  using partial = typename Loss::template state<scalar>;
  using total = typename Loss::template state<double>;
  Cells cells;
  Loss loss;

  SOFTF1_HD static partial identity() { return partial::identity(); }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const { loss.add(state, cell_at(cells, i, j)); }
  SOFTF1_HD static void merge(total& to, partial const& from) { to.merge(from); }
};

/// The term of row i: its cells weigh 1, the row's weight weighs the term.
template <class Cells, class Loss>
SOFTF1_HD axis_term<typename Loss::slopes> row_term(Cells const& cells, Loss const& loss, std::size_t i) {
  using T = typename Cells::score;
  auto state = Loss::template state<T>::identity();
  for (std::size_t j = 0; j < cells.cols(); ++j) {
    auto c = cell_at(cells, i, j);
    c.weight = c.present ? T(1) : T(0);
    loss.add(state, c);
  }
  auto wide = Loss::template state<double>::identity();
  wide.merge(state);
  return loss.finish(wide);
}

/// State of an axis-wise loss over any union of batches: a state a label, or the sums over rows.
template <class Loss, class B>
class axis_wise_driver {
  using slopes = typename Loss::slopes;
  using state = typename Loss::template state<double>;

 public:
  axis_wise_driver(context<B>& ctx, Loss const& loss, std::size_t labels)
      : loss_(loss),
        states_(ctx, loss.average == averaging::samples ? 0 : labels),
        slopes_(ctx, loss.average == averaging::macro ? labels : 1),
        rows_(ctx, 1),
        scale_(ctx, 1) {
    require_value(loss.average != averaging::weighted, Loss::name,
                  "average must be macro, micro or samples, got weighted");
    reset(ctx);
  }

  void reset(context<B>& ctx) {
    fill(ctx, states_.view(), state::identity());
    fill(ctx, rows_.view(), term_sums{});
  }

  template <class Cells>
  void add(context<B>& ctx, Cells const& cells) {
    if (loss_.average == averaging::samples)
      add_rows(ctx, cells);
    else
      reduce_columns(ctx, cells.rows(), cells.cols(), reduce_labels<Cells, Loss>{cells, loss_}, states_.view());
  }

  void merge(context<B>& ctx, axis_wise_driver const& other) {
    for_each(ctx, states_.size(),
             [mine = states_.view(), theirs = other.states_.view()](std::size_t j) { mine(j).merge(theirs(j)); });
    for_each(ctx, 1, [mine = rows_.view(), theirs = other.rows_.view()](std::size_t j) { mine(j).merge(theirs(j)); });
  }

  void finish(context<B>& ctx, loss_reduction reduction, vector_view<double, B> value) {
    if (loss_.average == averaging::samples) return finish_terms(ctx, rows_, reduction, value, scale_.view());
    if (loss_.average == averaging::micro) pool(ctx);
    buffer<term_sums, B> terms(ctx, slopes_.size());
    auto const& states = loss_.average == averaging::micro ? pooled_ : states_;
    for_each(ctx, terms.size(),
             [loss = loss_, states = states.view(), terms = terms.view(), slopes = slopes_.view()](std::size_t u) {
               auto const term = loss.finish(states(u));
               terms(u) = term.qualifies ? term_sums{term.value, 1, 1} : term_sums{0, 0, 0};
               slopes(u) = term.qualifies ? term.slopes : typename Loss::slopes{};
             });
    finish_terms(ctx, terms, reduction, value, scale_.view());
  }

  template <class Cells, class G>
  void gradient(context<B>& ctx, Cells const& cells, matrix_view<G, B> grad) const {
    using T = typename Cells::score;
    if (loss_.average == averaging::samples) return row_gradient(ctx, cells, grad);
    std::size_t const step = loss_.average == averaging::macro ? 1 : 0;
    for_each_cell(ctx, cells.rows(), cells.cols(),
                  [cells, grad = cell_output<G, Cells>(grad), step, loss = loss_, scale = scale_.data(),
                   slopes = slopes_.data()](std::size_t i, std::size_t j) {
                    auto const c = cell_at(cells, i, j);
                    T const g = static_cast<T>(*scale) * c.weight * loss.gradient(c, slopes[step * j]);
                    grad(i, j) = static_cast<G>(c.present ? g : T(0));
                  });
  }

  template <class Cells, class G>
  void value_and_gradient(context<B>& ctx, Cells const& cells, loss_reduction reduction, vector_view<double, B> value,
                          matrix_view<G, B> grad) {
    add(ctx, cells);
    finish(ctx, reduction, value);
    gradient(ctx, cells, grad);
  }

 private:
  // Micro: one state of all labels' cells.
  void pool(context<B>& ctx) {
    if (pooled_.empty()) pooled_ = buffer<state, B>(ctx, 1);
    for_each(ctx, 1, [states = states_.view(), labels = states_.size(), pooled = pooled_.view()](std::size_t) {
      pooled(0) = state::identity();
      for (std::size_t j = 0; j < labels; ++j) pooled(0).merge(states(j));
    });
  }

  template <class Cells>
  void add_rows(context<B>& ctx, Cells const& cells) {
    buffer<term_sums, B> terms(ctx, cells.rows());
    for_each_row(ctx, cells.rows(), cells.cols(), [cells, loss = loss_, terms = terms.view()](std::size_t i) {
      auto const term = row_term(cells, loss, i);
      double const w = cells.weight(i);
      terms(i) = term.qualifies ? term_sums{w * term.value, w, 1} : term_sums{0, 0, 0};
    });
    reduce_columns(ctx, cells.rows(), 1, add_term_sums{terms.data()}, rows_.view());
  }

  template <class Cells, class G>
  void row_gradient(context<B>& ctx, Cells const& cells, matrix_view<G, B> grad) const {
    for_each_row(ctx, cells.rows(), cells.cols(),
                 [cells, grad = cell_output<G, Cells>(grad), loss = loss_, scale = scale_.data()](std::size_t i) {
                   using T = typename Cells::score;
                   auto const term = row_term(cells, loss, i);
                   T const factor = static_cast<T>(term.qualifies ? *scale * cells.weight(i) : 0.0);
                   for (std::size_t j = 0; j < cells.cols(); ++j) {
                     auto const c = cell_at(cells, i, j);
                     T const g = factor * loss.gradient(c, term.slopes);
                     grad(i, j) = static_cast<G>(c.present && term.qualifies ? g : T(0));
                   }
                 });
  }

  Loss loss_;
  buffer<state, B> states_, pooled_;
  buffer<slopes, B> slopes_;
  buffer<term_sums, B> rows_;
  buffer<double, B> scale_;
};

}  // namespace softf1::inline SOFTF1_ABI::losses
