// The backends that test bodies run on, and the way of host numbers to them and back.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/backend/transfer.hpp>
#include <softf1/core/half.hpp>

/// For TEMPLATE_TEST_CASE: the tags of the backends under test.
#if defined(__CUDACC__)
#define SOFTF1_TEST_BACKENDS softf1::cuda
#elif defined(SOFTF1_DEVICE_CODE)
#define SOFTF1_TEST_BACKENDS softf1::cpu, softf1::cuda
#else
#define SOFTF1_TEST_BACKENDS softf1::cpu
#endif

namespace softf1_test {

/// Sizes to try: `for (std::size_t n : sizes{0, 1, 2})` needs no conversion.
using sizes = std::vector<std::size_t>;

/// How a matrix lies in memory: rows without and with room between them, every other number, or columns with room
/// between them.
enum class layout { dense, padded, strided, column_major };

/// x rounded to the storage type T.
template <class T>
T stored(double x) {
  return static_cast<T>(static_cast<softf1::compute_type<T>>(x));
}

/// A number of any storage type, as a double.
template <class T>
double number(T x) {
  return static_cast<double>(static_cast<softf1::compute_type<T>>(x));
}

using softf1::download;
using softf1::upload;

/// Numbers of the host over those of a view of the same length.
template <class T, class B>
void upload_to(softf1::context<B>& ctx, std::vector<T> const& host, softf1::vector_view<T, B> to) {
  softf1::copy(ctx, softf1::vector_view<const T>(host.data(), host.size()), to);
}

/// A matrix of T on backend B in one of the layouts, from row-major numbers of the host.
template <class T, class B>
class matrix_on {
 public:
  matrix_on(softf1::context<B>& ctx, std::vector<double> const& numbers, std::size_t rows, std::size_t cols,
            layout how = layout::dense)
      : rows_(rows), cols_(cols) {
    std::size_t const room = 3;
    row_ = how == layout::column_major ? 1
           : how == layout::strided    ? 2 * cols + room
                                       : cols + (how == layout::padded ? room : 0);
    col_ = how == layout::column_major ? rows + room : how == layout::strided ? 2 : 1;
    size_ = rows * row_ + cols * col_ + 1;
    auto const host = std::make_unique<T[]>(size_);
    for (std::size_t k = 0; k < size_; ++k) host[k] = stored<T>(between);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < cols; ++j) host[i * row_ + j * col_] = stored<T>(numbers[i * cols + j]);
    memory_ = softf1::buffer<T, B>(ctx, size_);
    softf1::copy(ctx, softf1::vector_view<const T>(host.get(), size_), memory_.view());
  }

  /// A matrix of zeros.
  matrix_on(softf1::context<B>& ctx, std::size_t rows, std::size_t cols, layout how = layout::dense)
      : matrix_on(ctx, std::vector<double>(rows * cols), rows, cols, how) {}

  softf1::matrix_view<T, B> view() {
    return {memory_.data(), rows_, cols_, static_cast<std::ptrdiff_t>(row_), static_cast<std::ptrdiff_t>(col_)};
  }
  softf1::matrix_view<const T, B> view() const {
    return {memory_.data(), rows_, cols_, static_cast<std::ptrdiff_t>(row_), static_cast<std::ptrdiff_t>(col_)};
  }

  /// The numbers in row-major order.
  std::vector<double> numbers(softf1::context<B>& ctx) const {
    auto const host = contents(ctx);
    std::vector<double> dense(rows_ * cols_);
    for (std::size_t i = 0; i < rows_; ++i)
      for (std::size_t j = 0; j < cols_; ++j) dense[i * cols_ + j] = number(host[i * row_ + j * col_]);
    return dense;
  }

  /// True where the memory between the matrix's numbers is as it was made.
  bool is_untouched_between(softf1::context<B>& ctx) const {
    auto const host = contents(ctx);
    std::vector<bool> inside(size_);
    for (std::size_t i = 0; i < rows_; ++i)
      for (std::size_t j = 0; j < cols_; ++j) inside[i * row_ + j * col_] = true;
    for (std::size_t k = 0; k < size_; ++k)
      if (!inside[k] && number(host[k]) != number(stored<T>(between))) return false;
    return true;
  }

 private:
  static constexpr double between = 77;

  std::unique_ptr<T[]> contents(softf1::context<B>& ctx) const {
    auto host = std::make_unique<T[]>(size_);
    softf1::copy(ctx, memory_.view(), softf1::vector_view<T>(host.get(), size_));
    return host;
  }

  std::size_t rows_, cols_, row_ = 0, col_ = 0, size_ = 0;
  softf1::buffer<T, B> memory_;
};

}  // namespace softf1_test
