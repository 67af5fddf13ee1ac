// Targets of one class a row, as losses and metrics take them.
#pragma once

#include <concepts>
#include <string>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

namespace detail {

template <class I, class B>
struct is_no_class {
  vector_view<I const, B> classes;
  std::size_t labels;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t) const {
    return classes(i) < I(0) || static_cast<std::size_t>(classes(i)) >= labels;
  }
};

template <class I, class Y, class B>
struct write_one_hot {
  vector_view<I const, B> classes;
  matrix_view<Y, B> targets;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    targets(i, j) = static_cast<Y>(static_cast<std::size_t>(classes(i)) == j ? 1 : 0);
  }
};

}  // namespace detail

/// targets(i, j) = 1 where j is the class of row i, else 0: for softmax_cross_entropy where each row has one label.
/// classes (N,), integers in [0, L); targets (N, L), of any type that targets have. Throws shape_error where they do not fit
/// each other, value_error for a class out of range, with its row. Cost: one pass over the targets.
template <class B, std::integral I, class Y>
void one_hot(context<B>& ctx, vector_view<I const, B> classes, matrix_view<Y, B> targets) {
  require_shape("one_hot", "classes", {targets.rows()}, classes.shape());
  std::size_t const bad = find_first(ctx, classes.size(), 1, detail::is_no_class<I, B>{classes, targets.cols()});
  if (bad < classes.size()) {
    I got = 0;
    copy(ctx, vector_view<I const, B>(classes.data() + static_cast<std::ptrdiff_t>(bad) * classes.stride(0), 1),
         vector_view<I>(&got, 1));
    throw value_error("one_hot: classes must be in [0, " + std::to_string(targets.cols()) + "), got " +
                      std::to_string(got) + " in row " + std::to_string(bad));
  }
  for_each_cell(ctx, targets.rows(), targets.cols(), detail::write_one_hot<I, Y, B>{classes, targets});
}

/// The same on the host: returns (N, labels), row-major.
template <std::integral I>
std::vector<std::uint8_t> one_hot(std::vector<I> const& classes, std::size_t labels) {
  auto ctx = context<cpu>::for_one_call();
  std::vector<std::uint8_t> targets(classes.size() * labels);
  one_hot(ctx, vector_view<I const>(classes.data(), classes.size()),
          matrix_view<std::uint8_t>(targets.data(), classes.size(), labels));
  return targets;
}

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::one_hot;
}  // namespace softf1::inline SOFTF1_ABI
