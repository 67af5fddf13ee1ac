// The driver of losses that see the cells of a label together: pairs of its rows.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/losses/element_wise.hpp>
#include <softf1/losses/loss.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// A cell as the column of its label keeps it. A missing cell is a negative of weight 0.
struct column_cell {
  double score, derivative;  ///< what pairs compare, and its derivative by the logit
  double target;             ///< 0, 1, or NaN
  double weight;             ///< of the cell, times that of its row
};

/// Which training row a cell is of, `unknown` where nobody said, and of which label.
struct cell_place {
  std::uint64_t row;
  std::size_t label;
  static constexpr std::uint64_t unknown = ~std::uint64_t{0};
};

/// The cells of a label in all rows that were added.
struct column_of_cells {
  column_cell const* cells;
  std::size_t rows;
  SOFTF1_HD std::size_t size() const { return rows; }
  SOFTF1_HD column_cell const& operator[](std::size_t i) const { return cells[i]; }
};

/// A column-wise loss: `kind`, `name`, and, on itself or on what its `bind(ctx, labels)` gives by `get()`, trivially
/// copyable, all in double:
/// `value_and_slope<double> score(double logit) const`: what pairs compare;
/// `note`: an aggregate that begins with `sum`, `weight` and `own`: what a positive makes of its pairs. The term of a label
/// is Σ sum / Σ weight over its positives, and there is none where Σ weight is 0; `own` is d(sum)/d(its score);
/// `note look(column_cell const& positive, column_of_cells const& all, cell_place const& of) const`;
/// `double pull(column_cell const& mine, column_cell const& positive, note const& its) const`: d(sum of that positive)/d(my
/// score), where I am the other of a pair, and where both are the same cell;
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

namespace detail {

// Where columns are written, one after the other.
struct column_room {
  column_cell* cells;
  std::uint64_t* ids;  // of rows
  std::size_t stride;
  SOFTF1_HD column_cell& at(std::size_t i, std::size_t l) const { return cells[l * stride + i]; }
};

struct columns {
  column_cell const* cells;
  std::uint64_t const* ids;
  std::size_t labels, rows, stride;

  SOFTF1_HD column_cell const& at(std::size_t i, std::size_t l) const { return cells[l * stride + i]; }
  SOFTF1_HD column_of_cells column(std::size_t l) const { return {cells + l * stride, rows}; }
  SOFTF1_HD cell_place place(std::size_t i, std::size_t l) const { return {ids[i], l}; }
};

// Items are cells, those of a label side by side: threads that neighbour each other walk the same column.
struct item_of {
  std::size_t row, label;
  SOFTF1_HD item_of(columns const& all, std::size_t k) : row(k % all.rows), label(k / all.rows) {}
};

struct move_columns {
  columns from;
  column_room to;
  std::size_t first;  // row in `to`
  SOFTF1_HD void operator()(std::size_t k) const {
    item_of const c(from, k);
    to.at(first + c.row, c.label) = from.at(c.row, c.label);
    if (c.label == 0) to.ids[first + c.row] = from.ids[c.row];
  }
};

template <class Cells>
struct take_cells {
  Cells cells;
  column_room to;
  std::size_t first;
  SOFTF1_HD void operator()(std::size_t i, std::size_t l) const {
    auto const c = cell_at(cells, i, l);
    to.at(first + i, l) = {static_cast<double>(c.logit), 1.0, binary_target(static_cast<double>(c.target)),
                           static_cast<double>(c.weight)};
  }
};

template <class B>
struct take_ids {
  vector_view<std::uint64_t const, B> ids;
  std::uint64_t* to;
  SOFTF1_HD void operator()(std::size_t i) const { to[i] = ids.data() ? ids(i) : cell_place::unknown; }
};

template <class F>
struct score_cells {
  F loss;
  column_room of;
  std::size_t first, count;  // rows
  SOFTF1_HD void operator()(std::size_t k) const {
    auto& c = of.at(first + k % count, k / count);
    auto const at = loss.score(c.score);
    c.score = at.value;
    c.derivative = at.slope;
  }
};

struct list_positives {
  columns of;
  std::uint32_t* rows;  // (labels, stride)
  std::uint32_t* counts;
  SOFTF1_HD void operator()(std::size_t l) const {
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < of.rows; ++i)
      if (of.at(i, l).target == 1 && of.at(i, l).weight != 0)
        rows[l * of.stride + count++] = static_cast<std::uint32_t>(i);
    counts[l] = count;
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

struct finish_columns {
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
    for (std::uint32_t p = 0; p < counts[c.label]; ++p) {
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

// The columns of what was added, in memory that is kept.
template <class B>
class column_store {
 public:
  explicit column_store(std::size_t labels) : labels_(labels) {}

  std::size_t rows() const { return rows_; }
  std::size_t cells() const { return labels_ * rows_; }
  std::size_t capacity() const { return labels_ * stride_; }
  columns view() const { return {cells_.data(), ids_.data(), labels_, rows_, stride_}; }
  void clear() { rows_ = 0; }

  template <class Cells, class F>
  void add(context<B>& ctx, Cells const& cells, vector_view<std::uint64_t const, B> ids, F const& loss) {
    std::size_t const first = grow(ctx, cells.rows());
    for_each_cell(ctx, cells.rows(), labels_, take_cells<Cells>{cells, room(), first});
    for_each(ctx, cells.rows(), take_ids<B>{ids, ids_.data() + first});
    for_each(ctx, cells.rows() * labels_, score_cells<F>{loss, room(), first, cells.rows()});
  }

  void add(context<B>& ctx, column_store const& other) {
    std::size_t const first = grow(ctx, other.rows_);
    for_each(ctx, other.cells(), move_columns{other.view(), room(), first});
  }

  // All rows as numbers: how many there are, their ids, their cells a label.
  std::vector<double> numbers(context<B>& ctx) const {
    std::vector<std::uint64_t> ids(rows_);
    std::vector<column_cell> column(rows_);
    copy(ctx, part(ids_, 0), vector_view<std::uint64_t>(ids.data(), rows_));
    std::vector<double> all{static_cast<double>(rows_)};
    for (std::uint64_t id : ids) all.push_back(id == cell_place::unknown ? -1.0 : static_cast<double>(id));
    for (std::size_t l = 0; l < labels_; ++l) {
      copy(ctx, part(cells_, l), vector_view<column_cell>(column.data(), rows_));
      for (auto const& c : column) all.insert(all.end(), {c.score, c.derivative, c.target, c.weight});
    }
    return all;
  }

  // Takes in the numbers of other columns in place of these rows. Throws value_error for what is none.
  void replace(context<B>& ctx, std::vector<double> const& numbers, std::string_view who) {
    clear();
    for (std::size_t at = 0; at < numbers.size();) {
      double const rows = numbers[at++];
      double const most = static_cast<double>(numbers.size() - at) / static_cast<double>(1 + 4 * labels_);
      require_value(rows >= 0 && rows <= most && rows == static_cast<double>(static_cast<std::size_t>(rows)), who,
                    "all_gather must give the numbers of all ranks as they are, one after the other");
      at += take(ctx, numbers.data() + at, static_cast<std::size_t>(rows));
    }
  }

 private:
  column_room room() { return {cells_.data(), ids_.data(), stride_}; }

  template <class Buffer>
  auto part(Buffer const& of, std::size_t l) const {
    using element = std::remove_pointer_t<decltype(of.data())>;
    return vector_view<element, B>(of.data() + l * stride_, rows_);
  }

  // Room for more rows, which begin where it says.
  std::size_t grow(context<B>& ctx, std::size_t more) {
    std::size_t const first = rows_, needed = rows_ + more;
    if (needed > stride_) {
      std::size_t const stride = rows_ == 0 ? needed : std::max(needed, 2 * stride_);
      buffer<column_cell, B> cells(ctx, labels_ * stride);
      buffer<std::uint64_t, B> ids(ctx, stride);
      for_each(ctx, this->cells(), move_columns{view(), {cells.data(), ids.data(), stride}, 0});
      cells_ = std::move(cells);
      ids_ = std::move(ids);
      stride_ = stride;
    }
    rows_ = needed;
    return first;
  }

  std::size_t take(context<B>& ctx, double const* numbers, std::size_t rows) {
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < rows; ++i)
      ids.push_back(numbers[i] < 0 ? cell_place::unknown : static_cast<std::uint64_t>(numbers[i]));
    std::size_t const first = grow(ctx, rows);
    copy(ctx, vector_view<std::uint64_t const>(ids.data(), rows),
         vector_view<std::uint64_t, B>(ids_.data() + first, rows));
    std::vector<column_cell> column;
    for (std::size_t l = 0; l < labels_; ++l) {
      column.clear();
      for (std::size_t i = 0; i < rows; ++i) {
        double const* const c = numbers + rows + 4 * (l * rows + i);
        column.push_back({c[0], c[1], c[2], c[3]});
      }
      copy(ctx, vector_view<column_cell const>(column.data(), rows),
           vector_view<column_cell, B>(cells_.data() + l * stride_ + first, rows));
    }
    return rows * (1 + 4 * labels_);
  }

  buffer<column_cell, B> cells_;  // (labels, stride)
  buffer<std::uint64_t, B> ids_;  // (stride,)
  std::size_t labels_, rows_ = 0, stride_ = 0;
};

}  // namespace detail

/// State of a column-wise loss over any union of batches: their cells, since every pair of rows is one of the union,
/// whichever batches they came in. Memory: 32 bytes a cell of the union, and about 100 more for its value and gradient.
/// Cost: for each positive of a label, one walk over the rows of the union for the value, another for the gradient.
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

  /// Of the rows of the batch that comes next; or empty.
  /// Throws value_error, where the host has them, for ids of rows that the loss has no memory of.
  void set_row_ids(vector_view<std::uint64_t const, B> ids) {
    ids_ = ids;
    if constexpr (std::is_same_v<B, cpu> && requires { bound_.training_rows(); }) {
      std::size_t const rows = bound_.training_rows();
      for (std::size_t i = 0; rows > 0 && i < ids.size(); ++i)
        if (ids(i) >= rows)
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

  /// All ranks have the rows of all afterwards.
  template <class AllGather>
  void exchange(context<B>& ctx, AllGather const& all_gather) {
    std::vector<double> const mine = kept_.numbers(ctx);
    kept_.replace(ctx, all_gather(mine), Loss::name);
  }

  /// exact: the value of what was added alone, whatever the loss remembers; there is no gradient of it.
  void finish(context<B>& ctx, loss_reduction reduction, vector_view<double, B> value, bool exact = false) {
    if (positives_.size() < kept_.capacity()) positives_ = buffer<std::uint32_t, B>(ctx, kept_.capacity());
    for_each(ctx, states_.size(), detail::list_positives{kept_.view(), positives_.data(), counts_.data()});
    look(ctx, kept_, notes_, exact ? exact_functor() : bound_.get());
    fill(ctx, states_.view(), term_sums{});
    reduce_columns(ctx, kept_.rows(), states_.size(), detail::sum_notes<note>{notes_.data(), kept_.view().stride},
                   states_.view());
    for_each(ctx, states_.size(),
             detail::finish_columns{states_.data(), weights_.data(), terms_.data(), factors_.data()});
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
  functor exact_functor() const {
    if constexpr (requires { bound_.exact(); })
      return bound_.exact();
    else
      return bound_.get();
  }

  void look(context<B>& ctx, store const& asked, buffer<note, B>& notes, functor const& f) {
    if (notes.size() < asked.capacity()) notes = buffer<note, B>(ctx, asked.capacity());
    for_each_row(ctx, asked.cells(), kept_.rows(),
                 detail::look_at_pairs<functor>{f, asked.view(), kept_.view(), notes.data()});
  }

  template <class Cells, class G>
  void grade(context<B>& ctx, Cells const& cells, store const& asked, buffer<note, B> const& notes,
             matrix_view<G, B> grad) {
    if (slopes_.size() < asked.capacity()) slopes_ = buffer<double, B>(ctx, asked.capacity());
    for_each_row(ctx, asked.cells(), kept_.rows(),
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
