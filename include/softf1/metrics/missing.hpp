// Targets that say themselves that they are missing.
#pragma once

#include <cstdint>
#include <type_traits>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {

/// Whether a target is `missing` as its own type writes it: a float of 0.1 is not the double of that name.
template <class Y>
SOFTF1_HD bool is_missing(Y target, double missing) {
  if constexpr (score_type<Y>) {
    using number = compute_type<Y>;
    number const at = static_cast<number>(target), wanted = static_cast<number>(Y(static_cast<number>(missing)));
    return at == wanted || (at != at && wanted != wanted);
  } else {
    return static_cast<double>(target) == missing;
  }
}

template <class Y, class B>
struct write_present {
  matrix_view<const Y, B> targets;
  matrix_view<const std::uint8_t, B> mask;
  double missing;
  matrix_view<std::uint8_t, B> out;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    out(i, j) = !is_missing(targets(i, j), missing) && (!mask.data() || mask(i, j) != 0) ? 1 : 0;
  }
};

}  // namespace detail

/// The mask (N, L) of targets, in any numeric type, that have a value for "missing", such as −1 or NaN: 0 there, and
/// where `mask` is 0; what every function takes as its mask. Without it, such targets are refused. Lists of
/// PASCAL VOC write absent labels as −1: that is no missing one.
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

/// The same with a context of its own.
template <class Y>
buffer<std::uint8_t, backend_of<Y>> mask_of_missing(Y const& targets, double missing,
                                                    mask_view<backend_of<Y>> const& mask = {}) {
  auto ctx = context<backend_of<Y>>::for_one_call();
  return mask_of_missing(ctx, targets, missing, mask);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::mask_of_missing;
}
