// How many rows each part has, and rows in a random order.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/random.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

using part_shares = std::array<double, 3>;
using part_counts = std::array<std::size_t, 3>;

/// rows · share, rounded by largest remainders; the sum is `rows`. Throws value_error unless shares are ≥ 0 and sum to
/// 1.
inline part_counts part_sizes(std::size_t rows, part_shares const& shares, std::string_view who) {
  double sum = 0;
  bool legal = true;
  for (double const share : shares) {
    legal = legal && share >= 0;
    sum += share;
  }
  if (!legal || !(std::fabs(sum - 1) <= 1e-9))
    throw value_error(std::string(who) + ": the shares of training, validation and test must be 0 or more and sum to " +
                      "1, got " + number_text(shares[0]) + ", " + number_text(shares[1]) + ", " +
                      number_text(shares[2]));
  part_counts sizes{};
  part_shares remainders{};
  std::size_t left = rows;
  for (std::size_t p = 0; p < shares.size(); ++p) {
    double const exact = static_cast<double>(rows) * (shares[p] / sum);
    // 0.7 · 10 may come out just below 7: a whole number up to rounding is one.
    double const whole = std::floor(exact + 1e-9 * (1 + exact));
    sizes[p] = std::min(left, static_cast<std::size_t>(whole));
    remainders[p] = shares[p] > 0 ? exact - whole : -1;
    left -= sizes[p];
  }
  for (; left > 0; --left) {
    auto const largest = std::max_element(remainders.begin(), remainders.end()) - remainders.begin();
    ++sizes[static_cast<std::size_t>(largest)];
    --remainders[static_cast<std::size_t>(largest)];
  }
  return sizes;
}

/// 0 … n − 1 in the order of random keys.
inline std::vector<std::size_t> random_order(std::size_t n, random_stream const& random) {
  std::vector<std::pair<std::uint64_t, std::size_t>> keys(n);
  for (std::size_t i = 0; i < n; ++i) keys[i] = {random.bits64(i), i};
  std::sort(keys.begin(), keys.end());
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = keys[i].second;
  return order;
}

}  // namespace softf1::inline SOFTF1_ABI::data::detail
