#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "program/trained.hpp"

namespace program_checkpoints_test {

using namespace softf1_program_test;

/// A run of six epochs that keeps all its checkpoints; no test changes it.
struct kept_run {
  trained_model const& t = shared_model();
  workplace const& w = t.w;
  outcome trained = t.train({"--out", "runs/kept", "--keep-last", "9", "--checkpoint-minutes", "0"});
};

kept_run const& shared_run() {
  static kept_run const run;
  return run;
}

TEST_CASE("softf1 checkpoints lists the checkpoints of a run, and marks the best") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& run = shared_run();
  INFO(run.trained.err);
  REQUIRE(run.trained.status == 0);
  auto const history = run.w.get_json("runs/kept/history.json");
  for (std::string const by : {"loss", "map", "tuned_macro_f1"}) {
    auto const r = run.w.run({"checkpoints", "runs/kept", "--by", by, "--json", "-"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    auto const list = json::parse(r.out);
    REQUIRE(list["checkpoints"].size() == 6);
    std::size_t best = 0;
    for (std::size_t k = 0; k < 6; ++k) {
      auto const& c = list["checkpoints"][k];
      CHECK(c["epoch"] == k + 1);
      CHECK(c["step"] == 3 * (k + 1));
      CHECK(c["record"]["map"] == history[k]["map"]);
      double const x = history[k][by].get<double>(), y = history[best][by].get<double>();
      if (by == "loss" ? x < y : x > y) best = k;
    }
    CHECK(list["best"] == list["checkpoints"][best]["path"]);
  }
  auto const table = run.w.run({"checkpoints", "runs/kept"});
  CHECK(table.status == 0);
  CHECK(has(table.out, "best by loss"));  // the run's own
  CHECK(std::count(table.out.begin(), table.out.end(), '\n') == 7);
}

TEST_CASE("softf1 checkpoints writes one as a model, which predicts as the checkpoint does") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& run = shared_run();
  auto const& w = run.w;
  auto const list = json::parse(w.run({"checkpoints", "runs/kept", "--json", "-"}).out);
  auto const predict = [&](std::string const& model) {
    return w
        .run({"predict", "--model", model, "--format", "jsonl", "demo/images/9000001.jpg", "demo/images/9000002.jpg"})
        .out;
  };
  for (std::string const pick : {"best", "last"}) {
    auto const r = w.run({"checkpoints", "runs/kept", "--pick", pick, "--out", "picked.safetensors"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK(has(r.out, "softf1 calibrate --model picked.safetensors --split-file runs/kept/split.csv --part validation"));
    auto const from = pick == "last" ? list["checkpoints"][5]["path"] : list["best"];
    auto const text = predict("picked.safetensors");
    CHECK_FALSE(text.empty());
    CHECK(text == predict(from.get<std::string>()));
    softf1::safetensors_file const file((w.dir() / "picked.safetensors").string());
    for (auto const& e : file.entries()) CHECK_FALSE(e.name.starts_with("training."));
    CHECK_FALSE(file.metadata().contains("training"));
    auto const tuned = run.t.w.run(arguments{"calibrate", "--model", "picked.safetensors", "--feature-cache", "cache",
                                             "--split-file", "runs/kept/split.csv", "--part", "validation"} +
                                   demo_data);
    INFO(tuned.err);
    CHECK(tuned.status == 0);
    CHECK(model_form(w.dir() / "picked.safetensors")["decision"]["kind"] == "thresholds");
  }
}

TEST_CASE("softf1 checkpoints answers what it cannot do with one sentence") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  std::filesystem::create_directories(w.dir() / "empty" / "checkpoints");
  std::filesystem::create_directories(w.dir() / "bad" / "checkpoints");
  w.put("bad/checkpoints/step_00000003.safetensors", "no checkpoint");
  struct row {
    arguments command;
    int status;
    std::string fragment;
  };
  for (row const& r : std::vector<row>{{{"absent"}, 1, "checkpoints: there is no folder absent"},
                                       {{"empty"}, 1, "checkpoints: there is no checkpoint in empty/checkpoints"},
                                       {{"bad"}, 1, "bad/checkpoints/step_00000003.safetensors"},
                                       {{}, 2, "RUN is required"},
                                       {{"empty", "--by", "speed"}, 2, "no metric to monitor is named 'speed'"},
                                       {{"empty", "--pick", "last"}, 2, "--pick requires --out"},
                                       {{"empty", "--pick", "first", "--out", "x"}, 2, "--pick"}}) {
    auto const outcome = w.run(arguments{"checkpoints"} + r.command);
    INFO(r.fragment << ": " << outcome.err);
    CHECK(outcome.status == r.status);
    CHECK(is_one_error(outcome.err));
    CHECK(has(outcome.err, r.fragment));
  }
}

}  // namespace program_checkpoints_test
