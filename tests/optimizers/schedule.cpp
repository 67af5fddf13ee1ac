#include <softf1/optimizers/schedule.hpp>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace schedule_tests {

using softf1::optimizers::schedule_place;

struct row {
  std::string_view text;
  schedule_place at;
  double factor;
};

// Worked out by hand from the formulas of Keras and torch.
std::vector<double> const worse{1, 2, 1, 1, 1, 3, 2, 2};
std::vector<row> const table{
    {"constant", {7, 10}, 1},
    {"staircase", {999, 5000}, 1},
    {"staircase", {1000, 5000}, 0.9},
    {"staircase:decay=0.5,steps=10", {39, 100}, 0.125},
    {"exponential:decay=0.25,steps=10", {5, 100}, 0.5},
    {"linear:floor=0.2", {25, 100}, 0.8},
    {"linear", {100, 100}, 0},
    {"cosine", {0, 100}, 1},
    {"cosine", {50, 100}, 0.5},
    {"cosine:floor=0.5", {100, 100}, 0.5},
    {"cosine", {25, 100}, 0.5 * (1 + std::sqrt(0.5))},
    {"warmup:steps=10", {0, 100}, 0.1},
    {"warmup:steps=10,start=0.5", {4, 100}, 0.75},
    {"warmup:steps=10", {10, 100}, 1},
    {"warmup:steps=10+staircase:decay=0.5,steps=2", {4, 100}, 0.125},
    {"one_cycle:warm=0.5,start=0.2,end=0", {0, 100}, 0.2},
    {"one_cycle:warm=0.5,start=0.2,end=0", {25, 100}, 0.6},
    {"one_cycle:warm=0.5,start=0.2,end=0", {50, 100}, 1},
    {"one_cycle:warm=0.5,start=0.2,end=0", {75, 100}, 0.5},
    {"plateau:decay=0.5,patience=1", {0, 1, std::span(worse).first(1)}, 1},
    {"plateau:decay=0.5,patience=1", {0, 1, std::span(worse).first(3)}, 1},
    {"plateau:decay=0.5,patience=1", {0, 1, std::span(worse).first(4)}, 0.5},
    {"plateau:decay=0.5,patience=1", {0, 1, std::span(worse).first(7)}, 0.5},
    {"plateau:decay=0.5,patience=1", {0, 1, worse}, 0.25},
    {"plateau:decay=0.5,patience=0", {0, 1, std::span(worse).first(5)}, 0.125},
};

}  // namespace schedule_tests

TEST_CASE("schedules have the factors of their formulas", "[optimizers]") {
  for (auto const& [text, at, factor] : schedule_tests::table) {
    INFO(text << " at step " << at.step);
    CHECK(softf1::schedule_named(text).factor(at) == Approx(factor).epsilon(1e-14).margin(1e-15));
  }
}

TEST_CASE("every schedule stays in [0, 1] and is in the table", "[optimizers]") {
  softf1::optimizers::schedules::for_each([]<class S>() {
    bool found = false;
    for (auto const& r : schedule_tests::table) found = found || r.text.find(S::name) != std::string_view::npos;
    INFO(S::name);
    CHECK(found);
    for (std::uint64_t step = 0; step <= 100; ++step) {
      double const f = S{}.factor({step, 100});
      CHECK((f >= 0 && f <= 1));
    }
  });
}

TEST_CASE("a schedule that is none is refused in a sentence", "[optimizers]") {
  using softf1_test::error_text;
  CHECK(error_text<softf1::value_error>([] { softf1::schedule_named("cosin"); }) ==
        "no schedule is named 'cosin', there are warmup, staircase, exponential, linear, cosine, one_cycle, plateau");
  CHECK(error_text<softf1::value_error>([] { softf1::schedule_named("staircase:decay=2"); }) ==
        "staircase: decay must be in [0, 1], got 2");
  CHECK(error_text<softf1::value_error>([] { softf1::schedule_named("warmup:steps=0"); }) ==
        "warmup: steps must be finite and > 0, got 0");
  CHECK(error_text<softf1::value_error>([] { softf1::schedule_named("one_cycle:warm=1"); }) ==
        "one_cycle: warm must be in (0, 1), got 1");
}
