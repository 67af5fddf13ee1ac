#include <softf1/io/json_report.hpp>

#include <limits>

#include "support/catch.hpp"

TEST_CASE("a report as JSON has undefined as null, whole counts as integers, and numbers that read back") {
  double const undefined = std::numeric_limits<double>::quiet_NaN();
  softf1::classification_report report;
  report.rows = 3;
  report.macro = {1.0 / 3, 0.5, 0.1, 0.7, 0.9, 0.6};
  report.samples = {0.25, 0.5, 0.75, undefined, undefined, 1};
  report.without_average_precision = report.without_roc_auc = 1;
  softf1::metrics::label_report cat{{1.0 / 3, 1, 0.5, 0.1, 0.2, 0.3}, "cat", {2, 0.5, 0, 1}, 0.5};
  softf1::metrics::label_report dog{
      {0, 0, 0, undefined, undefined, undefined}, "dog", {0, 0, 0, 3.5}, std::numeric_limits<double>::infinity()};
  report.per_label = {cat, dog};
  auto const form = softf1::io::json_value::parse(softf1::io::json_text(softf1::io::report_json(report)));
  CHECK(form["rows"] == 3);
  CHECK(form["label_names"].dump() == R"(["cat","dog"])");
  CHECK(form["per_label"][0].dump() ==
        R"({"name":"cat","support":2,"tp":2,"fp":0.5,"fn":0,"tn":1,"precision":0.3333333333333333,"recall":1.0,)"
        R"("f1":0.5,"average_precision":0.1,"roc_auc":0.2,"threshold":0.5,"trivial_f1":0.3})");
  CHECK(form["per_label"][1].dump() ==
        R"({"name":"dog","support":0,"tp":0,"fp":0,"fn":0,"tn":3.5,"precision":0.0,"recall":0.0,)"
        R"("f1":0.0,"average_precision":null,"roc_auc":null,"threshold":"inf","trivial_f1":null})");
  CHECK(form["labels_left_out"].dump() == R"({"average_precision":1,"roc_auc":1,"no_cells":0})");
  CHECK(form["macro"].dump() == R"({"precision":0.3333333333333333,"recall":0.5,"f1":0.1,"average_precision":0.7,)"
                                R"("roc_auc":0.9,"trivial_f1":0.6})");
  CHECK(form["macro"]["precision"].get<double>() == 1.0 / 3);
  CHECK(form["samples"].dump() == R"({"precision":0.25,"recall":0.5,"f1":0.75,"trivial_f1":1.0})");
}

TEST_CASE("numbers in JSON: NaN is null, infinities are strings, counts are integers while a double is exact") {
  using softf1::io::json_count;
  using softf1::io::json_number;
  double const infinity = std::numeric_limits<double>::infinity();
  CHECK(json_number(std::numeric_limits<double>::quiet_NaN()).is_null());
  CHECK(json_number(-infinity) == "-inf");
  CHECK(softf1::io::number_of(json_number(infinity)) == infinity);
  CHECK(json_number(2).dump() == "2.0");
  CHECK(json_count(2).dump() == "2");
  CHECK(json_count(2.5).dump() == "2.5");
  CHECK(json_count(1e300).is_number_float());
  CHECK(json_count(std::numeric_limits<double>::quiet_NaN()).is_null());
}
