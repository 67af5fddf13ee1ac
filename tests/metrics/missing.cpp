#include <softf1/metrics/missing.hpp>

#include <cstdint>
#include <limits>
#include <vector>

#include <softf1/metrics/classification.hpp>
#include <softf1/scores/f1.hpp>

#include "support/backends.hpp"
#include "support/catch.hpp"

TEST_CASE("targets that say that they are missing are left out", "[metrics]") {
  softf1::context<softf1::cpu> ctx;
  double const nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> const scores{1, 1, -1, 1, -1, 1}, truth{1, nan, -1, 0, 1, nan};
  auto const targets = softf1::as_matrix(truth, 3, 2);
  std::vector<std::uint8_t> const given{1, 1, 1, 0, 1, 1};
  struct row {
    double missing;
    bool masked;
    std::vector<std::uint8_t> expected;
  };
  for (row const& r : std::vector<row>{{nan, false, {1, 0, 1, 1, 1, 0}},
                                       {-1, false, {1, 1, 0, 1, 1, 1}},
                                       {7, false, {1, 1, 1, 1, 1, 1}},
                                       {nan, true, {1, 0, 1, 0, 1, 0}}}) {
    auto const mask = r.masked ? softf1::mask_view<>(softf1::as_matrix(given, 3, 2)) : softf1::mask_view<>();
    auto const found = softf1::mask_of_missing(ctx, targets, r.missing, mask);
    CHECK(std::vector<std::uint8_t>(found.data(), found.data() + 6) == r.expected);
  }
  auto const known = softf1::mask_of_missing(ctx, targets, nan, {});
  std::vector<double> const zeros{1, 0, 0, 0, 1, 0};
  auto const mask = softf1::as_matrix(known.data(), 3, 2);
  CHECK(softf1::micro(softf1::f1{}, softf1::as_matrix(scores, 3, 2), softf1::as_matrix(zeros, 3, 2), {.mask = mask}) ==
        Approx(0.5));
  // In the type of the targets, whatever it is.
  std::vector<float> const floats{0.1f, 1, 0};
  std::vector<int> const whole{-1, 1, 0};
  auto const of = [](auto const& found) { return std::vector<std::uint8_t>(found.data(), found.data() + 3); };
  CHECK(of(softf1::mask_of_missing(softf1::as_matrix(floats, 3, 1), 0.1)) == std::vector<std::uint8_t>{0, 1, 1});
  CHECK(of(softf1::mask_of_missing(softf1::as_matrix(floats, 3, 1), nan)) == std::vector<std::uint8_t>{1, 1, 1});
  CHECK(of(softf1::mask_of_missing(softf1::as_matrix(whole, 3, 1), -1)) == std::vector<std::uint8_t>{0, 1, 1});
  CHECK(of(softf1::mask_of_missing(softf1::as_matrix(whole, 3, 1), 0.5)) == std::vector<std::uint8_t>{1, 1, 1});
  std::vector<std::uint8_t> const small{1, 1};
  CHECK_THROWS_AS(softf1::mask_of_missing(ctx, targets, nan, softf1::as_matrix(small, 1, 2)), softf1::shape_error);
}
