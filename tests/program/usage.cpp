#include <softf1/version.hpp>

#include "program/runner.hpp"

namespace {
using namespace softf1_program_test;

std::vector<std::string> const evaluate_small{"evaluate", "--scores", "scores.csv", "--targets", "targets.csv"};

std::vector<std::string> with(std::vector<std::string> arguments, std::vector<std::string> const& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}
}  // namespace

TEST_CASE("softf1 --version names version, backend, instruction set and BLAS") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const r = w.run({"--version"});
  CHECK(r.status == 0);
  CHECK(r.err.empty());
  CHECK(has(r.out, "softf1 " SOFTF1_VERSION "\n"));
  CHECK(has(r.out, "backends: cpu (instruction set "));
  CHECK(has(r.out, "\nBLAS: "));
}

TEST_CASE("every command of softf1 has a help with grouped options and an example that begins with its name") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  CHECK(has(w.run({"--help"}).out, "evaluate"));
  for (std::string const command : {"evaluate", "calibrate", "apply"}) {
    auto const r = w.run({command, "--help"});
    INFO(r.out);
    CHECK(r.status == 0);
    CHECK(r.err.empty());
    CHECK(has(r.out, "\nInput:\n"));
    CHECK(has(r.out, "\nOutput:\n"));
    CHECK((has(r.out, "Example:\n  softf1 " + command + " --scores") ||
           has(r.out, "Examples:\n  softf1 " + command + " --scores")));
    for (std::string const option : {"--scores", "--logits", "--json", "--quiet", "--threads", "--seed", "--config"})
      CHECK(has(r.out, "\n  " + option + " "));
  }
  CHECK(has(w.run({"calibrate", "--help"}).out, "f_beta:beta"));
  CHECK(has(w.run({"evaluate", "--help"}).out, "--threshold P "));
  for (std::string const command :
       {"synthesize", "train", "predict", "extract", "summary", "export", "devices", "checkpoints", "merge"}) {
    auto const r = w.run({command, "--help"});
    INFO(r.out);
    CHECK(r.status == 0);
    CHECK(r.err.empty());
    CHECK(has(r.out, "\nOutput:\n"));
    CHECK((has(r.out, "Example:\n  softf1 " + command + " ") || has(r.out, "Examples:\n  softf1 " + command + " ")));
    for (std::string const option : {"--json", "--quiet", "--threads", "--seed", "--config"})
      CHECK(has(r.out, "\n  " + option + " "));
  }
}

TEST_CASE("wrong usage of softf1 ends with status 2 and one line that says where to look") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("unknown.toml", "treshold = 0.3\n");
  w.put("section.toml", "[evaluate]\nout = \"x\"\n");
  w.put("nested.toml", "config = \"unknown.toml\"\n");
  auto const before = w.names();
  struct row {
    std::vector<std::string> arguments;
    std::string fragment;
  };
  std::vector<std::string> const calibrate{"calibrate",   "--scores", "scores.csv", "--targets",
                                           "targets.csv", "--out",    "t.json"};
  for (row const& r : std::vector<row>{
           {{},
            "a command is missing, there are synthesize, download, train, checkpoints, predict, evaluate, merge, "
            "calibrate, apply, monitor, extract, summary, preview, pack, unpack, export, devices (see softf1 --help)"},
           {{"--config", "unknown.toml"}, "a command is missing"},
           {{"frobnicate"}, "no command is named 'frobnicate', there are synthesize, download, train"},
           {{"evaluate"},
            "--scores and --targets are required, or --model, --csv and --images (see softf1 evaluate --help)"},
           {{"evaluate", "--scores", "scores.csv"}, "--scores and --targets are required"},
           {{"evaluate", "--model", "m", "--csv", "t.csv"}, "--model: --csv needs --images, the folder of the images"},
           {{"evaluate", "--model", "m", "--csv", "t.csv", "--images", "i", "--scores", "scores.csv"},
            "--model excludes --scores"},
           {{"evaluate", "--scores"}, "--scores"},
           {{"calibrate", "--scores", "scores.csv", "--targets", "targets.csv"}, "--out is required"},
           {{"apply", "--scores", "scores.csv", "--out", "p.npy"}, "--thresholds is required"},
           {with(evaluate_small, {"--frob"}), "--frob"},
           {with(evaluate_small, {"more"}), "more"},
           {with(evaluate_small, {"--threshold", "1.5"}), "--threshold: must be a probability from 0 to 1, got 1.5"},
           {with(evaluate_small, {"--threshold", "nan"}), "must be a probability from 0 to 1, got nan"},
           {with(evaluate_small, {"--threshold", "high"}), "must be a number, got 'high'"},
           {with(evaluate_small, {"--threshold", "0.5", "--thresholds", "t.json"}), "excludes --thresholds"},
           {with(evaluate_small, {"--zero-division", "2"}), "--zero-division"},
           {with(evaluate_small, {"--threads", "-1"}), "--threads"},
           {with(evaluate_small, {"--seed", "-1"}),
            "--seed: must be a whole number from 0 to 18446744073709551615, got -1"},
           {with(evaluate_small, {"--seed", "18446744073709551616"}), "--seed: must be a whole number from 0"},
           {with(evaluate_small, {"--threads", "x"}), "--threads: must be a whole number from 0 to 1024, got x"},
           {with(evaluate_small, {"--scores", "other.csv"}), "--scores"},
           {with(evaluate_small, {"--config", "unknown.toml"}), "unknown.toml: evaluate has no option 'treshold'"},
           {with(evaluate_small, {"--config", "section.toml"}), "section.toml: evaluate has no option 'evaluate.out'"},
           {with(evaluate_small, {"--config", "nested.toml"}), "config"},
           {with(calibrate, {"--strategy", "bset"}), "no strategy is named 'bset', there are fixed, best"},
           {with(calibrate, {"--strategy", "fixed:to=1"}), "fixed has no option 'to', it has at"},
           {with(calibrate, {"--strategy", "fixed:at"}), "'at' has no '='"},
           {with(calibrate, {"--strategy", "best+fixed"}), "no refinement is named 'fixed', there are k_fold"},
           {with(calibrate, {"--objective", "f3"}),
            "no objective is named 'f3', there are precision, recall, f1, f_beta"},
           {with(calibrate, {"--objective", "f_beta:beta=two"}), "beta must be a number, got 'two'"},
           {with(calibrate, {"--objective", "f_beta:beta=nan"}), "f_beta: beta must be finite and >= 0, got nan"},
           {with(calibrate, {"--objective", "f1+hamming"}), "a greater hamming is not better"},
           {with(calibrate, {"--strategy", "fixed:at=2"}), "fixed: at must be a probability in [0, 1], got 2"},
           {with(calibrate, {"--objective", ""}), "a name is missing"},
           {{"apply", "--scores", "scores.csv", "--thresholds", "t.json", "--out", "p", "--format", "png"},
            "--format"}}) {
    auto const done = w.run(r.arguments);
    INFO(r.fragment << "\n" << done.err);
    CHECK(done.status == 2);
    CHECK(done.out.empty());
    CHECK(is_one_error(done.err));
    CHECK(has(done.err, r.fragment));
    CHECK(has(done.err, " --help)\n"));
  }
  CHECK(w.names() == before);
}

TEST_CASE("softf1 reads options from TOML and INI files, and the command line goes first") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("options.toml",
        "# for all commands\nscores = \"scores.csv\"\ntargets = 'targets.csv'\n[evaluate]\nthreshold = 0.65\n"
        "[calibrate]\nout = \"t.json\"\nstrategy = \"fixed:at=0.25\"\n");
  w.put("options.ini", "scores = scores.csv\ntargets = targets.csv\nquiet = true\njson = r.json\n");
  auto const plain = w.run(with(evaluate_small, {"--threshold", "0.65"}));
  CHECK(plain.status == 0);
  auto const from_file = w.run({"evaluate", "--config", "options.toml"});
  INFO(from_file.err);
  CHECK(from_file.out == plain.out);
  for (bool first : {true, false}) {
    std::vector<std::string> const at_half{"--threshold", "0.5"};
    auto arguments = std::vector<std::string>{"evaluate"};
    if (first) arguments = with(arguments, at_half);
    arguments = with(arguments, {"--config", "options.toml"});
    if (!first) arguments = with(arguments, at_half);
    CHECK(w.run(arguments).out == w.run(evaluate_small).out);
  }
  CHECK(w.run({"calibrate", "--config", "options.toml"}).status == 0);
  CHECK(w.get_json("t.json")["labels"][0]["threshold"] == 0.25);
  auto const quiet = w.run({"evaluate", "--config", "options.ini"});
  CHECK(quiet.status == 0);
  CHECK(quiet.out.empty());
  CHECK(w.get_json("r.json")["rows"] == 4);

  auto const missing = w.run({"evaluate", "--config", "nowhere.toml"});
  CHECK(missing.status == 1);
  CHECK(is_one_error(missing.err));
  CHECK(has(missing.err, "nowhere.toml"));
}
