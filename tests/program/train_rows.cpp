// softf1 train on rows of every kind, and runs that go on.
#include <string>
#include <vector>

#include <softf1/models/checkpoint_folder.hpp>

#include "program/trained.hpp"

namespace program_train_rows_test {

using namespace softf1_program_test;

/// A workplace with a few posters.
struct posters {
  workplace w;
  posters() { REQUIRE(w.run({"synthesize", "--out", "demo", "--rows", "60", "--labels", "3", "--quiet"}).status == 0); }
};

posters const& some_posters() {
  static posters const p;
  return p;
}

arguments const pixels{"--network",    "pixels", "--image-size",    "16",   "--head",     "convnet:width=4,depth=2",
                       "--batch-size", "16",     "--learning-rate", "0.01", "--patience", "0"};

outcome train(workplace const& w, arguments const& more) { return w.run(arguments{"train"} + more); }

TEST_CASE("a run that was killed goes on to the same bits", "[program]") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& w = some_posters().w;
  auto const command = demo_data + pixels + arguments{"--augment",    "flip+random_resized_crop",
                                                      "--epochs",     "3",
                                                      "--average",    "0.9",
                                                      "--accumulate", "2",
                                                      "--seed",       "3",
                                                      "--quiet",      "--split",
                                                      "0.8,0.1,0.1"};
  auto const whole = train(w, command + arguments{"--out", "whole"});
  INFO(whole.err);
  REQUIRE(whole.status == 0);
  // A checkpoint after each step; killed when there are two.
  auto const often = command + arguments{"--checkpoint-minutes", "0.0000001", "--out", "killed"};
  auto const stopped_by = [&](std::string const& signal, std::string const& folder, arguments const& how) {
    return w.run_after("(while [ $(ls " + folder +
                           "/checkpoints 2> /dev/null | wc -l) -lt 2 ]; do sleep 0.01; done; kill -" + signal +
                           " $$) & :",
                       arguments{"train"} + how);
  };
  REQUIRE(stopped_by("KILL", "killed", often).status == 128 + 9);
  CHECK(!w.holds("killed/model.safetensors"));
  // Asked to stop, it may leave the model of its best epoch so far, and goes on all the same.
  auto const asked = command + arguments{"--checkpoint-minutes", "0.0000001", "--out", "asked"};
  CHECK(stopped_by("INT", "asked", asked).status < 128);
  CHECK(train(w, asked + arguments{"--resume"}).status == 0);
  CHECK(w.get("asked/model.safetensors") == w.get("whole/model.safetensors"));
  auto const resumed = train(w, often + arguments{"--resume"});
  INFO(resumed.err);
  REQUIRE(resumed.status == 0);
  CHECK(w.get("killed/model.safetensors") == w.get("whole/model.safetensors"));
  CHECK(w.get("killed/predictions.csv") == w.get("whole/predictions.csv"));

  auto const again = train(w, often + arguments{"--resume"});
  CHECK(again.status == 1);
  CHECK(again.err == "error: --resume: the run in killed is finished, there is nothing left to do\n");
  std::filesystem::remove(w.dir() / "killed" / "model.safetensors");
  auto const other = train(w, demo_data + pixels + arguments{"--out", "killed", "--resume", "--quiet"});
  CHECK(other.status == 1);
  CHECK(has(other.err, "is of a run with other"));
  CHECK(is_one_error(other.err));
  auto const fresh = train(w, often);
  CHECK(
      fresh.err ==
      "error: --out: killed holds checkpoints of a run that was stopped (--resume goes on, --overwrite replaces it)\n");
  auto const none = train(w, often + arguments{"--resume", "--out", "nothing"});
  CHECK(none.status == 2);  // --out twice
  CHECK(train(w, command + arguments{"--resume", "--out", "nothing"}).err ==
        "error: --resume: there is no checkpoint in nothing/checkpoints\n");
  CHECK(!w.holds("nothing"));
  CHECK(train(w, demo_data + arguments{"--network", "pixels", "--image-size", "16", "--head", "convnet:depth=5"}).out ==
        "");
}

TEST_CASE("a model can be trained from records, with the end of the network, and on lists", "[program]") {
  SOFTF1_NEEDS_PROGRAM;
  auto const& w = some_posters().w;
  REQUIRE(w.run(arguments{"pack"} + demo_data + arguments{"--out", "t.tfrecord", "--shards", "2", "--quiet"}).status ==
          0);
  auto const records = arguments{"--records", "t-*.tfrecord", "--label-names", "t.tfrecord.labels.txt"};
  auto const r = train(w, records + arguments{"--image-size", "32", "--train-from", "features.18", "--head", "pool",
                                              "--groups", "features.*:rate=0.1", "--epochs", "1", "--out", "tail"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "end-point features.17"));
  auto const model = softf1::read_model((w.dir() / "tail/model.safetensors").string());
  CHECK(model.arrays.contains("features.18.0.weight"));
  auto const evaluated = w.run(arguments{"evaluate", "--model", "tail/model.safetensors"} + records);
  INFO(evaluated.err);
  CHECK(evaluated.status == 0);
  CHECK(has(evaluated.out, "rows 60, labels 3"));
  CHECK(train(w, records + arguments{"--train-from", "features.3.conv.1"}).err.find("can be cut at") !=
        std::string::npos);
}

TEST_CASE("features that are there already are trained on, and kept apart from images", "[program]") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  std::string x, y = "left,right\n";
  for (int i = 0; i < 80; ++i) {
    x += std::to_string(i % 7 - 3) + " " + std::to_string(i % 5) + "\n";
    y += std::string(i % 7 > 3 ? "1" : "0") + "," + (i % 11 == 0 ? "-1" : i % 5 > 2 ? "1" : "0") + "\n";
  }
  w.put("x.txt", x);
  w.put("y.csv", y);
  auto const rows = arguments{"--features", "x.txt", "--targets", "y.csv"};
  auto const r = train(w, rows + arguments{"--hidden", "0", "--dropout", "0", "--optimizer", "lbfgs:l2=0.0001", "--out",
                                           "m", "--split", "0.5,0.25,0.25"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "targets are missing"));
  auto const model = softf1::read_model((w.dir() / "m/model.safetensors").string());
  CHECK(model.source == softf1::models::source::features);
  CHECK(model.input.size() == 2);
  auto const evaluated =
      w.run(arguments{"evaluate", "--model", "m/model.safetensors", "--json", "e.json", "--quiet"} + rows);
  INFO(evaluated.err);
  REQUIRE(evaluated.status == 0);
  CHECK(w.get_json("e.json")["macro"]["f1"].get<double>() > 0.99);
  CHECK(w.run(arguments{"calibrate", "--model", "m/model.safetensors"} + rows).status == 0);
  w.put("x3.txt", "1 2 3\n");
  w.put("y1.csv", "left,right\n1,0\n");
  CHECK(w.run({"evaluate", "--model", "m/model.safetensors", "--features", "x3.txt", "--targets", "y1.csv"}).err ==
        "error: m/model.safetensors: the model takes 2 features, x3.txt has 3\n");
  CHECK(w.run({"evaluate", "--model", "m/model.safetensors", "--folders", "."}).status == 1);
  CHECK(train(w, rows + arguments{"--augment", "flip"}).err ==
        "error: --augment: features are there already, there are no images\n");
  CHECK(w.run({"train"}).status == 2);
  CHECK(w.run({"train", "--features", "x.txt"}).err.find("--features needs --targets") != std::string::npos);
  CHECK(w.run({"train", "--features", "x.txt", "--arff", "a.arff"}).err.find("expected one source of labelled rows") !=
        std::string::npos);
}

}  // namespace program_train_rows_test
