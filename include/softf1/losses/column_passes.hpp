// What runs over cells in columns: the pairs of each positive, their sums, and what they pull.
#pragma once

#include <cstddef>
#include <cstdint>

#include <softf1/losses/column_store.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

namespace detail {

// Whether the pairs of a loss are walked over, since no sums over a label say what they do.
template <class F>
SOFTF1_HD bool walks_over_pairs(F const& loss) {
  if constexpr (requires { loss.by_sums(); })
    return !loss.by_sums();
  else
    return true;
}

template <class F>
struct list_positives {
  F loss;
  columns of;
  std::uint32_t* rows;  // (labels, stride)
  std::uint32_t* counts;
  SOFTF1_HD void operator()(std::size_t l) const {
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < of.rows; ++i)
      if (of.at(i, l).target == 1 && of.at(i, l).weight != 0)
        rows[l * of.stride + count++] = static_cast<std::uint32_t>(i);
    counts[l] = count;
    if constexpr (requires { loss.by_sums(); }) loss.sum_cells(of.column(l), l);
  }
};

template <class F>
struct look_at_pairs {
  F loss;
  columns asked, kept;
  typename F::note* notes;  // of `asked`
  SOFTF1_HD void operator()(std::size_t k) const {
    item_of const c(asked, k);
    auto const& mine = asked.at(c.row, c.label);
    typename F::note note{};
    if (mine.target == 1 && mine.weight != 0) note = loss.look(mine, kept.column(c.label), asked.place(c.row, c.label));
    // A NaN, or a target between, is seen even in a label without pairs.
    note.sum += (mine.target - mine.target) + select(mine.score == mine.score, 0.0, mine.score);
    notes[c.label * asked.stride + c.row] = note;
  }
};

template <class Note>
struct sum_notes {
  using scalar = double;
  using partial = term_sums;
  using total = term_sums;
  Note const* notes;
  std::size_t stride;

  SOFTF1_HD static partial identity() { return {}; }
  SOFTF1_HD static total neutral() { return {}; }
  SOFTF1_HD void add(partial& to, std::size_t i, std::size_t l) const {
    Note const& n = notes[l * stride + i];
    to.merge(partial{n.sum, n.weight, 0});
  }
  SOFTF1_HD static void merge(total& to, partial const& from) { to.merge(from); }
};

template <class F>
struct finish_columns {
  F loss;
  columns of;
  typename F::note const* notes;
  term_sums const* states;
  double const* weights;  // of labels
  term_sums* terms;
  double* factors;  // of what pulls on a cell
  SOFTF1_HD void operator()(std::size_t l) const {
    term_sums const s = states[l];
    bool const has_pairs = s.weight != 0, qualifies = has_pairs || s.sum != 0;
    double const weight = qualifies ? weights[l] : 0.0, mean = has_pairs ? s.sum / s.weight : s.sum;
    terms[l] = {weight != 0 ? weight * mean : 0.0, weight, qualifies ? 1.0 : 0.0};
    factors[l] = has_pairs ? weight / s.weight : 0.0;
    if constexpr (requires { loss.by_sums(); }) loss.sum_pulls(of.column(l), notes + l * of.stride, l);
  }
};

template <class F>
struct pull_cells {
  F loss;
  columns asked, kept;
  typename F::note const* asked_notes;
  typename F::note const* kept_notes;
  std::uint32_t const* positives;
  std::uint32_t const* counts;
  double const* factors;
  double* slopes;  // (labels, stride of `asked`)
  SOFTF1_HD void operator()(std::size_t k) const {
    item_of const c(asked, k);
    std::size_t const at = c.label * asked.stride + c.row, column = c.label * kept.stride;
    auto const& mine = asked.at(c.row, c.label);
    double slope = asked_notes[at].own;
    if constexpr (requires { loss.by_sums(); })
      if (loss.by_sums()) slope += loss.pull(mine, c.label);
    std::uint32_t const count = walks_over_pairs(loss) ? counts[c.label] : 0;
    for (std::uint32_t p = 0; p < count; ++p) {
      std::size_t const i = column + positives[column + p];
      slope += loss.pull(mine, kept.cells[i], kept_notes[i]);
    }
    slopes[at] = factors[c.label] * mine.derivative * slope;
  }
};

template <class Cells, class G>
struct grade_columns {
  Cells cells;
  double const* slopes;
  std::size_t stride;
  double const* scale;
  cell_output<G, Cells> grad;
  SOFTF1_HD void operator()(std::size_t i, std::size_t l) const {
    using T = typename Cells::score;
    grad(i, l) = static_cast<G>(static_cast<T>(cells.present(i, l) ? *scale * slopes[l * stride + i] : 0.0));
  }
};

// What is remembered of a row that was drawn several times in a step is what its last cell says, on every backend.
template <class F>
struct advance_columns {
  F loss;
  columns of;
  typename F::note const* notes;
  SOFTF1_HD void operator()(std::size_t k) const {
    item_of const c(of, k);
    auto const* const mine = notes + c.label * of.stride;
    if (of.ids[c.row] == cell_place::unknown || mine[c.row].weight == 0) return;
    for (std::size_t i = c.row + 1; i < of.rows; ++i)
      if (of.ids[i] == of.ids[c.row] && mine[i].weight != 0) return;
    loss.advance(mine[c.row], of.place(c.row, c.label));
  }
};

}  // namespace detail

}  // namespace softf1::inline SOFTF1_ABI::losses
