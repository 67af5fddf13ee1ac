#include <softf1/data/arff.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <softf1/data/label_list.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"

namespace data_arff_test {

using namespace softf1_io_test;
using names = std::vector<std::string>;
using bytes = std::vector<std::uint8_t>;

std::string const head =
    "% a comment\n@RELATION 'x: -C 2'\n\n@attribute width numeric\n@attribute 'it\\'s' {0,1}\n"
    "@ATTRIBUTE \"kind of\" { red, 'dark blue' ,green}\n@attribute dog {0,1}\r\n\t@attribute height REAL % no "
    "comment\n";

TEST_CASE("ARFF is read, dense and sparse", "[data][arff]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "x.arff").string();
  std::string const declared = head.substr(0, head.find(" % no comment")) + "\n@data\n";
  for (std::string const rows : {"1.5,1,'dark blue',0,-2\n% c\n\n 0 , 0 , red , ? , 1e3 \n",
                                 "{0 1.5, 1 1,2 'dark blue',4 -2}\n{ 3 ?,4 1e3 }\n"}) {
    put(path, declared + rows);
    auto const set = softf1::read_arff(path, {"dog", "it's"});
    CHECK(set.table.label_names == names{"dog", "it's"});
    CHECK(set.feature_names == names{"width", "kind of", "height"});
    CHECK(set.features.values == std::vector<float>{1.5f, 1, -2, 0, 0, 1000});
    CHECK(set.features.dimension == 3);
    CHECK(set.table.targets == bytes{0, 1, 0, 0});
    CHECK(set.table.mask == bytes{1, 1, 0, 1});
    CHECK(set.table.ids == names{"0", "1"});
    CHECK(set.features.ids == set.table.ids);
  }
  put(path, declared + "{}\n");
  CHECK(softf1::read_arff(path, {"dog"}).features.values == std::vector<float>(4));
}

TEST_CASE("what is not ARFF is refused by its line", "[data][arff]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "x.arff").string();
  std::string const good = "@relation x\n@attribute a numeric\n@attribute n {x,y}\n@attribute l {0,1}\n@data\n";
  struct {
    std::string bytes, sentence;
  } const cases[] = {
      {"", "expected @data, got none"},
      {"1,2\n", "line 1: expected @relation, @attribute or @data, got '1,2'"},
      {"@attribute a string\n", "line 1: attribute 'a' must be numeric or {nominal}, got 'string'"},
      {"@attribute\n", "line 1: an attribute has no name"},
      {"@attribute 'a numeric\n", "line 1: a quote is not closed"},
      {"@attribute a {x,y\n", "line 1: expected '}' at ''"},
      {"@attribute l {no,yes}\n", "line 1: the label 'l' must have the values {0,1}"},
      {"@attribute l {0,1}\n@attribute l {0,1}\n", "line 2: the label 'l' is declared twice"},
      {"@attribute a numeric\n@data\n1\n", "there is no attribute for the label 'l'"},
      {"@attribute l {0,1}\n@data\n1\n", "there are no features"},
      {good, "there are no images"},
      {good + "1,x\n", "line 6: expected 3 values, got 2"},
      {good + "1,x,0,1\n", "line 6: expected 3 values, got more"},
      {good + "w,x,0\n", "line 6: 'a' must be a finite number, got 'w'"},
      {good + "inf,x,0\n", "line 6: 'a' must be a finite number, got 'inf'"},
      {good + "1,z,0\n", "line 6: 'n' must be one of 2 values, got 'z'"},
      {good + "1,x,2\n", "line 6: the label 'l' must be 0 or 1, got '2'"},
      {good + "?,x,0\n", "line 6: the feature 'a' is missing"},
      {good + "{3 1}\n", "line 6: the index of an attribute must be below 3"},
      {good + "{-1 1}\n", "line 6: the index of an attribute must be below 3"},
      {good + "{0.5 1}\n", "line 6: the index of an attribute must be below 3"},
      {good + "{1e99 1}\n", "line 6: the index of an attribute must be below 3"},
      {good + "{1 x,0 1}\n", "line 6: the indices of attributes must ascend, got 0"},
      {good + "{0 1\n", "line 6: expected ',' at ''"},
      {good + "{0 1} 2\n", "line 6: expected the end of the line behind '}'"},
  };
  for (auto const& c : cases) {
    put(path, c.bytes);
    CHECK(error_of([&] { softf1::read_arff(path, {"l"}); }) == "read_arff: " + path + ": " + c.sentence);
  }
  CHECK(error_of<softf1::value_error>([&] { softf1::read_arff(path, {"l", "l"}); }) ==
        "read_arff: the label 'l' is named twice");
}

TEST_CASE("names of labels are read from lines and from XML", "[data][label_list]") {
  softf1_test::temp_directory const folder;
  auto const text = (folder / "x.txt").string(), xml = (folder / "x.XML").string();
  put(text, "one\ntwo words\n");
  CHECK(softf1::read_label_list(text) == names{"one", "two words"});
  put(text, "");
  CHECK(error_of([&] { softf1::read_label_list(text); }) ==
        "read_label_list: " + text + ": expected names of labels, got none");
#if defined(SOFTF1_PUGIXML)
  put(xml,
      "<?xml version=\"1.0\" encoding=\"utf-8\"?><!-- <label name='no'/> -->\n"
      "<labels xmlns=\"http://mulan.sourceforge.net/labels\"><label name=\"a &amp; b\"><label name='c'></label>"
      "<label name='d'/></label><other/><label name='e'/></labels>");
  CHECK(softf1::read_label_list(xml) == names{"a & b", "c", "d", "e"});
  put(xml, "<labels><label name='a'>");
  CHECK(contains(error_of([&] { softf1::read_label_list(xml); }), xml + ": not XML from byte "));
  put(xml, "<labels><label/></labels>");
  CHECK(error_of([&] { softf1::read_label_list(xml); }) == "read_label_list: " + xml + ": a label has no name");
  std::string deep;
  for (int k = 0; k < 100'000; ++k) deep += "<x>";
  put(xml, deep);
  CHECK(contains(error_of([&] { softf1::read_label_list(xml); }), xml + ": not XML from byte "));
#else
  put(xml, "<labels/>");
  CHECK(contains(error_of([&] { softf1::read_label_list(xml); }), "this build reads no XML"));
#endif
}

#if defined(SOFTF1_PUGIXML)
TEST_CASE("the tables of Mulan are read", "[data][arff][data]") {
  auto const folder = softf1_test::data("mulan");
  if (!folder) SOFTF1_SKIP("no data folder mulan");
  auto const baseline = nlohmann::json::parse(get(*folder / "baseline_logistic_regression.json"))["results"];
  std::size_t tables = 0;
  for (auto const& [name, expected] : baseline.items()) {
    auto const stem = (*folder / name / name).string();
    if (!std::filesystem::exists(stem + ".xml")) continue;
    auto const labels = softf1::read_label_list(stem + ".xml");
    for (std::string const part : {"train", "test"}) {
      CAPTURE(name, part);
      auto const set = softf1::read_arff(stem + "-" + part + ".arff", labels);
      CHECK(set.table.rows() == expected["rows_" + part]);
      CHECK(set.features.dimension == expected["features"]);
      CHECK(set.table.labels() == expected["labels"]);
      CHECK(!set.table.has_missing());
      ++tables;
    }
  }
  CHECK(tables >= 10);
}
#endif

}  // namespace data_arff_test
