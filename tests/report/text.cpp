#include <softf1/report/detail/text.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <softf1/report/detail/axis.hpp>

#include "support/catch.hpp"

TEST_CASE("texts are escaped and made UTF-8", "[report][text]") {
  using softf1::report::detail::escaped;
  std::string const unknown = "\xEF\xBF\xBD";
  struct example {
    std::string text, expected;
  };
  std::vector<example> const examples{
      {"", ""},
      {"a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"},
      {"tab\tline\n", "tab\tline\n"},
      {"ä€𝄞", "ä€𝄞"},
      {std::string("\0", 1), unknown},
      {"\x1F\x7F", unknown + unknown},
      {"a\x80z", "a" + unknown + "z"},
      {"\xC3", unknown},
      {"\xC3(", unknown + "("},
      {"\xC0\xBC", unknown + unknown},                              // "<" in two bytes
      {"\xE0\x80\xBC", unknown + unknown + unknown},                // in three
      {"\xED\xA0\x80", unknown + unknown + unknown},                // a surrogate
      {"\xF4\x90\x80\x80", unknown + unknown + unknown + unknown},  // beyond Unicode
      {"\xC2\x85", unknown + unknown},                              // a control character
      {"\xEF\xBF\xBF", unknown + unknown + unknown},                // no character
  };
  for (auto const& e : examples) CHECK(escaped(e.text) == e.expected);
}

TEST_CASE("numbers are short and grouped", "[report][text]") {
  using namespace softf1::report::detail;
  CHECK(coordinate(1.5) == "1.5");
  CHECK(coordinate(-0.001) == "0");
  CHECK(coordinate(100) == "100");
  CHECK(coordinate(1.239) == "1.24");
  CHECK(with_decimals(-0.04, 1) == "0.0");
  CHECK(with_decimals(-0.06, 1) == "-0.1");
  CHECK(value_text(0.123456) == "0.1235");
  CHECK(value_text(std::nan("")) == "–");
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(count_of(1, "image") == "1 image");
  CHECK(count_of(0, "image") == "0 images");
}

TEST_CASE("base64 is that of RFC 4648", "[report][text]") {
  using softf1::report::detail::base64;
  auto const of = [](std::string const& text) { return base64(std::as_bytes(std::span(text))); };
  CHECK(of("") == "");
  CHECK(of("f") == "Zg==");
  CHECK(of("fo") == "Zm8=");
  CHECK(of("foo") == "Zm9v");
  CHECK(of("foobar") == "Zm9vYmFy");
  CHECK(of("\xFF\xFE\xFD") == "//79");
}

TEST_CASE("axes have round ticks around their range", "[report][axis]") {
  using softf1::report::detail::value_axis;
  struct example {
    double low, high;
    std::vector<std::string> labels;
  };
  std::vector<example> const examples{
      {0, 1, {"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
      {0.21, 0.79, {"0.2", "0.4", "0.6", "0.8"}},
      {0.501, 0.512, {"0.500", "0.505", "0.510", "0.515"}},
      {-3, 12, {"-5", "0", "5", "10", "15"}},
      {0, 1200, {"0", "500", "1000", "1500"}},
      {2, 2, {"1.8", "1.9", "2.0", "2.1", "2.2"}},
      {0, 0, {"-1.0", "-0.5", "0.0", "0.5", "1.0"}},
      {0, 3e-7, {"0", "1e-07", "2e-07", "3e-07"}},
  };
  for (auto const& e : examples) {
    auto const axis = value_axis(e.low, e.high, 5);
    std::vector<std::string> labels;
    for (double tick : axis.ticks) labels.push_back(axis.label(tick));
    CHECK(labels == e.labels);
    CHECK(axis.low <= e.low);
    CHECK(axis.high >= e.high);
    CHECK(axis.share(axis.low) == 0);
    CHECK(axis.share(axis.high) == 1);
  }
}

TEST_CASE("epochs are counted in whole steps", "[report][axis]") {
  using softf1::report::detail::counting_axis;
  CHECK(counting_axis(5, 8).ticks == std::vector<double>{1, 2, 3, 4, 5});
  CHECK(counting_axis(24, 8).ticks == std::vector<double>{1, 5, 10, 15, 20});
  CHECK(counting_axis(100, 8).ticks == std::vector<double>{1, 20, 40, 60, 80, 100});
  CHECK(counting_axis(1, 8).ticks == std::vector<double>{1});
  CHECK(counting_axis(0, 8).ticks.empty());
  CHECK(counting_axis(7, 8).share(7) == 1);
  CHECK(counting_axis(7, 8).share(1) == 0);
}
