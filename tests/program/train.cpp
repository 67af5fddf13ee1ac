#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <softf1/metrics/all.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/thresholds/find_rule.hpp>

#include "program/trained.hpp"

namespace program_train_test {

using namespace softf1_program_test;

std::vector<std::string> names_in(std::filesystem::path const& folder) {
  std::vector<std::string> all;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) all.push_back(entry.path().filename());
  std::sort(all.begin(), all.end());
  return all;
}

json const& figures(json const& result, std::string const& decision) {
  for (auto const& row : result["results"])
    if (row["decision"] == decision) return row;
  throw std::runtime_error("no results for " + decision);
}

TEST_CASE("softf1 train leaves a model, a report and its numbers") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  INFO(t.first.err);
  REQUIRE(t.first.status == 0);
  CHECK(t.first.err.empty());
  CHECK(names_in(t.w.dir() / "runs" / "a") == std::vector<std::string>{"checkpoints", "events", "history.csv",
                                                                       "history.json", "model.safetensors",
                                                                       "predictions.csv", "report.html", "split.csv"});
  for (std::string const part : {"labels: 6 in column 'Genre'", "features: 300 rows of 1280, 0 of them from",
                                 "split: 210 rows train, 30 validation, 60 test (stratified)", "epoch   6",
                                 "results on test rows (60):", "all positive", "at 0.5", "tuned",
                                 "model:  runs/a/model.safetensors", "report: runs/a/report.html"})
    CHECK(has(t.first.out, part));

  std::vector<std::string> keys;
  for (auto const& [key, value] : t.result.items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"best_epoch", "end", "extractor", "failures", "measured_on", "out", "results",
                                         "seconds", "settings"});
  CHECK(t.result["end"] == "finished");
  CHECK(t.result["measured_on"] == "test");
  CHECK(t.result["settings"]["train_rows"] == 210);
  CHECK(t.result["extractor"]["image_size"] == 64);
  REQUIRE(t.result["results"].size() == 3);
  CHECK(figures(t.result, "all positive")["map"].is_null());

  auto const history = softf1::io::read_csv((t.w.dir() / "runs/a/history.csv").string());
  CHECK(history.rows.size() == 6 + (history.header.empty() ? 1 : 0));
  auto const records = t.w.get_json("runs/a/history.json");
  REQUIRE(records.size() == 6);
  for (std::size_t k = 0; k < 6; ++k) {
    CHECK(records[k]["epoch"] == k + 1);
    CHECK(records[k]["loss"] >= records[t.result["best_epoch"].get<std::size_t>() - 1]["loss"]);
  }
  auto const report = t.w.get("runs/a/report.html");
  CHECK(has(report, "<svg"));
  CHECK(has(report, "all positive"));
  CHECK(has(report, "<h2 id=\"thresholds\">"));
}

TEST_CASE("the logits that softf1 train writes give the figures that it says") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  REQUIRE(t.first.status == 0);
  auto const form = model_form(t.w.dir() / "runs/a/model.safetensors");
  auto const rule = softf1::io::decision_rule_from_json(form["decision"]);
  predictions const test(t.w.dir() / "runs/a/predictions.csv", "test");
  predictions const validation(t.w.dir() / "runs/a/predictions.csv", "validation");
  CHECK(test.ids.size() == 60);
  CHECK(form["labels"].get<std::vector<std::string>>() == test.labels);
  auto const z = test.logit_view(), y = test.target_view();
  auto const& tuned = figures(t.result, "tuned");
  CHECK(tuned["macro_f1"].get<double>() == Approx(softf1::macro(softf1::f1{}, z, y, {.decision = rule})).epsilon(1e-9));
  CHECK(tuned["micro_f1"].get<double>() == Approx(softf1::micro(softf1::f1{}, z, y, {.decision = rule})).epsilon(1e-9));
  CHECK(tuned["map"].get<double>() == Approx(softf1::average_precision(z, y)).epsilon(1e-9));
  CHECK(figures(t.result, "at 0.5")["macro_f1"].get<double>() ==
        Approx(softf1::macro(softf1::f1{}, z, y)).epsilon(1e-9));
  auto const best = softf1::find_rule(softf1::thresholds::best{.smooth = 0.6}, softf1::f1{}, validation.logit_view(),
                                      validation.target_view());
  CHECK(std::get<softf1::threshold_set>(best).thresholds == std::get<softf1::threshold_set>(rule).thresholds);

  // The true labels are those of the table.
  auto const table = softf1::read_label_table((t.w.dir() / "demo/posters.csv").string());
  for (std::size_t i = 0; i < test.ids.size(); ++i) {
    auto const row =
        static_cast<std::size_t>(std::find(table.ids.begin(), table.ids.end(), test.ids[i]) - table.ids.begin());
    REQUIRE(row < table.rows());
    for (std::size_t j = 0; j < 6; ++j) CHECK(test.targets[i * 6 + j] == table.targets[row * 6 + j]);
  }
}

TEST_CASE("softf1 train gives the same bits at any number of threads, from the cache and from the images") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  for (arguments const& how : {arguments{"--threads", "1", "--feature-cache", "cache1"},
                               arguments{"--threads", "2", "--feature-cache", "cache2"},
                               arguments{"--threads", "3", "--feature-cache", "cache"}}) {
    auto const quick = arguments(quick_training.begin(), quick_training.end() - 2);
    auto const r = t.w.run(arguments{"train"} + demo_data + quick + how + arguments{"--out", "runs/again/"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK(
        has(r.out, how.back() == "cache" ? "300 rows of 1280, 300 of them from" : "300 rows of 1280, 0 of them from"));
    for (std::string const file : {"model.safetensors", "predictions.csv", "split.csv"})
      CHECK(t.w.get("runs/again/" + file) == t.w.get("runs/a/" + file));
    std::filesystem::remove_all(t.w.dir() / "runs" / "again");
  }
  auto const other = t.train({"--out", "runs/seeded", "--seed", "1"});
  CHECK(other.status == 0);
  CHECK(t.w.get("runs/seeded/split.csv") != t.w.get("runs/a/split.csv"));
}

TEST_CASE("softf1 train keeps a finished run unless told otherwise, and features lie beside runs") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  arguments const command =
      arguments{"train"} + demo_data +
      arguments{"--weights", "small.safetensors", "--hidden", "0", "--epochs", "2", "--out", "kept/a/"};
  REQUIRE(t.w.run(command).status == 0);
  auto const before = t.w.get("kept/a/model.safetensors");
  auto const again = t.w.run(command + arguments{"--seed", "5"});
  CHECK(again.status == 1);
  CHECK(again.err == "error: --out: kept/a holds a finished run (--overwrite replaces it)\n");
  CHECK(t.w.get("kept/a/model.safetensors") == before);
  auto const replaced = t.w.run(command + arguments{"--seed", "5", "--overwrite"});
  CHECK(replaced.status == 0);
  CHECK(has(replaced.out, "300 rows of 1280, 300 of them from kept/features_"));
  CHECK(t.w.get("kept/a/model.safetensors") != before);
  CHECK(names_in(t.w.dir() / "kept").size() == 2);
}

TEST_CASE("softf1 train splits as it is told") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const shuffled = t.train({"--out", "runs/s", "--split-by", "shuffle", "--split", "0.6,0.2,0.2"});
  CHECK(has(shuffled.out, "split: 180 rows train, 60 validation, 60 test (shuffle)"));
  auto const from_file = t.train({"--out", "runs/f", "--split-file", "runs/a/split.csv"});
  CHECK(from_file.status == 0);
  CHECK(t.w.get("runs/f/predictions.csv") == t.w.get("runs/a/predictions.csv"));
  CHECK(model_form(t.w.dir() / "runs/f/model.safetensors")["settings"]["split_by"] == "file");
  auto const without = t.train({"--out", "runs/n", "--split", "0.8,0.2,0", "--json", "n.json"});
  CHECK(without.status == 0);
  CHECK(t.w.get_json("n.json")["measured_on"] == "validation");
}

TEST_CASE("softf1 train takes losses, weights of positives, optimizers and first values") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  std::vector<std::string> seen{t.w.get("runs/a/predictions.csv")};
  for (arguments const& how :
       {arguments{"--loss", "bce:weight=0.5+soft_f1:weight=0.5"}, arguments{"--loss", "double_soft_f1"},
        arguments{"--pos-weight", "balanced"}, arguments{"--output-bias", "prior"},
        arguments{"--optimizer", "sgd:momentum=0.9,nesterov=1"}, arguments{"--initialiser", "he_normal"},
        arguments{"--dropout", "0"}, arguments{"--monitor", "map"}, arguments{"--hidden", "0"}}) {
    auto const given =
        how[0] == "--hidden"
            ? arguments{"train"} + demo_data + arguments{"--weights", "small.safetensors", "--hidden", "0", "--epochs",
                                                         "2",         "--feature-cache",   "cache"}
            : arguments{"train"} + demo_data + quick_training + how;
    auto const r = t.w.run(given + arguments{"--out", "runs/how", "--overwrite", "--quiet"});
    INFO(how[0] << " " << how[1] << ": " << r.err);
    CHECK(r.status == 0);
    CHECK(r.out.empty());
    CHECK(r.err.empty());
    auto const text = t.w.get("runs/how/predictions.csv");
    if (how[0] != "--monitor") CHECK(std::count(seen.begin(), seen.end(), text) == 0);
    seen.push_back(text);
  }
}

TEST_CASE("softf1 train --task multiclass decides one label a row") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const table = softf1::read_label_table((t.w.dir() / "demo/posters.csv").string());
  std::string csv = "id,kind\n";
  for (std::size_t i = 0; i < table.rows(); ++i) {
    auto const row = table.targets.begin() + static_cast<std::ptrdiff_t>(i * 6);
    csv += table.ids[i] + "," + table.label_names[static_cast<std::size_t>(std::find(row, row + 6, 1) - row)] + "\n";
  }
  t.w.put("one.csv", csv);
  arguments const data{"--csv", "one.csv", "--images", "demo/images", "--label-column", "kind"};
  auto const r = t.w.run(arguments{"train"} + data + quick_training +
                         arguments{"--task", "multiclass", "--out", "runs/m", "--json", "m.json"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  auto const result = t.w.get_json("m.json");
  CHECK(result["settings"]["loss"] == "softmax_cross_entropy");
  CHECK(result["results"].size() == 2);
  auto const form = model_form(t.w.dir() / "runs/m/model.safetensors");
  CHECK(form["task"] == "multiclass");
  CHECK(form["decision"]["kind"] == "argmax");
  arguments const model{"--model", "runs/m/model.safetensors"};
  auto const evaluated = t.w.run(arguments{"evaluate"} + model + data +
                                 arguments{"--split-file", "runs/m/split.csv", "--json", "me.json"});
  CHECK(evaluated.status == 0);
  CHECK(t.w.get_json("me.json")["macro"]["f1"].get<double>() ==
        Approx(figures(result, "highest score")["macro_f1"].get<double>()).epsilon(1e-6));
  auto const before = t.w.get("runs/m/model.safetensors");
  auto const refused = t.w.run(arguments{"calibrate"} + model + data);
  CHECK(refused.status == 1);
  CHECK(refused.err == "error: runs/m/model.safetensors: a multiclass model has no thresholds to calibrate\n");
  CHECK(t.w.get("runs/m/model.safetensors") == before);
  auto const predicted = t.w.run(arguments{"predict"} + model +
                                 arguments{"demo/images/9000001.jpg", "demo/images/9000002.jpg", "--format", "jsonl"});
  std::size_t lines = 0;
  std::istringstream text(predicted.out);
  for (std::string line; std::getline(text, line); ++lines) {
    auto const p = json::parse(line);
    CHECK(p["labels"].size() == 1);
    double sum = 0;
    for (auto const& [label, probability] : p["probabilities"].items()) sum += probability.get<double>();
    CHECK(sum == Approx(1));
  }
  CHECK(lines == 2);

  auto const several = t.train({"--task", "multiclass", "--out", "runs/several"});
  CHECK(several.status == 1);
  CHECK(has(several.err, "error: --task multiclass: each row must have one label, row '90"));
  CHECK_FALSE(t.w.holds("runs/several"));
}

TEST_CASE("softf1 train leaves out images that it cannot read, or refuses them when strict") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  REQUIRE(w.run({"synthesize", "--out", "demo", "--rows", "40", "--labels", "2"}).status == 0);
  w.put("demo/images/9000007.jpg", "no image");
  std::filesystem::remove(w.dir() / "demo/images/9000011.jpg");
  arguments const command = arguments{"train"} + demo_data +
                            arguments{"--image-size", "32", "--hidden", "0", "--epochs", "2", "--split", "0.6,0.2,0.2"};
  auto const strict = w.run(command + arguments{"--out", "runs/s", "--strict"});
  CHECK(strict.status == 1);
  CHECK(is_one_error(strict.err.substr(strict.err.find("error: "))));
  CHECK(has(strict.err, "demo/images/9000007.jpg"));
  CHECK(has(strict.err, "(and 1 more images; without --strict they are left out)"));
  CHECK_FALSE(w.holds("runs/s"));
  auto const r = w.run(command + arguments{"--out", "runs/a", "--json", "a.json"});
  INFO(r.err);
  CHECK(r.status == 0);
  CHECK(has(r.out, "its weights are random"));
  CHECK(has(r.out, "left out 2 images that cannot be read:\n"));
  CHECK(has(r.out, "features: 38 rows of 1280, 38 of them from runs/features_"));
  CHECK(w.get_json("a.json")["failures"].size() == 2);
  CHECK_FALSE(has(w.get("runs/a/split.csv"), "9000007"));
  CHECK(has(w.get("runs/a/split.csv"), "9000008"));
  CHECK(w.run({"predict", "--model", "runs/a/model.safetensors", "demo/images/9000001.jpg"}).status == 0);
}

TEST_CASE("softf1 train that was killed goes on where it was, to the same result") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  arguments const command = arguments{"train"} + demo_data +
                            arguments{"--image-size", "128", "--hidden", "8", "--epochs", "3", "--threads", "1"};
  auto const killed = t.w.run_after(
      R"sh("$0" "$@" >killed.txt 2>&1 & p=$!; n=0
         while [ $n -lt 6000 ] && [ -z "$(find k1 -name '*.journal' -size +150k 2>/dev/null)" ]; do sleep 0.02; n=$((n+1)); done
         kill -9 $p; wait $p; exit $?)sh",
      command + arguments{"--out", "runs/killed", "--feature-cache", "k1"});
  CHECK(killed.status == 128 + 9);
  CHECK_FALSE(t.w.holds("runs/killed/model.safetensors"));
  auto const resumed = t.w.run(command + arguments{"--out", "runs/killed", "--feature-cache", "k1"});
  INFO(resumed.err);
  CHECK(resumed.status == 0);
  auto const at = resumed.out.find("300 rows of 1280, ");
  REQUIRE(at != std::string::npos);
  int const cached = std::stoi(resumed.out.substr(at + 18));
  CHECK((cached >= 32 && cached < 300));
  CHECK(t.w.run(command + arguments{"--out", "runs/whole", "--feature-cache", "k2"}).status == 0);
  for (std::string const file : {"model.safetensors", "predictions.csv", "split.csv"})
    CHECK(t.w.get("runs/killed/" + file) == t.w.get("runs/whole/" + file));
  CHECK(names_in(t.w.dir() / "runs" / "killed") == names_in(t.w.dir() / "runs" / "whole"));
}

TEST_CASE("softf1 train keeps the best weights where it is interrupted") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  for (std::string const signal : {"INT", "TERM"}) {
    auto const r = t.w.run_after(
        R"sh(: >long.txt; "$0" "$@" >long.txt & p=$!; n=0
           while [ $n -lt 6000 ] && ! grep -q 'epoch  *3 ' long.txt; do sleep 0.02; n=$((n+1)); done
           kill -)sh" +
            signal + R"sh( $p; wait $p; s=$?; cat long.txt; exit $s)sh",
        arguments{"train"} + demo_data +
            arguments{"--weights", "small.safetensors", "--bundle", "--hidden", "64", "--epochs", "1000000",
                      "--patience", "0", "--feature-cache", "cache", "--out", "runs/" + signal, "--json", "long.json"});
    INFO(r.err);
    CHECK(r.status == 0);
    CHECK(has(r.out, "interrupted in epoch "));
    CHECK(has(r.out, "the best weights so far, of epoch "));
    CHECK(has(r.out, "results on test rows (60):"));
    auto const result = t.w.get_json("long.json");
    CHECK(result["end"] == "interrupted");
    auto const evaluated =
        t.w.run(arguments{"evaluate", "--model", "runs/" + signal + "/model.safetensors", "--split-file",
                          "runs/" + signal + "/split.csv", "--feature-cache", "cache", "--json", "e.json"} +
                demo_data);
    CHECK(evaluated.status == 0);
    CHECK(t.w.get_json("e.json")["macro"]["f1"].get<double>() ==
          Approx(figures(result, "tuned")["macro_f1"].get<double>()).epsilon(1e-6));
  }
}

TEST_CASE("softf1 train answers bad input with one sentence, and leaves nothing behind") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const& w = t.w;
  w.put("header.csv", "imdbId,Genre\n");
  w.put("half.csv", "id,part\n9000001,train\n");
  w.put("odd.csv", "id,part\n9000001,exam\n");
  w.put("repeated.csv", "id,kind\n9000001,a\n9000002,b\n9000001,b\n");
  w.put("weights.safetensors", w.get("runs/a/model.safetensors"));
  w.put("short.safetensors", w.get("runs/a/model.safetensors").substr(0, 3000));
  std::filesystem::create_directory(w.dir() / "empty");
  auto const before = w.names();
  auto const runs = names_in(w.dir() / "runs");
  struct row {
    arguments more;
    int status;
    std::string fragment;
  };
  arguments const images{"--images", "demo/images"};
  std::vector<std::pair<arguments, row>> cases;
  for (row const& r : std::vector<row>{
           {{"--csv", "absent.csv"}, 1, "absent.csv"},
           {{"--csv", "demo/posters.csv", "--id-column", "nope"}, 1, "expected a column 'nope', got 'imdbId'"},
           {{"--csv", "demo/posters.csv", "--label-column", "nope"}, 1, "'nope'"},
           {{"--csv", "demo/posters.csv", "--label-columns", "x,y"}, 1, "expected a column 'x'"},
           {{"--csv", "demo/posters.csv", "--min-label-count", "1000"}, 1, "no label is in 1000 rows or more"},
           {{"--csv", "header.csv", "--label-column", "Genre"}, 1, "header.csv"},
           {{"--csv", "repeated.csv", "--label-column", "kind"}, 1, "9000001"},
           {{"--csv", "demo/posters.csv", "--weights", "weights.safetensors"},
            1,
            "weights.safetensors: the weights are not those of mobilenet_v2; missing: features.0.0.weight"},
           {{"--csv", "demo/posters.csv", "--weights", "short.safetensors"}, 1, "short.safetensors"},
           {{"--csv", "demo/posters.csv", "--weights", "demo/posters.csv"}, 1, "demo/posters.csv"},
           {{"--csv", "demo/posters.csv", "--weights", "absent"}, 1, "absent"},
           {{"--csv", "demo/posters.csv", "--split", "1,0,0"},
            1,
            "training needs train and validation rows, got 300 and 0"},
           {{"--csv", "demo/posters.csv", "--split-file", "absent.csv"}, 1, "absent.csv"},
           {{"--csv", "demo/posters.csv", "--split-file", "half.csv"}, 1, "names no part for 299 of 300 ids"},
           {{"--csv", "demo/posters.csv", "--split-file", "odd.csv"},
            1,
            "expected train, validation or test, got 'exam'"},
           {{"--csv", "demo/posters.csv", "--loss", "soft_f1", "--pos-weight", "balanced"}, 1, "takes pos_weight"},
           {{"--csv", "demo/posters.csv", "--json", "demo/posters.csv"}, 1, "--json would replace the input of --csv"},
           {{"--csv", "demo/posters.csv", "--optimizer", "sgd:weight_decay=1e6", "--learning-rate", "999999",
             "--batch-size", "8"},
            1,
            "training: the loss is not finite in epoch 1, "},
           {{"--csv", "demo/posters.csv", "--split", "0.5,0.5"}, 2, "--split: expected three shares"},
           {{"--csv", "demo/posters.csv", "--split", "0.7,0.5,0.2"}, 2, "sum to 1, got 0.7, 0.5, 0.2"},
           {{"--csv", "demo/posters.csv", "--split", "a,b,c"}, 2, "--split: a share must be a number, got 'a'"},
           {{"--csv", "demo/posters.csv", "--split-by", "chance"}, 2, "--split-by"},
           {{"--csv", "demo/posters.csv", "--loss", "huber"}, 2, "no loss is named 'huber', there are bce, focal"},
           {{"--csv", "demo/posters.csv", "--loss", "bce:weight=-1"}, 2, "weight must be finite and >= 0, got -1"},
           {{"--csv", "demo/posters.csv", "--optimizer", "adagrad"}, 2, "no optimizer is named 'adagrad'"},
           {{"--csv", "demo/posters.csv", "--optimizer", "adam+sgd"}, 2, "expected one optimizer"},
           {{"--csv", "demo/posters.csv", "--monitor", "accuracy"}, 2, "no metric to monitor is named 'accuracy'"},
           {{"--csv", "demo/posters.csv", "--initialiser", "x"}, 2, "no initialiser is named 'x'"},
           {{"--csv", "demo/posters.csv", "--dropout", "1"}, 2, "must be at least 0 and below 1, got 1"},
           {{"--csv", "demo/posters.csv", "--batch-size", "0"}, 2, "--batch-size: must be a whole number from 1"},
           {{"--csv", "demo/posters.csv", "--epochs", "0"}, 2, "--epochs: must be a whole number from 1"},
           {{"--csv", "demo/posters.csv", "--learning-rate", "0"}, 2, "must be > 0, got 0"},
           {{"--csv", "demo/posters.csv", "--task", "regression"}, 2, "--task"},
           {{}, 2, "expected a source of labelled rows: --csv, --records"}})
    cases.push_back({images, r});
  for (row const& r : std::vector<row>{
           {{"--csv", "demo/posters.csv"}, 2, "--csv needs --images, the folder of the images"},
           {{"--csv", "demo/posters.csv", "--images", "nowhere"}, 1, "--images: there is no folder nowhere"},
           {{"--csv", "demo/posters.csv", "--images", "empty"},
            1,
            "none of the 300 images of demo/posters.csv can be read"}})
    cases.push_back({{}, r});
  for (auto const& [base, r] : cases) {
    auto const given = arguments{"train", "--quiet",         "--hidden", "8",     "--epochs",
                                 "2",     "--feature-cache", "cache",    "--out", "runs/bad"};
    // An option given twice is an error of its own.
    auto const takes = [&more = r.more](std::string const& name) {
      return std::find(more.begin(), more.end(), name) != more.end();
    };
    arguments command;
    for (std::size_t k = 0; k < given.size(); ++k)
      if (takes(given[k]) && given[k].starts_with("--"))
        ++k;
      else
        command.push_back(given[k]);
    command = command + (takes("--weights") ? arguments{} : small_weights) + base + r.more;
    auto const outcome = w.run(command);
    INFO(r.fragment << ": " << outcome.err);
    CHECK(outcome.status == r.status);
    CHECK(outcome.out.empty());
    CHECK(is_one_error(outcome.err));
    CHECK(has(outcome.err, r.fragment));
    CHECK_FALSE(w.holds("runs/bad"));
  }
  CHECK(w.names() == before);
  CHECK(names_in(w.dir() / "runs") == runs);

  auto const file = t.train({"--out", "demo/posters.csv"});
  CHECK(file.status == 1);
  CHECK(has(file.err, "error: --out: cannot make the folder demo/posters.csv"));
}

}  // namespace program_train_test
