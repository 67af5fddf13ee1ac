// Targets that say themselves that they are missing.
#pragma once

#include <cstdint>
#include <type_traits>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {

template <class Y, class B>
struct write_present {
  matrix_view<const Y, B> targets;
  matrix_view<const std::uint8_t, B> mask;
  double missing;
  matrix_view<std::uint8_t, B> out;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    double const target = static_cast<double>(targets(i, j));
    bool const is_missing = target == missing || (target != target && missing != missing);
    out(i, j) = !is_missing && (!mask.data() || mask(i, j) != 0) ? 1 : 0;
  }
};

}  // namespace detail

/// The mask (N, L) of targets that have a value for "missing", such as −1 or NaN: 0 there, and where `mask` is 0; what
/// every function takes as its mask. Lists of PASCAL VOC write absent labels as −1: that is no missing one.
/// Throws shape_error for a mask of another shape. Cost: one pass, a byte a cell.
template <class B, class Y>
buffer<std::uint8_t, B> mask_of_missing(context<B>& ctx, Y const& targets, double missing,
                                        std::type_identity_t<mask_view<B>> const& mask = {}) {
  auto const t = const_view<2>(targets, "mask_of_missing", "targets");
  if (mask.given()) require_shape("mask_of_missing", "mask", {t.rows(), t.cols()}, mask.view().shape());
  buffer<std::uint8_t, B> present(ctx, t.size());
  auto const out = present.matrix(t.rows(), t.cols());
  for_each_cell(ctx, t.rows(), t.cols(), detail::write_present<value_of<Y>, B>{t, mask.view(), missing, out});
  return present;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::mask_of_missing;
}
