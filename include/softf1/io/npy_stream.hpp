// .npy files in blocks of rows: files larger than memory, results of unknown length.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <softf1/io/npy.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// Reads a .npy file in blocks of rows. The file is mapped, and no more of it than the last block and some megabytes
/// before it stay in memory; it must not be shortened meanwhile.
class npy_reader {
 public:
  /// Throws io_error like read_npy; an array without dimensions has no rows and is refused.
  explicit npy_reader(std::string path)
      : path_(std::move(path)),
        file_(std::make_shared<mapped_file const>(path_, who)),
        header_(detail::read_npy_header(file_->bytes(), who, path_)) {
    if (header_.shape.empty()) detail::fail(who, path_, "expected an array with rows, got shape ()");
    if (header_.order == storage_order::row_major) file_->expect_sequential_reads();
  }

  dtype type() const { return header_.type; }
  std::vector<std::size_t> const& shape() const { return header_.shape; }
  std::size_t rows() const { return header_.shape[0]; }

  /// The row that the next block begins with; rows() at the end.
  std::size_t position() const { return position_; }

  /// Lets the next block begin with `row`; throws value_error behind the end.
  void seek(std::size_t row) {
    if (row > rows())
      throw value_error("npy_reader: " + path_ + ": expected a row from 0 to " + std::to_string(rows()) + ", got " +
                        std::to_string(row));
    position_ = row;
  }

  /// The next `count` rows, or as many as are left: shape (rows, …), in the order of the file. Rows in C order and this
  /// machine's byte order are not copied. Throws io_error for a boolean that is neither 0 nor 1.
  array read_rows(std::size_t count) {
    std::size_t const first = position_, n = std::min(count, rows() - position_);
    auto shape = header_.shape;
    shape[0] = n;
    std::size_t const begin = header_.data_begin;
    position_ += n;
    // Blocks that are still in use are read again where they are touched.
    if (since_ += n * header_.row_bytes(); since_ > kept_bytes) {
      file_->let_go();
      since_ = 0;
    }
    if (header_.order == storage_order::row_major || shape.size() == 1) {
      auto const bytes = file_->bytes().subspan(begin + first * header_.row_bytes(), n * header_.row_bytes());
      if (type() == dtype::boolean) detail::check_booleans(bytes, begin + first * header_.row_bytes(), who, path_);
      return detail::array_on_bytes(type(), header_.swapped, std::move(shape), storage_order::row_major, bytes, file_);
    }
    // A block of a column-major file is column-major too: one run out of each column.
    std::size_t const element = size_of(type()), column = rows() * element;
    auto const block = std::make_shared<std::vector<std::byte>>();
    block->reserve(n * header_.row_bytes());
    for (std::size_t at = begin; n > 0 && at < file_->bytes().size(); at += column) {
      auto const run = file_->bytes().subspan(at + first * element, n * element);
      if (type() == dtype::boolean) detail::check_booleans(run, at + first * element, who, path_);
      block->insert(block->end(), run.begin(), run.end());
    }
    if (header_.swapped) detail::swap_bytes(*block, element);
    return {type(), std::move(shape), storage_order::column_major, *block, block};
  }

 private:
  static constexpr char const* who = "npy_reader";
  static constexpr std::size_t kept_bytes = std::size_t{1} << 22;

  std::string path_;
  std::shared_ptr<mapped_file const> file_;
  detail::npy_header header_;
  std::size_t position_ = 0;
  std::size_t since_ = 0;  // bytes read since the file was last let go
};

/// Writes a .npy file of T in C order, rows as they come; `close` states their number and puts the file under its name.
/// Without close, nothing is written. The target must be a file: a pipe has no beginning to go back to.
template <class T>
class npy_writer {
 public:
  /// `row_shape` is the shape of one row: {20} for a matrix with 20 columns, {} for a vector.
  /// Throws io_error where the file cannot be written.
  npy_writer(std::string const& path, std::vector<std::size_t> const& row_shape)
      : shape_{0}, columns_(1), writer_(path, "npy_writer") {
    static_assert(!std::is_same_v<T, bfloat16>, "softf1: .npy has no bf16: write float or half");
    if (writer_.is_direct()) detail::fail("npy_writer", path, "expected a file, got a device or pipe");
    shape_.insert(shape_.end(), row_shape.begin(), row_shape.end());
    for (auto extent : row_shape) columns_ *= extent;
    writer_.write(header(spare_digits));
  }

  /// Appends rows: a matrix view or matrix of T whose columns are the elements of one row.
  /// Throws shape_error for another number of columns, io_error where they cannot be stored.
  template <class X>
  void append(X const& rows) {
    auto const values = borrow_array(rows);
    static_assert(std::is_same_v<value_of<X>, T>, "softf1: rows must have the element type of the npy_writer");
    if (values.rank() > 2 || values.cols() != columns_)
      throw shape_error("npy_writer: rows must have shape (n, " + std::to_string(columns_) + "), got " +
                        shape_text(values.shape()));
    if (values.order() == storage_order::row_major) {
      writer_.write(values.bytes());
    } else {
      auto const row_major = values.template as<T>();
      writer_.write(std::as_bytes(std::span(row_major)));
    }
    shape_[0] += values.rows();
  }

  /// Rows appended so far.
  std::size_t rows() const { return shape_[0]; }

  /// Throws io_error where the system cannot store the file: then nothing has changed.
  void close() {
    auto const digits = std::to_string(shape_[0]).size() - 1;
    writer_.rewrite_beginning(header(spare_digits - digits));
    writer_.commit();
  }

 private:
  static constexpr std::size_t spare_digits = 20;  // of the largest number of rows

  std::string header(std::size_t spare) const {
    return detail::npy_header_text(dtype_of<T>, storage_order::row_major, shape_, spare);
  }

  std::vector<std::size_t> shape_;
  std::size_t columns_;
  atomic_writer writer_;
};

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::npy_reader;
using io::npy_writer;
}  // namespace softf1::inline SOFTF1_ABI
