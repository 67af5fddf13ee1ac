#include <cmath>

#include <softf1/core/random.hpp>

#include "program/trained.hpp"

namespace softf1_program_test {

/// Logits of two labels and their targets. The first label's share of positives is `prevalence`, the second's 0.3; the
/// logits are true at 0.2 and 0.3.
inline void put_scores(workplace const& w, std::string const& name, double prevalence, std::uint64_t seed) {
  softf1::random_stream const random(seed);
  std::vector<float> scores;
  std::vector<std::uint8_t> targets;
  std::size_t const rows = 3000;
  for (std::size_t k = 0; k < 2 * rows; ++k) {
    double const known = k % 2 ? 0.3 : 0.2;
    bool const y = random.uniform(14 * k) < (k % 2 ? 0.3 : prevalence);
    double x = -6;  // nearly normal: the sum of twelve uniform numbers
    for (std::size_t m = 1; m <= 12; ++m) x += random.uniform(14 * k + m);
    scores.push_back(static_cast<float>(1.5 * (x + (y ? 1.5 : 0)) - 1.125 + std::log(known / (1 - known))));
    targets.push_back(y);
  }
  w.put_npy(name + ".npy", scores, {rows, 2});
  w.put_npy(name + "_y.npy", targets, {rows, 2});
}

}  // namespace softf1_program_test

TEST_CASE("softf1 monitor names the label that has drifted, and suggests a threshold") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_scores(w, "then", 0.2, 1);
  put_scores(w, "same", 0.2, 2);
  put_scores(w, "now", 0.4, 5);
  w.put("names.txt", "cat\ndog\n");
  REQUIRE(w.run({"calibrate", "--scores", "then.npy", "--logits", "--targets", "then_y.npy", "--label-names",
                 "names.txt", "--resamples", "0", "--out", "t.json"})
              .status == 0);
  auto const monitor = [&](std::string const& scores, std::vector<std::string> const& more) {
    std::vector<std::string> arguments{"monitor", "--scores", scores, "--logits", "--thresholds", "t.json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return w.run(arguments);
  };
  auto const quiet = monitor("same.npy", {});
  INFO(quiet.err);
  REQUIRE(quiet.status == 0);
  CHECK(has(quiet.out, "none of 2 labels is predicted at another rate than chance explains (level 0.05)"));

  auto const drifted = monitor("now.npy", {"--out", "new.json", "--json", "m.json"});
  CHECK(drifted.status == 0);
  CHECK(has(drifted.out, "1 of 2 labels is predicted at another rate than chance explains (level 0.05): cat;"));
  auto const said = w.get_json("m.json"), rule = w.get_json("new.json"), old = w.get_json("t.json");
  CHECK(said["drifted"] == 1);
  auto const& cat = said["per_label"][0];
  CHECK(cat["drifted"] == true);
  CHECK(cat["predicted_now"].get<double>() > cat["predicted_then"].get<double>());
  CHECK(cat["positives_now"].get<double>() == Approx(0.4).margin(0.05));
  CHECK(rule["labels"][0]["threshold"] == cat["suggested"]);
  CHECK(rule["labels"][0]["reason"] == "drift");
  CHECK(rule["labels"][1]["threshold"] == old["labels"][1]["threshold"]);
  auto const worth = [&](std::string const& thresholds) {
    auto const r = w.run({"evaluate", "--scores", "now.npy", "--logits", "--targets", "now_y.npy", "--thresholds",
                          thresholds, "--json", "-"});
    return json::parse(r.out)["per_label"][0]["f1"].get<double>();
  };
  CHECK(worth("new.json") > worth("t.json"));

  // Thresholds of calibrated scores: the calibration stays with those that are suggested.
  REQUIRE(w.run({"calibrate", "--scores", "then.npy", "--logits", "--targets", "then_y.npy", "--label-names",
                 "names.txt", "--calibrator", "platt", "--resamples", "0", "--out", "t.json"})
              .status == 0);
  CHECK(has(monitor("same.npy", {}).out, "none of 2 labels"));
  REQUIRE(monitor("now.npy", {"--out", "c.json"}).status == 0);
  auto const calibrated = w.get_json("c.json"), before = w.get_json("t.json");
  CHECK(calibrated["domain"] == "calibrated");
  CHECK(calibrated["calibration"] == before["calibration"]);
  CHECK(calibrated["labels"][0]["reason"] == "drift");
  CHECK(calibrated["labels"][1] == before["labels"][1]);
  CHECK(worth("c.json") > worth("t.json"));
}

TEST_CASE("softf1 monitor says what it needs") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("plain.json", R"({"format": "softf1.decision_rule", "version": 1, "kind": "thresholds", "domain": "probability",
    "operator": ">=", "labels": [{"name": "cat", "threshold": 0.5}, {"name": "dog", "threshold": 0.5}]})");
  w.put("top.json", R"({"format": "softf1.decision_rule", "version": 1, "kind": "top_k", "k": 1})");
  auto const said = [&](std::vector<std::string> const& more, int status) {
    std::vector<std::string> arguments{"monitor"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto const r = w.run(arguments);
    CHECK(r.status == status);
    CHECK(is_one_error(r.err));
    return r.err;
  };
  CHECK(has(said({"--scores", "scores.csv", "--thresholds", "plain.json"}, 1),
            "plain.json does not say how often each label was predicted on the rows that its thresholds were found on: "
            "calibrate again"));
  CHECK(has(said({"--scores", "scores.csv", "--thresholds", "top.json"}, 1),
            "top.json: its rule has no thresholds that were found on rows"));
  CHECK(has(said({"--thresholds", "plain.json"}, 2), "--scores is required"));
  CHECK(has(said({"--scores", "scores.csv"}, 2), "--thresholds or --model is required"));
  CHECK(has(said({"--scores", "scores.csv", "--thresholds", "a", "--model", "b"}, 2), "--thresholds excludes --model"));
  CHECK(has(said({"--scores", "scores.csv", "--thresholds", "plain.json", "--level", "1"}, 2),
            "must be above 0 and below 1"));
}

TEST_CASE("softf1 monitor takes thresholds and labels of a model, and finds no drift on its validation rows") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  REQUIRE(t.first.status == 0);
  predictions const validation(t.w.dir() / "runs/a/predictions.csv", "validation");
  std::size_t const labels = validation.labels.size();
  t.w.put_npy("monitored.npy", validation.logits, {validation.ids.size(), labels});
  auto const r =
      t.w.run({"monitor", "--scores", "monitored.npy", "--model", "runs/a/model.safetensors", "--json", "-"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  auto const said = json::parse(r.out);
  CHECK(said["drifted"] == 0);
  CHECK(said["domain"] == "logit");
  for (std::size_t j = 0; j < labels; ++j) {
    auto const& label = said["per_label"][j];
    CHECK(label["name"] == validation.labels[j]);
    CHECK(label["predicted_then"] == label["predicted_now"]);
    CHECK(label["p"].get<double>() == Approx(1));
    CHECK(label["suggested"] == label["threshold"]);
  }
  auto const other = t.w.run({"monitor", "--scores", "scores.csv", "--model", "runs/a/model.safetensors"});
  CHECK(other.status == 1);
  CHECK(has(other.err, "runs/a/model.safetensors has 6 labels, scores.csv has scores of 2"));
}
