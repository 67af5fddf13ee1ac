#include <sstream>

#include "program/runner.hpp"

namespace {

// Three labels: the scores of a order its rows perfectly; b is taken for c.
struct labelled_rows : softf1_program_test::workplace {
  labelled_rows() {
    put("s.csv", "a,b,c\n0.9,0.2,0.8\n0.8,0.6,0.3\n0.3,0.1,0.9\n0.1,0.7,0.2\n");
    put("t.csv", "a,b,c\n1,1,0\n1,0,0\n0,1,0\n0,1,1\n");
  }
  softf1_program_test::outcome evaluate(std::vector<std::string> more) const {
    more.insert(more.begin(), {"evaluate", "--scores", "s.csv", "--targets", "t.csv"});
    return run(more);
  }
};

}  // namespace

TEST_CASE("softf1 evaluate says which labels are true together, and which is taken for which") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  labelled_rows const w;
  auto const r = w.evaluate({"--metrics", "pairs", "--json", "r.json"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "\nlabel  taken for  rows  of the label\nb              c     2        0.6667\n"));
  CHECK(has(r.out, "\nb                  c     1        0.3333         1.0000\n"));
  CHECK_FALSE(has(r.out, "partial AUROC"));
  auto const pairs = w.get_json("r.json")["label_pairs"];
  CHECK(pairs["together"] == json({{2, 1, 0}, {1, 3, 1}, {0, 1, 1}}));
  CHECK(pairs["taken_for"] == json({{0, 0, 0}, {0, 0, 2}, {0, 0, 0}}));
  CHECK_FALSE(has(w.evaluate({"--json", "-"}).out, "label_pairs"));
}

TEST_CASE("softf1 evaluate has partial AUROC and the best that thresholds with a promise give") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  labelled_rows const w;
  auto const r =
      w.evaluate({"--metrics", "operating_points", "--at-least", "0.6", "--max-fpr", "0.5", "--json", "r.json"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "to a false positive rate of 0.5; at: the best that a threshold gives which keeps at least 0.6\n"));
  auto const form = w.get_json("r.json")["operating_points"];
  CHECK(form["per_label"][0]["partial_roc_auc"] == 1.0);
  CHECK(form["per_label"][0]["precision_at_recall"] == json({{"value", 1.0}, {"promise", 1.0}, {"threshold", 0.8}}));
  // b: in descending order right, wrong, right, right.
  CHECK(form["per_label"][1]["precision_at_recall"] == json({{"value", 0.75}, {"promise", 1.0}, {"threshold", 0.1}}));
  CHECK(form["per_label"][1]["sensitivity_at_specificity"]["value"] == 1.0 / 3);
  CHECK(form["per_label"][2]["recall_at_precision"] ==
        json({{"value", 0.0}, {"promise", nullptr}, {"threshold", "inf"}}));
  CHECK(form["macro"]["precision_at_recall"]["value"].get<double>() == Approx((1 + 0.75 + 0.25) / 3));
  CHECK(has(w.evaluate({"--max-fpr", "0"}).err, "must be above 0 and below 1, got 0"));
}

TEST_CASE("softf1 evaluate writes the points of curves of every label and of all") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  labelled_rows const w;
  auto const r = w.evaluate({"--curves", "curves.csv", "--quiet"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  auto const text = w.get("curves.csv");
  CHECK(text.starts_with(
      "kind,name,curve,threshold,x,y\nlabel,a,roc,inf,0,0\nlabel,a,roc,0.9,0,0.5\nlabel,a,roc,0.8,0,1\n"));
  for (std::string const line : {"label,a,precision_recall,0.3,1,0.6666666666666666", "label,a,f1,0.8,0.8,1",
                                 "label,b,gain,0.7,0.25,0.3333333333333333", "label,a,lift,inf,0,",
                                 "label,a,det,0.9,0,0.5", "average,micro,roc,0.1,1,1"}) {
    INFO(line);
    CHECK(has(text, "\n" + line + "\n"));
  }
  CHECK(has(w.evaluate({"--curves", "s.csv"}).err, "s.csv"));
  // Each of these scores has a bin of its own, whose edge stands for it: the points are the same.
  REQUIRE(w.evaluate({"--curves", "sketched.csv", "--sketch-bins", "4096", "--quiet"}).status == 0);
  auto const roc = [&](std::string const& name) {
    std::string points;
    std::istringstream lines(w.get(name));
    for (std::string line; std::getline(lines, line);)
      if (has(line, ",roc,")) points += line.substr(line.find(',', line.find(",roc,") + 5)) + "\n";
    return points;
  };
  CHECK(has(roc("curves.csv"), ",0,0.5\n"));
  CHECK(roc("sketched.csv") == roc("curves.csv"));
  CHECK(
      has(w.evaluate({"--propensities", "s.csv", "--sketch-bins", "64"}).err, "--sketch-bins excludes --propensities"));
  CHECK(has(w.evaluate({"--metrics", "pairs", "--sketch-bins", "64"}).err, "--sketch-bins excludes --metrics pairs"));
  CHECK(w.evaluate({"--metrics", "all", "--sketch-bins", "64"}).status == 0);
  CHECK(has(w.run({"evaluate", "--watch", "run", "--curves", "c.csv"}).err, "--watch excludes --curves and"));
  CHECK(has(w.run({"merge", "s.csv", "--metrics", "pairs"}).err, "no metrics are named 'pairs'"));
}

TEST_CASE("softf1 evaluate counts true labels by how likely they were annotated") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  labelled_rows const w;
  w.put("p.txt", "1\n0.5\n0.25\n");
  auto const r = w.evaluate({"--propensities", "p.txt", "--at-k", "1", "--json", "r.json"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "k  propensity-scored precision"));
  // The best labels a, a, c, b are worth 1, 1, 0, 2; at best b, a, b, c would be worth 2, 1, 2, 4.
  auto const at = w.get_json("r.json")["at_k"][0];
  CHECK(at["precision"] == 0.75);
  CHECK(at["propensity_scored_precision"].get<double>() == Approx(4.0 / 9));
  w.put("p.txt", "1\n0.5\n");
  CHECK(has(w.evaluate({"--propensities", "p.txt"}).err,
            "p.txt: expected a propensity for each of 3 labels, got shape (2, 1)"));
  w.put("p.txt", "1\n0.5\n2\n");
  CHECK(
      has(w.evaluate({"--propensities", "p.txt"}).err, "p.txt: top_k_metrics: propensities must be in (0, 1], got 2"));
}
