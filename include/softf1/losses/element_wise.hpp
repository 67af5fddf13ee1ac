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

/// An element-wise loss: `kind`, `name`, and `bind(ctx, labels)`, which checks the loss's parameters against the number
/// of labels, moves them to the backend and gives an object whose `get()` is a trivially copyable functor
/// `template <class T> SOFTF1_HD value_and_slope<T> operator()(T logit, T target, std::size_t label) const`.
template <class Loss>
concept element_wise_loss = Loss::kind == loss_kind::element_wise && requires(Loss const& loss, context<cpu>& ctx) {
  { loss.bind(ctx, std::size_t{}).get()(1.0, 1.0, std::size_t{}) } -> std::same_as<value_and_slope<double>>;
};

/// Sums a chunk in the compute type, chunks in double.
template <class Cells, class Point>
struct sum_element_wise {
  using scalar = typename Cells::score;
  struct partial {
    scalar sum, weight, count;
  };
  using total = term_sums;
  Cells cells;
  Point point;

  SOFTF1_HD static partial identity() { return {0, 0, 0}; }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const { add(state, cell_at(cells, i, j), j); }
  SOFTF1_HD value_and_slope<scalar> add(partial& state, cell<scalar> const& c, std::size_t j) const {
    auto const at = point(c.logit, c.target, j);
    // Selected, not multiplied: an infinite value in a missing cell must not become NaN.
    state.sum += c.present ? c.weight * at.value : scalar(0);
    state.weight += c.weight;
    state.count += c.present ? scalar(1) : scalar(0);
    return at;
  }
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

  SOFTF1_HD void add(typename base::partial& state, std::size_t i, std::size_t j) const {
    auto const at = base::add(state, cell_at(this->cells, i, j), j);
    grad(i, j) = static_cast<G>(scale * at.slope);
  }
};

/// State of an element-wise loss over any union of batches: sums a label.
template <class Loss, class B>
class element_wise_driver {
 public:
  element_wise_driver(context<B>& ctx, Loss const& loss, std::size_t labels)
      : bound_(loss.bind(ctx, labels)), sums_(ctx, labels), scale_(ctx, 1) {
    reset(ctx);
  }

  void reset(context<B>& ctx) { fill(ctx, sums_.view(), term_sums{}); }

  template <class Cells>
  void add(context<B>& ctx, Cells const& cells) {
    reduce_columns(ctx, cells.rows(), cells.cols(), sum_element_wise<Cells, point>{cells, bound_.get()}, sums_.view());
  }

  void merge(context<B>& ctx, element_wise_driver const& other) {
    for_each(ctx, sums_.size(),
             [mine = sums_.view(), theirs = other.sums_.view()](std::size_t j) { mine(j).merge(theirs(j)); });
  }

  void finish(context<B>& ctx, loss_reduction reduction, vector_view<double, B> value) {
    finish_terms(ctx, sums_, reduction, value, scale_.view());
  }

  template <class Cells, class G>
  void gradient(context<B>& ctx, Cells const& cells, matrix_view<G, B> grad) const {
    for_each_cell(ctx, cells.rows(), cells.cols(),
                  [cells, grad = cell_output<G, Cells>(grad), scale = scale_.data(), at = bound_.get()](std::size_t i,
                                                                                                        std::size_t j) {
                    using T = typename Cells::score;
                    auto const c = cell_at(cells, i, j);
                    T const slope = static_cast<T>(*scale) * c.weight * at(c.logit, c.target, j).slope;
                    grad(i, j) = static_cast<G>(c.present ? slope : T(0));
                  });
  }

  /// One pass in place of two where every cell is present with weight 1, so that the scale is known.
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
      reduce_columns(
          ctx, cells.rows(), cells.cols(),
          sum_and_grade_element_wise<Cells, point, G>({cells, bound_.get()}, cell_output<G, Cells>(grad), scale),
          sums_.view());
      finish(ctx, reduction, value);
    }
  }

 private:
  using bound = decltype(std::declval<Loss const&>().bind(std::declval<context<B>&>(), std::size_t{}));
  using point = decltype(std::declval<bound const&>().get());
  bound bound_;
  buffer<term_sums, B> sums_;
  buffer<double, B> scale_;
};

}  // namespace softf1::inline SOFTF1_ABI::losses
