#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <softf1/data/features.hpp>
#include <softf1/image/decode.hpp>
#include <softf1/image/resize.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/scores/f1.hpp>

#include "program/trained.hpp"

namespace program_device_test {

using namespace softf1_program_test;

arguments const on_device{"--device", "cuda"};

/// What `softf1 devices` says; the same for all tests.
json const& devices() {
  static json const found = json::parse(workplace().run({"devices", "--json", "-"}).out);
  return found;
}

#define SOFTF1_NEEDS_DEVICE \
  SOFTF1_NEEDS_PROGRAM;     \
  if (devices()["devices"].empty()) SOFTF1_SKIP("the program finds no device")

std::vector<std::vector<std::string>> rows_of(std::string const& csv) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

TEST_CASE("softf1 devices names the CPU and what there is beside it, or says why there is nothing") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const r = w.run({"devices"});
  CHECK(r.status == 0);
  CHECK(r.err.empty());
  CHECK(r.out.starts_with("cpu: instruction set "));
  auto const& found = devices();
  CHECK(found["backends"][0] == "cpu");
  CHECK(found["cpu"]["threads"] > 0);
  for (auto const& d : found["devices"]) {
    CHECK(has(r.out, d["device"].get<std::string>() + ": " + d["name"].get<std::string>()));
    CHECK(d["device"].get<std::string>().starts_with("cuda:"));
  }
  CHECK(found.contains("why_none") == found["devices"].empty());
  if (found["devices"].empty()) CHECK(has(r.out, "\ncuda: " + found["why_none"].get<std::string>() + "\n"));
  if (found["backends"].size() == 1)
    CHECK(found["why_none"] == "this softf1 is built for the CPU only: configure with SOFTF1_BACKEND=cuda");
  else
    CHECK(has(w.run({"--version"}).out, "), " + found["backends"][1].get<std::string>() + "\nBLAS"));
}

TEST_CASE("softf1 answers devices that it cannot use with one sentence, before any work") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  auto const before = w.names();
  bool const is_found = !devices()["devices"].empty();
  auto const why_none = is_found ? "" : devices()["why_none"].get<std::string>();
  std::string const absent = "there is no device 99 (softf1 devices shows those there are)";
  arguments const evaluate{"evaluate", "--scores", "scores.csv", "--targets", "targets.csv"};
  arguments const train{"train", "--csv", "absent.csv", "--images", "absent"};
  struct row {
    arguments command;
    int status;
    std::string fragment;
  };
  std::vector<row> rows{
      {evaluate + arguments{"--device", "gpu"}, 2, "--device: must be cpu, cuda, or cuda: and a number, got 'gpu'"},
      {evaluate + arguments{"--device", "cuda:"}, 2, "got 'cuda:'"},
      {evaluate + arguments{"--device", "cuda:-1"}, 2, "got 'cuda:-1'"},
      {evaluate + arguments{"--device", "cuda:1x"}, 2, "got 'cuda:1x'"},
      {evaluate + arguments{"--device", "cuda:99"}, 1, "--device cuda:99: " + (is_found ? absent : why_none)},
      {train + arguments{"--precision", "half"}, 2, "--precision"},
      {train + arguments{"--precision", "bf16"}, 1,
       "--precision: the CPU computes in float: bf16 is for --device cuda"},
      {evaluate + arguments{"--precision", "bf16"}, 2, "--precision"}};
  if (is_found)
    rows.push_back({train + on_device + arguments{"--out", "new", "--hidden", "0", "--optimizer", "lbfgs"}, 1,
                    "--optimizer: L-BFGS runs on the CPU: leave --device out, or take adamw"});
  else
    for (arguments const& command :
         {evaluate, train, arguments{"predict", "--model", "m", "x.jpg"},
          arguments{"extract", "--csv", "a", "--images", "b", "--out", "c"},
          arguments{"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--out", "t.json"}})
      rows.push_back({command + on_device, 1, "--device cuda: " + why_none});
  for (row const& r : rows) {
    auto const done = w.run(r.command);
    INFO(r.fragment << "\n" << done.err);
    CHECK(done.status == r.status);
    CHECK(done.out.empty());
    CHECK(is_one_error(done.err));
    CHECK(has(done.err, r.fragment));
  }
  CHECK(w.names() == before);
}

TEST_CASE("softf1 evaluate and calibrate find the same on a device from files of scores") {
  SOFTF1_NEEDS_DEVICE;
  workplace const w;
  std::vector<double> scores, weights;
  std::vector<std::uint8_t> targets, mask;
  for (std::size_t k = 0; k < 500 * 7; ++k) {
    double const x = std::sin(static_cast<double>(k * k % 1009));
    scores.push_back(std::round(64 * (x + std::sin(static_cast<double>(k)))) / 64);
    targets.push_back(x > 0.3);
    mask.push_back(k % 13 != 0);
  }
  for (std::size_t i = 0; i < 500; ++i) weights.push_back(1 + static_cast<double>(i % 4));
  w.put_npy("s.npy", scores, {500, 7});
  w.put_npy("f.npy", std::vector<float>(scores.begin(), scores.end()), {500, 7});
  w.put_npy("y.npy", targets, {500, 7});
  w.put_npy("m.npy", mask, {500, 7});
  w.put_npy("w.npy", weights, {500, 1});
  for (std::string const file : {"s.npy", "f.npy"})
    for (arguments const& more :
         {arguments{}, arguments{"--mask", "m.npy"}, arguments{"--mask", "m.npy", "--row-weights", "w.npy"}}) {
      arguments const data = arguments{"--scores", file, "--logits", "--targets", "y.npy"} + more;
      auto const evaluated = [&](arguments const& where) {
        auto const r = w.run(arguments{"evaluate"} + data + where + arguments{"--json", "-"});
        INFO(r.err);
        REQUIRE(r.status == 0);
        return json::parse(r.out);
      };
      auto const here = evaluated({}), there = evaluated(on_device);
      CHECK(there["per_label"].size() == 7);
      for (std::size_t j = 0; j < 7; ++j) {
        for (auto const* count : {"tp", "fp", "fn", "tn"})
          CHECK(there["per_label"][j][count] == here["per_label"][j][count]);
        for (auto const* figure : {"f1", "average_precision", "roc_auc"})
          CHECK(there["per_label"][j][figure].get<double>() ==
                Approx(here["per_label"][j][figure].get<double>()).epsilon(1e-12));
      }
      for (auto const* average : {"macro", "micro", "weighted"})
        for (auto const* figure : {"precision", "recall", "f1", "average_precision", "roc_auc", "trivial_f1"})
          CHECK(there[average][figure].get<double>() == Approx(here[average][figure].get<double>()).epsilon(1e-12));
      CHECK(there["samples"]["f1"].get<double>() == Approx(here["samples"]["f1"].get<double>()).epsilon(1e-12));

      for (std::string const objective : {"f1", "f_beta:beta=2", "mcc", "accuracy"})
        for (std::string const strategy : {"best", "fixed:at=0.3"}) {
          INFO(file << " " << objective << " " << strategy);
          arguments const how{"--objective", objective, "--strategy", strategy, "--json", "c.json"};
          CHECK(w.run(arguments{"calibrate"} + data + how + arguments{"--out", "a.json"}).status == 0);
          auto const c = w.get_json("c.json");
          CHECK(w.run(arguments{"calibrate"} + data + how + on_device + arguments{"--out", "b.json"}).status == 0);
          CHECK(w.get("a.json") == w.get("b.json"));
          CHECK(w.get_json("c.json")["macro"]["tuned"].get<double>() ==
                Approx(c["macro"]["tuned"].get<double>()).epsilon(1e-12));
        }
    }
  auto const bad = w.run({"evaluate", "--scores", "s.npy", "--targets", "m.npy", "--device", "cuda"});
  CHECK(bad.status == 1);
  CHECK(is_one_error(bad.err));
}

/// The demo's posters in the network's own size: as bytes they are what they are as floats.
arguments const square_data{"--csv", "demo/posters.csv", "--images", "square", "--image-template", "{imdbId}.png"};
arguments const square_training =
    arguments{"train"} + square_data + small_weights +
    arguments{"--bundle", "--hidden", "16", "--epochs", "6", "--learning-rate", "0.003", "--batch-size", "100"};

/// The demo's model, and one trained on square posters on either side.
struct square_models {
  workplace const& w = shared_model().w;
  outcome here, there;

  square_models() {
    namespace fs = std::filesystem;
    if (shared_model().first.status != 0) return;
    fs::create_directory(w.dir() / "square");
    for (auto const& entry : fs::directory_iterator(w.dir() / "demo/images"))
      small_models::put_picture((w.dir() / "square" / entry.path().stem()).string() + ".png",
                                softf1::resized(softf1::read_image(entry.path().string()), 64, 64));
    here = train("square_here", {});
    there = train("square_there", on_device);
  }
  outcome train(std::string const& out, arguments const& more) const {
    return w.run(square_training + arguments{"--out", "square_runs/" + out, "--json", out + ".json"} + more);
  }
  static square_models const& shared() {
    static square_models const models;
    REQUIRE(shared_model().first.status == 0);
    INFO(models.here.err << models.there.err);
    REQUIRE(models.here.status + models.there.status == 0);
    return models;
  }
  json results(std::string const& out) const { return w.get_json(out + ".json")["results"]; }
  std::string file(std::string const& name) const { return w.get("square_runs/" + name); }
};

/// The largest difference of numbers between two tables, whose other cells are to be the same.
double largest_difference(std::string const& a, std::string const& b) {
  auto const x = rows_of(a), y = rows_of(b);
  REQUIRE(x.size() == y.size());
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    REQUIRE(x[i].size() == y[i].size());
    for (std::size_t j = 0; j < x[i].size(); ++j)
      if (i == 0 || j < 3)
        CHECK(x[i][j] == y[i][j]);
      else
        largest = std::max(largest, std::abs(std::stod(x[i][j]) - std::stod(y[i][j])));
  }
  return largest;
}

TEST_CASE("softf1 train on a device finds what it finds on the CPU") {
  SOFTF1_NEEDS_DEVICE;
  auto const& m = square_models::shared();
  CHECK(m.there.err.empty());
  CHECK(has(m.there.out, "features: 300 rows of 1280, 0 of them from"));
  auto const here = m.results("square_here"), there = m.results("square_there");
  REQUIRE(there.size() == 3);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(there[k]["decision"] == here[k]["decision"]);
    for (auto const* figure : {"macro_f1", "micro_f1", "samples_f1"})
      CHECK(there[k][figure].get<double>() == Approx(here[k][figure].get<double>()).margin(0.02));
  }
  CHECK(m.file("square_there/split.csv") == m.file("square_here/split.csv"));
  CHECK(largest_difference(m.file("square_there/predictions.csv"), m.file("square_here/predictions.csv")) < 0.05);
  auto const form = model_form(m.w.dir() / "square_runs/square_there/model.safetensors");
  CHECK(form["settings"]["precision"] == "full");
  CHECK(form["settings"]["device"].dump() == devices()["backends"][1].dump());
  CHECK(model_form(m.w.dir() / "square_runs/square_here/model.safetensors")["settings"]["device"] == "cpu");
  // The figures are those of the logits that were written.
  predictions const test(m.w.dir() / "square_runs/square_there/predictions.csv", "test");
  auto const rule = softf1::io::decision_rule_from_json(form["decision"]);
  CHECK(there[2]["macro_f1"].get<double>() ==
        Approx(softf1::macro(softf1::f1{}, test.logit_view(), test.target_view(), {.decision = rule})).epsilon(1e-9));
}

TEST_CASE("softf1 train on a device gives the same bits for a seed, from the cache") {
  SOFTF1_NEEDS_DEVICE;
  auto const& m = square_models::shared();
  auto const again = m.train("again", on_device + arguments{"--threads", "1"});
  REQUIRE(again.status == 0);
  CHECK(has(again.out, "features: 300 rows of 1280, 300 of them from"));
  for (std::string const name : {"predictions.csv", "model.safetensors"})
    CHECK(m.file("again/" + name) == m.file("square_there/" + name));
}

TEST_CASE("softf1 train keeps features of other precisions apart, and trains with them") {
  SOFTF1_NEEDS_DEVICE;
  auto const& m = square_models::shared();
  for (std::string const precision : {"tf32", "bf16", "fp16"}) {
    auto const r = m.train(precision, on_device + arguments{"--precision", precision});
    INFO(precision << " " << r.err);
    REQUIRE(r.status == 0);
    CHECK(has(r.out, "features: 300 rows of 1280, 0 of them from"));
    auto const apart =
        largest_difference(m.file(precision + "/predictions.csv"), m.file("square_there/predictions.csv"));
    CHECK(apart > 0);
    CHECK(apart < 2);
    CHECK(m.results(precision)[2]["macro_f1"].get<double>() ==
          Approx(m.results("square_there")[2]["macro_f1"].get<double>()).margin(0.1));
  }
}

TEST_CASE("softf1 train knows its losses, class weights, tasks and update rules on a device") {
  SOFTF1_NEEDS_DEVICE;
  auto const& m = square_models::shared();
  for (arguments const& how :
       {arguments{"--loss", "bce:weight=0.3+soft_f1:weight=0.7", "--standardise", "yes"},
        arguments{"--pos-weight", "balanced", "--output-bias", "prior", "--optimizer", "sgd:momentum=0.9"}}) {
    auto const here = m.train("how_here", how + arguments{"--overwrite"}),
               there = m.train("how_there", how + on_device + arguments{"--overwrite"});
    INFO(here.err << there.err);
    REQUIRE(here.status + there.status == 0);
    CHECK(largest_difference(m.file("how_there/predictions.csv"), m.file("how_here/predictions.csv")) < 0.1);
    CHECK(m.results("how_there")[2]["macro_f1"].get<double>() ==
          Approx(m.results("how_here")[2]["macro_f1"].get<double>()).margin(0.05));
  }
}

TEST_CASE("softf1 extract gives the features of the CPU on a device") {
  SOFTF1_NEEDS_DEVICE;
  auto const& m = square_models::shared();
  auto const extracted = [&](std::string const& images, std::string const& out, arguments const& where) {
    auto const r = m.w.run(arguments{"extract", "--out", out, "--feature-cache", out + ".cache", "--csv",
                                     "demo/posters.csv", "--images", images, "--image-template",
                                     images == "square" ? "{imdbId}.png" : "images/{imdbId}.jpg"} +
                           small_weights + where);
    INFO(r.err);
    REQUIRE(r.status == 0);
    return softf1::read_features((m.w.dir() / out).string());
  };
  auto const distance = [&](std::string const& images) {
    auto const a = extracted(images, images + "_here.safetensors", {}),
               b = extracted(images, images + "_there.safetensors", on_device);
    CHECK(a.ids == b.ids);
    CHECK(a.metadata == b.metadata);
    double sum = 0, squares = 0, apart = 0;
    for (std::size_t k = 0; k < a.values.size(); ++k) {
      double const x = a.values[k], d = b.values[k] - x;
      sum += x, squares += x * x, apart += d * d;
    }
    double const n = static_cast<double>(a.values.size());
    return std::sqrt(apart / n) / std::sqrt(squares / n - sum / n * (sum / n));
  };
  CHECK(distance("square") < 1e-4);
  // Posters are rounded to whole levels after their resize, which random weights amplify.
  double const rounded = distance("demo");
  CHECK(rounded > 1e-4);
  CHECK(rounded < 0.3);
}

TEST_CASE("softf1 evaluate, calibrate and predict with a model do on a device what they do on the CPU") {
  SOFTF1_NEEDS_DEVICE;
  auto const& m = square_models::shared();
  std::string const model = "square_runs/square_here/model.safetensors";
  auto const evaluated = [&](arguments const& where) {
    auto const r = m.w.run(arguments{"evaluate", "--model", model, "--json", "-"} + square_data + where);
    INFO(r.err);
    REQUIRE(r.status == 0);
    return json::parse(r.out);
  };
  CHECK(evaluated(on_device)["macro"]["f1"].get<double>() ==
        Approx(evaluated({})["macro"]["f1"].get<double>()).margin(0.01));

  std::filesystem::create_directories(m.w.dir() / "square_runs/rule");
  m.w.put("square_runs/rule/model.safetensors", m.w.get(model));
  auto const calibrated = m.w.run(arguments{"calibrate", "--model", "square_runs/rule/model.safetensors", "--part",
                                            "validation", "--split-file", "square_runs/square_here/split.csv"} +
                                  square_data + on_device);
  INFO(calibrated.err);
  REQUIRE(calibrated.status == 0);
  auto const before = model_form(m.w.dir() / model)["decision"]["labels"];
  auto const after = model_form(m.w.dir() / "square_runs/rule/model.safetensors")["decision"]["labels"];
  for (std::size_t j = 0; j < 6; ++j)
    CHECK(after[j]["threshold"].get<double>() == Approx(before[j]["threshold"].get<double>()).margin(1e-3));

  m.w.put("not_an_image.jpg", "no image");
  arguments const predict{"predict", "--model", model, "not_an_image.jpg", "--images", "square", "--format", "csv"};
  auto const here = m.w.run(predict);
  CHECK(here.status == 0);
  // Where images take long, progress is shown before.
  auto const remarks = [](std::string const& err) { return err.substr(std::min(err.size(), err.find("left out: "))); };
  CHECK(has(remarks(here.err), "not_an_image.jpg"));
  struct row {
    arguments how;
    double margin;
    std::size_t same;
  };
  for (row const& r : {row{on_device, 1e-3, 298}, row{on_device + arguments{"--precision", "bf16"}, 0.1, 240}}) {
    auto const there = m.w.run(predict + r.how);
    INFO(there.err);
    REQUIRE(there.status == 0);
    CHECK(remarks(there.err) == remarks(here.err));
    auto const expected = rows_of(here.out), got = rows_of(there.out);
    REQUIRE(got.size() == 301);
    CHECK(got[0] == expected[0]);
    std::size_t same = 0;
    for (std::size_t i = 1; i < got.size(); ++i) {
      CHECK(got[i][0] == expected[i][0]);
      same += got[i][1] == expected[i][1];
      for (std::size_t j = 2; j < 8; ++j)
        CHECK(std::stod(got[i][j]) == Approx(std::stod(expected[i][j])).margin(r.margin));
    }
    CHECK(same >= r.same);
  }
}

}  // namespace program_device_test
