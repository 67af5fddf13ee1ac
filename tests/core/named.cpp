#include <softf1/core/named.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace named_tests {

using softf1::named_spec;
using softf1::parse_specs;
using softf1_test::error_text;

struct plain {
  static constexpr std::string_view name = "plain";
  static constexpr auto option_names = softf1::no_options;
};

struct tuned {
  static constexpr std::string_view name = "tuned";
  static constexpr std::array<std::string_view, 2> option_names{"width", "depth"};
  double numbers[2] = {1, 2};
  double& option(std::size_t k) { return numbers[k]; }
};

using things = softf1::type_list<plain, tuned>;

// The name of the thing that `text` asks for, and its options.
std::string chosen(std::string_view text) {
  std::string result;
  softf1::with_named<things>(parse_specs(text)[0], "thing", [&]<class T>(T const& thing) {
    result = T::name;
    if constexpr (std::is_same_v<T, tuned>)
      result += " " + softf1::number_text(thing.numbers[0]) + " " + softf1::number_text(thing.numbers[1]);
  });
  return result;
}

}  // namespace named_tests

TEST_CASE("specs are names with parameters, joined by +", "[core][named]") {
  using namespace named_tests;
  auto const specs = parse_specs("bce:weight=0.3,beta=2+soft_f1:weight=0.7+mcc");
  REQUIRE(specs.size() == 3);
  CHECK(specs[0].name == "bce");
  REQUIRE(specs[0].parameters.size() == 2);
  CHECK(specs[0].parameters[0].key == "weight");
  CHECK(specs[0].parameters[0].value == "0.3");
  CHECK(specs[0].parameters[1].key == "beta");
  CHECK(specs[0].parameters[1].value == "2");
  CHECK(specs[1].name == "soft_f1");
  CHECK(specs[2].name == "mcc");
  CHECK(specs[2].parameters.empty());
}

TEST_CASE("specs that cannot be read are quoted, with the reason", "[core][named]") {
  using namespace named_tests;
  auto const fault = [](std::string const& text) {
    auto const whole = error_text<softf1::value_error>([&] { parse_specs(text); });
    std::string const start = "cannot read '" + text + "': ", end = "; expected name[:key=value[,key=value]]";
    if (whole.rfind(start, 0) != 0 || whole.size() < start.size() + end.size()) return whole;
    CHECK(whole.substr(whole.size() - end.size()) == end);
    return whole.substr(start.size(), whole.size() - start.size() - end.size());
  };
  for (std::string const text : {"", "+", "a+", "+a", "a++b", ":x=1", "a+:x=1"}) {
    INFO(text);
    CHECK(fault(text) == "a name is missing");
  }
  CHECK(fault("a:") == "a parameter is missing");
  CHECK(fault("a:x=1,") == "a parameter is missing");
  CHECK(fault("a:x") == "'x' has no '='");
  CHECK(fault("a:x=1,x=2") == "'x' is given twice");
}

TEST_CASE("one item of a text is one, of what was asked for", "[core][named]") {
  CHECK(softf1::parse_spec("fixed:at=0.4").parameters[0].value == "0.4");
  CHECK_THROWS_WITH(softf1::parse_spec("adam+sgd", "optimizer"), "expected one optimizer, got 'adam+sgd'");
}

TEST_CASE("things are chosen by name and get their options", "[core][named]") {
  using namespace named_tests;
  CHECK(chosen("plain") == "plain");
  CHECK(chosen("tuned") == "tuned 1 2");
  CHECK(chosen("tuned:depth=-0.5") == "tuned 1 -0.5");
  CHECK(chosen("tuned:depth=3,width=1e3") == "tuned 1000 3");
  CHECK(error_text<softf1::value_error>([] { chosen("other"); }) ==
        "no thing is named 'other', there are plain, tuned");
  CHECK(error_text<softf1::value_error>([] { chosen("plain:x=1"); }) == "plain has no option 'x', it takes none");
  CHECK(error_text<softf1::value_error>([] { chosen("tuned:x=1"); }) == "tuned has no option 'x', it has width, depth");
  for (std::string const value : {"", "one", "1x", " 1", "0x"}) {
    INFO(value);
    CHECK(error_text<softf1::value_error>([&] { chosen("tuned:width=" + value); }) ==
          "tuned: width must be a number, got '" + value + "'");
  }
}

TEST_CASE("type lists are visited in order", "[core][named]") {
  using namespace named_tests;
  std::string names;
  things::for_each([&]<class T>() { names += T::name; });
  CHECK(names == "plaintuned");
  CHECK(things::size == 2);
}
