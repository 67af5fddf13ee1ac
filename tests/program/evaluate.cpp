#include <algorithm>

#include "program/runner.hpp"

namespace {

softf1_program_test::json evaluated(softf1_program_test::workplace const& w, std::vector<std::string> more = {},
                                    std::string const& scores = "scores.csv",
                                    std::string const& targets = "targets.csv") {
  more.insert(more.begin(), {"evaluate", "--scores", scores, "--targets", targets, "--json", "-"});
  auto const r = w.run(more);
  INFO(r.err);
  CHECK(r.status == 0);
  CHECK(r.err.empty());
  return softf1_program_test::json::parse(r.out, nullptr, false);
}

}  // namespace

TEST_CASE("softf1 evaluate prints a table of every label and average") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const r = w.run({"evaluate", "--scores", "scores.csv", "--targets", "targets.csv"});
  CHECK(r.status == 0);
  CHECK(r.err.empty());
  for (std::string const part : {"label", "trivial F1", "\ncat ", "\ndog ", "\nmacro ", "\nmicro ", "rows 4, labels 2"})
    CHECK(has(r.out, part));
  auto const quiet = w.run({"evaluate", "--scores", "scores.csv", "--targets", "targets.csv", "--quiet"});
  CHECK(quiet.status == 0);
  CHECK(quiet.out.empty());
}

TEST_CASE("the JSON of softf1 evaluate has its keys in their order and the values of a small case") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const text = w.run({"evaluate", "--scores", "scores.csv", "--targets", "targets.csv", "--json", "-"}).out;
  auto const ordered = nlohmann::ordered_json::parse(text);
  // The first keys: others have come and will come behind them.
  auto const begins = [](nlohmann::ordered_json const& object, std::string const& first) {
    std::string all;
    for (auto const& [key, value] : object.items()) all += key + " ";
    return all.starts_with(first);
  };
  CHECK(begins(ordered,
               "rows label_names macro micro weighted samples hamming_loss subset_accuracy labels_left_out per_label "
               "coverage_error ranking_loss lrap one_error "));
  for (auto const* average : {"macro", "micro", "weighted"})
    CHECK(begins(ordered[average], "precision recall f1 average_precision roc_auc trivial_f1 f_beta jaccard "));
  CHECK(begins(ordered["samples"], "precision recall f1 trivial_f1 "));
  CHECK(begins(ordered["labels_left_out"], "average_precision roc_auc "));
  CHECK(begins(ordered["per_label"][0],
               "name support tp fp fn tn precision recall f1 average_precision roc_auc threshold trivial_f1 "));
  auto const log_loss = ordered["probabilities"]["log_loss"]["macro"];
  CHECK(ordered["log_loss"] == log_loss);

  auto const report = evaluated(w);
  CHECK(report["rows"] == 4);
  CHECK(report["label_names"] == json({"cat", "dog"}));
  auto const& cat = report["per_label"][0];
  CHECK(cat["name"] == "cat");
  CHECK(cat["tp"].is_number_integer());
  CHECK(cat["tp"] == 2);
  CHECK(cat["fp"] == 1);
  CHECK(cat["fn"] == 1);
  CHECK(cat["tn"] == 0);
  CHECK(cat["support"] == 3);
  CHECK(cat["threshold"] == 0.5);
  CHECK(cat["f1"] == 2.0 / 3);
  CHECK(cat["trivial_f1"] == 6.0 / 7);
  CHECK(report["macro"]["f1"] == 2.0 / 3);
  CHECK(report["hamming_loss"] == 3.0 / 8);
  CHECK(report["subset_accuracy"] == 0.25);
}

TEST_CASE("softf1 evaluate reads every dtype and order of scores and targets alike") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  std::vector<std::size_t> const shape{4, 2};
  std::vector<double> const scores{.75, .25, .625, .875, .375, .125, .6875, .3125};
  std::vector<float> const floats(scores.begin(), scores.end());
  std::vector<softf1::half> halves;
  for (float s : floats) halves.emplace_back(s);
  std::vector<float> const columns{.75f, .625f, .375f, .6875f, .25f, .875f, .125f, .3125f};
  std::vector<std::uint8_t> const targets{1, 0, 0, 1, 1, 0, 1, 1};
  w.put_npy("f64.npy", scores, shape);
  w.put_npy("f32.npy", floats, shape);
  w.put_npy("f16.npy", halves, shape);
  w.put_npy("fortran.npy", columns, shape, softf1::io::storage_order::column_major);
  w.put("scores.txt", "0.75 0.25\n0.625 0.875\n0.375 0.125\n0.6875 0.3125\n");
  w.put_npy("u8.npy", targets, shape);
  w.put_npy("i64.npy", std::vector<std::int64_t>(targets.begin(), targets.end()), shape);
  w.put_npy("f32_targets.npy", std::vector<float>(targets.begin(), targets.end()), shape);
  w.put("bool.npy", [&] {
    auto bytes = w.get("u8.npy");
    return bytes.replace(bytes.find("|u1"), 3, "|b1");
  }());
  auto const expected = evaluated(w, {}, "f64.npy", "u8.npy");
  CHECK(expected["label_names"] == json({"0", "1"}));
  CHECK(expected["per_label"][0]["tp"] == 2);
  for (std::string const s : {"f32.npy", "f16.npy", "fortran.npy", "scores.txt"})
    CHECK(evaluated(w, {}, s, "u8.npy") == expected);
  for (std::string const t : {"i64.npy", "f32_targets.npy", "bool.npy"})
    CHECK(evaluated(w, {}, "f32.npy", t) == expected);
  // A vector is one label.
  w.put_npy("vector.npy", std::vector<float>{.2f, .7f}, {2});
  w.put_npy("vector_targets.npy", std::vector<std::uint8_t>{0, 1}, {2});
  CHECK(evaluated(w, {}, "vector.npy", "vector_targets.npy")["macro"]["f1"] == 1.0);
}

TEST_CASE("softf1 evaluate takes a threshold as a probability, also for logits, and compares floats as doubles") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  // Logits 0 and log(3): probabilities 1/2 and 3/4 (a float below it).
  w.put_npy("logits.npy", std::vector<float>{0, 1.0986122f, -1, 5}, {4, 1});
  w.put_npy("y.npy", std::vector<std::uint8_t>{1, 1, 1, 1}, {4, 1});
  CHECK(evaluated(w, {"--logits"}, "logits.npy", "y.npy")["per_label"][0]["tp"] == 3);
  CHECK(evaluated(w, {"--logits", "--threshold", "0.5001"}, "logits.npy", "y.npy")["per_label"][0]["tp"] == 2);
  CHECK(evaluated(w, {"--logits", "--threshold", "0"}, "logits.npy", "y.npy")["per_label"][0]["threshold"] == "-inf");
  CHECK(evaluated(w, {"--logits", "--threshold", "1"}, "logits.npy", "y.npy")["per_label"][0]["tp"] == 0);
  w.put_npy("tenth.npy", std::vector<float>{.1f, .3f}, {2, 1});  // the float .1 is above .1, the float .3 too
  w.put_npy("two.npy", std::vector<std::uint8_t>{1, 1}, {2, 1});
  CHECK(evaluated(w, {"--threshold", "0.1"}, "tenth.npy", "two.npy")["per_label"][0]["tp"] == 2);
  w.put_npy("seven.npy", std::vector<float>{.7f}, {1, 1});  // the float .7 is below .7
  w.put_npy("one.npy", std::vector<std::uint8_t>{1}, {1, 1});
  CHECK(evaluated(w, {"--threshold", "0.7"}, "seven.npy", "one.npy")["per_label"][0]["tp"] == 0);
}

TEST_CASE("softf1 evaluate reports what is undefined as null and follows --zero-division") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("s.csv", "a,b\n0.1,0.9\n0.2,0.8\n");
  w.put("t.csv", "a,b\n0,1\n0,0\n");
  auto const zero = evaluated(w, {}, "s.csv", "t.csv");
  CHECK(zero["per_label"][0]["precision"] == 0.0);
  CHECK(zero["per_label"][0]["average_precision"].is_null());
  CHECK(zero["per_label"][0]["roc_auc"].is_null());
  CHECK(zero["macro"]["average_precision"] == 1.0);
  CHECK(zero["labels_left_out"]["average_precision"] == 1);
  CHECK(zero["labels_left_out"]["roc_auc"] == 1);
  CHECK(evaluated(w, {"--zero-division", "1"}, "s.csv", "t.csv")["per_label"][0]["f1"] == 1.0);
  auto const nan = evaluated(w, {"--zero-division", "nan"}, "s.csv", "t.csv");
  CHECK(nan["per_label"][0]["f1"].is_null());
  CHECK(nan["macro"]["f1"] == nan["per_label"][1]["f1"]);
}

TEST_CASE("softf1 evaluate names labels of which all scores are alike or at the ends") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("s.csv", "same,ends,good\n0.75,1,0.9\n0.75,0,0.1\n0.75,1,0.2\n");
  w.put("t.csv", "same,ends,good\n1,1,1\n0,0,0\n1,0,0\n");
  auto const r = w.run({"evaluate", "--scores", "s.csv", "--targets", "t.csv", "--json", "r.json"});
  CHECK(has(r.out, "\nalways predicted: same\n"));
  CHECK(has(r.out, "\nconstant scores: same\nsaturated probabilities: ends\n"));
  auto const form = w.get_json("r.json");
  CHECK(form["remarks"].back() == json({{"label", "ends"}, {"condition", "saturated probabilities"}}));
  CHECK(form["probabilities"]["saturated"]["per_label"] == json({0.0, 1.0, 0.0}));
}

TEST_CASE("softf1 evaluate prints the metrics that are asked for, and has all of them as JSON") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("groups.csv", "label,group\ndog,pets\ncat,felines\n");
  std::vector<std::string> const data{"evaluate", "--scores", "scores.csv", "--targets", "targets.csv"};
  auto const with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), data.begin(), data.end());
    return w.run(more);
  };
  auto const plain = with({});
  auto const all = with({"--metrics", "all", "--at-k", "1,2", "--label-groups", "groups.csv", "--json", "all.json"});
  INFO(all.err);
  REQUIRE(all.status == 0);
  CHECK(all.out.starts_with(plain.out));
  for (std::string const part : {"\nscore ", "\nmcc ", "coverage error", "nDCG at k", "\n2 ", "sets overlap", "\npets ",
                                 "\nfelines ", "log-loss", "lift over the best of these"}) {
    INFO(part);
    CHECK(has(all.out, part));
    CHECK_FALSE(has(plain.out, part));
  }
  auto const form = w.get_json("all.json");
  CHECK(form["at_k"].size() == 2);
  CHECK(form["label_groups"][0]["name"] == "pets");
  CHECK(form["label_groups"][0]["f1"] == form["per_label"][1]["f1"]);
  // Every score that has a lift, over the best predictor that knows nothing.
  for (auto const* average : {"macro", "micro"})
    for (auto const* score : {"f1", "jaccard", "accuracy"}) {
      auto const beside = form["baselines"][average][score];
      auto const number = [&](char const* of) { return beside[of].get<double>(); };
      CHECK(number("lift") == form[average][score].get<double>() -
                                  std::max({number("all_positive"), number("all_negative"), number("prior_random")}));
    }
  CHECK(form["baselines"]["per_label"][0]["name"] == "cat");
  CHECK(form["baselines"]["per_label"][0]["f1"]["all_positive"] == 6.0 / 7);
  CHECK(!form["baselines"]["macro"].contains("recall"));
  CHECK(form["probabilities"]["adaptive_ece"]["per_label"].size() == 2);
  CHECK(form["probabilities"]["saturated"]["pooled"] == 0.0);
  auto const some = with({"--metrics", "sets,rankings"});
  CHECK((has(some.out, "sets overlap") && has(some.out, "one-error") && !has(some.out, "log-loss")));

  w.put("groups.csv", "label,group\nfox,pets\n");
  CHECK(has(with({"--label-groups", "groups.csv"}).err, "error: groups.csv: line 2: there is no label 'fox'"));
  w.put("groups.csv", "label,group\ncat,pets\ncat,pets\n");
  CHECK(has(with({"--label-groups", "groups.csv"}).err, "groups.csv: line 3: label 'cat' is in group 'pets' already"));
  CHECK(has(with({"--metrics", "sets,set"}).err, "no metrics are named 'set', there are all, scores"));
  CHECK(has(with({"--at-k", "0"}).err, "k must be a whole number of at least 1, got '0'"));
}

TEST_CASE("softf1 evaluate gives intervals, and says whether another model is better by more than chance") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  // Scores that are right in most rows, in fewer, and in all of them wrong for the second label.
  std::string good = "a,b\n", worse = "a,b\n", truth = "a,b\n", groups;
  for (int i = 0; i < 200; ++i) {
    bool const y = i % 3 == 0, z = i % 4 == 0;
    auto const score = [](bool yes) { return yes ? "0.8" : "0.2"; };
    truth += std::string(y ? "1" : "0") + (z ? ",1\n" : ",0\n");
    good += std::string(score(y != (i % 10 == 0))) + "," + score(z != (i % 7 == 0)) + "\n";
    worse += std::string(score(y != (i % 3 == 1))) + "," + score(z != (i % 7 == 0)) + "\n";
    groups += std::to_string(i / 10) + "\n";
  }
  w.put("good.csv", good), w.put("worse.csv", worse), w.put("truth.csv", truth), w.put("groups.txt", groups);
  auto const with = [&](std::vector<std::string> more) {
    std::vector<std::string> all{"evaluate", "--scores", "good.csv", "--targets", "truth.csv", "--resamples", "300"};
    all.insert(all.end(), more.begin(), more.end());
    return w.run(all);
  };
  for (std::string const method : {"auto", "bca", "percentile", "delta", "corrected"}) {
    auto const r = with({"--ci", "0.9", "--ci-method", method, "--json", "ci.json", "--table", "ci.csv"});
    INFO(method << r.err);
    REQUIRE(r.status == 0);
    CHECK(has(r.out, "90 % intervals"));
    auto const form = w.get_json("ci.json");
    for (auto const* average : {"macro", "micro", "weighted", "samples"}) {
      auto const f1 = form["intervals"][average]["f1"];
      CHECK(f1["value"].get<double>() == Approx(form[average]["f1"].get<double>()).epsilon(1e-12));
      CHECK(f1["low"].get<double>() < f1["value"].get<double>());
      CHECK(f1["high"].get<double>() > f1["value"].get<double>());
      CHECK(f1["high"].get<double>() - f1["low"].get<double>() < 0.2);
    }
    CHECK(form["intervals"]["macro"]["average_precision"]["value"].get<double>() ==
          Approx(form["macro"]["average_precision"].get<double>()).epsilon(1e-12));
    auto const ranked = form["intervals"]["samples"]["roc_auc"];
    CHECK(ranked["value"].get<double>() == Approx(form["samples"]["roc_auc"].get<double>()).epsilon(1e-12));
    CHECK((ranked["low"] < ranked["value"] && ranked["value"] < ranked["high"]));
    // Every score has one, and says how it was found.
    bool const is_auto = method == "auto", draws = is_auto || method == "bca" || method == "percentile";
    CHECK(form["intervals"]["resamples"] == (draws ? 300 : 0));
    for (auto const* average : {"macro", "micro", "weighted", "samples"}) {
      auto const of = form["intervals"][average];
      CHECK(of.size() == 27);
      CHECK(of["mcc"]["value"].get<double>() == Approx(form[average]["mcc"].get<double>()).epsilon(1e-12));
      CHECK(of["mcc"]["method"] == (is_auto ? "bca" : method));
      CHECK(of["roc_auc"]["method"] == (is_auto ? "bca" : method));
      CHECK(of["average_precision"]["method"] == (is_auto ? "corrected" : method));
      CHECK(of["average_precision"]["value"].get<double>() ==
            Approx(form[average]["average_precision"].get<double>()).epsilon(1e-12));
    }
    auto const label = form["intervals"]["per_label"][1];
    for (auto const* figure : {"precision", "recall", "f1", "average_precision", "roc_auc"})
      CHECK(label[figure]["value"].get<double>() == Approx(form["per_label"][1][figure].get<double>()).epsilon(1e-12));
    CHECK(has(r.out, "\nweighted roc_auc "));
    CHECK_FALSE(has(r.out, "\nmacro mcc "));
    CHECK(label["name"] == "b");
    auto const table = w.get("ci.csv");
    CHECK(has(table, ",threshold,lift,f1_low,f1_high\n"));
    CHECK(has(table, "," + softf1::number_text(label["f1"]["low"].get<double>()) + "," +
                         softf1::number_text(label["f1"]["high"].get<double>()) + "\naverage,macro,"));
  }
  CHECK(has(with({"--ci", "0.9", "--ci-method", "delta", "--metrics", "scores"}).out, "\nmacro mcc "));
  auto const grouped = with({"--ci", "0.9", "--row-groups", "groups.txt", "--json", "-", "--quiet"});
  CHECK(json::parse(grouped.out)["intervals"]["macro"]["f1"]["low"].get<double>() > 0);
  w.put("groups.txt", "1\n");
  CHECK(has(with({"--ci", "0.9", "--row-groups", "groups.txt"}).err,
            "error: groups.txt: expected a group for each of 200 rows, got 1 lines"));

  auto const compared = with({"--compare", "worse.csv", "--json", "compared.json"});
  INFO(compared.err);
  REQUIRE(compared.status == 0);
  CHECK(has(compared.out, "McNemar"));
  auto const form = w.get_json("compared.json")["comparison"];
  auto const macro = form["macro"]["f1"];
  CHECK(macro["difference"]["low"].get<double>() > 0);
  CHECK(macro["difference"]["method"] == "bca");
  CHECK(form["weighted"]["average_precision"]["difference"]["method"] == "corrected");
  CHECK(macro["p_randomisation"].get<double>() < 0.02);
  CHECK(macro["p_bootstrap"].get<double>() < 0.02);
  CHECK(form["per_label"][0]["p_holm"].get<double>() < 0.001);
  CHECK(form["per_label"][1]["p"] == 1.0);
  w.put("short.csv", "a,b\n0.1,0.2\n");
  CHECK(has(with({"--compare", "short.csv"}).err, "short.csv has shape (1, 2), good.csv has (200, 2)"));
  w.put("turned.csv", "b,a" + worse.substr(3));
  CHECK(has(with({"--compare", "turned.csv"}).err, "the name of label 0 is 'a' in good.csv, 'b' in turned.csv"));
}

TEST_CASE("for softf1 evaluate, a masked cell is as good as deleted and a row weight of 2 is a row twice") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("s.csv", "a,b\n0.9,0.2\n0.6,0.8\n0.4,nan\n0.7,0.3\n");  // what is missing may be anything
  w.put("t.csv", "a,b\n1,0\n0,1\n1,-1\n1,1\n");
  w.put("mask.txt", "1 1\n1 1\n1 0\n1 1\n");
  auto const masked = evaluated(w, {"--mask", "mask.txt"}, "s.csv", "t.csv");
  CHECK(masked["per_label"][1]["tn"] == 1);
  CHECK(masked["per_label"][1]["support"] == 2);
  CHECK(evaluated(w, {"--missing", "-1"}, "s.csv", "t.csv") == masked);
  CHECK(masked["per_label"][0] == [&] {
    auto cat = evaluated(w)["per_label"][0];
    cat["name"] = "a";
    return cat;
  }());

  w.put("w.txt", "1\n2\n0\n1\n");
  w.put("s2.csv", "cat,dog\n0.9,0.2\n0.6,0.8\n0.6,0.8\n0.7,0.3\n");
  w.put("t2.csv", "cat,dog\n1,0\n0,1\n0,1\n1,1\n");
  auto const weighted = evaluated(w, {"--row-weights", "w.txt"}), doubled = evaluated(w, {}, "s2.csv", "t2.csv");
  CHECK(weighted["macro"] == doubled["macro"]);
  CHECK(weighted["per_label"] == doubled["per_label"]);
  w.put("w.txt", "0.5\n0.25\n0\n1\n");
  CHECK(evaluated(w, {"--row-weights", "w.txt"})["per_label"][0]["tp"] == 1.5);
}

TEST_CASE("softf1 evaluate takes label names from the file named, else from a header, else counts") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("names.txt", "\xEF\xBB\xBFKatze, groß\r\n\"Hund\"\r\n");
  w.put("bare.txt", "1 0\n0 1\n1 0\n1 1\n");
  CHECK(evaluated(w, {"--label-names", "names.txt"})["label_names"] == json({"Katze, groß", "\"Hund\""}));
  CHECK(evaluated(w, {}, "scores.csv", "bare.txt")["label_names"] == json({"cat", "dog"}));
  auto const r = w.run({"evaluate", "--scores", "scores.csv", "--targets", "targets.csv", "--label-names", "names.txt",
                        "--table", "r.csv", "--quiet"});
  CHECK(r.status == 0);
  CHECK(has(w.get("r.csv"), "\nlabel,\"Katze, groß\",3,2,1,1,0,"));
  CHECK(has(w.get("r.csv"), "\naverage,macro,"));
  CHECK(has(w.get("r.csv"), ",threshold,lift\n"));
  auto const markdown = w.run({"evaluate", "--scores", "scores.csv", "--targets", "targets.csv", "--table", "r.md"});
  CHECK(markdown.status == 0);
  CHECK(w.get("r.md").starts_with("| label | precision | recall | F1 | trivial F1 | lift | AP | AUROC | threshold | "));
  CHECK(has(w.get("r.md"), "\n| cat | 0.6667 | 0.6667 | 0.6667 | 0.8571 | -0.1905 |"));
  CHECK(has(w.get("r.md"), "\n| **macro** |"));
}

TEST_CASE("softf1 gives the same bytes at any number of threads") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  std::vector<float> scores;
  std::vector<std::uint8_t> targets;
  std::vector<double> weights;
  for (unsigned k = 0; k < 5000 * 3; ++k) {
    scores.push_back(static_cast<float>(k * 2654435761u % 1009u) / 1009.0f);
    targets.push_back(k * 40503u % 7u < 2);
    if (k % 3 == 0) weights.push_back(0.1 + 0.01 * (k % 17));
  }
  w.put_npy("s.npy", scores, {5000, 3});
  w.put_npy("t.npy", targets, {5000, 3});
  w.put_npy("w.npy", weights, {5000});
  auto const one = evaluated(w, {"--row-weights", "w.npy", "--threads", "1"}, "s.npy", "t.npy");
  CHECK(one["macro"]["f1"].is_number());
  CHECK(evaluated(w, {"--row-weights", "w.npy", "--threads", "3", "--seed", "5"}, "s.npy", "t.npy") == one);
}
