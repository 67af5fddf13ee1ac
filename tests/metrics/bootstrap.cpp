#include <softf1/metrics/bootstrap.hpp>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <softf1/scores/f1.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "metrics/row_statistics.hpp"

namespace bootstrap_tests {

using namespace softf1_test;
using softf1::metrics::bootstrap;
using softf1::metrics::sampling_options;

// How often each row was drawn: N numbers.
class times_drawn final : public softf1::metrics::row_statistic_source {
 public:
  explicit times_drawn(std::vector<std::uint8_t> counted) : counted_(std::move(counted)) {}
  std::size_t rows() const override { return counted_.size(); }
  std::size_t values() const override { return counted_.size(); }
  std::size_t scratch() const override { return 0; }
  void evaluate(double const* multiplicity, double* values, double*) const override {
    std::copy(multiplicity, multiplicity + rows() * softf1::metrics::resample_lanes, values);
  }
  std::vector<double> influence() const override { return std::vector<double>(rows() * rows()); }
  std::vector<std::uint8_t> counted() const override { return counted_; }

 private:
  std::vector<std::uint8_t> counted_;
};

inline std::vector<double> draws(std::vector<std::uint8_t> counted, sampling_options const& options, int threads = 1) {
  softf1::context<softf1::cpu> ctx({.threads = threads});
  return bootstrap(ctx, softf1::row_statistic(std::make_shared<times_drawn>(counted)), options);
}

}  // namespace bootstrap_tests

TEST_CASE("resamples are multinomial: as many rows as there are, each with mean 1 and the right variance",
          "[metrics][bootstrap]") {
  using namespace bootstrap_tests;
  std::size_t const n = 10, resamples = 20003;
  auto const times = draws(std::vector<std::uint8_t>(n, 1), {.resamples = resamples, .seed = 5});
  REQUIRE(times.size() == n * resamples);
  double product = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double mean = 0, squares = 0;
    for (std::size_t r = 0; r < resamples; ++r) {
      mean += times[r * n + i] / resamples;
      squares += times[r * n + i] * times[r * n + i] / resamples;
    }
    CHECK(mean == Approx(1).margin(0.03));
    CHECK(squares - mean * mean == Approx(0.9).margin(0.05));
  }
  for (std::size_t r = 0; r < resamples; ++r) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += times[r * n + i];
    REQUIRE(sum == n);
    product += (times[r * n] - 1) * (times[r * n + 7] - 1) / resamples;
  }
  CHECK(product == Approx(-0.1).margin(0.03));
}

TEST_CASE("groups are drawn whole, strata keep their sizes, rows that do not count are never drawn",
          "[metrics][bootstrap]") {
  using namespace bootstrap_tests;
  sampling_options options{
      .resamples = 100, .seed = 1, .groups = {4, 4, 9, 9, 9, 2, 2, 7}, .strata = {0, 0, 1, 1, 1, 1, 1, 0}};
  auto const times = draws({1, 1, 1, 0, 1, 1, 1, 1}, options);
  bool differ = false;
  for (std::size_t r = 0; r < 100; ++r) {
    double const* const t = &times[r * 8];
    CHECK(t[3] == 0);
    CHECK(t[0] == t[1]);
    CHECK(t[2] == t[4]);
    CHECK(t[5] == t[6]);
    CHECK(t[0] + t[7] == 2);
    CHECK(t[2] + t[5] == 2);
    differ = differ || t[0] != t[2];
  }
  CHECK(differ);
  // Groups of one row are rows, whatever their names; a stratum of all is none.
  std::vector<std::uint8_t> const all(8, 1);
  auto const plain = draws(all, {.resamples = 50, .seed = 3});
  CHECK(plain == draws(all, {.resamples = 50, .seed = 3, .groups = {9, 3, 5, 77, 1, 0, 2, 6}}));
  CHECK(plain == draws(all, {.resamples = 50, .seed = 3, .strata = std::vector<std::uint64_t>(8, 4)}));
  CHECK(plain != draws(all, {.resamples = 50, .seed = 4}));
  CHECK(error_text<softf1::value_error>([&] {
          draws(all, {.groups = {1, 1, 2, 3, 4, 5, 6, 7}, .strata = {0, 5, 0, 0, 0, 0, 0, 0}});
        }) == "bootstrap: a group must lie in one stratum, group 1 lies in 0 and 5");
  CHECK(error_text<softf1::shape_error>([&] { draws(all, {.groups = {1}}); }) ==
        "bootstrap: groups must have shape (8,), got (1,)");
}

TEST_CASE("resamples have the same bits for any number of threads, and fewer are the first of more",
          "[metrics][bootstrap]") {
  using namespace bootstrap_tests;
  problem const p = random_problem(3000, 3, 2, {.weighted = true});
  auto const statistic = decided(p).statistic(softf1::f1{}, softf1::averaging::macro);
  softf1::context<softf1::cpu> one({.threads = 1}), three({.threads = 3});
  auto const a = bootstrap(one, statistic, {.resamples = 101, .seed = 8});
  CHECK(a == bootstrap(three, statistic, {.resamples = 101, .seed = 8}));
  auto const fewer = bootstrap(three, statistic, {.resamples = 13, .seed = 8});
  CHECK(fewer == std::vector<double>(a.begin(), a.begin() + 13));
  CHECK(bootstrap(one, statistic, {.resamples = 0}).empty());
  // The order of labels does not matter, up to the order of sums.
  auto const turned = bootstrap(one, decided(take_cols(p, {2, 0, 1})).statistic(softf1::f1{}, softf1::averaging::macro),
                                {.resamples = 101, .seed = 8});
  for (std::size_t r = 0; r < a.size(); ++r) CHECK(turned[r] == Approx(a[r]).epsilon(1e-12));
}
