// Calibrated scores from calibrate to apply and evaluate.
#include <cmath>
#include <string>
#include <vector>

#include "program/runner.hpp"

namespace calibrator_program_tests {

using namespace softf1_program_test;

/// 60 rows of two labels: overconfident probabilities.
void put_rows(workplace const& w) {
  std::string scores = "cat,dog\n", targets = "cat,dog\n";
  for (int i = 0; i < 60; ++i) {
    double const z = -3 + 0.1 * i;
    scores += std::to_string(1 / (1 + std::exp(-3 * z))) + "," + std::to_string(1 / (1 + std::exp(2 * z))) + "\n";
    targets += std::to_string(i % 7 == 3 ? i < 30 : i > 33) + "," + std::to_string(i % 5 == 1 ? i > 30 : i < 20) + "\n";
  }
  w.put("s.csv", scores);
  w.put("t.csv", targets);
}

}  // namespace calibrator_program_tests

TEST_CASE("softf1 calibrate --calibrator is what evaluate and apply do to scores first") {
  using namespace calibrator_program_tests;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_rows(w);
  for (std::string const calibrator : {"platt", "isotonic:min_positives=2", "temperature"}) {
    auto const r = w.run({"calibrate", "--scores", "s.csv", "--targets", "t.csv", "--calibrator", calibrator,
                          "--resamples", "5", "--out", "rule.json", "--json", "c.json"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK(has(r.out, "scores are calibrated by " + calibrator));
    auto const rule = w.get_json("rule.json"), found = w.get_json("c.json");
    CHECK(rule["domain"] == "calibrated");
    CHECK(rule["calibration"]["method"] == calibrator.substr(0, calibrator.find(':')));
    CHECK(rule["calibration"]["domain"] == "probability");
    CHECK(rule["calibration"]["labels"][1]["name"] == "dog");
    CHECK(found["domain"] == "calibrated");

    REQUIRE(w.run({"calibrate", "--scores", "s.csv", "--targets", "t.csv", "--calibrator", calibrator, "--nested",
                   "--resamples", "0", "--out", "n.json", "--json", "n_table.json"})
                .status == 0);
    CHECK(w.get_json("n.json")["calibration"] == rule["calibration"]);
    CHECK(w.get_json("n_table.json")["macro"]["expected"] <= found["macro"]["tuned"]);
    CHECK(w.run({"calibrate", "--scores", "s.csv", "--targets", "t.csv", "--calibrator", calibrator, "--compare",
                 "best", "expected_f", "--json", "compared.json"})
              .status == 0);
    CHECK(w.get_json("compared.json")["calibrator"] == calibrator);
    CHECK(w.get_json("compared.json")["compared"].size() == 2);

    auto const evaluate = [&](std::vector<std::string> const& more) {
      std::vector<std::string> arguments{"evaluate", "--scores", "s.csv", "--targets", "t.csv", "--json", "-"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      return json::parse(w.run(arguments).out);
    };
    auto const plain = evaluate({}), mapped = evaluate({"--thresholds", "rule.json"});
    CHECK(mapped["macro"]["f1"] == found["macro"]["tuned"]);
    CHECK(mapped["per_label"][1]["threshold"] == found["per_label"][1]["threshold"]);
    auto const log_loss = [](json const& report) { return report["log_loss"].get<double>(); };
    CHECK(log_loss(mapped) < log_loss(plain));
    auto const streamed = evaluate({"--thresholds", "rule.json", "--sketch-bins", "64", "--block-rows", "7"});
    CHECK(streamed["macro"]["f1"] == mapped["macro"]["f1"]);
    CHECK(log_loss(streamed) == Approx(log_loss(mapped)));

    REQUIRE(w.run({"apply", "--scores", "s.csv", "--thresholds", "rule.json", "--out", "d.csv", "--json", "a.json"})
                .status == 0);
    for (std::size_t j = 0; j < 2; ++j) {
      auto const& of = mapped["per_label"][j];
      CHECK(w.get_json("a.json")["per_label"][j]["predicted"] == of["tp"].get<int>() + of["fp"].get<int>());
    }
    CHECK(
        has(w.run({"apply", "--scores", "s.csv", "--logits", "--thresholds", "rule.json", "--out", "d.csv"}).err,
            "the calibration of rule.json takes probability scores, s.csv is read as logit scores: leave --logits out "
            "if it holds probabilities"));
  }
}

TEST_CASE("rules of whole rows look at calibrated scores, and unknown calibrators are refused") {
  using namespace calibrator_program_tests;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_rows(w);
  auto const r = w.run({"calibrate", "--scores", "s.csv", "--targets", "t.csv", "--calibrator", "beta", "--strategy",
                        "expected_f", "--resamples", "0", "--out", "rule.json"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  auto const rule = w.get_json("rule.json");
  CHECK(rule["kind"] == "expected_f");
  CHECK(rule["calibration"]["method"] == "beta");
  CHECK(w.run({"apply", "--scores", "s.csv", "--thresholds", "rule.json", "--out", "d.csv"}).status == 0);
  w.put("one.csv", "cat\n0.5\n");
  CHECK(has(w.run({"apply", "--scores", "one.csv", "--thresholds", "rule.json", "--out", "d.csv"}).err,
            "rule.json has a calibration of 2 labels, one.csv has scores of 1"));
  CHECK(has(
      w.run({"calibrate", "--scores", "s.csv", "--targets", "t.csv", "--calibrator", "sigmoid", "--out", "x.json"}).err,
      "no calibrator is named 'sigmoid'"));
}

TEST_CASE("a model that was calibrated predicts calibrated probabilities, until it is calibrated without") {
  using namespace calibrator_program_tests;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  std::string features, targets;
  for (int i = 0; i < 80; ++i) {
    double const x = -2 + 0.05 * i, z = std::sin(5.0 * i);
    features += std::to_string(x) + "," + std::to_string(z) + "\n";
    targets += std::to_string(x + z > 0.3) + "," + std::to_string(x - z > (i % 3) - 1) + "\n";
  }
  w.put("x.csv", features);
  w.put("y.csv", targets);
  std::vector<std::string> const rows{"--features", "x.csv", "--targets", "y.csv"};
  auto const run = [&](std::vector<std::string> arguments, std::vector<std::string> const& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto const r = w.run(arguments);
    INFO(r.err);
    REQUIRE(r.status == 0);
    return r.out;
  };
  run({"train", "--epochs", "5", "--out", "run", "--quiet"}, rows);
  std::string const model = "run/model.safetensors";
  auto const predicted = [&] {
    return run({"predict", "--model", model, "--format", "jsonl"}, {"--features", "x.csv"});
  };
  auto const evaluated = [&](std::vector<std::string> more) {
    more.insert(more.end(), rows.begin(), rows.end());
    return json::parse(run({"evaluate", "--model", model, "--json", "-"}, more));
  };
  run({"calibrate", "--model", model, "--resamples", "0"}, rows);
  auto const plain = predicted();
  double const plain_loss = evaluated({})["log_loss"].get<double>();
  run({"calibrate", "--model", model, "--resamples", "0", "--calibrator", "platt", "--json", "c.json"}, rows);
  CHECK(predicted() != plain);
  auto const report = evaluated({});
  CHECK(report["macro"]["f1"] == w.get_json("c.json")["macro"]["tuned"]);
  CHECK(report["log_loss"].get<double>() < plain_loss);
  CHECK(evaluated({"--sketch-bins", "64"})["macro"]["f1"] == report["macro"]["f1"]);
  // What predict decides is what evaluate counts.
  std::size_t labels = 0;
  auto const text = predicted();
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    labels += json::parse(text.substr(at, text.find('\n', at) - at))["labels"].size();
  std::size_t counted = 0;
  for (auto const& label : report["per_label"])
    counted += label["tp"].get<std::size_t>() + label["fp"].get<std::size_t>();
  CHECK(labels == counted);
  run({"calibrate", "--model", model, "--resamples", "0"}, rows);
  CHECK(predicted() == plain);
}
