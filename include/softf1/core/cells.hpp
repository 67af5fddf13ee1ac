// Cell sources: what metrics, losses and thresholds read. A cell is a score, a target, a weight, and whether it is
// present.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <softf1/core/bit_view.hpp>
#include <softf1/core/half.hpp>
#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI {

/// An optional mask of shape (N, L): a cell != 0 is *present*, 0 is missing. Element types: bool, (u)int8.
/// Converts from anything with a view; holds no memory. Not given: every cell is present.
template <class B = cpu>
class mask_view {
 public:
  constexpr mask_view() = default;

  template <class X>
    requires(viewable<X> && !std::same_as<std::remove_cvref_t<X>, mask_view>)
  mask_view(X const& x) {
    auto const v = to_view<2>(x, "mask", "mask");
    using T = typename decltype(v)::value_type;
    static_assert(std::is_same_v<backend_of<X>, B>, "softf1: the mask must be on the backend of the scores");
    static_assert(std::is_integral_v<T> && sizeof(T) == 1, "softf1: a mask holds bool, int8 or uint8 (0 = missing)");
    view_ = matrix_view<const std::uint8_t, B>(reinterpret_cast<std::uint8_t const*>(v.data()), v.rows(), v.cols(),
                                               v.stride(0), v.stride(1));
    given_ = true;
  }

  bool given() const { return given_; }
  matrix_view<const std::uint8_t, B> view() const { return view_; }

 private:
  matrix_view<const std::uint8_t, B> view_;
  bool given_ = false;
};

/// Optional weights, float or double, finite and >= 0. Not given: everything weighs 1.
template <std::size_t Rank, class B = cpu>
class any_weights_view {
 public:
  constexpr any_weights_view() = default;

  template <class X>
    requires(viewable<X> && !std::same_as<std::remove_cvref_t<X>, any_weights_view>)
  any_weights_view(X const& x) {
    constexpr std::string_view name = Rank == 1 ? "row_weights" : "cell_weights";
    auto const v = to_view<Rank>(x, name, name);
    using T = typename decltype(v)::value_type;
    static_assert(std::is_same_v<backend_of<X>, B>, "softf1: weights must be on the backend of the scores");
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "softf1: weights are float or double");
    if constexpr (std::is_same_v<T, double>)
      doubles_ = v.data();
    else
      floats_ = v.data();
    for (std::size_t d = 0; d < Rank; ++d) {
      shape_[d] = v.extent(d);
      strides_[d] = v.stride(d);
    }
    given_ = true;
  }

  bool given() const { return given_; }
  std::size_t size() const { return shape_[0]; }
  std::array<std::size_t, Rank> shape() const {
    std::array<std::size_t, Rank> s{};
    for (std::size_t d = 0; d < Rank; ++d) s[d] = shape_[d];
    return s;
  }
  SOFTF1_HD double operator()(std::size_t i) const
    requires(Rank == 1)
  {
    return at(static_cast<std::ptrdiff_t>(i) * strides_[0]);
  }
  SOFTF1_HD double operator()(std::size_t i, std::size_t j) const
    requires(Rank == 2)
  {
    return at(static_cast<std::ptrdiff_t>(i) * strides_[0] + static_cast<std::ptrdiff_t>(j) * strides_[1]);
  }

 private:
  SOFTF1_HD double at(std::ptrdiff_t k) const { return doubles_ ? doubles_[k] : static_cast<double>(floats_[k]); }

  double const* doubles_ = nullptr;
  float const* floats_ = nullptr;
  std::size_t shape_[Rank] = {};
  std::ptrdiff_t strides_[Rank] = {};
  bool given_ = false;
};

/// Weights of rows, (N,).
template <class B = cpu>
using weights_view = any_weights_view<1, B>;
/// Weights of cells, (N, L).
template <class B = cpu>
using cell_weights_view = any_weights_view<2, B>;

/// Types of what is decided already: bool, any integer, packed bits. Values 0 and 1.
template <class T>
concept decision_type = std::is_integral_v<T> || std::is_same_v<T, packed_bit>;

/// Types that targets are stored in: decisions or any score type. Values in [0, 1]; metrics take 0 and 1 only.
template <class Y>
concept target_type = decision_type<Y> || score_type<Y>;

/// Where row i begins. In unsigned arithmetic, whose wrapping compilers can follow along rows, which they give up on in
/// signed.
SOFTF1_HD constexpr std::ptrdiff_t offset_of(std::size_t i, std::ptrdiff_t stride) {
  return static_cast<std::ptrdiff_t>(i * static_cast<std::size_t>(stride));
}

/// The common case: unit column stride, no mask, no weights.
template <class S, target_type Y, class B = cpu>
class plain_cells {
 public:
  using score = compute_type<S>;
  using backend = B;
  static constexpr bool weighted = false;
  static constexpr bool decided = decision_type<S>;  ///< scores are decisions: 0 and 1
  /// Cells in a vector of 64 bytes of the smaller of both types, whole vectors of which compilers convert at once.
  static constexpr std::size_t vector_lanes = 64 / (sizeof(S) < sizeof(Y) ? sizeof(S) : sizeof(Y));

  plain_cells(matrix_view<const S, B> scores, matrix_view<const Y, B> targets)
      : scores_(scores.data()),
        targets_(targets.data()),
        rows_(scores.rows()),
        cols_(scores.cols()),
        score_stride_(scores.stride(0)),
        target_stride_(targets.stride(0)) {}

  SOFTF1_HD std::size_t rows() const { return rows_; }
  SOFTF1_HD std::size_t cols() const { return cols_; }
  SOFTF1_HD score logit(std::size_t i, std::size_t j) const {
    return static_cast<score>((scores_ + offset_of(i, score_stride_))[j]);
  }
  SOFTF1_HD score target(std::size_t i, std::size_t j) const {
    return static_cast<score>((targets_ + offset_of(i, target_stride_))[j]);
  }
  SOFTF1_HD static constexpr bool present(std::size_t, std::size_t) { return true; }
  SOFTF1_HD static constexpr double weight(std::size_t) { return 1; }
  SOFTF1_HD static constexpr score factor(std::size_t, std::size_t) { return 1; }
  static constexpr bool has_weights() { return false; }
  /// Whether each row follows the one before, so that cell (i, cols + j) is cell (i + 1, j).
  bool rows_run_on() const {
    auto const width = static_cast<std::ptrdiff_t>(cols_);
    return score_stride_ == width && target_stride_ == width;
  }

 private:
  decltype(std::declval<matrix_view<const S, B>>().data()) scores_;  // a pointer, or a bit_pointer
  decltype(std::declval<matrix_view<const Y, B>>().data()) targets_;
  std::size_t rows_, cols_;
  std::ptrdiff_t score_stride_, target_stride_;
};

/// A plain source with a mask and row weights: dense rows of bytes (row stride 0: one for all rows), a weight a row.
template <class Plain>
class masked_cells {
 public:
  static constexpr std::size_t vector_lanes = Plain::vector_lanes;
  using score = typename Plain::score;
  using backend = typename Plain::backend;
  static constexpr bool weighted = true;
  static constexpr bool decided = Plain::decided;

  masked_cells(Plain const& cells, matrix_view<const std::uint8_t, backend> mask, double const* weights,
               bool has_weights)
      : cells_(cells), mask_(mask.data()), mask_stride_(mask.stride(0)), weights_(weights), has_weights_(has_weights) {}

  SOFTF1_HD std::size_t rows() const { return cells_.rows(); }
  SOFTF1_HD std::size_t cols() const { return cells_.cols(); }
  SOFTF1_HD score logit(std::size_t i, std::size_t j) const { return cells_.logit(i, j); }
  SOFTF1_HD score target(std::size_t i, std::size_t j) const { return cells_.target(i, j); }
  SOFTF1_HD bool present(std::size_t i, std::size_t j) const {
    return (mask_ + offset_of(i, mask_stride_))[j] != 0;
  }
  SOFTF1_HD double weight(std::size_t i) const { return weights_[i]; }
  /// Whether weights were given: else all are 1.
  SOFTF1_HD bool has_weights() const { return has_weights_; }
  static constexpr bool rows_run_on() { return false; }

 private:
  Plain cells_;
  std::uint8_t const* mask_;
  std::ptrdiff_t mask_stride_;
  double const* weights_;
  bool has_weights_;
};

/// The same with weights of cells too: a dense row of factors a row, or one for all (stride 0).
template <class Plain>
class weighted_cells : public masked_cells<Plain> {
 public:
  using score = typename Plain::score;

  weighted_cells(masked_cells<Plain> const& cells, matrix_view<score const, typename Plain::backend> factors,
                 bool has_factors)
      : masked_cells<Plain>(cells), factors_(factors.data()), stride_(factors.stride(0)), has_factors_(has_factors) {}

  /// What the row's weight is multiplied by.
  SOFTF1_HD score factor(std::size_t i, std::size_t j) const {
    return (factors_ + offset_of(i, stride_))[j];
  }
  bool has_factors() const { return has_factors_; }

 private:
  score const* factors_;
  std::ptrdiff_t stride_;
  bool has_factors_;
};

/// Where a result of one number a cell goes. Beside plain cells its columns lie one after the other, which the compiler
/// must see to vectorise; beside masked cells it has any strides.
template <class T, class Cells>
class cell_output {
 public:
  using backend = typename Cells::backend;
  explicit cell_output(matrix_view<T, backend> out) : data_(out.data()), row_(out.stride(0)), col_(out.stride(1)) {}

  SOFTF1_HD T& operator()(std::size_t i, std::size_t j) const {
    T* const row = data_ + offset_of(i, row_);
    if constexpr (Cells::weighted)
      return row[static_cast<std::ptrdiff_t>(j) * col_];
    else
      return row[j];
  }
  /// Whether each row of `cols` numbers follows the one before.
  bool rows_run_on(std::size_t cols) const { return row_ == static_cast<std::ptrdiff_t>(cols) && col_ == 1; }

 private:
  T* data_;
  std::ptrdiff_t row_, col_;
};

/// Whether a metric can take a score: it is not NaN, and 0 or 1 where scores are decisions.
template <class Cells>
SOFTF1_HD bool is_bad_score(typename Cells::score s) {
  if constexpr (Cells::decided)
    return (s != 0) & (s != 1);
  else
    return s != s;
}

/// Whether a metric can take a present cell: its score, and its target, which must be 0 or 1.
template <class Cells>
SOFTF1_HD bool is_bad_cell(typename Cells::score s, typename Cells::score t) {
  return is_bad_score<Cells>(s) | ((t != 0) & (t != 1));
}

/// All cells of a source as one column: cell (k, 0) is cell (k / cols, k mod cols).
template <class Cells>
class pooled_cells {
 public:
  using score = typename Cells::score;
  using backend = typename Cells::backend;
  static constexpr bool weighted = Cells::weighted;
  static constexpr bool decided = Cells::decided;

  explicit pooled_cells(Cells const& cells) : cells_(cells) {}

  SOFTF1_HD std::size_t rows() const { return cells_.rows() * cells_.cols(); }
  SOFTF1_HD static constexpr std::size_t cols() { return 1; }
  SOFTF1_HD score logit(std::size_t k, std::size_t) const { return cells_.logit(k / cells_.cols(), k % cells_.cols()); }
  SOFTF1_HD score target(std::size_t k, std::size_t) const {
    return cells_.target(k / cells_.cols(), k % cells_.cols());
  }
  SOFTF1_HD bool present(std::size_t k, std::size_t) const {
    return cells_.present(k / cells_.cols(), k % cells_.cols());
  }
  SOFTF1_HD double weight(std::size_t k) const { return cells_.weight(k / cells_.cols()); }

 private:
  Cells cells_;
};

}  // namespace softf1::inline SOFTF1_ABI
