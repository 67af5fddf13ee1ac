#include <unistd.h>

#include "program/runner.hpp"

namespace {

using softf1_program_test::workplace;

/// Files with one thing wrong each, beside the good ones.
void put_bad_files(workplace const& w) {
  w.put("nan.csv", "cat,dog\n0.9,0.2\n0.6,nan\n0.4,0.1\n0.7,0.3\n");
  w.put("high.csv", "cat,dog\n0.9,0.2\n0.6,0.8\n1.5,0.1\n0.7,0.3\n");
  w.put("infinite.csv", "cat,dog\n0.9,0.2\n0.6,0.8\ninf,0.1\n0.7,0.3\n");
  w.put("minus.csv", "cat,dog\n1,0\n-1,1\n1,0\n1,1\n");
  w.put("half.csv", "cat,dog\n1,0\n0,1\n1,0\n1,0.5\n");
  w.put("nan_target.csv", "cat,dog\n1,nan\n0,1\n1,0\n1,0\n");
  w.put("short.csv", "cat,dog\n1,0\n0,1\n1,0\n");
  w.put("narrow.csv", "cat\n1\n0\n1\n1\n");
  w.put("renamed.csv", "cat,fox\n1,0\n0,1\n1,0\n1,1\n");
  w.put("quote.csv", "cat,dog\n\"0.9,0.2\n0.6,0.8\n");
  w.put("word.csv", "cat,dog\n0.9,0.2\n0.6,many\n0.4,0.1\n0.7,0.3\n");
  w.put("ragged.csv", "cat,dog\n0.9,0.2\n0.6\n");
  w.put("header.csv", "cat,dog\n");
  w.put("empty.txt", "");
  w.put("rows.csv", "id,cat,dog\nx1,0.9,0.2\nx2,0.6,0.8\nx3,0.4,0.1\nx4,0.7,0.3\n");
  w.put("shuffled.csv", "id,cat,dog\nx1,1,0\nx3,0,1\nx2,1,0\nx4,1,1\n");
  w.put_npy("good.npy", std::vector<float>(8, 0.5f), {4, 2});
  w.put_npy("integers.npy", std::vector<int>(8, 1), {4, 2});
  w.put_npy("no_rows.npy", std::vector<float>{}, {0, 2});
  w.put_npy("no_labels.npy", std::vector<float>{}, {4, 0});
  w.put_npy("cube.npy", std::vector<float>(8), {2, 2, 2});
  auto const good = w.get("good.npy");
  w.put("truncated.npy", good.substr(0, good.size() - 5));
  w.put("long.npy", good + "more");
  w.put("lying.npy", [&] {
    auto bytes = good;
    return bytes.replace(bytes.find("(4, 2)"), 6, "(9, 2)");
  }());
  w.put("magic.npy", "NUMPY");
  w.put("mask_nan.txt", "1 1\n1 nan\n1 1\n1 1\n");
  w.put("mask_short.txt", "1 1\n");
  w.put("weights_short.txt", "1\n2\n");
  w.put("weights_negative.txt", "1\n2\n-1\n1\n");
  w.put("weights_nan.txt", "1\n2\n1\nnan\n");
  w.put("names_short.txt", "cat\n");
  w.put("names_gap.txt", "cat\n\ndog\n");
  w.put("names_empty.txt", "\ndog\n");
  w.put("names_latin1.txt", "caf\xE9\ndog\n");
  w.put("not.json", "{\"format\": ");
  w.put("other.json", "{\"format\": \"x\"}");
  w.put("newer.json", R"({"format": "softf1.decision_rule", "version": 2})");
  w.put("line\nbreak.csv", "cat,dog\n7,8\n");
}

}  // namespace

TEST_CASE("softf1 answers bad input with status 1 and one sentence that names file and place") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_bad_files(w);
  auto const before = w.names();
  struct row {
    std::string scores, targets;
    std::vector<std::string> more;
    std::vector<std::string> fragments;
  };
  for (row const& bad : std::vector<row>{
           {"absent.npy", "targets.csv", {}, {"absent.npy", "no such file"}},
           {"scores.csv", "absent.npy", {}, {"absent.npy", "no such file"}},
           {".", "targets.csv", {}, {"is a directory"}},
           {"nan.csv", "targets.csv", {}, {"nan.csv: row 1, label 'dog'", "NaN"}},
           {"nan.csv", "targets.csv", {"--logits"}, {"nan.csv: row 1, label 'dog'", "NaN"}},
           {"high.csv", "targets.csv", {}, {"high.csv: row 2, label 'cat'", "[0, 1], got 1.5", "--logits"}},
           {"infinite.csv", "targets.csv", {}, {"infinite.csv: row 2, label 'cat'", "got inf"}},
           {"scores.csv", "minus.csv", {}, {"minus.csv: row 1, label 'cat'", "0 or 1", "got -1"}},
           {"scores.csv", "half.csv", {}, {"half.csv: row 3, label 'dog'", "got 0.5"}},
           {"scores.csv", "nan_target.csv", {}, {"nan_target.csv: row 0, label 'dog'", "got nan"}},
           {"scores.csv", "nan_target.csv", {"--missing", "-1"}, {"--mask or --missing names the missing", "got nan"}},
           {"scores.csv", "short.csv", {}, {"short.csv has shape (3, 2), scores.csv has (4, 2)"}},
           {"scores.csv", "narrow.csv", {}, {"narrow.csv has shape (4, 1), scores.csv has (4, 2)"}},
           {"scores.csv", "renamed.csv", {}, {"label 1 is 'dog' in scores.csv, 'fox' in renamed.csv"}},
           {"rows.csv", "shuffled.csv", {}, {"row 1 is 'x2' in rows.csv, 'x3' in shuffled.csv"}},
           {"quote.csv", "targets.csv", {}, {"quote.csv: line 2", "quote"}},
           {"word.csv", "targets.csv", {}, {"word.csv: line 3, column 2 ('dog')", "got 'many'"}},
           {"ragged.csv", "targets.csv", {}, {"ragged.csv: line 3"}},
           {"header.csv", "targets.csv", {}, {"header.csv", "at least one row and one label, got shape (0, 2)"}},
           {"empty.txt", "targets.csv", {}, {"empty.txt"}},
           {"integers.npy", "targets.csv", {}, {"integers.npy: scores must be of dtype f16, f32 or f64, got i32"}},
           {"no_rows.npy", "no_rows.npy", {}, {"no_rows.npy", "got shape (0, 2)"}},
           {"no_labels.npy", "no_labels.npy", {}, {"no_labels.npy", "got shape (4, 0)"}},
           {"cube.npy", "targets.csv", {}, {"cube.npy", "(2, 2, 2)"}},
           {"truncated.npy", "targets.csv", {}, {"truncated.npy", "byte"}},
           {"long.npy", "targets.csv", {}, {"long.npy", "byte"}},
           {"lying.npy", "targets.csv", {}, {"lying.npy", "byte"}},
           {"magic.npy", "targets.csv", {}, {"magic.npy"}},
           {"scores.csv", "targets.csv", {"--mask", "mask_nan.txt"}, {"mask_nan.txt: row 1, label 'dog'", "NaN"}},
           {"scores.csv", "targets.csv", {"--mask", "mask_short.txt"}, {"mask_short.txt has shape (1, 2)"}},
           {"scores.csv",
            "targets.csv",
            {"--row-weights", "weights_short.txt"},
            {"weights_short.txt: expected 4", "(2, 1)"}},
           {"scores.csv", "targets.csv", {"--row-weights", "scores.csv"}, {"expected 4 row weights", "(4, 2)"}},
           {"scores.csv", "targets.csv", {"--row-weights", "weights_negative.txt"}, {"row 2", ">= 0, got -1"}},
           {"scores.csv", "targets.csv", {"--row-weights", "weights_nan.txt"}, {"row 3", "got nan"}},
           {"scores.csv",
            "targets.csv",
            {"--label-names", "names_short.txt"},
            {"names_short.txt: expected 2", "got 1"}},
           {"scores.csv", "targets.csv", {"--label-names", "names_gap.txt"}, {"names_gap.txt: expected 2", "got 3"}},
           {"scores.csv", "targets.csv", {"--label-names", "names_empty.txt"}, {"names_empty.txt: line 1"}},
           {"scores.csv", "targets.csv", {"--label-names", "names_latin1.txt", "--json", "r.json"}, {"UTF-8"}},
           {"scores.csv", "targets.csv", {"--thresholds", "absent.json"}, {"absent.json", "no such file"}},
           {"scores.csv", "targets.csv", {"--thresholds", "not.json"}, {"not.json: not JSON from byte 11"}},
           {"scores.csv", "targets.csv", {"--thresholds", "other.json"}, {"other.json: 'format'", "got 'x'"}},
           {"scores.csv",
            "targets.csv",
            {"--thresholds", "newer.json"},
            {"newer.json: it has version 2, newer than 1"}},
           {"line\nbreak.csv", "targets.csv", {}, {"line break.csv"}},
           {"scores.csv", "targets.csv", {"--json", "nowhere/r.json"}, {"--json: cannot write nowhere/r.json"}},
           {"scores.csv", "targets.csv", {"--table", "nowhere/r.csv"}, {"--table: cannot write nowhere/r.csv"}},
           {"scores.csv", "targets.csv", {"--json", "r.json", "--table", "nowhere/r.csv"}, {"nowhere/r.csv"}},
           {"scores.csv",
            "targets.csv",
            {"--json", "r.json", "--table", "r.json"},
            {"--json and --table both write r.json"}},
           {"scores.csv",
            "targets.csv",
            {"--json", "r.json", "--table", "./r.json"},
            {"--json and --table both write ./r.json"}},
           {"scores.csv",
            "targets.csv",
            {"--json", "./scores.csv"},
            {"--json would replace the input of --scores, ./scores.csv"}},
           {"scores.csv",
            "targets.csv",
            {"--table", "targets.csv"},
            {"--table would replace the input of --targets, targets.csv"}},
           {"scores.csv", "targets.csv", {"--json", "."}, {"is a directory"}},
           {"scores.csv", "targets.csv", {"--json", "/dev/full"}, {"/dev/full", "no space left"}}}) {
    std::vector<std::string> arguments{"evaluate", "--scores", bad.scores, "--targets", bad.targets};
    arguments.insert(arguments.end(), bad.more.begin(), bad.more.end());
    auto const r = w.run(arguments);
    INFO(bad.scores << " " << bad.targets << " " << (bad.more.empty() ? "" : bad.more.back()) << "\n" << r.err);
    CHECK(r.status == 1);
    CHECK(r.out.empty());
    CHECK(is_one_error(r.err));
    for (auto const& fragment : bad.fragments) CHECK(has(r.err, fragment));
    CHECK(w.names() == before);
  }
}

TEST_CASE("softf1 leaves nothing half-written where the disk is full, and the old file as it was") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put_npy("s.npy", std::vector<float>(40000, 0.5f), {20000, 2});
  w.put_npy("y.npy", std::vector<std::uint8_t>(40000, 1), {20000, 2});
  REQUIRE(w.run({"calibrate", "--scores", "s.npy", "--targets", "y.npy", "--out", "t.json"}).status == 0);
  w.put("old.npy", "old");
  auto const before = w.names();
  // A limit on the size of files is as good as a full disk.
  for (std::string const format : {"npy", "csv", "lists"}) {
    auto const r = w.run_after("ulimit -f 8", {"apply", "--scores", "s.npy", "--thresholds", "t.json", "--out",
                                               "old.npy", "--format", format, "--json", "r.json"});
    INFO(r.err);
    CHECK(r.status == 1);
    CHECK(is_one_error(r.err));
    CHECK(has(r.err, "old.npy"));
    CHECK(w.names() == before);
    CHECK(w.get("old.npy") == "old");
  }
  auto const r = w.run_after("exec > /dev/full", {"evaluate", "--scores", "s.npy", "--targets", "y.npy"});
  CHECK(r.status == 1);
  CHECK(is_one_error(r.err));
  CHECK(has(r.err, "no space left"));
}

TEST_CASE("softf1 does not write into a folder that takes no files") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const error = [&](std::string const& out) {
    auto const r = w.run({"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--out", out});
    CHECK(r.status == (out.empty() ? 2 : 1));
    CHECK(r.out.empty());
    CHECK(is_one_error(r.err));
    return r.err;
  };
  CHECK(has(error("/proc/t.json"), "--out: cannot write /proc/t.json: "));
  CHECK(has(error(""), "--out is required"));
  if (::geteuid() == 0) return;  // root may write where nobody may
  std::filesystem::create_directory(w.dir() / "closed");
  std::filesystem::permissions(w.dir() / "closed",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  CHECK(has(error("closed/t.json"), "--out: cannot write closed/t.json: permission denied"));
}
