#include <softf1/io/json_decisions.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

namespace {

softf1::threshold_set const& json_decisions_set(softf1::decision_rule const& rule) {
  return std::get<softf1::threshold_set>(rule);
}

softf1::io::json_value json_decisions_form() {
  return softf1::io::json_value::parse(R"({
    "format": "softf1.decision_rule", "version": 1, "kind": "thresholds", "domain": "logit", "operator": ">=",
    "labels": [{"name": "cat", "threshold": 0.25, "reason": "best"}, {"name": "dog", "threshold": "-inf", "reason": null}],
    "origin": {"strategy": "best", "rows": 7}, "later": true})");
}

}  // namespace

TEST_CASE("a threshold set written as JSON reads back the same, to the bit") {
  using namespace softf1_io_test;
  softf1_test::temp_directory const folder;
  auto const path = (folder.path() / "rule.json").string();
  double const infinity = std::numeric_limits<double>::infinity();
  softf1::threshold_set set;
  set.thresholds = {0.1, infinity, -infinity, 1.0 / 3, -0.0, 5e-324, 1.7976931348623157e308, 3};
  set.reasons = {"best", "", "no positives", "a", "b", "c", "d", "e"};
  set.label_names = {"cat", "\"quoted\", name", "groß", "with\nbreak", "", "x", "y", "7"};
  set.origin = {{"strategy", "best"}, {"rows", "12"}, {"objective", "f_beta:beta=2"}};
  for (auto domain :
       {softf1::score_domain::logit, softf1::score_domain::probability, softf1::score_domain::calibrated}) {
    set.domain = domain;
    softf1::write_decision_rule(path, set);
    CHECK(count_files(folder.path()) == 1);
    auto const rule = softf1::read_decision_rule(path);
    auto const& back = json_decisions_set(rule);
    CHECK(back.domain == domain);
    CHECK(back.thresholds == set.thresholds);
    CHECK(std::signbit(back.thresholds[4]));
    CHECK(back.label_names == set.label_names);
    CHECK(back.reasons == set.reasons);
    CHECK(back.origin == set.origin);
  }
}

TEST_CASE("what is known of thresholds is written with them, and reads back") {
  softf1::threshold_set set{.thresholds = {0.5, 0.25}};
  set.accounts = {{.cells = 9,
                   .positives = 4,
                   .predicted = 3,
                   .low = -std::numeric_limits<double>::infinity(),
                   .high = 0.75,
                   .tuned = 0.5},
                  {}};
  auto const form = softf1::io::decision_rule_json(set);
  CHECK(form["labels"][0]["low"] == "-inf");
  CHECK_FALSE(form["labels"][0].contains("expected"));
  CHECK_FALSE(form["labels"][1].contains("cells"));
  auto const back = json_decisions_set(softf1::io::decision_rule_from_json(form));
  REQUIRE(back.accounts.size() == 2);
  CHECK(softf1::io::decision_rule_json(back) == form);
  CHECK(std::isnan(back.accounts[1].cells));
  set.accounts.pop_back();
  CHECK_THROWS_AS(softf1::io::decision_rule_json(set), softf1::shape_error);
}

TEST_CASE("the JSON of a threshold set has the keys of the file form in their order") {
  softf1::threshold_set const set{.thresholds = {0.5, std::numeric_limits<double>::infinity()},
                                  .domain = softf1::probability};
  auto const text = softf1::io::decision_rule_json(set).dump();
  CHECK(
      text ==
      R"({"format":"softf1.decision_rule","version":1,"kind":"thresholds","domain":"probability","operator":">=",)"
      R"("labels":[{"name":"0","threshold":0.5,"reason":null},{"name":"1","threshold":"inf","reason":null}],"origin":{}})");
  // Names that only count the labels are none: such a rule fits labels of any names.
  auto const rule = softf1::io::decision_rule_from_json(softf1::io::json_value::parse(text));
  CHECK(json_decisions_set(rule).label_names.empty());
  CHECK(json_decisions_set(rule).reasons.empty());
}

TEST_CASE("a probability threshold written as JSON reads back") {
  using namespace softf1_io_test;
  softf1_test::temp_directory const folder;
  auto const path = (folder.path() / "rule.json").string();
  softf1::write_decision_rule(path, softf1::probability_threshold{0.3});
  CHECK(std::get<softf1::probability_threshold>(softf1::read_decision_rule(path)).value == 0.3);
  CHECK(contains(
      error_of<softf1::value_error>([&] { softf1::write_decision_rule(path, softf1::probability_threshold{2}); }),
      "must lie in [0, 1], got 2"));
}

TEST_CASE("the gap rule written as JSON knows its domain, or none") {
  auto const back = [](softf1::largest_gap const& rule) {
    return std::get<softf1::largest_gap>(softf1::io::decision_rule_from_json(softf1::io::decision_rule_json(rule)));
  };
  CHECK_FALSE(back({}).domain);
  CHECK(back({softf1::probability}).domain == softf1::probability);
}

TEST_CASE("a decision rule of the file form reads what it says and ignores what it does not know") {
  auto const rule = softf1::io::decision_rule_from_json(json_decisions_form());
  auto const& set = json_decisions_set(rule);
  CHECK(set.domain == softf1::logit);
  CHECK(set.thresholds == std::vector<double>{0.25, -std::numeric_limits<double>::infinity()});
  CHECK(set.label_names == std::vector<std::string>{"cat", "dog"});
  CHECK(set.reasons == std::vector<std::string>{"best", ""});
  CHECK(set.origin == std::vector<std::pair<std::string, std::string>>{{"strategy", "best"}, {"rows", "7"}});
}

TEST_CASE("a decision rule for the operator > decides the same by >=") {
  auto form = json_decisions_form();
  form["operator"] = ">";
  auto const rule = softf1::io::decision_rule_from_json(form);
  double const t = json_decisions_set(rule).thresholds[0];
  CHECK(t > 0.25);
  CHECK(t == softf1::strictly_above(0.25));
}

TEST_CASE("a decision rule that is wrong anywhere is refused in one sentence that names the file and the place") {
  using namespace softf1_io_test;
  struct row {
    std::string pointer, value, fragment;
  };
  for (row const& bad : std::vector<row>{
           {"", "[]", "expected a JSON object, got an array"},
           {"", "null", "expected a JSON object, got null"},
           {"/format", "\"other\"", "'format' must be 'softf1.decision_rule', got 'other'"},
           {"/format", "7", "'format' must be a string, got 7"},
           {"/version", "2", "it has version 2, newer than 1"},
           {"/version", "18446744073709551615", "newer than 1"},
           {"/version", "0", "'version' must be a positive integer, got 0"},
           {"/version", "-1", "got -1"},
           {"/version", "1.0", "got 1.0"},
           {"/version", "\"1\"", "got '1'"},
           {"/kind", "\"top\"", "'largest_gap', 'expected_f', 'predicted_size' or 'weighted_top_k', got 'top'"},
           {"/kind", "\"top_k\"", "'k' is missing"},
           {"", R"({"format": "softf1.decision_rule", "version": 1, "kind": "largest_gap", "domain": "odds"})",
            "'domain' must be 'logit', 'probability' or 'calibrated', got 'odds'"},
           {"/kind", "\"probability\"", "'threshold' is missing"},
           {"/domain", "\"logits\"", "'domain' must be 'logit', 'probability' or 'calibrated', got 'logits'"},
           {"/domain", "null", "'domain' must be a string, got null"},
           {"/operator", "\"<\"", "'operator' must be '>=' or '>', got '<'"},
           {"/labels", "{}", "'labels' must be an array of at least one label, got an object"},
           {"/labels", "[]", "'labels' must be an array of at least one label, got an array"},
           {"/labels/1", "0.5", "label 1: expected a JSON object, got 0.5"},
           {"/labels/1/name", "3", "label 1: 'name' must be a string, got 3"},
           {"/labels/1/threshold", "null", "label 1: 'threshold' must be a number, 'inf' or '-inf', got null"},
           {"/labels/1/threshold", "\"nan\"", "label 1: 'threshold' must be a number, 'inf' or '-inf', got 'nan'"},
           {"/labels/0/threshold", "true", "label 0: 'threshold' must be"},
           {"/labels/0/reason", "1", "label 0: 'reason' must be a string, got 1"},
           {"/origin", "[]", "'origin' must be an object, got an array"}}) {
    auto form = json_decisions_form();
    form[softf1::io::json_value::json_pointer(bad.pointer)] = softf1::io::json_value::parse(bad.value);
    auto const sentence = error_of([&] { softf1::io::decision_rule_from_json(form, "rule.json"); });
    CHECK(part_of(sentence, "read_decision_rule: rule.json: ") == "read_decision_rule: rule.json: ");
    CHECK(part_of(sentence, bad.fragment) == bad.fragment);
  }
  for (std::string const key : {"format", "version", "kind", "domain", "operator", "labels"}) {
    auto form = json_decisions_form();
    form.erase(key);
    CHECK(contains(error_of([&] { softf1::io::decision_rule_from_json(form); }), "'" + key + "' is missing"));
  }
}

TEST_CASE("top-k is written and read back") {
  auto form = softf1::io::decision_rule_json(softf1::top_k{3});
  CHECK(form["kind"] == "top_k");
  CHECK(std::get<softf1::top_k>(softf1::io::decision_rule_from_json(form)).k == 3);
  for (auto const& wrong : {"0", "-1", "1.5", "\"3\""}) {
    form["k"] = softf1::io::json_value::parse(wrong);
    CHECK_THROWS_AS(softf1::io::decision_rule_from_json(form), softf1::io_error);
  }
  CHECK_THROWS_AS(softf1::io::decision_rule_json(softf1::top_k{0}), softf1::value_error);
}

TEST_CASE("rules with numbers are written and read back, and refused where they are none") {
  using softf1::io::json_value;
  auto const back = [](softf1::decision_rule const& rule) {
    return softf1::io::decision_rule_from_json(json_value::parse(softf1::io::decision_rule_json(rule).dump()));
  };
  auto const size = std::get<softf1::predicted_size>(back(softf1::predicted_size{{0.1, 1.0 / 3, -5e-324}, 1, 7}));
  CHECK((size.weights == std::vector<double>{0.1, 1.0 / 3, -5e-324} && size.least == 1 && size.most == 7));
  auto const top = std::get<softf1::weighted_top_k>(back(softf1::weighted_top_k{2, {0.1, 1e300}, {0.2, -0.3}}));
  CHECK((top.k == 2 && top.slopes == std::vector<double>{0.1, 1e300} && top.offsets == std::vector<double>{0.2, -0.3}));
  CHECK(top.label_names.empty());
  softf1::weighted_top_k const named{1, {1, 1}, {0, 0}, {"cat", "dog"}};
  CHECK(std::get<softf1::weighted_top_k>(back(named)).label_names == named.label_names);
  auto const expected = std::get<softf1::expected_f>(back(softf1::expected_f{2, {0, 1.0 / 3}}));
  CHECK((expected.beta == 2 && expected.size_weights == std::vector<double>{0, 1.0 / 3}));
  CHECK(std::get<softf1::expected_f>(back(softf1::expected_f{0.5})).size_weights.empty());
  CHECK_THROWS_AS(back(softf1::predicted_size{{1}}), softf1::value_error);
  CHECK_THROWS_AS(back(softf1::weighted_top_k{1, {1}, {}}), softf1::shape_error);
  struct bad_form {
    softf1::decision_rule rule;
    char const *key, *value;
  };
  softf1::predicted_size const good{{1, 2}, 0, 3};
  softf1::weighted_top_k const fair{1, {1, 1}, {0, 0}};
  for (auto const& [rule, key, value] :
       {bad_form{good, "weights", "[1]"}, bad_form{good, "weights", "[1, \"inf\"]"}, bad_form{good, "weights", "3"},
        bad_form{good, "weights", "[1, \"x\"]"}, bad_form{good, "least", "4"}, bad_form{good, "most", "-1"},
        bad_form{fair, "k", "0"}, bad_form{fair, "slopes", "[1]"}, bad_form{fair, "offsets", "[]"},
        bad_form{fair, "offsets", "[null, 1]"}, bad_form{fair, "label_names", "[\"cat\"]"},
        bad_form{fair, "label_names", "[\"cat\", 3]"}}) {
    auto form = softf1::io::decision_rule_json(rule);
    form[key] = json_value::parse(value);
    INFO(key << " " << value);
    CHECK_THROWS_AS(softf1::io::decision_rule_from_json(form), softf1::io_error);
  }
}

TEST_CASE("argmax is written and read back") {
  auto const form = softf1::io::decision_rule_json(softf1::argmax{});
  CHECK(form["kind"] == "argmax");
  CHECK(std::holds_alternative<softf1::argmax>(softf1::io::decision_rule_from_json(form)));
}

TEST_CASE("a file that is no decision rule is refused, wherever it is cut") {
  using namespace softf1_io_test;
  softf1_test::temp_directory const folder;
  auto const path = folder.path() / "rule.json";
  auto const text = json_decisions_form().dump();
  for (std::size_t n = 0; n < text.size(); ++n) {
    put(path, text.substr(0, n));
    CHECK(contains(error_of([&] { softf1::read_decision_rule(path.string()); }),
                   path.string() + ": not JSON from byte "));
  }
  put(path, text + '\0');
  CHECK(contains(error_of([&] { softf1::read_decision_rule(path.string()); }),
                 "not JSON from byte " + std::to_string(text.size())));
  put(path, R"({"version": 1e999})");
  CHECK(contains(error_of([&] { softf1::read_decision_rule(path.string()); }), "a number is out of range"));
  put(path, std::string(100000, '['));
  CHECK(contains(error_of([&] { softf1::read_decision_rule(path.string()); }), "nested more than 64 deep"));
}

TEST_CASE("a decision rule that cannot be written leaves the old file") {
  using namespace softf1_io_test;
  softf1_test::temp_directory const folder;
  auto const path = folder.path() / "rule.json";
  put(path, "old");
  softf1::threshold_set set;
  set.thresholds = {std::numeric_limits<double>::quiet_NaN()};
  CHECK(contains(error_of<softf1::value_error>([&] { softf1::write_decision_rule(path.string(), set); }),
                 "must not be NaN"));
  set.thresholds = {0.5};
  set.label_names = {"caf\xE9"};
  CHECK(contains(error_of<softf1::value_error>([&] { softf1::write_decision_rule(path.string(), set); }), "UTF-8"));
  set.label_names = {"a", "b"};
  CHECK(contains(error_of<softf1::shape_error>([&] { softf1::write_decision_rule(path.string(), set); }),
                 "(1,), got (2,)"));
  CHECK(get(path) == "old");
  CHECK(count_files(folder.path()) == 1);
}
