#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "program/runner.hpp"
#include "support/data.hpp"

TEST_CASE("softf1 calibrate writes thresholds with which evaluate reports the objective that calibrate printed") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  for (std::string const domain : {"probability", "logit"}) {
    std::vector<std::string> const flags =
        domain == "logit" ? std::vector<std::string>{"--logits"} : std::vector<std::string>{};
    auto arguments = std::vector<std::string>{"calibrate", "--scores", "scores.csv", "--targets", "targets.csv",
                                              "--out",     "t.json",   "--json",     "c.json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    auto const r = w.run(arguments);
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK(has(r.out, "f1 tuned"));
    CHECK(has(r.out, "in-sample"));
    CHECK(has(r.out, "\nmacro "));

    auto const rule = w.get_json("t.json");
    CHECK(rule["format"] == "softf1.decision_rule");
    CHECK(rule["version"] == 1);
    CHECK(rule["kind"] == "thresholds");
    CHECK(rule["domain"] == domain);
    CHECK(rule["operator"] == ">=");
    CHECK(rule["labels"][0]["name"] == "cat");
    CHECK(rule["labels"][0]["threshold"] == 0.4);  // all accepted: the lowest score
    CHECK(rule["labels"][1]["threshold"] == 0.5 * 0.3 + 0.5 * 0.2);
    CHECK(rule["labels"][1]["reason"] == "best");
    CHECK(rule["origin"]["objective"] == "f1");

    arguments = {"evaluate",     "--scores", "scores.csv", "--targets", "targets.csv",
                 "--thresholds", "t.json",   "--json",     "-"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    auto const report = json::parse(w.run(arguments).out), table = w.get_json("c.json");
    CHECK(table["macro"]["tuned"] == report["macro"]["f1"]);
    CHECK(table["macro"]["trivial"] == report["macro"]["trivial_f1"]);
    for (std::size_t j = 0; j < 2; ++j) {
      CHECK(table["per_label"][j]["tuned"] == report["per_label"][j]["f1"]);
      CHECK(table["per_label"][j]["threshold"] == report["per_label"][j]["threshold"]);
      CHECK(table["per_label"][j]["positives"] == report["per_label"][j]["support"]);
    }
  }
}

TEST_CASE("softf1 calibrate knows strategies and objectives with parameters, and marks labels without positives") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("t.csv", "cat,dog\n1,0\n0,0\n1,0\n1,0\n");
  auto const labels = [&](std::vector<std::string> const& more) {
    std::vector<std::string> arguments{"calibrate", "--scores", "scores.csv", "--targets", "t.csv", "--out", "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto const r = w.run(arguments);
    INFO(r.err);
    CHECK(r.status == 0);
    return json::parse(r.out)["labels"];
  };
  CHECK(labels({})[1]["threshold"] == 0.5);
  CHECK(labels({})[1]["reason"] == "no positives");
  CHECK(labels({"--logits"})[1]["threshold"] == 0.0);
  CHECK(labels({"--strategy", "fixed:at=0.4"})[0]["threshold"] == 0.4);
  CHECK(labels({"--strategy", "fixed"})[0]["reason"] == "fixed");
  for (std::string const strategy : {"global:macro=1", "micro", "samples", "cost:fn=5", "f_star", "ofo", "youden",
                                     "constraint:min_precision=0.9", "conformal:alpha=0.5"}) {
    INFO(strategy);
    CHECK(labels({"--strategy", strategy})[0]["reason"] == strategy.substr(0, strategy.find(':')));
  }
  for (auto const& [strategy, kind] :
       std::vector<std::pair<std::string, std::string>>{{"rcut", "top_k"},
                                                        {"mcut", "largest_gap"},
                                                        {"expected_f", "expected_f"},
                                                        {"gfm", "expected_f"},
                                                        {"metalabeler", "predicted_size"},
                                                        {"budget", "weighted_top_k"}}) {
    INFO(strategy);
    auto const r = w.run({"calibrate", "--scores", "scores.csv", "--targets", "t.csv", "--strategy", strategy, "--out",
                          "rule.json", "--json", "c.json"});
    REQUIRE(r.status == 0);
    CHECK(w.get_json("rule.json")["kind"] == kind);
    CHECK(w.get_json("c.json")["per_label"][0]["threshold"].is_null());
    CHECK(w.get_json("c.json")["per_label"][0]["reason"] == strategy);
    auto const report = json::parse(
        w.run({"evaluate", "--scores", "scores.csv", "--targets", "t.csv", "--thresholds", "rule.json", "--json", "-"})
            .out);
    CHECK(report["macro"]["f1"] == w.get_json("c.json")["macro"]["tuned"]);
  }
  CHECK(labels({"--strategy", "constraint:min_precision=0.9,confidence=0.9"})[0]["reason"] == "infeasible");
  auto const best_for = [&](std::string const& objective) {
    return labels({"--strategy", "best", "--objective", objective});
  };
  CHECK(best_for("precision")[0]["threshold"] == 0.5 * 0.9 + 0.5 * 0.7);
  CHECK(best_for("f_beta:beta=0.1")[0]["threshold"] == 0.5 * 0.7 + 0.5 * 0.6);
  CHECK(best_for("f_beta:beta=2")[0]["threshold"] == 0.4);
  CHECK(best_for("f_beta:beta=2,weight=2+false_positive_rate:weight=0")[0]["threshold"] == 0.4);
  w.put("never.csv", "cat,dog\n0,0\n1,0\n0,0\n0,0\n");
  w.put("rank.csv", "cat,dog\n0.9,0.2\n0.1,0.8\n0.4,0.1\n0.7,0.3\n");
  auto const r =
      w.run({"calibrate", "--scores", "rank.csv", "--targets", "never.csv", "--objective", "accuracy", "--out", "-"});
  CHECK(json::parse(r.out)["labels"][0]["threshold"] == "inf");
}

TEST_CASE("softf1 calibrate says how sure thresholds are, and what to expect of them on new rows") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  std::string scores = "a,b\n", targets = "a,b\n";
  for (int i = 0; i < 80; ++i) {
    // Label a is ranked right but for every seventh row; label b has three positives.
    bool const a = i % 3 == 0, b = i % 30 == 1;
    double const x = 0.01 * i * (i % 7 == 0 ? 0.3 : 1) + (a ? 0.15 : 0);
    scores += std::to_string(x) + "," + std::to_string(0.012 * ((i * 37) % 80)) + "\n";
    targets += std::string(a ? "1" : "0") + (b ? ",1\n" : ",0\n");
  }
  w.put("s.csv", scores);
  w.put("t.csv", targets);
  auto const run = [&](std::vector<std::string> const& more) {
    std::vector<std::string> arguments{"calibrate", "--scores", "s.csv", "--targets", "t.csv"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return w.run(arguments);
  };
  auto const r = run({"--out", "r.json", "--json", "c.json", "--ci", "0.9"});
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "90 % interval"));
  CHECK(has(r.out, "on new rows expect 'f1 expected', 0."));
  auto const table = w.get_json("c.json"), rule = w.get_json("r.json");
  for (std::size_t j = 0; j < 2; ++j) {
    auto const& label = table["per_label"][j];
    CHECK(label["low"] <= label["threshold"]);
    CHECK(label["high"] >= label["threshold"]);
    CHECK(label["expected"] < label["tuned"]);
    auto const& stored = rule["labels"][j];
    CHECK(stored["cells"] == 80);
    CHECK(stored["positives"] == label["positives"]);
    CHECK(stored["low"] == label["low"]);
    CHECK(stored["expected"] == label["expected"]);
  }
  CHECK(table["optimism"].get<double>() ==
        Approx(table["macro"]["tuned"].get<double>() - table["macro"]["expected"].get<double>()));
  CHECK(rule["origin"]["data"].get<std::string>().size() == 16);
  CHECK(rule["origin"]["date"].get<std::string>().size() == 10);

  REQUIRE(
      run({"--out", "f.json", "--json", "n.json", "--strategy", "best", "--folds", "4", "--nested", "--resamples", "0"})
          .status == 0);
  CHECK(w.get_json("f.json")["labels"][0]["reason"] == "best, k_fold");
  CHECK(w.get_json("f.json")["origin"]["strategy"] == "best+k_fold:folds=4");
  CHECK(w.get_json("n.json")["per_label"][0]["low"].is_null());
  CHECK(w.get_json("n.json")["per_label"][0]["expected"] != table["per_label"][0]["expected"]);
  CHECK(has(run({"--out", "x.json", "--resamples", "0"}).out, "expect less on new rows"));

  auto const promised = run({"--out", "p.json", "--min", "precision=0.9", "--confidence", "0.9"});
  CHECK(promised.status == 0);
  CHECK(w.get_json("p.json")["origin"]["strategy"] == "constraint:min_precision=0.9,confidence=0.9");
  CHECK(w.get_json("p.json")["labels"][1]["reason"] == "infeasible");
  CHECK(run({"--out", "a.json", "--max", "alarms=2", "--rows-a-day", "40"}).status == 0);
  CHECK(w.get_json("a.json")["origin"]["strategy"] == "constraint:max_alarms=2,rows_a_day=40");
  for (auto const& [wrong, sentence] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--out", "y", "--min", "speed=1"}, "--min takes precision=X or recall=X, got speed=1"},
           {{"--out", "y", "--max", "rate=2"}, "precision, recall and rate must lie in [0, 1], got 2"},
           {{"--out", "y", "--confidence", "0.9"}, "--confidence needs --min"},
           {{"--out", "y", "--confidence", "0.9", "--max", "rate=0.5"}, "--confidence needs --min"},
           {{"--out", "y", "--rows-a-day", "9"}, "--rows-a-day needs --max alarms=N"},
           {{"--out", "y", "--rows-a-day", "9", "--max", "rate=0.5"}, "--rows-a-day needs --max alarms=N"},
           {{"--out", "y", "--min", "recall=1", "--strategy", "youden"}, "leave --strategy and --grid out"},
           {{"--compare", "all", "--out", "y"}, "--compare writes no thresholds"},
           {{"--compare", "bes"}, "no strategy is named 'bes'"},
           {{"--out", "y", "--strategy", "best+bag"}, "no refinement is named 'bag'"}}) {
    auto const refused = run(wrong);
    INFO(refused.err);
    CHECK(refused.status == 2);
    CHECK(has(refused.err, sentence));
  }
  CHECK(has(run({"--out", "y", "--folds", "81"}).err, "folds must be from 2 to the number of rows, got 81"));
}

TEST_CASE("softf1 calibrate --compare measures strategies on rows that they have not seen") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const r = w.run({"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--compare", "all",
                        "best+shrunk:strength=3", "--folds", "2", "--json", "c.json", "--threads", "1"});
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "each row decided by what was found without its fold, of 2 folds"));
  auto const all = w.get_json("c.json")["compared"];
  CHECK(all.size() > 21);
  std::size_t known = 0, failed = 0;
  for (std::size_t k = 0; k < all.size(); ++k) {
    known += all[k]["strategy"] == "best+shrunk:strength=3" || all[k]["strategy"] == "expected_f";
    failed += all[k].contains("failure");
    if (k > 0 && !all[k]["macro"].is_null()) CHECK(all[k]["macro"] <= all[k - 1]["macro"]);
  }
  CHECK(known == 2);
  CHECK(failed == 1);  // best+k_fold wants 5 rows
  CHECK(has(r.out, "best+k_fold: shuffled_folds: folds must be from 2 to the number of rows, got 5"));
  REQUIRE(w.run({"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--compare", "best", "--json",
                 "b.json"})
              .status == 0);
  CHECK(w.get_json("b.json")["folds"] == 4);
}

TEST_CASE("softf1 keeps names that the thresholds file has, and refuses others in their place") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("s.txt", "0.9 0.2\n0.6 0.8\n0.4 0.1\n0.7 0.3\n");
  w.put("t.txt", "1 0\n0 1\n1 0\n1 1\n");
  w.put("names.txt", "cat\nfox\n");
  REQUIRE(w.run({"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--out", "named.json"}).status ==
          0);
  REQUIRE(w.run({"calibrate", "--scores", "s.txt", "--targets", "t.txt", "--out", "unnamed.json"}).status == 0);
  auto const report =
      w.run({"evaluate", "--scores", "s.txt", "--targets", "t.txt", "--thresholds", "named.json", "--json", "-"});
  CHECK(json::parse(report.out)["label_names"] == json({"cat", "dog"}));
  auto const other = w.run({"evaluate", "--scores", "s.txt", "--targets", "t.txt", "--label-names", "names.txt",
                            "--thresholds", "named.json"});
  CHECK(other.status == 1);
  CHECK(has(other.err, "the name of label 1 is 'dog' in named.json, 'fox' in the scores"));
  // Without names of its own, a rule takes any.
  CHECK(w.run({"evaluate", "--scores", "s.txt", "--targets", "t.txt", "--label-names", "names.txt", "--thresholds",
               "unnamed.json"})
            .status == 0);
}

TEST_CASE("softf1 evaluate agrees with scikit-learn on real scores, and calibrate with its best F1", "[data]") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  auto const folder = softf1_test::data("golden_metrics");
  if (!folder) SOFTF1_SKIP("no data folder golden_metrics");
  workplace const w;
  for (std::string const name : {"emotions", "birds", "scene", "yeast"}) {
    auto const golden = json::parse(content(*folder / (name + ".json")));
    auto const& metrics = golden["metrics"];
    std::string names;
    for (auto const& label : golden["labels"]) names += label.get<std::string>() + "\n";
    w.put("names.txt", names);
    std::vector<std::string> const files{"--scores",      (*folder / (name + "_y_prob_f32.npy")).string(),
                                         "--targets",     (*folder / (name + "_y_true_u8.npy")).string(),
                                         "--label-names", "names.txt"};
    auto const run_on_files = [&](std::vector<std::string> arguments) {
      arguments.insert(arguments.end(), files.begin(), files.end());
      auto const r = w.run(arguments);
      INFO(r.err);
      REQUIRE(r.status == 0);
      return json::parse(r.out);
    };
    auto const report = run_on_files({"evaluate", "--json", "-"});
    std::size_t compared = 0;
    auto const agree = [&](json const& ours, json const& theirs, std::string const& what) {
      INFO(name << " " << what);
      REQUIRE(ours.is_number());
      CHECK(std::abs(ours.get<double>() - theirs.get<double>()) <= 1e-9);
      ++compared;
    };
    CHECK(report["rows"] == golden["shape"][0]);
    CHECK(report["label_names"] == golden["labels"]);
    for (std::string const average : {"macro", "micro", "weighted", "samples"})
      for (std::string const figure : {"precision", "recall", "f1"})
        agree(report[average][figure], metrics[average][figure], average + " " + figure);
    agree(report["hamming_loss"], metrics["hamming_loss"], "Hamming loss");
    agree(report["subset_accuracy"], metrics["subset_accuracy"], "subset accuracy");
    agree(report["macro"]["average_precision"], metrics["mAP_over_labels_with_both_classes"], "macro AP");
    agree(report["macro"]["roc_auc"], metrics["macro_roc_auc_over_labels_with_both_classes"], "macro AUROC");
    agree(report["micro"]["average_precision"], metrics["micro_average_precision"], "micro AP");
    agree(report["micro"]["roc_auc"], metrics["micro_roc_auc"], "micro AUROC");
    auto const table = run_on_files({"calibrate", "--strategy", "best", "--out", w.dir() / "t.json", "--json", "-"});
    for (std::size_t j = 0; j < golden["labels"].size(); ++j) {
      auto const& label = report["per_label"][j];
      for (auto const& [figure, values] : metrics["per_label"].items()) agree(label[figure], values[j], figure);
      agree(label["average_precision"], metrics["average_precision_per_label"][j], "AP");
      agree(label["roc_auc"], metrics["roc_auc_per_label"][j], "AUROC");
      agree(table["per_label"][j]["tuned"], metrics["best_f1_over_all_thresholds_per_label"][j], "best F1");
    }
    CHECK(compared == 18 + 11 * golden["labels"].size());
  }
}
