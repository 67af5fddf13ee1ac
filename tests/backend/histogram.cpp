#include <softf1/backend/histogram.hpp>

#include <cstdint>
#include <vector>

#include <softf1/core/random.hpp>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

#if defined(SOFTF1_DEVICE_CODE)
#include <thrust/device_vector.h>
#include <thrust/iterator/constant_iterator.h>
#include <thrust/reduce.h>
#include <thrust/sort.h>
#endif

namespace histogram_tests {

using namespace softf1_test;

// Bins 0 to bins + 1: the last two do not exist.
struct random_bin {
  std::uint64_t bins;
  SOFTF1_HD std::size_t operator()(std::size_t i) const {
    return static_cast<std::size_t>(softf1::random_stream(5).below(i, bins + 2));
  }
};

std::vector<std::uint64_t> counted(std::size_t n, std::size_t bins) {
  std::vector<std::uint64_t> counts(bins + 2);
  for (std::size_t i = 0; i < n; ++i) ++counts[random_bin{bins}(i)];
  counts.resize(bins);
  return counts;
}

#if defined(SOFTF1_DEVICE_CODE)
/// The same by Thrust: sorted, and counted by key.
inline std::vector<std::uint64_t> counted_by_sorting(std::size_t n, std::size_t bins) {
  std::vector<std::uint64_t> host;
  for (std::size_t i = 0; i < n; ++i) host.push_back(random_bin{bins}(i));
  thrust::device_vector<std::uint64_t> items(host.begin(), host.end()), keys(n), counts(n);
  thrust::sort(items.begin(), items.end());
  auto const end = thrust::reduce_by_key(items.begin(), items.end(), thrust::constant_iterator<std::uint64_t>(1),
                                         keys.begin(), counts.begin());
  std::vector<std::uint64_t> result(bins);
  for (std::size_t k = 0; k < static_cast<std::size_t>(end.first - keys.begin()); ++k)
    if (keys[k] < bins) result[static_cast<std::size_t>(keys[k])] = counts[k];
  return result;
}
#endif

}  // namespace histogram_tests

TEMPLATE_TEST_CASE("a histogram counts every item once and adds to what is there", "[backend][histogram]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace histogram_tests;
  softf1::context<TestType> ctx;
  for (std::size_t n : sizes{0, 1, 1000, 40'000})
    for (std::size_t bins : sizes{1, 2, 300}) {
      INFO(n << " items, " << bins << " bins");
      auto expected = counted(n, bins);
      auto counts = upload(ctx, std::vector<std::uint64_t>(bins, 7));
      softf1::histogram(ctx, n, random_bin{bins}, counts.view());
      for (auto& c : expected) c += 7;
      CHECK((download(ctx, counts) == expected));
    }
}

TEMPLATE_TEST_CASE("a histogram refuses counts with gaps", "[backend][histogram]", SOFTF1_TEST_BACKENDS) {
  using namespace histogram_tests;
  softf1::context<TestType> ctx;
  softf1::buffer<std::uint64_t, TestType> memory(ctx, 8);
  softf1::vector_view<std::uint64_t, TestType> const gaps(memory.data(), {4}, {2});
  CHECK(error_text<softf1::shape_error>([&] { softf1::histogram(ctx, 3, random_bin{4}, gaps); }) ==
        "histogram: counts must be dense, got one with gaps");
}

#if defined(SOFTF1_DEVICE_CODE)
DEVICE_TEST_CASE("a histogram of the device is that of sorting and counting by key", "[backend][histogram][device]") {
  using namespace histogram_tests;
  softf1::context<softf1::cuda> ctx;
  auto counts = upload(ctx, std::vector<std::uint64_t>(50));
  softf1::histogram(ctx, 3000, random_bin{50}, counts.view());
  CHECK((download(ctx, counts) == counted_by_sorting(3000, 50)));
}
#endif
