#include <softf1/layers/table.hpp>

#include <string>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace table_tests {

using namespace softf1::layers;

std::string error_of(table const& blocks) {
  return softf1_test::error_text<softf1::value_error>([&] { resolve(blocks); });
}

}  // namespace table_tests

TEST_CASE("links of a table become places", "[layers][table]") {
  using namespace table_tests;
  auto const nodes = resolve({{dense({.out = 4}), "stem"},
                              relu{},
                              {dense({.out = 4}), "side", {.input = "stem"}},
                              {relu6{}, "last", {.input = "1", .add = "side"}}});
  REQUIRE(nodes.size() == 4);
  CHECK(nodes[0].name == "stem");
  CHECK(nodes[1].name == "1");
  CHECK(nodes[0].input == node::none);
  CHECK(nodes[1].input == 0);
  CHECK(nodes[2].input == 0);
  CHECK(nodes[2].add == node::none);
  CHECK(nodes[3].input == 1);
  CHECK(nodes[3].add == 2);
  CHECK(name_of(nodes[3].layer) == "relu6");
}

TEST_CASE("tables that do not fit together are refused", "[layers][table][errors]") {
  using namespace table_tests;
  CHECK(error_of({}) == "network: expected at least one block, got an empty table");
  CHECK(error_of({{relu{}, "a"}, {relu{}, "a"}}) == "network: two blocks are named 'a'");
  CHECK(error_of({{relu{}, "1"}, relu{}}) == "network: two blocks are named '1'");
  CHECK(error_of({{relu{}, "a", {.input = "b"}}, {relu{}, "b"}}) ==
        "network: block 'a' names 'b', which is no block before it");
  CHECK(error_of({{relu{}, "a", {.add = "a"}}}) == "network: block 'a' names 'a', which is no block before it");
}
