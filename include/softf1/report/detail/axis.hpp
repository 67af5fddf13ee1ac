// Axes with round numbers.
#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <softf1/report/detail/text.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

/// A range and where its ticks stand, all multiples of a step of 1, 2 or 5 times a power of ten.
struct axis {
  double low, high, step;
  std::vector<double> ticks;

  /// 0 at low, 1 at high.
  double share(double x) const { return (x - low) / (high - low); }

  std::string label(double tick) const {
    double const largest = std::fmax(std::abs(low), std::abs(high));
    if (step >= 1e-5 && largest < 1e7) {
      int const decimals = static_cast<int>(-std::floor(std::log10(step) + 1e-9));
      return with_decimals(tick, decimals > 0 ? decimals : 0);
    }
    char buffer[64];
    auto const end = std::to_chars(buffer, buffer + sizeof buffer, tick, std::chars_format::general, 6).ptr;
    return {buffer, end};
  }
};

/// The smallest of 1, 2, 5, 10, … times a power of ten that is at least x > 0.
inline double round_step(double x) {
  double const power = std::pow(10.0, std::floor(std::log10(x)));
  for (double factor : {1.0, 2.0, 5.0})
    if (factor * power >= x * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/// An axis that holds [low, high] and begins and ends at a tick; about `count` steps.
inline axis value_axis(double low, double high, double count) {
  double const least = std::fmax(1e-9 * std::fmax(std::abs(low), std::abs(high)), 1e-290);
  if (!(high - low > least)) {
    double const room = low == 0 ? 1 : std::abs(low) * 0.1;
    low -= room, high += room;
  }
  // A half each, as the difference may be beyond the largest number.
  double const step = round_step(2 * (high / 2 / count - low / 2 / count));
  double const first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
  axis a{first * step, last * step, step, {}};
  for (double k = first; k <= last; ++k) a.ticks.push_back(k * step);
  return a;
}

/// An axis of the whole numbers from 1 to `last`, with at most about `count` ticks.
inline axis counting_axis(std::size_t last, double count) {
  double const high = static_cast<double>(last < 2 ? 2 : last);
  double const step = std::fmax(1, round_step(high / count));
  axis a{1, high, step, {}};
  if (last < 2) a.low = 0;
  if (step > 2) a.ticks.push_back(1);
  for (double tick = step; tick <= static_cast<double>(last); tick += step) a.ticks.push_back(tick);
  return a;
}

}  // namespace softf1::inline SOFTF1_ABI::report::detail
