#include <filesystem>

#include <softf1/io/metric_state.hpp>
#include <softf1/metrics/score_sketch.hpp>

#include "program/runner.hpp"
#include "program/streams.hpp"

namespace {

using softf1_program_test::workplace;

/// Counts the rows of s.npy from `first` on, into a state.
softf1_program_test::outcome count_part(workplace const& w, std::string const& name, std::size_t first,
                                        std::size_t rows, std::vector<std::string> more = {}) {
  auto const part = [&](std::string const& file, auto values) {
    using T = typename decltype(values)::value_type;
    auto const begin = values.begin() + static_cast<std::ptrdiff_t>(first * 3);
    w.put_npy(file, std::vector<T>(begin, begin + static_cast<std::ptrdiff_t>(rows * 3)), {rows, 3});
  };
  part("part_s.npy", softf1::read_npy((w.dir() / "s.npy").string()).as<float>());
  part("part_y.npy", softf1::read_npy((w.dir() / "y.npy").string()).as<std::uint8_t>());
  std::vector<std::string> command{"evaluate",      "--scores", "part_s.npy", "--targets",   "part_y.npy",
                                   "--sketch-bins", "512",      "--quiet",    "--state-out", name};
  command.insert(command.end(), more.begin(), more.end());
  return w.run(command);
}

}  // namespace

TEST_CASE("softf1 merge adds the states of parts to that of the whole") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_stream_files(w, 300);
  std::vector<std::string> const names{"--label-names", "names.txt"};
  CHECK(count_part(w, "a.safetensors", 0, 100, names).status == 0);
  CHECK(count_part(w, "b.safetensors", 100, 37, names).status == 0);
  CHECK(count_part(w, "c.safetensors", 137, 163, names).status == 0);
  auto const whole = w.run({"evaluate", "--scores", "s.npy", "--targets", "y.npy", "--sketch-bins", "512",
                            "--label-names", "names.txt", "--json", "whole.json", "--table", "whole.csv"});
  auto const merged = w.run({"merge", "c.safetensors", "a.safetensors", "b.safetensors", "--out", "all.safetensors",
                             "--json", "all.json", "--table", "all.csv"});
  INFO(merged.err);
  REQUIRE(merged.status == 0);
  CHECK(merged.out == whole.out);
  check_streamed(w.get_json("all.json"), w.get_json("whole.json"), "");
  for (auto const* part : {"macro", "micro", "weighted", "per_label", "rows", "labels_left_out", "label_groups"})
    CHECK(w.get_json("all.json")[part] == w.get_json("whole.json")[part]);
  CHECK(w.get("all.csv").substr(0, 200) == w.get("whole.csv").substr(0, 200));
  // The sum is a part like others.
  auto const again = w.run({"merge", "all.safetensors", "--json", "-"});
  CHECK(again.out == w.get("all.json"));
  CHECK(has(w.run({"merge", "all.safetensors", "--metrics", "sets"}).out, "sets overlap"));
}

TEST_CASE("softf1 merge refuses states that do not belong together, in one sentence, and writes nothing") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_stream_files(w, 40);
  count_part(w, "a", 0, 20);
  auto const merge = [&](std::string const& other) {
    auto const before = w.names();
    auto const r = w.run({"merge", "a", other, "--out", "all", "--json", "all.json"});
    CHECK(r.status == 1);
    CHECK(is_one_error(r.err));
    CHECK(r.out.empty());
    CHECK(w.names() == before);
    CHECK(has(r.err, other));
    return r.err;
  };
  auto const part = [&](std::vector<std::string> const& more) {
    CHECK(count_part(w, "b", 20, 20, more).status == 0);
    return merge("b");
  };
  std::string const sentence = "error: b cannot be added to a: streaming_report: merged reports must have the same ";
  CHECK(part({"--label-names", "names.txt"}) == sentence + "number of label names, got 0 and 3\n");
  CHECK(part({"--beta", "2"}) == sentence + "beta, got 1 and 2\n");
  CHECK(part({"--threshold", "0.4"}) == sentence + "decision rule\n");
  CHECK(part({"--logits"}) == sentence + "domain, got probability and logit\n");
  CHECK(part({"--at-k", "2"}) == sentence + "at_k\n");
  CHECK(part({"--zero-division", "1"}) == sentence + "zero_division, got 0 and 1\n");
  w.put("narrow.csv", "0.5\n0.2\n");
  w.put("narrow_y.csv", "1\n0\n");
  w.run(
      {"evaluate", "--scores", "narrow.csv", "--targets", "narrow_y.csv", "--sketch-bins", "512", "--state-out", "n"});
  CHECK(merge("n") ==
        "error: n cannot be added to a: streaming_report: merged report must have shape (3,), got (1,)\n");

  auto const good = w.get("a");
  w.put("cut", good.substr(0, good.size() - 9));
  w.put("short", good.substr(0, 40));
  w.put("text", "no state\n");
  w.put("loud", [&] {  // names with what a terminal would obey
    CHECK(count_part(w, "named", 0, 20, {"--label-names", "names.txt"}).status == 0);
    auto bytes = w.get("named");
    auto const at = bytes.rfind(std::string("a\0b\0c\0", 6));
    return bytes.replace(at, 1, "\x1b");
  }());
  merge("cut"), merge("short"), merge("text"), merge("missing"), merge("y.npy");
  CHECK(has(w.run({"merge", "loud"}).err, "loud: the name of label 0 has a tab or a line end in it"));
  CHECK(w.run({"merge"}).status == 2);
  CHECK(has(w.run({"merge", "a", "--out", "a"}).err, "--out would replace the input of FILES, a"));
  CHECK(w.run({"merge", "a", "./a"}).err == "error: a and ./a are one file, which would count twice\n");
  // All results or none, the state included.
  auto const before = w.names();
  CHECK(w.run({"merge", "a", "--json", "/dev/full", "--out", "all"}).status == 1);
  CHECK(w.names() == before);
}

TEST_CASE("softf1 merge adds the states of any metric that the library has written") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const at = [&](char const* name) { return (w.dir() / name).string(); };
  std::vector<double> const scores{0.25, -1, 2, 1, -3, 0.5}, targets{1, 0, 1, 0, 1, 0};
  auto const check = [&](auto whole) {
    using metric = decltype(whole);
    auto part = whole;
    part.add(softf1::as_matrix(scores, 3, 2), softf1::as_matrix(targets, 3, 2));
    softf1::write_metric_state(at("p"), part);
    softf1::write_metric_state(at("q"), part);
    auto const r = w.run({"merge", "p", "q", "--out", "sum"});
    CHECK(r.err.empty());
    CHECK(r.out == std::string(metric::name) + " of 6 rows\n");
    CHECK(softf1::read_metric_state<metric>(at("sum")).rows() == 6);
  };
  check(softf1::confusion_counts());
  check(softf1::score_sketch({softf1::logit, 64}));
  CHECK(w.run({"merge", "p", "q"}).err == "error: --out is required for states of score_sketch\n");
  CHECK(w.run({"merge", "p", "--json", "j"}).err ==
        "error: --json takes states of streaming_report, p is one of score_sketch\n");
  softf1::score_sketch other({softf1::logit, 32});
  other.add(softf1::as_matrix(scores, 3, 2), softf1::as_matrix(targets, 3, 2));
  softf1::write_metric_state(at("q"), other);
  CHECK(w.run({"merge", "p", "q", "--out", "sum2"}).err ==
        "error: q cannot be added to p: score_sketch: merged sketches must have the same bins, of the same domain\n");
  CHECK_FALSE(std::filesystem::exists(at("sum2")));
}
