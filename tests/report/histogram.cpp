#include <softf1/report/histogram.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace histogram_tests {

using softf1::vector_view;
using counts = std::vector<std::size_t>;

template <class T>
vector_view<T const> view(std::vector<T> const& x) {
  return {x.data(), x.size()};
}

}  // namespace histogram_tests

TEST_CASE("probabilities are counted in bins, apart for negatives and positives", "[report][histogram]") {
  using namespace histogram_tests;
  std::vector<float> const p{0, 0.25f, 0.2f, 0.5f, 0.99f, 1, 1};
  std::vector<std::uint8_t> const y{0, 0, 1, 1, 0, 1, 1};
  auto const h = softf1::probability_histogram("cat", view(p), view(y), 0.3, 4);
  CHECK(h.label == "cat");
  CHECK(h.threshold == 0.3);
  CHECK(h.negatives == counts{1, 1, 0, 1});
  CHECK(h.positives == counts{1, 0, 1, 2});
  auto const usual = softf1::probability_histogram("", view(p), view(y));
  CHECK(usual.positives.size() == 20);
  CHECK(usual.negatives.size() == 20);
  CHECK(std::isnan(usual.threshold));
  std::vector<std::uint8_t> const mask{1, 0, 0, 1, 1, 1, 0};
  auto const masked = softf1::probability_histogram("", view(p), view(y), 0.3, 2, view(mask));
  CHECK(masked.negatives == counts{1, 1});
  CHECK(masked.positives == counts{0, 2});
}

TEST_CASE("a column of a matrix is counted as it lies", "[report][histogram]") {
  using namespace histogram_tests;
  std::vector<double> const p{0.1, 0.9, 0.2, 0.8}, y{0, 1, 0, 1};
  vector_view<double const> const column(p.data() + 1, {2}, {2}), truth(y.data() + 1, {2}, {2});
  auto const h = softf1::probability_histogram("", column, truth, 0.5, 2);
  CHECK(h.positives == counts{0, 2});
  CHECK(h.negatives == counts{0, 0});
}

TEST_CASE("a histogram refuses what is no probability or target", "[report][histogram]") {
  using namespace histogram_tests;
  auto const text = [](std::vector<double> const& p, std::vector<double> const& y, std::size_t bins = 4) {
    return softf1_test::error_text<softf1::error>(
        [&] { softf1::probability_histogram("", view(p), view(y), 0, bins); });
  };
  CHECK(text({0.5, 1}, {0, 1}) == "nothing was thrown");
  CHECK(text({}, {}) == "nothing was thrown");
  CHECK(text({0.5, 1.5}, {0, 1}) == "probability_histogram: probabilities must be in [0, 1], got 1.5 at row 1");
  CHECK(text({std::nan("")}, {0}) == "probability_histogram: probabilities must be in [0, 1], got nan at row 0");
  CHECK(text({0.5}, {0.5}) == "probability_histogram: targets must be 0 or 1, got 0.5 at row 0");
  CHECK(text({0.5}, {0, 1}) == "probability_histogram: targets must have shape (1,), got (2,)");
  CHECK(text({0.5}, {0}, 0) == "probability_histogram: bins must be > 0, got 0");
}
