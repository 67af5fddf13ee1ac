// What forward plans give, beside what was expected.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <softf1/layers/forward_plan.hpp>

namespace plans {

template <class T>
std::vector<T> planned(softf1::context<softf1::cpu>& ctx, softf1::layers::forward_plan<T> const& plan,
                       std::vector<T> const& x, std::size_t n) {
  auto const in = plan.input_shape();
  std::vector<T> y(n * plan.output_shape().size());
  plan.run(ctx, {x.data(), {n, in.height, in.width, in.channels}}, {y.data(), n, plan.output_shape().size()});
  return y;
}

template <class T>
double largest_difference(std::vector<T> const& got, std::vector<double> const& expected) {
  if (got.size() != expected.size()) return HUGE_VAL;
  double most = 0;
  for (std::size_t k = 0; k < got.size(); ++k) {
    double const off = std::fabs(static_cast<double>(got[k]) - expected[k]);
    most = std::isnan(off) ? HUGE_VAL : std::max(most, off);
  }
  return most;
}

}  // namespace plans
