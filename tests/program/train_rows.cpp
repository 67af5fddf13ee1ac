// softf1 train on rows of every kind, and runs that go on.
#include <cmath>
#include <filesystem>
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

arguments const features{"--features", "x.txt", "--targets", "y.csv"};

/// 80 rows of two features, and targets of which some are missing, in x.txt and y.csv.
void put_features(workplace const& w, bool reversed = false) {
  std::string x, y = "left,right\n";
  for (int k = 0; k < 80; ++k) {
    int const i = reversed ? 79 - k : k;
    x += std::to_string(i % 7 - 3) + " " + std::to_string(i % 5) + "\n";
    y += std::string(i % 7 > 3 ? "1" : "0") + "," + (i % 11 == 0 ? "-1" : i % 5 > 2 ? "1" : "0") + "\n";
  }
  w.put("x.txt", x);
  w.put("y.csv", y);
}

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
  put_features(w);
  auto const& rows = features;
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
  CHECK(w.get_json("e.json")["macro"]["f1"] == 1);
  CHECK(w.get_json("e.json")["macro"]["roc_auc"] == 1);
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

TEST_CASE("features that are standardised: only the run that was killed goes on, to the same bits", "[program]") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_features(w);
  arguments const command{
      "--hidden",  "4",           "--epochs", "3",      "--batch-size", "16", "--checkpoint-minutes",
      "0.0000001", "--keep-last", "99",       "--quiet"};
  auto const whole = train(w, features + command + arguments{"--out", "whole"});
  INFO(whole.err);
  REQUIRE(whole.status == 0);
  CHECK(model_form(w.dir() / "whole/model.safetensors")["settings"]["standardise"] == true);
  // As it is found where it was killed after six of its steps.
  namespace fs = std::filesystem;
  fs::copy(w.dir() / "whole", w.dir() / "killed", fs::copy_options::recursive);
  fs::remove(w.dir() / "killed/model.safetensors");
  fs::remove(w.dir() / "killed/predictions.csv");
  softf1::checkpoint_folder const folder((w.dir() / "killed/checkpoints").string());
  for (auto const& c : folder.list())
    if (c.steps > 6) fs::remove(c.path);
  std::string const last = folder.path_of(6), bytes = content(last);
  REQUIRE(folder.list().back().path == last);

  auto const go_on = [&](arguments const& more) {
    return train(w, features + command + arguments{"--out", "killed", "--resume"} + more);
  };
  auto const refused = [&](arguments const& more, std::string const& what) {
    auto const r = go_on(more);
    INFO(what << ": " << r.err);
    CHECK(r.status == 1);
    CHECK(is_one_error(r.err));
    CHECK(has(r.err, "step_00000006.safetensors is of a run with other " + what));
    CHECK((content(last) == bytes));
    CHECK_FALSE(w.holds("killed/model.safetensors"));
  };
  refused({"--mixup", "0.2"}, "mixup: 0.0 there, 0.2 here");
  put_features(w, true);
  refused({}, "rows: ");
  put_features(w);
  auto newer = softf1::read_checkpoint(last);
  newer.model.settings["speed"] = "high";
  softf1::write_checkpoint(last, newer.model, newer.state);
  CHECK(go_on({}).err ==
        "error: --resume: killed/checkpoints/step_00000006.safetensors is of a run with other speed: \"high\" there, "
        "none here\n");
  w.put("killed/checkpoints/step_00000006.safetensors", bytes);

  // Another run replaces it only once it can begin.
  auto const absent = train(w, arguments{"--features", "x.txt", "--targets", "absent.csv"} + command +
                                   arguments{"--out", "killed", "--overwrite"});
  CHECK(absent.status == 1);
  CHECK(is_one_error(absent.err));
  CHECK(has(absent.err, "absent.csv"));
  CHECK(folder.list().size() == 6);
  CHECK((content(last) == bytes));

  auto const rest = go_on({});
  INFO(rest.err);
  CHECK(rest.status == 0);
  for (std::string const file : {"model.safetensors", "predictions.csv"})
    CHECK((w.get("killed/" + file) == w.get("whole/" + file)));
}

TEST_CASE("weights of positives and first biases count the rows whose target is known", "[program]") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  // Features that say nothing: every logit is the bias of its label.
  std::string x, y = "often,seldom\n";
  for (int i = 0; i < 80; ++i) {
    x += "0 0\n";
    y += std::string(i % 3 == 0 ? "-1" : i % 4 > 0 ? "1" : "0") + "," + (i % 9 == 0 ? "1" : "0") + "\n";
  }
  w.put("x.txt", x);
  w.put("y.csv", y);
  auto const run = [&](arguments const& more) {
    auto const r = train(w, features + more +
                                arguments{"--hidden", "0", "--dropout", "0", "--standardise", "no", "--epochs", "1",
                                          "--learning-rate", "1e-12", "--out", "m", "--overwrite", "--quiet"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    return softf1::io::read_csv((w.dir() / "m/predictions.csv").string(), {.header = softf1::io::csv_has::yes}).rows;
  };
  std::vector<double> positives(2), negatives(2);
  auto const rows = run({"--output-bias", "prior"});
  REQUIRE(rows.size() == 80);
  for (int i = 0; i < 80; ++i) {
    if (rows[static_cast<std::size_t>(i)][1] != "train") continue;
    if (i % 3 != 0) ++(i % 4 > 0 ? positives : negatives)[0];
    ++(i % 9 == 0 ? positives : negatives)[1];
  }
  REQUIRE(positives[0] + negatives[0] < positives[1] + negatives[1]);
  for (std::size_t j = 0; j < 2; ++j)
    CHECK(std::stod(rows[0][3 + j]) == Approx(std::log((positives[j] + 1) / (negatives[j] + 1))).epsilon(1e-5));

  // With logits of 0 each negative costs log 2, and the positives of a label as much as its negatives.
  run({"--pos-weight", "balanced"});
  double const known = positives[0] + negatives[0] + positives[1] + negatives[1];
  CHECK(w.get_json("m/history.json")[0]["train_loss"].get<double>() ==
        Approx(std::log(2) * 2 * (negatives[0] + negatives[1]) / known).epsilon(1e-5));
}

TEST_CASE("losses begin by a schedule, see the rows that they are told to, and say what they miss", "[program]") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  put_features(w);
  auto const command = features + arguments{"--hidden", "0", "--epochs", "3", "--batch-size", "4", "--patience", "0"};
  arguments const sum{"--loss", "bce:weight=0.2+soft_f1:weight=0.8"};
  auto const plain = train(w, command + sum + arguments{"--out", "plain"});
  INFO(plain.err);
  REQUIRE(plain.status == 0);
  CHECK(has(plain.out, " of 2 labels are absent from more than 5 % of steps of 4 rows: "));
  CHECK(has(w.get("plain/history.csv"), ",soft_macro_f1,lift,predicted_cardinality,true_cardinality,constant_labels,"));
  auto const scheduled =
      train(w, command + sum + arguments{"--loss-schedule", "linear:epochs=2", "--out", "scheduled"});
  REQUIRE(scheduled.status == 0);
  auto const whole = train(w, command + sum + arguments{"--loss-scope", "epoch", "--out", "whole"});
  REQUIRE(whole.status == 0);
  CHECK_FALSE(has(whole.out, "are absent from more than"));
  for (std::string const other : {"scheduled", "whole"})
    CHECK(w.get(other + "/model.safetensors") != w.get("plain/model.safetensors"));
  // Cross-entropy has no counts that could be missed.
  CHECK_FALSE(has(train(w, command + arguments{"--out", "bce"}).out, "are absent from more than"));

  struct row {
    arguments options;
    int status;
    std::string sentence;
  };
  for (auto const& [options, status, sentence] :
       {row{{"--loss-schedule", "linear:epochs=2"}, 1, "error: bce: a schedule of weights needs a sum of losses"},
        row{{"--loss-schedule", "ramp:epochs=2"}, 2, "the schedule of losses must be one of step, linear, cosine"},
        row{{"--loss-scope", "epoch", "--accumulate", "2"},
            1,
            "error: --loss-scope epoch takes all rows at once, without --accumulate"},
        row{{"--loss", "soft_f1:absent=never"},
            2,
            "absent must be one of zero, skip, smooth, both_classes, running"}}) {
    auto const refused = train(w, command + options + arguments{"--out", "refused"});
    INFO(refused.err);
    CHECK(refused.status == status);
    CHECK(has(refused.err, sentence));
    CHECK_FALSE(w.holds("refused"));
  }
}

}  // namespace program_train_rows_test
