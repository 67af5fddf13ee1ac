// Work on a device that runs out of memory.
#pragma once

#include "support/backends.hpp"

#if defined(SOFTF1_DEVICE_CODE)

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include <softf1/backend/cuda/context.hpp>

#include "support/catch.hpp"

namespace softf1_test {

/// How much an error says was asked for, and how much there was.
struct memory_shortage {
  std::size_t asked = 0, free = 0, total = 0;
};

/// Reads an error of too little memory; all 0 where it is another one.
inline memory_shortage shortage_of(std::string const& text) {
  memory_shortage found;
  std::string const format =
      std::string(softf1::device_system) + ": out of memory, asked for %zu bytes, %zu of %zu are free";
  if (std::sscanf(text.c_str(), format.c_str(), &found.asked, &found.free, &found.total) != 3) return {};
  return text.ends_with(" are free; a smaller batch needs less") ? found : memory_shortage{};
}

/// Runs work on contexts that have memory for none of its allocations, for the first of them, the first two, …: each time
/// it must throw a backend_error of what was missing, and afterwards, on the same context with enough memory, give what
/// it gives on a new one. `make(ctx)` gives the work, which returns numbers. Returns how often memory ran out.
template <class Make>
std::size_t check_scarce_memory(Make const& make) {
  using softf1::cuda;
  constexpr std::size_t limit = std::size_t{1} << 27, most = 10000;
  softf1::context<cuda> plenty;
  std::vector<double> const expected = make(plenty)();
  std::size_t left = 0, failures = 0;
  for (; failures < most; ++failures) {
    softf1::context<cuda> ctx({.memory_limit = limit});
    auto const work = make(ctx);
    ctx.trim();
    {
      softf1::buffer<char, cuda> const taken(ctx, limit - ctx.memory()->memory().used() - left);
      try {
        auto const got = work();
        CHECK(got == expected);
        return failures;
      } catch (softf1::backend_error const& error) {
        INFO(error.what());
        auto const missing = shortage_of(error.what());
        CHECK(missing.total == limit);
        CHECK(missing.free <= left);
        CHECK(missing.asked > missing.free);
        if (missing.asked <= missing.free) return most;
        left += missing.asked - missing.free;
      }
    }
    INFO("after too little memory " << failures + 1 << " times");
    CHECK(work() == expected);
  }
  return failures;
}

}  // namespace softf1_test

#endif
