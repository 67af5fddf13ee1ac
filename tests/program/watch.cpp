#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <softf1/io/csv.hpp>

#include "program/trained.hpp"

namespace program_watch_test {

using namespace softf1_program_test;

arguments const all_kept{"--keep-last", "9", "--checkpoint-minutes", "0"};

outcome watch(trained_model const& t, std::string const& run, arguments const& more) {
  return t.w.run(arguments{"evaluate", "--watch", run, "--feature-cache", "cache"} + demo_data + more);
}

/// evaluations.csv: a header, then a row a checkpoint.
softf1::io::csv_table evaluations(workplace const& w, std::string const& run) {
  return softf1::io::read_csv((w.dir() / run / "evaluations.csv").string(), {.header = softf1::io::csv_has::yes});
}

/// All events of a run.
std::string events(workplace const& w, std::string const& run, std::string const& of = "evaluate") {
  std::string bytes;
  for (auto const& file : std::filesystem::directory_iterator(w.dir() / run / "events" / of))
    bytes += content(file.path());
  return bytes;
}

TEST_CASE("softf1 evaluate --watch --once evaluates what a run has kept, each checkpoint once") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const& w = t.w;
  REQUIRE(t.train(arguments{"--out", "runs/seen"} + all_kept).status == 0);
  auto const r = watch(t, "runs/seen/", {"--once", "--json", "seen.json"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "30 rows (validation); tuned F1 is in-sample"));
  auto const history = w.get_json("runs/seen/history.json");
  auto const found = w.get_json("seen.json")["evaluations"];
  auto const csv = evaluations(w, "runs/seen");
  REQUIRE(found.size() == 6);
  REQUIRE(csv.rows.size() == 6);
  for (std::size_t k = 0; k < 6; ++k) {
    CHECK(found[k]["step"] == 3 * (k + 1));
    CHECK(found[k]["epoch"] == k + 1);
    CHECK(found[k]["rows"] == 30);
    // What training itself measured on the same rows.
    for (std::string const name : {"map", "macro_f1", "micro_f1"})
      CHECK(found[k][name].get<double>() == Approx(history[k][name].get<double>()).epsilon(1e-6));
    CHECK(found[k]["tuned_macro_f1_in_sample"].get<double>() ==
          Approx(history[k]["tuned_macro_f1"].get<double>()).epsilon(1e-6));
    CHECK(found[k]["roc_auc"].get<double>() > 0);
    CHECK(csv.rows[k][csv.column("step")] == std::to_string(3 * (k + 1)));
    CHECK(std::stod(csv.rows[k][csv.column("map")]) == found[k]["map"].get<double>());
  }
  auto const written = events(w, "runs/seen");
  for (std::string const tag :
       {"evaluate/map", "evaluate/tuned_macro_f1_in_sample", "logits", "pr_curves/Nocturne", "images/hardest"})
    CHECK(has(written, tag));
  CHECK(has(events(w, "runs/seen", "train"), "images/training"));

  // What is known is not evaluated again; of another part, it is.
  auto const text = w.get("runs/seen/evaluations.csv");
  auto const again = watch(t, "runs/seen", {"--interval", "0"});
  CHECK(again.status == 0);
  CHECK_FALSE(has(again.out, "step"));
  CHECK(w.get("runs/seen/evaluations.csv") == text);
  CHECK(watch(t, "runs/seen", {"--part", "test", "--quiet"}).status == 0);
  CHECK(evaluations(w, "runs/seen").rows.size() == 12);

  // In several crops the same checkpoints say something else.
  REQUIRE(watch(t, "runs/seen", {"--once", "--crops", "flip", "--json", "flip.json"}).status == 0);
  auto const flipped = w.get_json("flip.json")["evaluations"];
  REQUIRE(flipped.size() == 6);
  CHECK(flipped[5]["part"] == "validation (flip, mean)");
  CHECK(flipped[5]["map"] != found[5]["map"]);
  CHECK(flipped[5]["map"].get<double>() == Approx(found[5]["map"].get<double>()).margin(0.2));
}

TEST_CASE("softf1 evaluate --watch sees the checkpoints of a run that goes on, and ends with it") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const& w = t.w;
  std::filesystem::create_directories(w.dir() / "runs" / "live");
  std::string command = "(\"$0\" train";
  for (auto const& word : demo_data + quick_training + all_kept + arguments{"--out", "runs/live", "--quiet"})
    command += " " + word;
  command += "); } > train.log 2>&1 & exec timeout 120 \"$0\" \"$@\"";
  auto const r = w.run_after("{ " + command, arguments{"evaluate", "--watch", "runs/live", "--interval", "0.01",
                                                       "--feature-cache", "cache", "--threads", "1"} +
                                                 demo_data);
  INFO(r.err << w.get("train.log"));
  CHECK(r.status == 0);
  CHECK(has(r.out, "evaluations: runs/live/evaluations.csv"));
  auto const csv = evaluations(w, "runs/live");
  CHECK(csv.rows.size() == 6);
  REQUIRE(watch(t, "runs/live", {"--once"}).status == 0);
  CHECK(w.holds("runs/live/model.safetensors"));
}

TEST_CASE("softf1 evaluate --watch answers what it cannot do with one sentence") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const& w = t.w;
  std::filesystem::create_directories(w.dir() / "hollow_run");
  std::filesystem::create_directories(w.dir() / "odd_run");
  w.put("odd_run/evaluations.csv",
        "step,epoch,part,rows,macro_f1,micro_f1,samples_f1,map,micro_map,roc_auc,micro_roc_auc,"
        "tuned_macro_f1_in_sample,tuned_micro_f1_in_sample\nfew,1,validation,3,0,0,0,0,0,0,0,0,0\n");
  struct row {
    arguments command;
    int status;
    std::string fragment;
  };
  for (row const& r :
       std::vector<row>{{arguments{"--watch", "absent"} + demo_data, 1, "--watch: there is no folder absent"},
                        {arguments{"--watch", "hollow_run", "--once"} + demo_data, 1,
                         "--watch: there is no checkpoint in hollow_run/checkpoints"},
                        {arguments{"--watch", "odd_run", "--once"} + demo_data, 1,
                         "odd_run/evaluations.csv: line 2: step must be a number, got 'few'"},
                        {{"--watch", "hollow_run"}, 2, "expected a source of labelled rows"},
                        {arguments{"--once", "--model", "m"} + demo_data, 2, "--once needs --watch"},
                        {arguments{"--watch", "hollow_run", "--model", "m"} + demo_data, 2, "--watch excludes --model"},
                        {arguments{"--watch", "hollow_run", "--threshold", "0.4"} + demo_data, 2, "--watch excludes"},
                        {arguments{"--watch", "hollow_run", "--reduce", "max"} + demo_data, 2, "--reduce requires"}}) {
    auto const outcome = w.run(arguments{"evaluate"} + r.command);
    INFO(r.fragment << ": " << outcome.err);
    CHECK(outcome.status == r.status);
    CHECK(is_one_error(outcome.err));
    CHECK(has(outcome.err, r.fragment));
  }
}

}  // namespace program_watch_test
