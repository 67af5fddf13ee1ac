// The driver of element-wise losses: every cell is a term of its own.
#pragma once

#include <concepts>
#include <utility>

#include <softf1/losses/loss.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Value of a cell's loss and its derivative by the logit.
template <class T>
struct value_and_slope {
  T value, slope;
};

/// An element-wise loss: `kind`, `name`, and, on itself or on what its `bind(ctx, labels)` gives by `get()`, the
/// trivially copyable functor `template <class T> SOFTF1_HD value_and_slope<T> operator()(cell<T> const&) const`;
/// `static constexpr bool ignores_place = true` on the functor if it reads neither row nor label of the cell: it is faster.
template <class Loss, class B = cpu>
concept element_wise_loss = Loss::kind ==
                            loss_kind::element_wise&& std::is_trivially_copyable_v<loss_functor<Loss, B>>&& requires(
                                loss_functor<Loss, B> const& f, cell<double> const& c) {
  { f(c) } -> std::same_as<value_and_slope<double>>;
};

/// Sums a chunk in the compute type, chunks in double.
template <class Cells, class Point>
struct sum_element_wise {
  static constexpr bool bound_by_arithmetic = true;
  using scalar = typename Cells::score;
  struct partial {
    scalar sum, weight, count;
  };
  using total = term_sums;
  static constexpr std::size_t vector_lanes = Cells::vector_lanes;
  Cells cells;
  Point point;

  std::size_t rows_at_once() const { return cells.rows_run_on() && ignores_place<Point> ? any_number_of_rows : 1; }
  SOFTF1_HD static partial identity() { return {0, 0, 0}; }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const { add(state, cell_at(cells, i, j)); }
  SOFTF1_HD value_and_slope<scalar> add(partial& state, cell<scalar> const& c) const {
    auto const at = point(c);
    // Selected, not multiplied: an infinite value of no weight, as of a missing cell, must not become NaN.
    bool const nothing = (c.weight == scalar(0)) & (at.value == at.value);
    state.sum += select(nothing, scalar(0), c.weight * at.value);
    state.weight += c.weight;
    state.count += c.present ? scalar(1) : scalar(0);
    return at;
  }
  SOFTF1_HD static total neutral() { return {}; }
  SOFTF1_HD static void merge(total& to, total const& from) { to.merge(from); }
  SOFTF1_HD static void merge(total& to, partial const& from) {
    to.merge({static_cast<double>(from.sum), static_cast<double>(from.weight), static_cast<double>(from.count)});
  }
};

/// The same, writing the gradient on the way, where its scale is known before the sum.
template <class Cells, class Point, class G>
struct sum_and_grade_element_wise : sum_element_wise<Cells, Point> {
  using base = sum_element_wise<Cells, Point>;
  using scalar = typename base::scalar;
  cell_output<G, Cells> grad;
  scalar scale;

  sum_and_grade_element_wise(base const& b, cell_output<G, Cells> g, scalar s) : base(b), grad(g), scale(s) {}

  std::size_t rows_at_once() const { return grad.rows_run_on(this->cells.cols()) ? base::rows_at_once() : 1; }
  SOFTF1_HD void add(typename base::partial& state, std::size_t i, std::size_t j) const {
    grad(i, j) = static_cast<G>(scale * base::add(state, cell_at(this->cells, i, j)).slope);
  }
};

/// Writes the gradient of each cell.
template <class Cells, class Point, class G>
struct grade_element_wise {
  static constexpr bool bound_by_arithmetic = true;
  Cells cells;
  Point point;
  cell_output<G, Cells> grad;
  double const* scale;

  std::size_t rows_at_once() const {
    return cells.rows_run_on() && grad.rows_run_on(cells.cols()) && ignores_place<Point> ? any_number_of_rows : 1;
  }
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    using T = typename Cells::score;
    auto const c = cell_at(cells, i, j);
    grad(i, j) = static_cast<G>(select(c.weight != T(0), static_cast<T>(*scale) * c.weight * point(c).slope, T(0)));
  }
};

/// State of an element-wise loss over any union of batches: sums a label.
template <class Loss, class B>
class element_wise_driver : public plain_driver<B> {
  static_assert(element_wise_loss<Loss, B>, "softf1: not an element-wise loss, see losses/element_wise.hpp");
  using point = loss_functor<Loss, B>;

 public:
  element_wise_driver(context<B>& ctx, Loss const& loss, std::size_t labels)
      : bound_(bound_on(ctx, loss, labels)), sums_(ctx, labels), total_(ctx) {
    reset(ctx);
  }

  void reset(context<B>& ctx) { fill(ctx, sums_.view(), term_sums{}); }

  template <class AllGather>
  void exchange(context<B>& ctx, AllGather const& all_gather) {
    exchange_states(ctx, sums_, all_gather, Loss::name);
  }

  template <class Cells>
  void add(context<B>& ctx, Cells const& cells) {
    with_functor(bound_, [&]<class Point>(Point const& functor) {
      reduce_columns(ctx, cells.rows(), cells.cols(), sum_element_wise<Cells, Point>{cells, functor}, sums_.view());
    });
  }

  void merge(context<B>& ctx, element_wise_driver const& other) {
    for_each(ctx, sums_.size(), merge_states<term_sums>{sums_.data(), other.sums_.data()});
  }

  void finish(context<B>& ctx, loss_reduction reduction, vector_view<double, B> value, bool = false) {
    total_.finish(ctx, sums_, reduction, value);
  }

  template <class Cells, class G>
  void gradient(context<B>& ctx, Cells const& cells, matrix_view<G, B> grad) const {
    with_functor(bound_, [&]<class Point>(Point const& functor) {
      for_each_cell(
          ctx, cells.rows(), cells.cols(),
          grade_element_wise<Cells, Point, G>{cells, functor, cell_output<G, Cells>(grad), total_.scale()});
    });
  }

  point functor() const { return bound_.get(); }
  /// The factor of each cell's slope, once finished.
  double const* scale() const { return total_.scale(); }

  /// One batch alone: one pass in place of two where every cell is present with weight 1, so that the scale is known.
  template <class Cells, class G>
  void value_and_gradient(context<B>& ctx, Cells const& cells, loss_reduction reduction, vector_view<double, B> value,
                          matrix_view<G, B> grad) {
    if constexpr (Cells::weighted) {
      add(ctx, cells);
      finish(ctx, reduction, value);
      gradient(ctx, cells, grad);
    } else {
      double const n = static_cast<double>(cells.rows()) * static_cast<double>(cells.cols());
      auto const scale = static_cast<typename Cells::score>(scale_of({0, n, n}, reduction));
      with_functor(bound_, [&]<class Point>(Point const& functor) {
        reduce_columns(
            ctx, cells.rows(), cells.cols(),
            sum_and_grade_element_wise<Cells, Point, G>({cells, functor}, cell_output<G, Cells>(grad), scale),
            sums_.view());
      });
      finish(ctx, reduction, value);
    }
  }

 private:
  bound_loss<Loss, B> bound_;
  buffer<term_sums, B> sums_;
  term_total<B> total_;
};

}  // namespace softf1::inline SOFTF1_ABI::losses
