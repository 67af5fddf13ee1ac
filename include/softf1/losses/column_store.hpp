// Cells in columns, a label each, that grow with the batches that are added, and their form between ranks.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

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

  // Of columns of as many labels.
  void add(context<B>& ctx, column_store const& other) {
    std::size_t const count = other.rows_, first = grow(ctx, count);
    columns from = other.view();
    from.rows = count;  // it may be these columns themselves
    for_each(ctx, labels_ * count, move_columns{from, room(), first});
  }

  // All rows as numbers: how many rows and labels there are, the ids of rows, their cells a label.
  std::vector<double> numbers(context<B>& ctx) const {
    std::vector<std::uint64_t> ids(rows_);
    std::vector<column_cell> column(rows_);
    copy(ctx, part(ids_, 0), vector_view<std::uint64_t>(ids.data(), rows_));
    std::vector<double> all{static_cast<double>(rows_), static_cast<double>(labels_)};
    for (std::uint64_t id : ids) all.push_back(id == cell_place::unknown ? -1.0 : static_cast<double>(id));
    for (std::size_t l = 0; l < labels_; ++l) {
      copy(ctx, part(cells_, l), vector_view<column_cell>(column.data(), rows_));
      for (auto const& c : column) all.insert(all.end(), {c.score, c.derivative, c.target, c.weight});
    }
    return all;
  }

  // Takes in the numbers of several columns in place of these rows.
  // Throws value_error for what is none, or is of other labels.
  void replace(context<B>& ctx, std::vector<double> const& numbers, std::string_view who) {
    clear();
    for (std::size_t at = 0; at < numbers.size();) {
      bool const has_head = numbers.size() - at >= 2;
      double const rows = has_head ? numbers[at] : -1.0, labels = has_head ? numbers[at + 1] : 0.0;
      at += 2;
      double const most = has_head ? static_cast<double>((numbers.size() - at) / (1 + 4 * labels_)) : 0.0;
      require_value(labels == static_cast<double>(labels_) && rows >= 0 && rows <= most && std::floor(rows) == rows,
                    who,
                    "all_gather must give the numbers of all ranks as they are, one after the other, of " +
                        std::to_string(labels_) + " labels each");
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

}  // namespace softf1::inline SOFTF1_ABI::losses
