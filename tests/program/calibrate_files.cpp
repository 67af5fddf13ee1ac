// What calibrate writes beside thresholds: the page of charts, and the table of a grid.
#include <cmath>
#include <sstream>

#include "program/runner.hpp"
#include "support/data.hpp"

namespace softf1_program_test {

inline std::vector<std::vector<std::string>> csv_rows(std::string const& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    auto& row = rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
  }
  return rows;
}

}  // namespace softf1_program_test

TEST_CASE("softf1 calibrate --html draws what it has found") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const r = w.run({"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--out", "t.json", "--html",
                        "page.html", "--resamples", "20", "--strategy", "best"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  auto const page = w.get("page.html");
  for (std::string const part :
       {"<title>Decision thresholds</title>", "<b>cat</b>", "<b>dog</b>", "<dd>best</dd>", "f1 expected", "<svg "}) {
    INFO(part);
    CHECK(has(page, part));
  }
  CHECK_FALSE(has(page, "<script"));
  // A rule of whole rows has no thresholds: curves alone.
  REQUIRE(w.run({"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--strategy", "mcut", "--out",
                 "t.json", "--html", "rows.html"})
              .status == 0);
  CHECK(has(w.get("rows.html"), "threshold –"));
  auto const both = w.run(
      {"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--html", "scores.csv", "--out", "t.json"});
  CHECK(both.status == 1);
  CHECK(has(both.err, "--html would replace the input of --scores"));
}

TEST_CASE("softf1 calibrate --grid writes the table of tutorials and keeps its operator") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  std::vector<std::string> const files{"--scores", "scores.csv", "--targets", "targets.csv", "--out", "t.json"};
  auto const calibrate = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "calibrate");
    arguments.insert(arguments.end(), files.begin(), files.end());
    return w.run(arguments);
  };
  REQUIRE(calibrate({"--grid", "11", "--operator", "gt", "--grid-csv", "grid.csv"}).status == 0);
  auto const rows = csv_rows(w.get("grid.csv"));
  REQUIRE(rows.size() == 23);
  CHECK(w.get("grid.csv").starts_with("id,label,freq,threshold,tp,fn,fp,precision,recall,f1\n"));
  // dog: scores 0.2 0.8 0.1 0.3, targets 0 1 0 1.
  CHECK(rows[14] == std::vector<std::string>{"1", "dog", "2", "0.2", "2", "0", "0", "1", "1", "1"});
  CHECK(rows[13] == std::vector<std::string>{"1", "dog", "2", "0.1", "2", "0", "1", "0.6666666666666666", "1", "0.8"});
  CHECK(rows[22] == std::vector<std::string>{"1", "dog", "2", "1", "0", "2", "0", "0", "0", "0"});
  auto const strict = w.get_json("t.json");
  CHECK(strict["labels"][1]["threshold"] == std::nextafter(0.2, 1.0));
  CHECK(strict["labels"][0]["threshold"] == std::nextafter(0.0, 1.0));
  CHECK(strict["labels"][1]["reason"] == "grid");
  CHECK(strict["origin"]["strategy"] == "grid:points=11,strict=1");
  REQUIRE(calibrate({"--grid", "11"}).status == 0);
  CHECK(w.get_json("t.json")["labels"][1]["threshold"] == 3.0 / 10);
  CHECK(w.get_json("t.json")["labels"][0]["threshold"] == 0.0);
  auto const said = [&](std::vector<std::string> arguments) {
    auto const r = calibrate(std::move(arguments));
    CHECK(r.status == 2);
    return r.err;
  };
  CHECK(has(said({"--grid", "1"}), "must be a whole number from 2 to 1000000, got 1"));
  CHECK(has(said({"--operator", "gt"}), "--operator requires --grid"));
  CHECK(has(said({"--grid-csv", "g.csv"}), "--grid-csv requires --grid"));
  CHECK(has(said({"--grid", "11", "--strategy", "youden"}), "--grid is the strategy grid: leave --strategy out"));
}
