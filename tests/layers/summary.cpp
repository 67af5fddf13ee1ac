#include <softf1/layers/summary.hpp>

#include <string>

#include "support/catch.hpp"

namespace summary_tests {

using namespace softf1::layers;

network<float> small(softf1::context<softf1::cpu>& ctx) {
  return {ctx,
          {4, 4, 3},
          {{convolution({.out = 8, .size = 3}), "stem"},
           {batch_norm{}, "norm"},
           relu6{},
           global_average_pool{},
           {dense({.out = 200}), "head"}}};
}

}  // namespace summary_tests

TEST_CASE("a summary counts the numbers of each block", "[layers][summary]") {
  using namespace summary_tests;
  softf1::context<softf1::cpu> ctx;
  auto const net = small(ctx);
  auto const s = summarise(net);
  REQUIRE(s.rows.size() == 5);
  CHECK(s.rows[0].parameters == 3 * 3 * 3 * 8);
  CHECK(s.rows[1].parameters == 4 * 8);
  CHECK(s.rows[2].parameters == 0);
  CHECK(s.rows[3].output == sample_shape{1, 1, 8});
  CHECK(s.rows[4].parameters == 9 * 200);
  CHECK(s.trained == 216 + 16 + 1800);
  CHECK(s.frozen == 16);
  CHECK(s.total() == 2048);
  CHECK(summarise(net, true).trained == 0);
  CHECK(summarise(net, true).total() == 2048);
  auto tuned = small(ctx);
  tuned.freeze([](std::string const& name) { return !name.starts_with("head.") && name != "norm.bias"; });
  CHECK(summarise(tuned).trained == 8 + 1800);
  CHECK(summarise(tuned).total() == 2048);
}

TEST_CASE("a summary reads as a table", "[layers][summary]") {
  using namespace summary_tests;
  softf1::context<softf1::cpu> ctx;
  CHECK(to_text(summarise(small(ctx))) ==
        "block  kind                 output shape    parameters\n"
        "stem   convolution          (4, 4, 8)              216\n"
        "norm   batch_norm           (4, 4, 8)               32\n"
        "2      relu6                (4, 4, 8)                0\n"
        "3      global_average_pool  (1, 1, 8)                0\n"
        "head   dense                (1, 1, 200)          1,800\n"
        "total 2,048, trainable 2,032, frozen 16\n");
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(2257984) == "2,257,984");
}
