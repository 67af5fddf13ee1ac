// The driver of losses that see the cells of a row together, such as pairs of them.
#pragma once

#include <algorithm>
#include <concepts>

#include <softf1/losses/loss.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// The cells of a row, as a row-wise loss sees them.
template <class Cells>
struct row_of_cells {
  using number = typename Cells::score;
  Cells cells;
  std::size_t row;
  SOFTF1_HD std::size_t size() const { return cells.cols(); }
  SOFTF1_HD cell<number> operator[](std::size_t j) const { return cell_in_row(cells, row, j); }
};

/// A row-wise loss: `kind`, `name`, and, on itself or on what its `bind(ctx, labels)` gives by `get()`, the trivially
/// copyable functor `template <class Row> SOFTF1_HD term_sums operator()(Row const& row, number* slopes) const`: the
/// terms of a row of weight 1 (one, or one a pair or cell), and, unless `slopes` is null, d(sum)/d(logit) added to
/// slopes[j], which are 0 before.
template <class Loss, class B = cpu>
concept row_wise_loss = Loss::kind ==
                        loss_kind::row_wise&& std::is_trivially_copyable_v<loss_functor<Loss, B>>&& requires(
                            loss_functor<Loss, B> const& f, row_of_cells<plain_cells<double, double, B>> const& row,
                            double* slopes) {
  { f(row, slopes) } -> std::same_as<term_sums>;
};

/// Evaluates each row; slopes: (N, L) dense, or null.
template <class Cells, class F>
struct evaluate_rows {
  using number = typename Cells::score;
  Cells cells;
  F loss;
  term_sums* terms;
  number* slopes;

  SOFTF1_HD void operator()(std::size_t i) const {
    std::size_t const cols = cells.cols();
    number* const mine = slopes ? slopes + i * cols : nullptr;
    if (mine)
      for (std::size_t j = 0; j < cols; ++j) mine[j] = number(0);
    term_sums sums = loss(row_of_cells<Cells>{cells, i}, mine);
    double const weight = cells.weight(i);
    sums.sum = weight != 0 ? sums.sum * weight : 0.0;
    sums.weight *= weight;
    terms[i] = sums;
  }
};

/// Scales slopes into gradients.
template <class Cells, class G>
struct grade_rows {
  using number = typename Cells::score;
  Cells cells;
  number const* slopes;
  double const* scale;
  cell_output<G, Cells> grad;

  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    number const factor = static_cast<number>(*scale * cells.weight(i)), slope = slopes[i * cells.cols() + j];
    grad(i, j) = static_cast<G>(select(cells.present(i, j), factor * slope, number(0)));
  }
};

/// State of a row-wise loss over any union of batches: the sums over rows. Scratch: a number a cell for gradients.
template <class Loss, class B>
class row_wise_driver : public plain_driver<B> {
  static_assert(row_wise_loss<Loss, B>, "softf1: not a row-wise loss, see losses/row_wise.hpp");

 public:
  row_wise_driver(context<B>& ctx, Loss const& loss, std::size_t labels)
      : bound_(bound_on(ctx, loss, labels)), sums_(ctx, 1), total_(ctx) {
    reset(ctx);
  }

  void reset(context<B>& ctx) { fill(ctx, sums_.view(), term_sums{}); }

  template <class AllGather>
  void exchange(context<B>& ctx, AllGather const& all_gather) {
    exchange_states(ctx, sums_, all_gather, Loss::name);
  }

  template <class Cells>
  void add(context<B>& ctx, Cells const& cells) {
    evaluate(ctx, cells, nullptr);
    reduce_columns(ctx, cells.rows(), 1, sum_states<term_sums>{terms_.data()}, sums_.view());
  }

  void merge(context<B>& ctx, row_wise_driver const& other) {
    for_each(ctx, 1, merge_states<term_sums>{sums_.data(), other.sums_.data()});
  }

  void finish(context<B>& ctx, loss_reduction reduction, vector_view<double, B> value, bool = false) {
    total_.finish(ctx, sums_, reduction, value);
  }

  template <class Cells, class G>
  void gradient(context<B>& ctx, Cells const& cells, matrix_view<G, B> grad) {
    with_slopes(ctx, cells, [&](auto* slopes) {
      evaluate(ctx, cells, slopes);
      grade(ctx, cells, slopes, grad);
    });
  }

  /// One batch alone: each row is walked once.
  template <class Cells, class G>
  void value_and_gradient(context<B>& ctx, Cells const& cells, loss_reduction reduction, vector_view<double, B> value,
                          matrix_view<G, B> grad) {
    with_slopes(ctx, cells, [&](auto* slopes) {
      evaluate(ctx, cells, slopes);
      reduce_columns(ctx, cells.rows(), 1, sum_states<term_sums>{terms_.data()}, sums_.view());
      finish(ctx, reduction, value);
      grade(ctx, cells, slopes, grad);
    });
  }

 private:
  template <class Cells, class Use>
  void with_slopes(context<B>& ctx, Cells const& cells, Use const& use) {
    buffer<typename Cells::score, B> slopes(ctx, cells.rows() * cells.cols());
    use(slopes.data());
  }

  template <class Cells>
  void evaluate(context<B>& ctx, Cells const& cells, typename Cells::score* slopes) {
    if (terms_.size() < cells.rows()) terms_ = buffer<term_sums, B>(ctx, cells.rows());
    with_functor(bound_, [&]<class F>(F const& of_row) {
      for_each_row(ctx, cells.rows(), cells.cols(), evaluate_rows<Cells, F>{cells, of_row, terms_.data(), slopes});
    });
  }

  template <class Cells, class G>
  void grade(context<B>& ctx, Cells const& cells, typename Cells::score const* slopes, matrix_view<G, B> grad) const {
    for_each_cell(ctx, cells.rows(), cells.cols(),
                  grade_rows<Cells, G>{cells, slopes, total_.scale(), cell_output<G, Cells>(grad)});
  }

  bound_loss<Loss, B> bound_;
  buffer<term_sums, B> terms_, sums_;
  term_total<B> total_;
};

}  // namespace softf1::inline SOFTF1_ABI::losses
