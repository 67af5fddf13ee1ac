#include <cmath>
#include <cstdint>

#include "program/runner.hpp"
#include "program/streams.hpp"
#include "program/trained.hpp"

TEST_CASE("softf1 evaluate --sketch-bins streams .npy files in blocks, and is exact but for AP, AUROC within bounds") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_stream_files(w, 500);
  w.put("t.json", R"({"format": "softf1.decision_rule", "version": 1, "kind": "thresholds", "domain": "probability",
    "operator": ">=", "labels": [{"name": "a", "threshold": 0.4}, {"name": "b", "threshold": 0.6},
    {"name": "c", "threshold": 0.5}]})");
  w.put("groups.csv", "label,group\na,ends\nc,ends\nb,middle\n");
  struct variant {
    char const* scores;
    std::vector<std::string> more;
  };
  std::vector<variant> const variants{{"s.npy", {"--label-names", "names.txt", "--label-groups", "groups.csv"}},
                                      {"fortran.npy", {"--thresholds", "t.json", "--zero-division", "nan"}},
                                      {"s.npy", {"--mask", "mask.npy", "--row-weights", "weights.npy"}},
                                      {"logits.npy", {"--logits", "--threshold", "0.3", "--at-k", "2"}},
                                      {"s.csv", {"--mask", "mask.npy", "--missing", "1"}}};
  for (auto const& v : variants) {
    INFO(v.scores);
    std::vector<std::string> command{"evaluate", "--scores", v.scores, "--targets", "y.npy", "--json", "-"};
    command.insert(command.end(), v.more.begin(), v.more.end());
    auto const exact = w.run(command);
    command.insert(command.end(), {"--sketch-bins", "512", "--block-rows", "37", "--beta", "2"});
    auto const streamed = w.run(command);
    INFO(streamed.err);
    REQUIRE(streamed.status == 0);
    CHECK(streamed.err.empty());
    auto const got = json::parse(streamed.out), expected = json::parse(exact.out);
    check_streamed(got, expected, "");
    CHECK(got["sketch"] == json({{"beta", 2.0}, {"bins", 511}}));
    command.back() = "2";
    command.insert(command.end(), {"--threads", "1"});
    CHECK(w.run(command).out == streamed.out);
  }

  // Best thresholds are reached, as a look at them says.
  auto const report = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"evaluate", "--scores", "s.npy", "--targets", "y.npy", "--json", "-"});
    return json::parse(w.run(more).out);
  };
  auto const best = report({"--sketch-bins", "512"})["per_label"][0]["best_f_beta"];
  auto const at = report({"--threshold", best["threshold"].dump()})["per_label"][0]["f1"];
  CHECK(at.get<double>() == Approx(best["value"].get<double>()).epsilon(1e-12));
  CHECK(best["at_most"].get<double>() >= best["value"].get<double>());

  auto const text = w.run({"evaluate", "--scores", "s.npy", "--targets", "y.npy", "--sketch-bins", "512", "--metrics",
                           "rankings", "--label-names", "names.txt"});
  for (std::string const part : {"\na ", "AP from", "AUROC from", "best F1", "at most", "511 bins", "one-error"})
    CHECK(has(text.out, part));
}

TEST_CASE("softf1 evaluate --sketch-bins takes the scores of a model as well") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  auto const& m = shared_model();
  REQUIRE(m.first.status == 0);
  auto const exact = m.with_model("evaluate", {"--json", "-"}),
             streamed = m.with_model("evaluate", {"--json", "-", "--sketch-bins", "4096"});
  INFO(streamed.err);
  REQUIRE(streamed.status == 0);
  check_streamed(json::parse(streamed.out), json::parse(exact.out), "");
}

TEST_CASE("softf1 evaluate refuses what a stream of rows cannot give, and names the row of a bad cell") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_stream_files(w, 60);
  auto const with = [&](std::vector<std::string> more, std::string const& scores = "s.npy") {
    more.insert(more.begin(), {"evaluate", "--scores", scores, "--targets", "y.npy"});
    auto const r = w.run(more);
    CHECK(is_one_error(r.err));
    return std::to_string(r.status) + " " + r.err;
  };
  std::vector<std::string> const bins{"--sketch-bins", "64", "--block-rows", "7"};
  auto const streamed = [&](std::vector<std::string> more, std::string const& scores = "s.npy") {
    more.insert(more.end(), bins.begin(), bins.end());
    return with(more, scores);
  };
  CHECK(streamed({"--ci", "0.9"}).starts_with("2 error: --sketch-bins excludes --ci"));
  CHECK(streamed({"--compare", "s.npy"}).starts_with("2 error: --sketch-bins excludes --compare"));
  CHECK(streamed({"--device", "cuda"}).starts_with("2 error: --sketch-bins works on the cpu only"));
  CHECK(with({"--sketch-bins", "2"}).starts_with("2 error: --sketch-bins: must be a whole number from 3 to 1048576"));
  CHECK(with({"--state-out", "x"}).starts_with("2 error: --state-out requires --sketch-bins"));
  CHECK(streamed({"--state-out", "s.npy"}) == "1 error: --state-out would replace the input of --scores, s.npy\n");
  CHECK(streamed({"--json", "x", "--state-out", "x"}) == "1 error: --json and --state-out both write x\n");
  CHECK_FALSE(w.holds("x"));

  auto scores = stream_scores(60);
  scores[50 * 3 + 1] = 1.5f;
  w.put_npy("high.npy", scores, {60, 3});
  CHECK(has(streamed({}, "high.npy"), "high.npy: row 50, label 1: a probability must lie in [0, 1], got 1.5"));
  w.put_npy("integers.npy", std::vector<int>(180, 1), {60, 3});
  CHECK(has(streamed({}, "integers.npy"), "integers.npy: scores must be of dtype f16, f32 or f64, got i32"));
  w.put_npy("short.npy", scores, {45, 4});
  CHECK(has(streamed({}, "short.npy"), "y.npy has shape (60, 3), short.npy has (45, 4): they must be the same"));
  w.put_npy("cube.npy", scores, {60, 3, 1});
  CHECK(has(streamed({}, "cube.npy"), "cube.npy: expected a matrix, got an array of shape (60, 3, 1)"));
  w.put("cut.npy", w.get("s.npy").substr(0, 300));
  CHECK(has(streamed({}, "cut.npy"), "cut.npy"));
}
