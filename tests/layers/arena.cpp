#include <softf1/layers/detail/arena.hpp>

#include <algorithm>
#include <vector>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"

TEST_CASE("arrays that live at once do not overlap", "[layers][arena]") {
  using softf1::layers::detail::arena_planner;
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    INFO("seed " << seed);
    softf1::random_stream const random(seed);
    std::size_t const n = 2 + random.below(0, 20);
    arena_planner planner;
    struct array {
      std::size_t size, first, last;
    };
    std::vector<array> arrays;
    for (std::size_t k = 0; k < n; ++k) {
      auto const use = [&](std::uint64_t index) {
        std::size_t const used = k == 0 ? none : random.below(index, k + 1);
        if (used < k) arrays[used].last = k;
        return used == k ? none : used;
      };
      std::size_t const size = random.below(10 * k + 10, 5) == 0 ? 0 : random.below(10 * k + 11, 300);
      std::size_t const a = use(10 * k + 12), b = use(10 * k + 13);
      planner.add(size, {a, b});
      arrays.push_back({size, k, k});
    }
    auto const places = planner.place();
    REQUIRE(places.offsets.size() == n);
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(places.offsets[i] % 16 == 0);
      CHECK(places.offsets[i] + arrays[i].size <= places.size);
      for (std::size_t j = 0; j < i; ++j) {
        // Array j is still read when array i is made, or later.
        if (arrays[j].last < arrays[i].first) continue;
        bool const apart = places.offsets[i] + arrays[i].size <= places.offsets[j] ||
                           places.offsets[j] + arrays[j].size <= places.offsets[i];
        CHECK(apart);
      }
    }
  }
}

TEST_CASE("a chain of arrays takes the memory of two", "[layers][arena]") {
  softf1::layers::detail::arena_planner planner;
  for (std::size_t k = 0; k < 10; ++k) planner.add(160, {k - 1});
  CHECK(planner.place().size == 320);
}

TEST_CASE("an array that is read late keeps its place", "[layers][arena]") {
  softf1::layers::detail::arena_planner planner;
  planner.add(16, {});
  for (std::size_t k = 1; k < 6; ++k) planner.add(16, {k - 1});
  planner.add(16, {5, 0});
  CHECK(planner.place().size == 48);
}
