#include <softf1/report/html.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/io/file.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace html_tests {

using namespace softf1::report;
using softf1_test::error_text;

double const gap = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();

// What is wrong with the text as XML, "" where nothing is: tags close in order, attributes are quoted, and & begins a
// reference.
std::string fault(std::string_view text) {
  std::vector<std::string> open;
  std::string_view rest = text;
  auto const near = [&] { return " near '" + std::string(rest.substr(0, 60)) + "'"; };
  if (!rest.starts_with("<!DOCTYPE html>\n")) return "no doctype";
  rest.remove_prefix(16);
  while (!rest.empty()) {
    if (rest[0] == '&') {
      auto const name = rest.substr(1, rest.find(';') - 1);
      if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "#39") return "bad & " + near();
    }
    if (rest[0] != '<') {
      rest.remove_prefix(1);
      continue;
    }
    bool const closes = rest.substr(0, 2) == "</";
    std::size_t at = closes ? 2 : 1;
    std::size_t const begin = at;
    while (at < rest.size() && (std::isalnum(static_cast<unsigned char>(rest[at])) || rest[at] == '-')) ++at;
    std::string const name(rest.substr(begin, at - begin));
    if (name.empty()) return "bad <" + near();
    bool quoted = false;
    for (; at < rest.size() && (quoted || rest[at] != '>'); ++at) {
      if (rest[at] == '"') quoted = !quoted;
      if (rest[at] == '<') return "< in a tag" + near();
    }
    if (at == rest.size()) return "a tag without an end" + near();
    if (closes) {
      if (open.empty() || open.back() != name) return "</" + name + "> closes nothing" + near();
      open.pop_back();
    } else if (rest[at - 1] != '/') {
      open.push_back(name);
    }
    rest.remove_prefix(at + 1);
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

bool has(std::string_view text, std::string_view what) { return count(text, what) > 0; }

// What lies between the two.
std::string between(std::string const& text, std::string_view begin, std::string_view end) {
  auto const from = text.find(begin);
  REQUIRE(from != text.npos);
  auto const to = text.find(end, from + begin.size());
  return text.substr(from + begin.size(), to - from - begin.size());
}

document full() {
  document d{.title = "A <title> & \"more\"", .subtitle = "mit Umlaut: ä", .facts = {{"Macro F1", "0.73"}}};
  d.tables.push_back({"Labels", {"Label", "F1"}, {{"cat", "0.5"}, {"it's", "nan"}}, "a note"});
  d.tables.push_back({"Wide", {"a", "b", "c", "d", "e"}, {{"1", "2", "x", "4", ""}}, ""});
  d.bars.push_back({"Rows", {{"cat & dog", 3}, {"none", 0}, {"bird", 12}}, {"three", "0", "12"}});
  d.curves.push_back({"Loss", "epoch", "loss", {{"train", {3, 2, 1}}, {"valid", {3, gap, 2.5}}}, 2});
  d.thresholds.labels.push_back({.label = "<cat>",
                                 .positives = 30000,
                                 .curve = {{0.25, 0.5, 0.375, 1}, {0.5, 1, 1, 1}, {infinite, 0, gap, 0}},
                                 .read = {{0, 0.5, 0.375, 1}, {1, 0, 0, 0}},
                                 .chosen = {0.5, 1, 1, 1},
                                 .low = 0.25,
                                 .high = infinite,
                                 .tuned = 1,
                                 .expected = 0.75});
  d.histograms.push_back({"cat", {5, 0}, {0, 3}, 0.25});
  d.predictions.push_back({"id<1>", {std::byte{0xFF}, std::byte{0xD8}}, {"a", "b"}, {"b", "c"}});
  return d;
}

}  // namespace html_tests

TEST_CASE("the checker of tags finds faults", "[report]") {
  using namespace html_tests;
  std::string const doctype = "<!DOCTYPE html>\n";
  CHECK(fault(doctype + "<a b=\"<\"></a>") != "");
  CHECK(fault(doctype + "<a><b></a></b>") != "");
  CHECK(fault(doctype + "<a>") != "");
  CHECK(fault(doctype + "<a>&nbsp</a>") != "");
  CHECK(fault(doctype + "<a>1 < 2</a>") != "");
  CHECK(fault(doctype + "<a b=\">\">&amp;<c/></a>") == "");
}

TEST_CASE("the report is well formed, complete, and the same each time", "[report]") {
  using namespace html_tests;
  std::string const html = to_html(full());
  CHECK(fault(html) == "");
  CHECK(html == to_html(full()));
  for (auto const* part : {"tables", "data", "curves", "thresholds", "histograms", "predictions"}) {
    CHECK(count(html, "<h2 id=\"" + std::string(part) + "\">") == 1);
    CHECK(count(html, "<a href=\"#" + std::string(part) + "\">") == 1);
  }
  CHECK(has(html, "prefers-color-scheme: dark"));
  CHECK_FALSE(has(html, "<script"));
  // The only address is a name space.
  CHECK(count(html, "http") == count(html, "http-equiv") + count(html, "http://www.w3.org/1999/xhtml"));
  CHECK(count(html, "http://") == 1);
}

TEST_CASE("each drawing has a title, a description and its values as text", "[report]") {
  using namespace html_tests;
  std::string const html = to_html(full());
  CHECK(count(html, "role=\"img\"") == 3);
  CHECK(count(html, "<desc ") == 3);
  CHECK(has(html, "At the chosen threshold, 0.5 [0.25 to never], f1 is 1, precision 1, recall 1."));
  CHECK(has(html, "<th scope=\"row\">0.5 (chosen)</th><td class=\"n\">1</td>"));
  CHECK(has(html, "aria-labelledby=\"curve1-t curve1-d\"><title id=\"curve1-t\">Loss</title>"));
  CHECK(has(html, "loss over epoch for 2 curves of 3 epochs. The best epoch is 3."));
  CHECK(has(html, "<th scope=\"row\">3 (best)</th><td class=\"n\">1</td><td class=\"n\">2.5</td>"));
  CHECK(has(html, "<th scope=\"row\">2</th><td class=\"n\">2</td><td class=\"n\">–</td>"));
  CHECK(has(html, "3 positives above the line and 5 negatives below it"));
  CHECK(has(html, "The threshold is 0.25."));
}

TEST_CASE("empty parts are left out", "[report]") {
  using namespace html_tests;
  std::string const html = to_html({.title = "nothing"});
  CHECK(fault(html) == "");
  for (auto const* tag : {"<h2", "<nav", "<dl", "<section", "<svg", "subtitle\">"}) CHECK_FALSE(has(html, tag));
  document d{.title = "one"};
  d.histograms = full().histograms;
  CHECK(count(to_html(d), "<h2") == 1);
  CHECK(count(to_html(d), "<a href") == 1);
}

TEST_CASE("all texts are escaped", "[report]") {
  using namespace html_tests;
  std::string const evil = "<b>&\"'\x01\xFF";
  document d{.title = evil, .subtitle = evil, .facts = {{evil, evil}}};
  d.tables.push_back({evil, {evil, evil}, {{evil, evil}}, evil});
  d.curves.push_back({evil, evil, evil, {{evil, {1, 2}}}, 1});
  d.histograms.push_back({evil, {1}, {1}, gap});
  d.thresholds = {evil, {{.label = evil, .curve = {}, .reason = evil}}};
  d.predictions.push_back({evil, {std::byte{1}}, {evil, "other"}, {evil, evil + "2"}});
  std::string const html = to_html(d);
  CHECK(fault(html) == "");
  CHECK_FALSE(has(html, "<b>&\""));
  CHECK_FALSE(has(html, "\x01"));
  CHECK_FALSE(has(html, "\xFF"));
  CHECK(count(html, "&lt;b&gt;&amp;&quot;&#39;\xEF\xBF\xBD\xEF\xBF\xBD") >= 20);
}

TEST_CASE("curves have gaps where values are not finite, and dots between gaps", "[report]") {
  using namespace html_tests;
  double const inf = std::numeric_limits<double>::infinity();
  document d{.title = "gaps"};
  d.curves.push_back({"p", "x", "y", {{"a", {0, 1, gap, 0.5, inf, 0, 1, 0}}}, {}});
  std::string const html = to_html(d);
  CHECK(fault(html) == "");
  std::string const data = between(html, "<path class=\"curve c1\" d=\"M62", "\"");
  CHECK(count(data, "M") == 2);  // and the one cut off
  CHECK(count(data, "L") == 3);
  CHECK(count(html, "<circle class=\"dot c1\"") == 1);
  CHECK_FALSE(has(html, "nan"));
  CHECK_FALSE(has(html, "\"inf"));
}

TEST_CASE("lines go up where values do", "[report]") {
  using namespace html_tests;
  document d{.title = "up"};
  d.curves.push_back({"p", "x", "y", {{"a", {0, 1}}}, 0});
  // From the lower left corner to the upper right one.
  CHECK(between(to_html(d), "<path class=\"curve c1\" d=\"M62", "\"/>\n<circle") == " 244L546 22");
}

TEST_CASE("charts of thresholds are steps with gaps, and place the chosen one and its interval", "[report]") {
  using namespace html_tests;
  std::string const html = to_html(full());
  // From (0, 0.5) to probability 0.25, a third of the way, and on to 0.5, half of it; undefined from there on.
  CHECK(between(html, "<path class=\"curve c2\" d=\"M28 ", "\"/>\n<path class=\"curve c1\"") == "94.8H102.7V16H140");
  CHECK(between(html, "<path class=\"curve c1\" d=\"M28 ", "\"/>\n<line class=\"threshold\"") ==
        "79H102.7V16H140V142H252");
  CHECK(has(html, "<line class=\"threshold\" x1=\"140\""));
  CHECK(has(html, "<circle class=\"dot c1\" cx=\"140\" cy=\"16\""));
  CHECK(has(html, "<rect class=\"interval\" x=\"102.67\" y=\"16\" width=\"149.33\""));
  CHECK(has(html, "<span>30,000 positives</span><span>f1 1 tuned, 0.75 expected</span>"));
  document d{.title = "no threshold"};
  d.thresholds.labels.push_back({.label = "a", .curve = {{infinite, gap, gap, gap}}});
  std::string const none = to_html(d);
  CHECK(fault(none) == "");
  CHECK(has(none, "threshold –"));
  for (auto const* part : {"class=\"threshold\"", "class=\"interval\"", "class=\"curve c1\" d=\"M28", "nan", "inf\""})
    CHECK_FALSE(has(none, part));
}

TEST_CASE("plots without values or with one are drawn", "[report]") {
  using namespace html_tests;
  for (auto const& values :
       std::vector<std::vector<double>>{{}, {gap}, {7}, {0}, {2, 2, 2}, {1e300, -1e300}, {1e-310}}) {
    document d{.title = "few"};
    d.curves.push_back({"p", "x", "y", {{"a", values}}, {}});
    std::string const html = to_html(d);
    CHECK(fault(html) == "");
    CHECK_FALSE(has(html, "=\"nan"));
    CHECK_FALSE(has(html, "=\"inf"));
    CHECK(html.size() < 40000);
  }
}

TEST_CASE("histograms share a scale and show single positives", "[report]") {
  using namespace html_tests;
  document d{.title = "h"};
  d.histograms.push_back({"rare", {100000, 0}, {0, 1}, 0.5});
  d.histograms.push_back({"often", {10, 10}, {300, 300}, 2});
  std::string const html = to_html(d);
  CHECK(fault(html) == "");
  // Positives rise, negatives fall.
  std::string const rise = between(html, "<path class=\"positive\" d=\"M", "h");
  CHECK(has(rise, "v-"));
  CHECK(std::stod(rise.substr(rise.find("v-") + 2)) > 3);
  CHECK_FALSE(has(between(html, "<path class=\"negative\" d=\"M", "h"), "v-"));
  CHECK(has(html, ">100k<"));
  CHECK(count(html, "class=\"threshold\"") == 1);
  CHECK(has(html, ">never<"));
}

TEST_CASE("bars are as long as their share of the longest, with their values as text", "[report]") {
  using namespace html_tests;
  std::string const html = to_html(full());
  CHECK(count(html, "<div class=\"bar\"") == 3);
  for (auto const* part : {"width:25%", "width:0%", "width:100%", ">cat &amp; dog<", ">three<"}) CHECK(has(html, part));
  document d = full();
  d.bars[0].values.clear();
  CHECK(has(to_html(d), ">12</td>"));
}

TEST_CASE("predictions are marked by sign, word and colour", "[report]") {
  using namespace html_tests;
  std::string const html = between(to_html(full()), "class=\"gallery\"", "</section>");
  CHECK(has(html, "src=\"data:image/jpeg;base64,/9g=\""));
  CHECK(has(html, "alt=\"id&lt;1&gt;\""));
  CHECK(has(html, "<li class=\"right\"><i aria-hidden=\"true\">✓</i><span class=\"hidden\">right: </span>b</li>"));
  CHECK(has(html, "<li class=\"wrong\"><i aria-hidden=\"true\">✗</i><span class=\"hidden\">wrong: </span>c</li>"));
  CHECK(has(html, "<li class=\"missed\"><i aria-hidden=\"true\">?</i><span class=\"hidden\">missed: </span>a</li>"));
  CHECK(count(html, "<li") == 3);
}

TEST_CASE("columns of numbers are aligned to the right", "[report]") {
  using namespace html_tests;
  std::string const html = to_html(full());
  CHECK(has(html, "<th scope=\"col\">Label</th><th scope=\"col\" class=\"n\">F1</th>"));
  CHECK(has(html, "<th scope=\"row\">1</th><td class=\"n\">2</td><td>x</td><td class=\"n\">4</td><td></td>"));
}

TEST_CASE("a report that does not fit together is refused", "[report]") {
  using namespace html_tests;
  auto const text = [](auto change) {
    document d = full();
    change(d);
    return error_text<softf1::error>([&] { to_html(d); });
  };
  CHECK(text([](document&) {}) == "nothing was thrown");
  CHECK(text([](document& d) { d.tables[0].rows[1].pop_back(); }) ==
        "to_html: table 'Labels' must have 2 cells in each row, got 1 in row 1");
  CHECK(text([](document& d) { d.curves[0].marked = 3; }) ==
        "to_html: plot 'Loss' must mark one of its 3 epochs, got 3");
  CHECK(text([](document& d) { d.bars[0].values.pop_back(); }) ==
        "to_html: bar chart 'Rows' must have a value for each of its 3 bars, got 2");
  CHECK(text([](document& d) { d.bars[0].bars[1].second = gap; }) ==
        "to_html: a bar must be finite and >= 0, got nan for 'none'");
  CHECK(text([](document& d) { d.histograms[0].negatives.pop_back(); }) ==
        "to_html: histogram 'cat' must have as many bins of negatives as of positives (2), got 1");
}

TEST_CASE("a report is written whole or not at all", "[report]") {
  using namespace html_tests;
  softf1_test::temp_directory const folder;
  std::string const path = (folder / "report.html").string();
  write_html(path, full());
  CHECK(softf1::io::mapped_file(path, "test").text() == to_html(full()));
  document bad = full();
  bad.curves[0].marked = 9;
  CHECK_THROWS_AS(write_html(path, bad), softf1::value_error);
  CHECK(softf1::io::mapped_file(path, "test").text() == to_html(full()));
  CHECK_THROWS_AS(write_html((folder / "no/report.html").string(), full()), softf1::io_error);
}
