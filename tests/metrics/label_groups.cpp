#include <softf1/metrics/label_groups.hpp>

#include <vector>

#include <softf1/metrics/average.hpp>
#include <softf1/scores/f1.hpp>

#include "support/catch.hpp"

TEST_CASE("labels fall into head, medium and tail by their positives", "[metrics]") {
  std::vector<softf1::confusion<double>> const labels{{90, 0, 10, 0}, {10, 0, 9, 0}, {20, 5, 0, 0}, {0, 0, 0, 5}};
  auto const groups = softf1::groups_by_support(labels);
  REQUIRE(groups.size() == 3);
  CHECK((groups[0].name == "head" && groups[0].labels == std::vector<std::size_t>{0}));
  CHECK((groups[1].name == "medium" && groups[1].labels == std::vector<std::size_t>{2}));
  CHECK((groups[2].name == "tail" && groups[2].labels == std::vector<std::size_t>{1, 3}));
  auto const tail = softf1::of_group(groups[2], labels);
  REQUIRE(tail.size() == 2);
  CHECK(softf1::metrics::average(softf1::f1{}, tail, softf1::averaging::macro) == Approx(20.0 / 29 / 2));
  CHECK(softf1::groups_by_support(labels, {.medium = 10, .head = 20})[0].labels == std::vector<std::size_t>{0, 2});
  CHECK_THROWS_AS(softf1::groups_by_support(labels, {.medium = 3, .head = 2}), softf1::value_error);
  CHECK_THROWS_AS(softf1::of_group({"own", {4}}, labels), softf1::value_error);
}
