// What all losses share: cells, options, sums, and the kinds of them.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/limits.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// What the sum over terms is divided by: the number of present terms, their total weight, or nothing. Terms are cells
/// (element-wise losses), labels (label-wise) or rows (row-wise). A batch without any term gives 0.
enum class loss_reduction { mean, weighted_mean, sum };

/// Options of every loss. Name them in this order.
template <class B = cpu>
struct loss_options {
  mask_view<B> mask = {};            ///< (N, L), != 0 is present; missing cells are selected away: gradient 0
  weights_view<B> row_weights = {};  ///< (N,): weights of cells or rows; label-wise losses weigh their counts by them
  cell_weights_view<B> cell_weights = {};  ///< (N, L): weights of cells, times those of their rows
  weights_view<B> label_weights = {};  ///< (L,): weights of labels (macro) or of their cells; not beside cell_weights
  loss_reduction reduction = loss_reduction::mean;
  vector_view<std::uint64_t const, B> row_ids = {};  ///< (N,): which training row each is, where a loss asks
};

/// One cell as a loss sees it. A missing cell has logit, target and weight 0.
template <class T>
struct cell {
  T logit, target, weight;
  bool present;
  std::size_t row, label;
};

/// Whether a functor says, by `static constexpr bool ignores_place = true`, that it does not read `row` and `label` of a
/// cell: rows of a few labels are then taken together, and neither says where the cell is.
template <class F>
inline constexpr bool ignores_place = requires { requires F::ignores_place; };

/// A target that is 1, or 0: NaN for others, so that the value of a loss that takes no soft targets shows it.
template <class T>
SOFTF1_HD T binary_target(T y) {
  bool const negative = y == T(0), positive = y == T(1);  // named: clang warns of | between calls, as a dual's == is
  return select(negative | positive, y, quiet_nan<T>());
}

/// a − b, 0 where both are the same infinity: a tie.
template <class T>
SOFTF1_HD T difference(T a, T b) {
  return select(a == b, T(0), a - b);
}

/// The cell (i, j) of a source, safe to compute with whether present or not.
template <class Cells>
SOFTF1_HD cell<typename Cells::score> cell_at(Cells const& cells, std::size_t i, std::size_t j) {
  using T = typename Cells::score;
  bool const here = cells.present(i, j);
  T const z = cells.logit(i, j), y = cells.target(i, j), w = static_cast<T>(cells.weight(i)) * cells.factor(i, j);
  return {here ? z : T(0), here ? y : T(0), here ? w : T(0), here, i, j};
}

/// The same cell as its row sees it: the row's weight belongs to the row's term.
template <class Cells>
SOFTF1_HD cell<typename Cells::score> cell_in_row(Cells const& cells, std::size_t i, std::size_t j) {
  auto c = cell_at(cells, i, j);
  c.weight = select(c.present, cells.factor(i, j), typename Cells::score(0));
  return c;
}

/// Over what a loss reduces first. A loss that takes finite logits only says so in `static constexpr std::string_view
/// domain`: the text of the value_error for a value that is NaN.
enum class loss_kind {
  element_wise,  ///< each cell is a term
  axis_wise,     ///< the cells of a label (or of a row, or all) have one mergeable state, and make one term
  row_wise,      ///< the cells of a row are seen together, and make its terms
  column_wise    ///< the cells of a label are seen together, in pairs of rows, and make one term
};

/// Sums of terms: a monoid, so batches, threads and ranks add up.
struct term_sums {
  double sum = 0;     ///< Σ weight · value
  double weight = 0;  ///< Σ weight
  double count = 0;   ///< number of terms

  SOFTF1_HD static term_sums identity() { return {}; }
  SOFTF1_HD void merge(term_sums const& o) {
    sum += o.sum;
    weight += o.weight;
    count += o.count;
  }
};

/// The factor of the sum in the loss, and of each term's gradient: 1 / divisor, or 0 without terms.
SOFTF1_HD double scale_of(term_sums const& sums, loss_reduction reduction) {
  double const divisor = reduction == loss_reduction::mean  ? sums.count
                         : reduction == loss_reduction::sum ? 1.0
                                                            : sums.weight;
  return divisor > 0 ? 1.0 / divisor : 0.0;
}

/// The reduction that merges an array of states; one column.
template <class State>
struct sum_states {
  using scalar = double;
  using partial = State;
  using total = State;
  State const* states;

  SOFTF1_HD static partial identity() { return State::identity(); }
  SOFTF1_HD static total neutral() { return State::identity(); }
  SOFTF1_HD void add(partial& to, std::size_t i, std::size_t) const { to.merge(states[i]); }
  SOFTF1_HD static void merge(total& to, partial const& from) { to.merge(from); }
};

/// Writes value and scale of a total; nothing is read back.
struct write_value_and_scale {
  term_sums const* total;
  loss_reduction reduction;
  double* value;
  double* scale;
  SOFTF1_HD void operator()(std::size_t) const {
    *scale = scale_of(*total, reduction);
    *value = total->sum * *scale;
  }
};

/// The same, of terms that one thread sums in order.
struct sum_few_terms {
  term_sums const* terms;
  std::size_t count;
  term_sums* total;
  write_value_and_scale write;
  static constexpr std::size_t most = 128;

  SOFTF1_HD void operator()(std::size_t i) const {
    term_sums sum;
    for (std::size_t k = 0; k < count; ++k) sum.merge(terms[k]);
    *total = sum;
    write(i);
  }
};

/// The end of every loss: the total of many term sums, and from it the value and the scale of the gradient.
template <class B>
class term_total {
 public:
  explicit term_total(context<B>& ctx) : total_(ctx, 1), scale_(ctx, 1) {}

  void finish(context<B>& ctx, buffer<term_sums, B> const& terms, loss_reduction reduction,
              vector_view<double, B> value) {
    write_value_and_scale const write{total_.data(), reduction, value.data(), scale_.data()};
    if (terms.size() <= sum_few_terms::most)
      return for_each(ctx, 1, sum_few_terms{terms.data(), terms.size(), total_.data(), write});
    fill(ctx, total_.view(), term_sums{});
    reduce_columns(ctx, terms.size(), 1, sum_states<term_sums>{terms.data()}, total_.view());
    for_each(ctx, 1, write);
  }

  double const* scale() const { return scale_.data(); }

 private:
  buffer<term_sums, B> total_;
  buffer<double, B> scale_;
};

/// What a driver has where labels make no terms that could be weighed, and nothing is remembered from step to step.
template <class B>
struct plain_driver {
  static constexpr bool has_label_terms() { return false; }
  static vector_view<double, B> label_weights() { return {}; }
  static void advance(context<B>&) {}
  template <class Visit>
  static void each_memory(Visit const&) {}
};

/// to(i).merge(from(i)).
template <class State>
struct merge_states {
  State* to;
  State const* from;
  SOFTF1_HD void operator()(std::size_t i) const { to[i].merge(from[i]); }
};

/// The states of all ranks merged, in their order. `all_gather(numbers)` takes this rank's and gives those of all, one
/// after the other, the same to each rank; so all have the same bits afterwards.
/// Throws value_error where it gives what no number of ranks can have.
template <class State, class B, class AllGather>
void exchange_states(context<B>& ctx, buffer<State, B>& states, AllGather const& all_gather, std::string_view who) {
  static_assert(std::is_trivially_copyable_v<State> && sizeof(State) % sizeof(double) == 0);
  std::vector<State> host(states.size());
  copy(ctx, std::as_const(states).view(), vector_view<State>(host.data(), host.size()));
  std::vector<double> mine(host.size() * sizeof(State) / sizeof(double));
  if (!mine.empty()) std::memcpy(mine.data(), host.data(), mine.size() * sizeof(double));
  std::vector<double> const all = all_gather(std::as_const(mine));
  require_value(mine.empty() ? all.empty() : !all.empty() && all.size() % mine.size() == 0, who,
                "all_gather must give " + std::to_string(mine.size()) + " numbers a rank, got " +
                    std::to_string(all.size()) + " in all");
  host.assign(host.size(), State::identity());
  for (std::size_t first = 0; first < all.size(); first += mine.size())
    for (std::size_t k = 0; k < host.size(); ++k) {
      State theirs = State::identity();
      std::memcpy(static_cast<void*>(&theirs), all.data() + first + k * (sizeof(State) / sizeof(double)),
                  sizeof(State));
      host[k].merge(theirs);
    }
  copy(ctx, vector_view<State const>(host.data(), host.size()), states.view());
}

/// One number a label on the backend, 1 where none are given. Throws shape_error unless `numbers` is empty or one a label,
/// value_error naming the label where one is negative or not finite.
template <class B>
buffer<double, B> label_numbers(context<B>& ctx, std::vector<double> const& numbers, std::size_t labels,
                                std::string_view who, std::string_view what) {
  buffer<double, B> there(ctx, labels);
  fill(ctx, there.view(), 1.0);
  if (numbers.empty()) return there;
  vector_view<const double> const host(numbers.data(), numbers.size());
  require_shape(who, what, {labels}, host.shape());
  for (std::size_t j = 0; j < labels; ++j)
    require_value(numbers[j] >= 0 && numbers[j] * 0 == 0, who,
                  std::string(what) + " must be finite and >= 0, got " + number_text(numbers[j]) + " for label " +
                      std::to_string(j));
  copy(ctx, host, there.view());
  return there;
}

/// A loss that needs nothing on the backend: it is its own functor.
template <class Loss>
struct self_bound {
  Loss loss;
  Loss get() const { return loss; }
};

/// The loss's parameters checked, by its `check(name)` and against the number of labels, and moved to the backend, where it has a
/// `bind(ctx, labels)`; else the loss as it is. `get()` of the result is the functor that runs on the backend.
template <class Loss, class B>
auto bound_on(context<B>& ctx, Loss const& loss, std::size_t labels) {
  if constexpr (requires { loss.check(Loss::name); }) loss.check(Loss::name);
  if constexpr (requires { loss.bind(ctx, labels); })
    return loss.bind(ctx, labels);
  else
    return self_bound<Loss>{loss};
}

/// use(functor) with the functor of a bound loss: where it has several of the same meaning, by `with(use)`, with the
/// one that costs least with its parameters.
template <class Bound, class Use>
void with_functor(Bound const& bound, Use const& use) {
  if constexpr (requires { bound.with(use); })
    bound.with(use);
  else
    use(bound.get());
}

/// The functor of a bound loss without what it remembers: its `exact()`, where it has one.
template <class Bound>
auto exact_functor(Bound const& bound) {
  if constexpr (requires { bound.exact(); })
    return bound.exact();
  else
    return bound.get();
}

template <class Loss, class B>
using bound_loss = decltype(bound_on(std::declval<context<B>&>(), std::declval<Loss const&>(), std::size_t{}));
template <class Loss, class B>
using loss_functor = decltype(std::declval<bound_loss<Loss, B> const&>().get());

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::loss_options;
using losses::loss_reduction;
}  // namespace softf1::inline SOFTF1_ABI
