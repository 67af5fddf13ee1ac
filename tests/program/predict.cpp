#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "program/trained.hpp"

namespace program_predict_test {

using namespace softf1_program_test;

arguments const with_model{"predict", "--model", "runs/a/model.safetensors"};
arguments const three{"demo/images/9000002.jpg", "broken.jpg", "demo/images/9000001.jpg"};

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

trained_model const& model_with_broken_image() {
  auto const& t = shared_model();
  t.w.put("broken.jpg", "no image");
  return t;
}

TEST_CASE("softf1 predict writes a table, CSV and JSON lines, and reports what it cannot read") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = model_with_broken_image();
  REQUIRE(t.first.status == 0);
  auto const in = [&](std::string const& format) {
    auto const r = t.w.run(with_model + three + arguments{"--format", format});
    CHECK(r.status == 0);
    CHECK(r.err == "left out: decode: broken.jpg: expected a JPEG, PNG, BMP or GIF file, got something else\n");
    return lines_of(r.out);
  };
  auto const table = in("table"), csv = in("csv"), jsonl = in("jsonl");
  REQUIRE(table.size() == 2);
  REQUIRE(csv.size() == 3);
  REQUIRE(jsonl.size() == 2);
  CHECK(csv[0] == "file,labels,Nocturne,Orbital,Shardfall,Static,Sunlit,Twofold");
  auto const rule = model_form(t.w.dir() / "runs/a/model.safetensors")["decision"]["labels"];
  for (std::size_t k = 0; k < 2; ++k) {
    auto const& file = three[2 * k];
    auto const p = json::parse(jsonl[k]);
    CHECK(p["file"] == file);
    CHECK(table[k].starts_with(file + ": "));
    CHECK(csv[k + 1].starts_with(file + ","));
    std::string joined;
    std::size_t decided = 0;
    for (std::size_t j = 0; j < 6; ++j) {
      auto const name = rule[j]["name"].get<std::string>();
      double const probability = p["probabilities"][name].get<double>();
      bool const yes = std::log(probability / (1 - probability)) >= rule[j]["threshold"].get<double>();
      decided += yes;
      if (yes) joined += (joined.empty() ? "" : "|") + name;
      CHECK(has(table[k], name + " (") == yes);
    }
    CHECK(p["labels"].size() == decided);
    CHECK(has(csv[k + 1], file + "," + joined + ","));
    CHECK(has(table[k], "no label") == (decided == 0));
  }
  // The same images as in training: the same logits.
  auto const all = softf1::io::read_csv((t.w.dir() / "runs/a/predictions.csv").string());
  auto const first = json::parse(jsonl[1]);
  for (std::size_t j = 0; j < 6; ++j) {
    double const z = std::stod(all.rows[0][3 + j]);
    CHECK(first["probabilities"][all.header[3 + j]].get<double>() == Approx(1 / (1 + std::exp(-z))).epsilon(1e-5));
  }
}

TEST_CASE("softf1 predict takes files, a list and a folder") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = model_with_broken_image();
  t.w.put("list.txt", "demo/images/9000003.jpg\n\ndemo/images/9000004.jpg\n");
  auto const some =
      t.w.run(with_model + arguments{"demo/images/9000005.jpg", "--list", "list.txt", "--json", "p.json"});
  CHECK(some.status == 0);
  auto const lines = lines_of(some.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("demo/images/9000005.jpg: "));
  CHECK(lines[1].starts_with("demo/images/9000003.jpg: "));
  CHECK(lines[2].starts_with("demo/images/9000004.jpg: "));
  auto const counted = t.w.get_json("p.json");
  CHECK(counted["images"] == 3);
  CHECK(counted["failures"].empty());

  auto const one =
      t.w.run(with_model + arguments{"--images", "demo/images", "--format", "csv", "--out", "p.csv", "--threads", "1"});
  CHECK(one.status == 0);
  CHECK(has(one.out, "300 images predicted, 0 left out; written to p.csv"));
  auto const text = t.w.get("p.csv");
  CHECK(lines_of(text).size() == 301);
  CHECK(lines_of(text)[1].starts_with("demo/images/9000001.jpg,"));
  CHECK(lines_of(text)[300].starts_with("demo/images/9000300.jpg,"));
  auto const more = t.w.run(with_model + arguments{"--images", "demo/images", "--format", "csv", "--threads", "3"});
  CHECK(more.out == text);
  auto const quiet = t.w.run(with_model + arguments{"demo/images/9000005.jpg", "--out", "q.txt", "--quiet"});
  CHECK(quiet.out.empty());
  CHECK(t.w.get("q.txt") == lines[0] + "\n");
  auto const alone = t.w.run(with_model + arguments{"demo/images/9000005.jpg", "--json", "-"});
  CHECK(json::parse(alone.out)["images"] == 1);
}

TEST_CASE("softf1 predict answers bad input with one sentence") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = model_with_broken_image();
  auto const& w = t.w;
  auto const model = w.get("runs/a/model.safetensors");
  auto newer = model;
  newer.replace(newer.find(R"("version":"1")"), 13, R"("version":"2")");
  w.put("newer.safetensors", newer);
  w.put("short.safetensors", model.substr(0, model.size() / 2));
  w.put("nothing.txt", "\n");
  std::filesystem::create_directory(w.dir() / "hollow");
  auto const before = w.names();
  struct row {
    arguments command;
    int status;
    std::string fragment;
  };
  std::string const image = "demo/images/9000001.jpg";
  for (row const& r : std::vector<row>{
           {with_model, 1, "predict: no images are named: give files, --images or --list"},
           {with_model + arguments{"--images", "hollow"}, 1, "no images are named"},
           {with_model + arguments{"--list", "nothing.txt"}, 1, "no images are named"},
           {with_model + arguments{"--list", "absent.txt"}, 1, "absent.txt"},
           {with_model + arguments{"--images", "absent"}, 1, "--images: there is no folder absent"},
           {with_model + arguments{"broken.jpg"}, 1, "decode: broken.jpg: expected a JPEG"},
           {with_model + arguments{"absent.jpg"}, 1, "absent.jpg: no such file or directory"},
           {with_model + arguments{image, "--out", "runs/a/model.safetensors"}, 1,
            "--out would replace the input of --model"},
           {with_model + arguments{image, "--out", "absent/p.txt"}, 1, "absent/p.txt"},
           {{"predict", "--model", "absent", image}, 1, "cannot open absent"},
           {{"predict", "--model", image, image}, 1, image},
           {{"predict", "--model", "short.safetensors", image}, 1, "error: safetensors_file: short.safetensors: "},
           {{"predict", "--model", "newer.safetensors", image}, 1, "the model has version 2, newer than 1"},
           {with_model + arguments{image, "--format", "xml"}, 2, "--format"},
           {{"predict", image}, 2, "--model is required"}}) {
    auto const outcome = w.run(r.command);
    INFO(r.fragment << ": " << outcome.err);
    CHECK(outcome.status == r.status);
    CHECK(outcome.out.empty());
    CHECK(is_one_error(outcome.err));
    CHECK(has(outcome.err, r.fragment));
  }
  CHECK(w.names() == before);
  CHECK(w.get("runs/a/model.safetensors") == model);
}

}  // namespace program_predict_test
