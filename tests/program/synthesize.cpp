#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <softf1/data/table.hpp>
#include <softf1/image/decode.hpp>

#include "program/runner.hpp"

namespace program_synthesize_test {

using namespace softf1_program_test;

/// Names and contents of all files below a folder.
std::vector<std::pair<std::string, std::string>> files_below(std::filesystem::path const& folder) {
  std::vector<std::pair<std::string, std::string>> all;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) all.emplace_back(entry.path().lexically_relative(folder), content(entry.path()));
  std::sort(all.begin(), all.end());
  return all;
}

TEST_CASE("softf1 synthesize draws the same posters for a seed at any number of threads") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const draw = [&](std::string const& folder, std::string const& seed, std::string const& threads) {
    auto const r = w.run({"synthesize", "--out", folder, "--rows", "20", "--seed", seed, "--threads", threads});
    INFO(r.err);
    CHECK(r.status == 0);
    CHECK(has(r.out, "20 posters of invented genres"));
    return files_below(w.dir() / folder);
  };
  auto const one = draw("one", "7", "1");
  CHECK(one.size() == 21);
  CHECK(draw("three", "7", "3") == one);
  CHECK(draw("other", "8", "1") != one);
  // A poster does not depend on how many there are.
  CHECK(w.run({"synthesize", "--out", "few", "--rows", "3", "--seed", "7"}).status == 0);
  for (auto const& file : files_below(w.dir() / "few"))
    if (file.first != "posters.csv") CHECK(std::find(one.begin(), one.end(), file) != one.end());
}

TEST_CASE("softf1 synthesize writes a table that can be read, with images of its ids") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  REQUIRE(w.run({"synthesize", "--out", "new/set", "--rows", "400", "--json", "made.json", "--quiet"}).status == 0);
  auto const folder = w.dir() / "new" / "set";
  auto const table = softf1::read_label_table((folder / "posters.csv").string());
  CHECK(table.rows() == 400);
  CHECK(table.labels() == 12);
  CHECK(table.incomplete_rows == 0);
  CHECK(table.ids.front() == "9000001");
  for (auto const row : {0u, 199u, 399u}) {
    auto const image = softf1::read_image((folder / "images" / table.images[row]).string());
    CHECK(image.height == 240);
    CHECK(image.width == 160);
  }
  auto const made = w.get_json("made.json");
  CHECK(made["rows"] == 400);
  double before = 1, all = 0;
  for (auto const& label : made["per_label"]) {
    double const share = label["positives"].get<double>() / 400;
    all += share;
    CHECK(share < before + .06);
    before = share;
    std::size_t const j = static_cast<std::size_t>(
        std::find(table.label_names.begin(), table.label_names.end(), label["name"].get<std::string>()) -
        table.label_names.begin());
    REQUIRE(j < 12);
    double count = 0;
    for (std::size_t row = 0; row < 400; ++row) count += table.targets[row * 12 + j];
    CHECK(count == label["positives"].get<double>());
  }
  CHECK(std::abs(made["per_label"][0]["positives"].get<double>() / 400 - .45) < .08);
  CHECK(std::abs(all - 1.75) < .25);
}

TEST_CASE("softf1 synthesize draws fewer genres, each poster with one at least") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  REQUIRE(w.run({"synthesize", "--out", "a", "--rows", "50", "--labels", "2"}).status == 0);
  auto const table = softf1::read_label_table((w.dir() / "a" / "posters.csv").string());
  CHECK(table.rows() == 50);
  CHECK(table.label_names == std::vector<std::string>{"Nocturne", "Sunlit"});
  CHECK(table.unlabelled_rows == 0);
}

TEST_CASE("softf1 synthesize keeps what is in a folder unless told otherwise") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  std::filesystem::create_directory(w.dir() / "a");
  w.put("a/mine.txt", "mine");
  std::vector<std::string> const arguments{"synthesize", "--out", "a", "--rows", "2"};
  auto const refused = w.run(arguments);
  CHECK(refused.status == 1);
  CHECK(has(refused.err, "error: synthesize: a is not empty: "));
  CHECK(files_below(w.dir() / "a").size() == 1);
  CHECK(w.run({"synthesize", "--out", "a", "--rows", "2", "--overwrite"}).status == 0);
  CHECK(files_below(w.dir() / "a").size() == 4);
  CHECK(w.get("a/mine.txt") == "mine");

  CHECK(has(w.run({"synthesize", "--out", "scores.csv"}).err, "error: synthesize: "));
  CHECK(has(w.run({"synthesize", "--out", "b", "--rows", "0"}).err, "rows must lie in 1..900000, got 0"));
  CHECK(has(w.run({"synthesize", "--out", "b", "--labels", "0"}).err, "labels must lie in 1..12, got 0"));
  CHECK(w.run({"synthesize", "--out", "b", "--labels", "13"}).status == 2);
  CHECK_FALSE(w.holds("b"));
}

}  // namespace program_synthesize_test
