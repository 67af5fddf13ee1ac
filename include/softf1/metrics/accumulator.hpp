// What every streaming metric is.
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>

#include <softf1/core/backend.hpp>
#include <softf1/core/view_traits.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {
struct visit_field {
  template <class Values>
  void operator()(std::string_view, Values&) const {}
};
}  // namespace detail

/// A value that batches of rows are added to, with others' rows, in any order, and whose whole state is a few named lists
/// of numbers that files hold. See README.md of this folder for what each function promises.
template <class A>
concept accumulator = std::copyable<A> && requires(A a, A const c, context<cpu>& ctx, matrix_view<double const> x) {
  { A::name } -> std::convertible_to<std::string_view>;
  a.add(ctx, x, x, {}, std::string_view());
  a.add(ctx, x, x);
  a.add(x, x);
  a.merge(c);
  { c.rows() } -> std::same_as<std::size_t>;
  c.check();
  A::each_field(a, detail::visit_field{});
  A::each_field(c, detail::visit_field{});
};

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::accumulator;
}
