// Time between events.
#pragma once

#include <chrono>
#include <utility>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// Seconds since the last lap, the first since construction.
class stop_watch {
 public:
  double lap() {
    auto const now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
