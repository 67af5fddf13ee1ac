// Weighted means over rows of several values a row, with a count of the rows for which a value is undefined.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/errors.hpp>
#include <softf1/metrics/detail/label_rank.hpp>
#include <softf1/metrics/detail/state.hpp>

namespace softf1::inline SOFTF1_ABI::metrics::detail {

/// Where the values of a batch of rows lie: `columns` values a row, then the row's weight.
struct row_values {
  double* data;
  std::size_t columns;

  SOFTF1_HD double* operator[](std::size_t i) const { return data + i * (columns + 1); }
  SOFTF1_HD double& weight(std::size_t i) const { return (*this)[i][columns]; }
};

/// Sums of one column: Σ weight · value and Σ weight over the rows with a value, and the number of those without.
struct row_value_sums {
  double sum, weight, left_out;

  SOFTF1_HD void merge(row_value_sums const& o) {
    sum += o.sum;
    weight += o.weight;
    left_out += o.left_out;
  }
};

/// The reduction that sums the columns of row values; NaN is no value.
struct sum_row_values {
  using scalar = double;
  using partial = row_value_sums;
  using total = row_value_sums;
  row_values values;

  SOFTF1_HD static partial identity() { return {0, 0, 0}; }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const {
    double const value = values[i][j], w = values.weight(i);
    bool const undefined = value != value;
    state.sum += undefined ? 0.0 : w * value;
    state.weight += undefined ? 0.0 : w;
    state.left_out += undefined ? 1.0 : 0.0;
  }
  SOFTF1_HD static total neutral() { return identity(); }
  SOFTF1_HD static void merge(total& to, partial const& from) { to.merge(from); }
};

/// The means of a stream of rows: add, merge, read. Sums are taken in chunks of rows in a fixed order: the same bits
/// for any number of threads.
class row_means {
 public:
  explicit row_means(std::size_t columns = 0) : sums_(columns), weights_(columns), left_out_(columns) {}

  std::size_t columns() const { return sums_.size(); }

  /// Adds rows whose values lie on backend B.
  template <class B>
  void add(context<B>& ctx, std::size_t rows, row_values const& values) {
    buffer<row_value_sums, B> batch(ctx, columns());
    fill(ctx, batch.view(), row_value_sums{0, 0, 0});
    reduce_columns(ctx, rows, columns(), sum_row_values{values}, batch.view());
    std::vector<row_value_sums> host(columns());
    copy(ctx, std::as_const(batch).view(), vector_view<row_value_sums>(host.data(), host.size()));
    for (std::size_t j = 0; j < columns(); ++j) {
      sums_[j] += host[j].sum;
      weights_[j] += host[j].weight;
      left_out_[j] += static_cast<std::uint64_t>(host[j].left_out);
    }
  }

  /// Adds the rows of another stream with the same columns.
  void merge(row_means const& other) {
    for (std::size_t j = 0; j < columns(); ++j) {
      sums_[j] += other.sums_[j];
      weights_[j] += other.weights_[j];
      left_out_[j] += other.left_out_[j];
    }
  }

  /// The mean of column j; NaN where no weighted row has a value.
  double mean(std::size_t j) const {
    return weights_[j] > 0 ? sums_[j] / weights_[j] : std::numeric_limits<double>::quiet_NaN();
  }
  double sum(std::size_t j) const { return sums_[j]; }
  /// The number of rows without a value in column j, whatever their weight.
  std::size_t left_out(std::size_t j) const { return static_cast<std::size_t>(left_out_[j]); }

  /// Whether a state that was read has these columns, of values that are never negative.
  bool fits(std::size_t columns) const {
    return sums_.size() == columns && weights_.size() == columns && left_out_.size() == columns && are_sums(sums_) &&
           are_sums(weights_);
  }

  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    visit("sums", self.sums_);
    visit("weights", self.weights_);
    visit("left_out", self.left_out_);
  }

 private:
  std::vector<double> sums_, weights_;
  std::vector<std::uint64_t> left_out_;
};

/// Ranks the rows that `Rank` left undone in its first pass, which have the weight -1.
template <class Rank>
struct rank_crowded_rows {
  Rank rank;
  std::size_t first, cols;
  keyed_label* scratch;
  SOFTF1_HD void operator()(std::size_t k) const {
    if (rank.values.weight(first + k) < 0) rank.rank(first + k, scratch + k * cols);
  }
};

/// A batch's rows through `make(first, values)`, a functor that ranks the rows of a block that begins at row `first`,
/// and the means of their values. Rows are taken in blocks, so that scratch stays at 65,536 × (columns + 1) numbers and
/// 2^20 labels to be sorted (or 16 rows). The last column is NaN for a row that no metric can take.
template <class Cells, class Make>
row_means summed_row_values(context<typename Cells::backend>& ctx, Cells const& cells, std::size_t columns,
                            std::string_view who, Make const& make) {
  using backend = typename Cells::backend;
  constexpr std::size_t block = 65536, sorted_labels = std::size_t{1} << 20;
  std::size_t const rows = cells.rows(), cols = cells.cols(), most = rows < block ? rows : block;
  bool const may_be_crowded = cols > most_counted<Cells>;
  std::size_t const slice = !may_be_crowded ? 0 : cols < sorted_labels / 16 ? sorted_labels / cols : 16;
  row_means batch(columns);
  buffer<double, backend> numbers(ctx, most * (columns + 1));
  buffer<keyed_label, backend> scratch(ctx, (slice < most ? slice : most) * cols);
  row_values const values{numbers.data(), columns};
  for (std::size_t first = 0; first < rows; first += block) {
    std::size_t const count = rows - first < block ? rows - first : block;
    auto const rank = make(first, values);
    for_each_row(ctx, count, cols, rank);
    for (std::size_t k = 0; may_be_crowded && k < count; k += slice)
      for_each_row(ctx, count - k < slice ? count - k : slice, cols,
                   rank_crowded_rows<std::decay_t<decltype(rank)>>{rank, k, cols, scratch.data()});
    batch.add(ctx, count, values);
  }
  if (batch.left_out(columns - 1) != 0) refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
  return batch;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics::detail
