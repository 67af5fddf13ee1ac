#include <softf1/io/json_calibration.hpp>

#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

namespace json_calibration_tests {

using softf1::io::json_value;

softf1::calibration_map calibration() {
  using softf1::decisions::map_kind;
  return {.maps = {{.a = 0.1, .b = 1.0 / 3, .c = -1e-300, .reason = "beta"},
                   {.kind = map_kind::linear,
                    .scores = {-1.7976931348623157e308, -0.1, 5e-324},
                    .probabilities = {0, 0.1, 1},
                    .reason = "isotonic"},
                   {.kind = map_kind::steps, .scores = {0.3}, .probabilities = {2.0 / 3}, .reason = "no positives"}},
          .domain = softf1::logit,
          .method = "beta",
          .label_names = {"cat", "groß", "7"},
          .origin = {{"rows", "12"}}};
}

json_value form() {
  return json_value::parse(R"({
    "format": "softf1.decision_rule", "version": 1, "kind": "thresholds", "domain": "calibrated", "operator": ">=",
    "labels": [{"name": "cat", "threshold": 0.25}, {"name": "dog", "threshold": 0.5}],
    "calibration": {
      "format": "softf1.calibration", "version": 1, "method": "platt", "domain": "logit",
      "labels": [{"name": "cat", "kind": "sigmoid", "a": 1, "b": 2, "c": 3, "reason": "platt"},
                 {"name": "dog", "kind": "linear", "scores": [0, 1], "probabilities": [0.25, 1], "reason": "x"}],
      "origin": {"rows": 7}, "later": true}})");
}

void check_same(softf1::calibration_map const& a, softf1::calibration_map const& b) {
  REQUIRE(a.labels() == b.labels());
  CHECK(a.domain == b.domain);
  CHECK(a.method == b.method);
  CHECK(a.label_names == b.label_names);
  CHECK(a.origin == b.origin);
  for (std::size_t j = 0; j < a.labels(); ++j) {
    auto const &x = a.maps[j], &y = b.maps[j];
    CHECK((x.kind == y.kind && x.a == y.a && x.b == y.b && x.c == y.c && x.reason == y.reason));
    CHECK(x.scores == y.scores);
    CHECK(x.probabilities == y.probabilities);
  }
}

}  // namespace json_calibration_tests

TEST_CASE("a calibration written with its rule reads back the same, to the bit") {
  using namespace json_calibration_tests;
  softf1_test::temp_directory const folder;
  auto const path = (folder.path() / "rule.json").string();
  auto map = calibration();
  softf1::threshold_set const set{
      .thresholds = {0.1, 0.2, 0.3}, .domain = softf1::score_domain::calibrated, .label_names = map.label_names};
  for (softf1::decision_rule const& rule : std::vector<softf1::decision_rule>{set, softf1::top_k{2}}) {
    softf1::write_decision_rule(path, rule, map);
    auto const back = softf1::read_calibrated_rule(path);
    REQUIRE(back.calibration);
    check_same(*back.calibration, map);
    CHECK(softf1::io::decision_rule_json(back.rule) == softf1::io::decision_rule_json(rule));
    // Whoever would decide scores as they are is told.
    CHECK(softf1_io_test::contains(softf1_io_test::error_of([&] { softf1::read_decision_rule(path); }),
                                   "it has a calibration"));
  }
  map.domain = softf1::probability;
  map.maps[1].scores = {0.1, 0.2, 0.3};
  map.label_names.clear();
  check_same(softf1::io::calibration_from_json(softf1::io::calibration_json(map)), map);
  softf1::write_decision_rule(path, set);
  CHECK_FALSE(softf1::read_calibrated_rule(path).calibration);
}

TEST_CASE("a calibration of the file form reads what it says and ignores what it does not know") {
  using namespace json_calibration_tests;
  auto const found = softf1::io::calibrated_rule_from_json(form());
  REQUIRE(found.calibration);
  auto const& map = *found.calibration;
  CHECK((map.maps[0].a == 1 && map.maps[0].b == 2 && map.maps[0].c == 3));
  CHECK(map.maps[1].kind == softf1::decisions::map_kind::linear);
  CHECK(map.maps[1].probabilities == std::vector<double>{0.25, 1});
  CHECK(map.label_names == std::vector<std::string>{"cat", "dog"});
  CHECK(map.origin == std::vector<std::pair<std::string, std::string>>{{"rows", "7"}});
}

TEST_CASE("a calibration that is wrong anywhere is refused in one sentence that names the file and the place") {
  using namespace json_calibration_tests;
  struct row {
    std::string pointer, value, fragment;
  };
  std::string const no_fit = "rule.json: the calibration does not fit the rule (read_calibrated_rule: ";
  for (row const& bad : std::vector<row>{
           {"/calibration", "[]", "read_calibration: rule.json: expected a JSON object, got an array"},
           {"/calibration/format", "\"other\"", "'format' must be 'softf1.calibration', got 'other'"},
           {"/calibration/version", "2", "it has version 2, newer than 1"},
           {"/calibration/method", "7", "'method' must be a string, got 7"},
           {"/calibration/domain", "\"calibrated\"", "'domain' must be 'logit' or 'probability', got 'calibrated'"},
           {"/calibration/labels", "[]", "'labels' must be an array of at least one label, got an array"},
           {"/calibration/labels/1", "3", "label 1: expected a JSON object, got 3"},
           {"/calibration/labels/1/name", "3", "label 1: 'name' must be a string, got 3"},
           {"/calibration/labels/1/kind", "\"curve\"",
            "label 1: 'kind' must be 'sigmoid', 'linear' or 'steps', got 'curve'"},
           {"/calibration/labels/0/kind", "\"steps\"", "label 0: 'scores' is missing"},
           {"/calibration/labels/0/a", "\"inf\"", "label 0: 'a' must be a number, got 'inf'"},
           {"/calibration/labels/0/a", "-1", "the map of label 0 must have finite a >= 0, b >= 0 and c, got -1, 2, 3"},
           {"/calibration/labels/1/scores", "7", "label 1: 'scores' must be an array of numbers, got 7"},
           {"/calibration/labels/1/scores", "[0, null]", "label 1: 'scores' must be an array of numbers, got null"},
           {"/calibration/labels/1/scores", "[1, 0]", "scores of knots must be finite and ascend, got 0"},
           {"/calibration/labels/1/scores", "[]", "must have shape (0,), got (2,)"},
           {"/calibration/labels/1/probabilities", "[0.5, 0.25]", "must lie in [0, 1] and not fall, got 0.25"},
           {"/calibration/labels/1/reason", "null", "label 1: 'reason' must be a string, got null"},
           {"/calibration/origin", "7", "'origin' must be an object, got 7"},
           {"/domain", "\"logit\"",
            no_fit + "a decision rule beside a calibration must be for calibrated scores, got logit)"},
           {"/labels/0/name", "\"bird\"",
            no_fit + "label 0 is 'bird' in the decision rule, 'cat' in its calibration)"}}) {
    auto wrong = form();
    wrong[json_value::json_pointer(bad.pointer)] = json_value::parse(bad.value);
    CHECK(softf1_io_test::part_of(
              softf1_io_test::error_of([&] { softf1::io::calibrated_rule_from_json(wrong, "rule.json"); }),
              bad.fragment) == bad.fragment);
  }
  auto wrong = form();
  wrong["labels"].erase(1);
  CHECK(softf1_io_test::contains(softf1_io_test::error_of([&] { softf1::io::calibrated_rule_from_json(wrong); }),
                                 "labels of the decision rule beside the calibration must have shape (2,), got (1,)"));
}
