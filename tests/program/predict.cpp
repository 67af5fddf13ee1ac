#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include <softf1/data/tar.hpp>
#include <softf1/io/npy.hpp>
#include <softf1/models/classifier.hpp>
#include <softf1/models/score_images.hpp>

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

/// The floats of a .npy file.
std::vector<float> floats_of(workplace const& w, std::string const& name) {
  return softf1::read_npy((w.dir() / name).string()).as<float>();
}

TEST_CASE("softf1 predict takes several crops, whose scores are those of the library") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = model_with_broken_image();
  auto const& w = t.w;
  softf1::classifier const model((w.dir() / "runs/a/model.safetensors").string());
  softf1::context<softf1::cpu> ctx;
  std::vector<std::string> paths;
  for (auto const& name : three) paths.push_back((w.dir() / name).string());
  std::vector<std::vector<float>> seen;
  for (std::string const reduce : {"mean", "max", "mean_logit"}) {
    auto const r = w.run(with_model + three +
                         arguments{"--crops", "ten_crop:resize=80", "--reduce", reduce, "--scores-out", "s.npy"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK(has(r.out, "2 images predicted, 1 left out; written to s.npy"));
    CHECK(has(r.out, " images a second"));
    auto const expected = softf1::score_images(
        batches_of(ctx, model.extractor()),
        [&](softf1::matrix_view<const float> x, softf1::matrix_view<float> z) { model.predict_logits(ctx, x, z); }, 6,
        std::make_shared<softf1::image_files>(paths),
        {.crops = softf1::parse_crops("ten_crop:resize=80"), .reduce = softf1::models::crop_reduction_named(reduce)});
    auto const found = floats_of(w, "s.npy");
    REQUIRE(found.size() == expected.logits.size());
    for (std::size_t k = 0; k < found.size(); ++k)
      CHECK(static_cast<double>(found[k]) == Approx(static_cast<double>(expected.logits[k])).margin(1e-5));
    CHECK(std::count(seen.begin(), seen.end(), found) == 0);
    seen.push_back(found);
  }
  auto const small = w.run(with_model + three + arguments{"--crops", "ten_crop:resize=60"});
  CHECK(small.status == 1);
  CHECK(is_one_error(small.err));
  auto const unknown = w.run(with_model + three + arguments{"--crops", "eleven_crop"});
  CHECK(unknown.status == 2);
  CHECK(has(unknown.err, "'eleven_crop'"));
}

TEST_CASE("softf1 predict writes scores that evaluate and calibrate read") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const& w = t.w;
  arguments const some{"demo/images/9000001.jpg", "demo/images/9000002.jpg", "demo/images/9000003.jpg"};
  for (std::string const name : {"z.npy", "z.csv", "z.txt"})
    REQUIRE(w.run(with_model + some + arguments{"--scores-out", name, "--quiet"}).status == 0);
  auto const logits = floats_of(w, "z.npy");
  REQUIRE(logits.size() == 18);
  auto const csv = softf1::io::read_csv((w.dir() / "z.csv").string(), {.header = softf1::io::csv_has::yes});
  CHECK(csv.header[1] == "Nocturne");
  CHECK(csv.rows[2][0] == some[2]);
  CHECK(std::stof(csv.rows[2][6]) == logits[17]);
  auto const text = lines_of(w.get("z.txt"));
  REQUIRE(text.size() == 3);
  std::istringstream words(text[2]);
  for (std::size_t j = 0; j < 6; ++j) {
    std::string word;
    words >> word;
    CHECK(word.size() == 8);
    CHECK(std::abs(std::stod(word) - 1 / (1 + std::exp(-static_cast<double>(logits[12 + j])))) <= 6e-7);
  }
  w.put("y.txt", "1 0 0 1 0 1\n0 1 0 0 1 0\n1 0 1 0 0 0\n");
  auto const evaluated = [&](std::string const& scores, arguments const& more) {
    auto const r = w.run(arguments{"evaluate", "--scores", scores, "--targets", "y.txt", "--json", "-"} + more);
    INFO(r.err);
    CHECK(r.status == 0);
    return json::parse(r.out)["macro"]["roc_auc"];
  };
  auto const area = evaluated("z.npy", {"--logits"});
  CHECK(evaluated("z.csv", {"--logits"}) == area);
  CHECK(evaluated("z.txt", {}) == area);
  CHECK(w.run({"calibrate", "--scores", "z.txt", "--targets", "y.txt", "--out", "z.json"}).status == 0);
  auto const other = w.run(with_model + some + arguments{"--scores-out", "z.xml"});
  CHECK(other.status == 2);
  CHECK(has(other.err, "--scores-out: a file of scores must end in .npy, .csv or .txt, got z.xml"));
}

TEST_CASE("softf1 predict takes records, and evaluate and calibrate take crops") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const& w = t.w;
  REQUIRE(w.run(arguments{"pack", "--out", "posters.tfrecord", "--keep-order", "--quiet"} + demo_data).status == 0);
  auto const images = w.run(with_model + arguments{"--images", "demo/images", "--scores-out", "i.npy"});
  auto const records = w.run(with_model + arguments{"--records", "*.tfrecord", "--scores-out", "r.npy"});
  INFO(records.err);
  REQUIRE(records.status == 0);
  CHECK(floats_of(w, "r.npy") == floats_of(w, "i.npy"));
  {
    softf1::tar_writer without_labels((w.dir() / "plain.tar").string());
    without_labels.add("x.jpg", w.get("demo/images/9000005.jpg"));
    without_labels.close();
  }
  auto const plain = w.run(with_model + arguments{"--records", "plain.tar", "--format", "csv"});
  CHECK(plain.status == 0);
  CHECK(has(plain.out, "\nx.jpg,"));
  CHECK(w.run(with_model + arguments{"--records", "*.tfrecord", "--list", "l.txt"}).status == 2);
  CHECK(has(w.run(with_model + arguments{"--records", "absent-*"}).err, "absent-*"));

  arguments const test{"--split-file", "runs/a/split.csv", "--json", "-"};
  auto const figures = [&](arguments const& how) {
    auto const r = t.with_model("evaluate", test + how);
    INFO(r.err);
    REQUIRE(r.status == 0);
    return json::parse(r.out)["macro"]["average_precision"].get<double>();
  };
  double const whole = figures({});
  CHECK(figures({"--crops", "plain"}) == Approx(whole).epsilon(1e-6));
  double const mirrored = figures({"--crops", "flip"});
  CHECK(mirrored != whole);
  CHECK(figures({"--crops", "flip", "--reduce", "max"}) != mirrored);

  w.put("crops.safetensors", w.get("runs/a/model.safetensors"));
  auto const tuned = w.run(arguments{"calibrate", "--model", "crops.safetensors", "--split-file", "runs/a/split.csv",
                                     "--part", "validation", "--crops", "flip", "--feature-cache", "unused"} +
                           demo_data);
  INFO(tuned.err);
  CHECK(tuned.status == 0);
  CHECK_FALSE(w.holds("unused"));
  CHECK(model_form(w.dir() / "crops.safetensors")["decision"] !=
        model_form(w.dir() / "runs/a/model.safetensors")["decision"]);
}

TEST_CASE("softf1 predict takes features, for a model that was trained on features") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const& w = t.w;
  std::string x, y;
  for (int i = 0; i < 60; ++i) {
    x += std::to_string(i % 7) + " " + std::to_string(i % 3) + "\n";
    y += std::to_string(i % 7 > 3) + " " + std::to_string(i % 3 == 1) + "\n";
  }
  w.put("x.txt", x);
  w.put("y2.txt", y);
  REQUIRE(w.run({"train", "--features", "x.txt", "--targets", "y2.txt", "--hidden", "0", "--epochs", "2", "--out",
                 "runs/rows", "--quiet"})
              .status == 0);
  arguments const model{"predict", "--model", "runs/rows/model.safetensors"};
  auto const r = w.run(model + arguments{"--features", "x.txt", "--format", "csv", "--scores-out", "rows.npy", "--out",
                                         "rows.csv", "--json", "rows.json"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "60 rows predicted, 0 left out; written to rows.csv and rows.npy"));
  CHECK(lines_of(w.get("rows.csv")).size() == 61);
  CHECK(lines_of(w.get("rows.csv"))[0] == "row,labels,0,1");
  CHECK(w.get_json("rows.json")["rows"] == 60);
  predictions const trained(w.dir() / "runs/rows/predictions.csv", "test");
  auto const logits = floats_of(w, "rows.npy");
  for (std::size_t k = 0; k < trained.ids.size(); ++k)
    CHECK(static_cast<double>(logits[2 * std::stoul(trained.ids[k])]) == Approx(trained.logits[2 * k]).epsilon(1e-5));
  w.put("wide.txt", "1 2 3\n");
  w.put("nan.txt", "1 2\n1 nan\n");
  struct row {
    arguments command;
    std::string fragment;
  };
  for (row const& bad : std::vector<row>{
           {model + arguments{"--features", "wide.txt"},
            "wide.txt: the model takes rows of 2 features, got shape (1, 3)"},
           {model + arguments{"--features", "nan.txt"}, "nan.txt: row 1, column 1: a feature must be a finite float"},
           {model + arguments{"demo/images/9000001.jpg"}, "the model predicts from features, not from images"},
           {with_model + arguments{"--features", "x.txt"},
            "the model predicts from images, --features gives features"}}) {
    auto const outcome = w.run(bad.command);
    INFO(bad.fragment << ": " << outcome.err);
    CHECK(outcome.status == 1);
    CHECK(is_one_error(outcome.err));
    CHECK(has(outcome.err, bad.fragment));
  }
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
           {with_model, 1, "predict: no images are named: give files, --images, --list or --records"},
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
