// The driver of losses that see the cells of a label together: pairs of its rows.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <softf1/losses/column_passes.hpp>
#include <softf1/losses/column_store.hpp>
#include <softf1/losses/element_wise.hpp>
#include <softf1/losses/loss.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// A column-wise loss: `kind`, `name`, and, on itself or on what its `bind(ctx, labels)` gives by `get()`, trivially
/// copyable, all in double:
/// `value_and_slope<double> score(double logit) const`: what pairs compare;
/// `note`: an aggregate that begins with `sum`, `weight` and `own`: what a positive makes of its pairs. The term of a label
/// is Σ sum / Σ weight over its positives, and there is none where Σ weight is 0; `own` is d(sum)/d(its score);
/// `note look(column_cell const& positive, column_of_cells const& all, cell_place const& of) const`;
/// `double pull(column_cell const& mine, column_cell const& positive, note const& its) const`: d(sum of that positive)/d(my
/// score), where I am the other of a pair, and where both are the same cell;
/// optionally `bool by_sums() const`, whether sums over a label, which the loss keeps on the backend, say what its pairs do
/// with these parameters; then `sum_cells(column_of_cells const&, std::size_t label) const` is called before `look`, which
/// reads them, `sum_pulls(column_of_cells const&, note const* of_cells, std::size_t label) const` after it, and
/// `double pull(column_cell const& mine, std::size_t label) const`, of all positives at once, in place of the other;
/// optionally `advance(note const&, cell_place const&) const`, called once a training step for each positive, for what it
/// remembers, and, on what `bind` gives, `exact()`, the functor without it, `each_memory(visit)`, and `training_rows()`,
/// the rows that it remembers.
template <class Loss, class B = cpu>
concept column_wise_loss = Loss::kind ==
                           loss_kind::column_wise&& std::is_trivially_copyable_v<loss_functor<Loss, B>>&& requires(
                               loss_functor<Loss, B> const& f, column_cell const& c, column_of_cells const& all,
                               cell_place const& of, typename loss_functor<Loss, B>::note const& n) {
  { f.score(1.0) } -> std::same_as<value_and_slope<double>>;
  { f.look(c, all, of) } -> std::same_as<typename loss_functor<Loss, B>::note>;
  { f.pull(c, c, n) } -> std::same_as<double>;
  { n.sum + n.weight + n.own } -> std::same_as<double>;
};

/// State of a column-wise loss over any union of batches: their cells, since every pair of rows is one of the union,
/// whichever batches they came in. Memory: 32 bytes a cell of the union, and about 100 more for its value and gradient.
/// Cost: for each positive of a label, one walk over the rows of the union for the value, another for the gradient; of a
/// loss by sums, few passes over the cells.
template <class Loss, class B>
class column_wise_driver {
  static_assert(column_wise_loss<Loss, B>, "softf1: not a column-wise loss, see losses/column_wise.hpp");
  using functor = loss_functor<Loss, B>;
  using note = typename functor::note;
  using store = detail::column_store<B>;

 public:
  column_wise_driver(context<B>& ctx, Loss const& loss, std::size_t labels)
      : bound_(bound_on(ctx, loss, labels)),
        kept_(labels),
        asked_(labels),
        states_(ctx, labels),
        terms_(ctx, labels),
        factors_(ctx, labels),
        weights_(ctx, labels),
        counts_(ctx, labels),
        total_(ctx) {
    fill(ctx, weights_.view(), 1.0);
  }

  static constexpr bool has_label_terms() { return true; }
  vector_view<double, B> label_weights() { return weights_.view(); }

  /// Of the rows of the batch that comes next, `cell_place::unknown` for those that are not to be remembered; or empty.
  /// Throws value_error, where the host has them, for other ids of rows that the loss has no memory of.
  void set_row_ids(vector_view<std::uint64_t const, B> ids) {
    ids_ = ids;
    if constexpr (std::is_same_v<B, cpu> && requires { bound_.training_rows(); }) {
      std::size_t const rows = bound_.training_rows();
      for (std::size_t i = 0; rows > 0 && i < ids.size(); ++i)
        if (ids(i) >= rows && ids(i) != cell_place::unknown)
          throw value_error(std::string(Loss::name) + ": row_ids must be less than rows, which is " +
                            std::to_string(rows) + ", got " + std::to_string(ids(i)) + " at row " + std::to_string(i));
    }
  }

  void reset(context<B>&) { kept_.clear(); }

  template <class Cells>
  void add(context<B>& ctx, Cells const& cells) {
    kept_.add(ctx, cells, ids_, bound_.get());
  }

  void merge(context<B>& ctx, column_wise_driver const& other) { kept_.add(ctx, other.kept_); }

  /// All ranks have the rows of all afterwards. Throws value_error where a rank has other labels.
  template <class AllGather>
  void exchange(context<B>& ctx, AllGather const& all_gather) {
    std::vector<double> const mine = kept_.numbers(ctx);
    kept_.replace(ctx, all_gather(mine), Loss::name);
  }

  /// exact: the value of what was added alone, whatever the loss remembers; there is no gradient of it.
  void finish(context<B>& ctx, loss_reduction reduction, vector_view<double, B> value, bool exact = false) {
    if (positives_.size() < kept_.capacity()) positives_ = buffer<std::uint32_t, B>(ctx, kept_.capacity());
    functor const f = exact ? exact_functor(bound_) : bound_.get();
    for_each_row(ctx, states_.size(), kept_.rows(),
                 detail::list_positives<functor>{f, kept_.view(), positives_.data(), counts_.data()});
    look(ctx, kept_, notes_, f);
    fill(ctx, states_.view(), term_sums{});
    reduce_columns(ctx, kept_.rows(), states_.size(), detail::sum_notes<note>{notes_.data(), kept_.view().stride},
                   states_.view());
    for_each_row(ctx, states_.size(), kept_.rows(),
                 detail::finish_columns<functor>{f, kept_.view(), notes_.data(), states_.data(), weights_.data(),
                                                 terms_.data(), factors_.data()});
    total_.finish(ctx, terms_, reduction, value);
  }

  template <class Cells, class G>
  void gradient(context<B>& ctx, Cells const& cells, matrix_view<G, B> grad) {
    asked_.clear();
    asked_.add(ctx, cells, ids_, bound_.get());
    look(ctx, asked_, asked_notes_, bound_.get());
    grade(ctx, cells, asked_, asked_notes_, grad);
  }

  /// One batch alone: its cells are looked at once.
  template <class Cells, class G>
  void value_and_gradient(context<B>& ctx, Cells const& cells, loss_reduction reduction, vector_view<double, B> value,
                          matrix_view<G, B> grad) {
    add(ctx, cells);
    finish(ctx, reduction, value);
    grade(ctx, cells, kept_, notes_, grad);
  }

  /// What the loss remembers takes in what the union's positives made of their pairs.
  void advance(context<B>& ctx) {
    if constexpr (requires(functor const& f, note const& n, cell_place const& of) { f.advance(n, of); })
      for_each_row(ctx, kept_.cells(), kept_.rows(),
                   detail::advance_columns<functor>{bound_.get(), kept_.view(), notes_.data()});
  }

  /// Numbers that outlive a step: `visit(name, view)` for each array.
  template <class Visit>
  void each_memory(Visit const& visit) {
    if constexpr (requires { bound_.each_memory(visit); }) bound_.each_memory(visit);
  }

 private:
  // Of a cell.
  std::size_t work(functor const& f) const { return detail::walks_over_pairs(f) ? kept_.rows() : 1; }

  void look(context<B>& ctx, store const& asked, buffer<note, B>& notes, functor const& f) {
    if (notes.size() < asked.capacity()) notes = buffer<note, B>(ctx, asked.capacity());
    for_each_row(ctx, asked.cells(), work(f),
                 detail::look_at_pairs<functor>{f, asked.view(), kept_.view(), notes.data()});
  }

  template <class Cells, class G>
  void grade(context<B>& ctx, Cells const& cells, store const& asked, buffer<note, B> const& notes,
             matrix_view<G, B> grad) {
    if (slopes_.size() < asked.capacity()) slopes_ = buffer<double, B>(ctx, asked.capacity());
    for_each_row(ctx, asked.cells(), work(bound_.get()),
                 detail::pull_cells<functor>{bound_.get(), asked.view(), kept_.view(), notes.data(), notes_.data(),
                                             positives_.data(), counts_.data(), factors_.data(), slopes_.data()});
    for_each_cell(ctx, cells.rows(), cells.cols(),
                  detail::grade_columns<Cells, G>{cells, slopes_.data(), asked.view().stride, total_.scale(),
                                                  cell_output<G, Cells>(grad)});
  }

  bound_loss<Loss, B> bound_;
  store kept_, asked_;
  buffer<term_sums, B> states_, terms_;  // of labels
  buffer<double, B> factors_, weights_;
  buffer<std::uint32_t, B> counts_, positives_;
  buffer<note, B> notes_, asked_notes_;
  buffer<double, B> slopes_;
  term_total<B> total_;
  vector_view<std::uint64_t const, B> ids_;
};

}  // namespace softf1::inline SOFTF1_ABI::losses
