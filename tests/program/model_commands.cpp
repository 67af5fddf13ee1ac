#include <algorithm>
#include <string>
#include <vector>

#include <softf1/data/features.hpp>

#include "models/small.hpp"
#include "program/trained.hpp"

namespace program_model_commands_test {

using namespace softf1_program_test;

std::string data_of(std::string const& safetensors) {
  std::uint64_t header = 0;
  std::copy_n(safetensors.data(), 8, reinterpret_cast<char*>(&header));
  return safetensors.substr(8 + header);
}

TEST_CASE("softf1 evaluate --model gives what training said of the test rows") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  REQUIRE(t.first.status == 0);
  auto const r = t.with_model("evaluate", {"--split-file", "runs/a/split.csv", "--json", "e.json"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  auto const found = t.w.get_json("e.json");
  CHECK(found["rows"] == 60);
  auto const& tuned = t.result["results"][2];
  REQUIRE(tuned["decision"] == "tuned");
  CHECK(found["macro"]["f1"].get<double>() == Approx(tuned["macro_f1"].get<double>()).epsilon(1e-6));
  CHECK(found["micro"]["f1"].get<double>() == Approx(tuned["micro_f1"].get<double>()).epsilon(1e-6));
  CHECK(found["samples"]["f1"].get<double>() == Approx(tuned["samples_f1"].get<double>()).epsilon(1e-6));
  CHECK(found["macro"]["average_precision"].get<double>() == Approx(tuned["map"].get<double>()).epsilon(1e-6));
  CHECK_FALSE(has(r.out, "promise too much"));

  t.with_model("evaluate", {"--split-file", "runs/a/split.csv", "--threshold", "0.5", "--json", "h.json"});
  CHECK(t.w.get_json("h.json")["macro"]["f1"].get<double>() ==
        Approx(t.result["results"][1]["macro_f1"].get<double>()).epsilon(1e-6));
  auto const validation =
      t.with_model("evaluate", {"--split-file", "runs/a/split.csv", "--part", "validation", "--json", "v.json"});
  CHECK(t.w.get_json("v.json")["rows"] == 30);
  CHECK(has(validation.out, "of these 30 rows the model was trained on 0, and chosen and calibrated on 30"));
  auto const all = t.with_model("evaluate", {});
  CHECK(has(all.out, "of these 300 rows the model was trained on 210, and chosen and calibrated on 30"));
}

TEST_CASE("softf1 calibrate --model puts the rule into the model, and nothing else") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  std::filesystem::create_directories(t.w.dir() / "runs/c");
  auto const before = t.w.get("runs/a/model.safetensors");
  t.w.put("runs/c/model.safetensors", before);
  arguments const common = demo_data + arguments{"--split-file", "runs/a/split.csv", "--feature-cache", "cache"};
  auto const r = t.w.run(arguments{"calibrate", "--model", "runs/c/model.safetensors", "--part", "validation",
                                   "--strategy", "fixed:at=0.3", "--out", "rule.json", "--json", "c.json"} +
                         common);
  INFO(r.err);
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "thresholds written to runs/c/model.safetensors and rule.json"));
  auto const after = t.w.get("runs/c/model.safetensors");
  CHECK(data_of(after) == data_of(before));
  auto old_form = model_form(t.w.dir() / "runs/a/model.safetensors");
  auto form = model_form(t.w.dir() / "runs/c/model.safetensors");
  CHECK(form["decision"] == softf1::io::json_value::parse(t.w.get("rule.json")));
  for (auto const& label : form["decision"]["labels"]) CHECK(label["threshold"].get<double>() == Approx(-0.8472978604));
  CHECK(form["decision"]["labels"][0]["name"] == "Nocturne");
  form.erase("decision");
  old_form.erase("decision");
  CHECK(form == old_form);

  // Without a strategy, on the validation rows: what training found.
  auto const back = t.w.run(
      arguments{"calibrate", "--model", "runs/c/model.safetensors", "--part", "validation", "--quiet"} + common);
  CHECK(back.status == 0);
  CHECK(back.out.empty());
  auto const found = model_form(t.w.dir() / "runs/c/model.safetensors")["decision"]["labels"];
  auto const trained = model_form(t.w.dir() / "runs/a/model.safetensors")["decision"]["labels"];
  REQUIRE(found.size() == 6);
  for (std::size_t j = 0; j < 6; ++j)
    CHECK(found[j]["threshold"].get<double>() == Approx(trained[j]["threshold"].get<double>()).epsilon(1e-4));
  std::size_t files = 0;
  for ([[maybe_unused]] auto const& entry : std::filesystem::directory_iterator(t.w.dir() / "runs/c")) ++files;
  CHECK(files == 1);
}

TEST_CASE("labels of a table and of a model are matched by name") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const table = softf1::read_label_table((t.w.dir() / "demo/posters.csv").string());
  // Columns in another order, and one more; or one less.
  auto const write = [&](std::string const& name, std::vector<std::size_t> const& columns, bool more) {
    std::string csv = "id";
    for (std::size_t j : columns) csv += "," + table.label_names[j];
    csv += more ? ",Alien\n" : "\n";
    for (std::size_t i = 0; i < table.rows(); ++i) {
      csv += table.ids[i];
      for (std::size_t j : columns) csv += table.targets[i * 6 + j] ? ",1" : ",0";
      csv += more ? ",1\n" : "\n";
    }
    t.w.put(name, csv);
  };
  write("more.csv", {5, 0, 4, 2, 1, 3}, true);
  write("less.csv", {0, 1, 2, 3, 4}, false);
  auto const on = [&](std::string const& csv) {
    return t.w.run({"evaluate", "--model", "runs/a/model.safetensors", "--csv", csv, "--images", "demo/images",
                    "--feature-cache", "cache", "--split-file", "runs/a/split.csv", "--json", "names.json"});
  };
  auto const more = on("more.csv");
  INFO(more.err);
  CHECK(more.status == 0);
  CHECK(has(more.out, "ignored 1 labels that the model does not know: Alien\n"));
  CHECK(t.w.get_json("names.json")["macro"]["f1"].get<double>() ==
        Approx(t.result["results"][2]["macro_f1"].get<double>()).epsilon(1e-6));
  auto const less = on("less.csv");
  CHECK(less.status == 1);
  CHECK(is_one_error(less.err));
  CHECK(has(less.err, "the table has no label 'Twofold'"));
}

TEST_CASE("softf1 evaluate and calibrate answer wrong models and usage with one sentence") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const model = t.w.get("runs/a/model.safetensors");
  t.w.put("part.safetensors", model.substr(0, 2000));
  t.w.put("other_split.csv", "id,part\n1,train\n");
  struct row {
    arguments command;
    int status;
    std::string fragment;
  };
  arguments const good{"--model", "runs/a/model.safetensors"};
  for (std::string const command : {"evaluate", "calibrate"})
    for (row const& r : std::vector<row>{
             {good + demo_data + arguments{"--part", "test"}, 2, "--part needs --split-file"},
             {good + demo_data + arguments{"--part", "exam", "--split-file", "runs/a/split.csv"}, 2, "--part"},
             {good + demo_data + arguments{"--split-file", "other_split.csv"}, 1, "names no part for 300 of 300 ids"},
             {good + demo_data + arguments{"--split-file", "absent.csv"}, 1, "absent.csv"},
             {good, 2, "--csv"},
             {good + arguments{"--csv", "absent.csv", "--images", "demo/images"}, 1, "absent.csv"},
             {arguments{"--model", "part.safetensors"} + demo_data, 1, "part.safetensors"},
             {arguments{"--model", "demo/posters.csv"} + demo_data, 1, "demo/posters.csv"},
             {arguments{"--model", "absent"} + demo_data, 1, "absent"}}) {
      auto const outcome = t.w.run(arguments{command} + r.command);
      INFO(command << ", " << r.fragment << ": " << outcome.err);
      CHECK(outcome.status == r.status);
      CHECK(outcome.out.empty());
      CHECK(is_one_error(outcome.err));
      CHECK(has(outcome.err, r.fragment));
    }
  CHECK(t.w.get("runs/a/model.safetensors") == model);
}

TEST_CASE("softf1 extract writes features with their ids, which the cache gives again") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  arguments const command =
      arguments{"extract"} + demo_data +
      arguments{"--weights", "small.safetensors", "--feature-cache", "extracted", "--out", "f.safetensors"};
  auto const first = t.w.run(command);
  INFO(first.err);
  REQUIRE(first.status == 0);
  CHECK(has(first.out, "300 rows of 1280 features (0 of them from the cache) written to f.safetensors"));
  auto const features = softf1::read_features((t.w.dir() / "f.safetensors").string());
  CHECK(features.rows() == 300);
  CHECK(features.dimension == 1280);
  CHECK(features.ids == softf1::read_label_table((t.w.dir() / "demo/posters.csv").string()).ids);
  CHECK(json::parse(features.metadata.at("extractor"))["weights"] == t.result["extractor"]["weights"]);
  auto const bytes = t.w.get("f.safetensors");
  auto const again = t.w.run(command + arguments{"--json", "-"});
  CHECK(json::parse(again.out)["cached"] == 300);
  CHECK(json::parse(again.out)["rows"] == 300);
  CHECK(t.w.get("f.safetensors") == bytes);
  auto const refused = t.w.run(arguments{"extract"} + demo_data + arguments{"--out", "demo/posters.csv"});
  CHECK(refused.status == 1);
  CHECK(has(refused.err, "error: --out would replace the input of --csv"));
}

TEST_CASE("softf1 summary counts parameters as Keras does") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const three = t.w.run({"summary", "--labels", "3", "--json", "s.json"});
  CHECK(three.status == 0);
  CHECK(has(three.out, "total 3,572,803, trainable 1,314,819, frozen 2,257,984"));
  auto const form = t.w.get_json("s.json");
  CHECK(form["total"] == 3572803);
  CHECK(form["trainable"] == 1314819);
  CHECK(form["frozen"] == 2257984);
  CHECK(form["blocks"].back()["output_shape"] == json({1, 1, 3}));
  CHECK(has(t.w.run({"summary", "--labels", "18"}).out, "trainable 1,330,194"));
  CHECK(has(t.w.run({"summary"}).out, "total 2,257,984, trainable 0, frozen 2,257,984"));
  auto const of_model = t.w.run({"summary", "--model", "runs/a/model.safetensors"});
  CHECK(has(of_model.out, "64 x 64 pixels"));
  CHECK(has(of_model.out, "trainable 20,598, frozen "));
}

TEST_CASE("models need the weights that they were trained with, unless they bundle them") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  auto const in = [&](std::string const& name) { return (t.w.dir() / name).string(); };
  std::filesystem::create_directory(t.w.dir() / "w");
  softf1::write_safetensors(in("w/good.safetensors"), small_models::torch_weights(0.05, 1), {{"image_size", "32"}});
  softf1::write_safetensors(in("w/other.safetensors"), small_models::torch_weights(0.05, 2), {{"image_size", "32"}});
  softf1::write_safetensors(in("w/bad.safetensors"), small_models::torch_weights(0.05, 2), {{"image_size", "huge"}});
  arguments const command = arguments{"train", "--hidden", "0", "--epochs", "2", "--weights"} + demo_data;
  auto const train = [&](std::string const& weights, arguments const& more) {
    auto all = command;
    all.insert(all.begin() + 6, weights);
    return t.w.run(all + more);
  };
  auto const plain = train("w/good.safetensors", {"--out", "w/plain", "--quiet"});
  INFO(plain.err);
  REQUIRE(plain.status == 0);
  REQUIRE(train("w/good.safetensors", {"--out", "w/bundle", "--bundle", "--quiet"}).status == 0);
  auto const bad = train("w/bad.safetensors", {"--out", "w/none", "--quiet"});
  CHECK(bad.err == "error: w/bad.safetensors: metadata 'image_size': the value must be a number, got 'huge'\n");
  CHECK_FALSE(t.w.holds("w/none"));

  auto const predict = [&](std::string const& model, arguments const& more) {
    return t.w.run(
        arguments{"predict", "--model", model + "/model.safetensors", "demo/images/9000001.jpg", "--format", "csv"} +
        more);
  };
  auto const with = predict("w/plain", {"--weights", "w/good.safetensors"}), inside = predict("w/bundle", {});
  CHECK(with.status == 0);
  CHECK(inside.status == 0);
  CHECK(with.out == inside.out);
  auto const without = predict("w/plain", {}), wrong = predict("w/plain", {"--weights", "w/other.safetensors"});
  CHECK(without.status == 1);
  CHECK(has(without.err, "error: w/plain/model.safetensors: the model needs the weights of its extractor (fnv1a:"));
  CHECK(wrong.status == 1);
  CHECK(has(wrong.err, "error: w/other.safetensors: expected the weights fnv1a:"));
  CHECK(is_one_error(wrong.err));

  // A bundle keeps its weights when it is calibrated.
  auto const calibrated =
      t.w.run(arguments{"calibrate", "--model", "w/bundle/model.safetensors", "--split-file", "w/bundle/split.csv",
                        "--part", "validation", "--strategy", "fixed:at=0.9"} +
              demo_data);
  INFO(calibrated.err);
  CHECK(calibrated.status == 0);
  CHECK(predict("w/bundle", {}).status == 0);
  CHECK(has(t.w.run({"summary", "--model", "w/bundle/model.safetensors"}).out, "mobilenet_v2 0.05, 32 x 32 pixels"));
}

}  // namespace program_model_commands_test
