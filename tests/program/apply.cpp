#include "program/runner.hpp"

TEST_CASE("softf1 apply decides what evaluate counts, in every format") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  REQUIRE(w.run({"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--out", "t.json"}).status == 0);
  auto const apply = [&](std::vector<std::string> const& more) {
    std::vector<std::string> arguments{"apply", "--scores", "scores.csv", "--thresholds", "t.json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto const r = w.run(arguments);
    INFO(r.err);
    CHECK(r.status == 0);
    return r.out;
  };
  auto const text = apply({"--out", "p.npy", "--json", "p.json"});
  CHECK(has(text, "1.5 labels a row on average"));
  CHECK(has(text, "0 rows without any"));
  auto const array = softf1::read_npy((w.dir() / "p.npy").string());
  CHECK(array.type() == softf1::io::dtype::u8);
  CHECK(array.shape() == std::vector<std::size_t>{4, 2});
  CHECK(array.as<std::uint8_t>() == std::vector<std::uint8_t>{1, 0, 1, 1, 1, 0, 1, 1});
  CHECK(w.get_json("p.json")["labels_per_row"] == 1.5);

  auto const report = json::parse(
      w.run({"evaluate", "--scores", "scores.csv", "--targets", "targets.csv", "--thresholds", "t.json", "--json", "-"})
          .out);
  for (std::size_t j = 0; j < 2; ++j) {
    auto const& label = report["per_label"][j];
    CHECK(w.get_json("p.json")["per_label"][j]["predicted"] == label["tp"].get<int>() + label["fp"].get<int>());
  }

  std::string const csv = "cat,dog\n1,0\n1,1\n1,0\n1,1\n", lists = "cat\ncat\tdog\ncat\ncat\tdog\n";
  apply({"--out", "p.csv"});
  CHECK(w.get("p.csv") == csv);
  apply({"--out", "p.txt", "--format", "lists"});
  CHECK(w.get("p.txt") == lists);
  CHECK(apply({"--out", "-", "--format", "csv"}) == csv);
  CHECK(apply({"--out", "-", "--format", "lists", "--json", "p.json"}) == lists);
  CHECK(apply({"--out", "-"}) == w.get("p.npy"));
  CHECK(apply({"--out", "p.npy", "--quiet"}).empty());
  // The decisions are targets that the same decisions meet.
  auto const again =
      w.run({"evaluate", "--scores", "scores.csv", "--targets", "p.npy", "--thresholds", "t.json", "--json", "-"});
  CHECK(json::parse(again.out)["subset_accuracy"] == 1.0);
}

TEST_CASE("softf1 apply refuses thresholds of another domain or number of labels") {
  using namespace softf1_program_test;
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  w.put("one.csv", "cat\n0.5\n");
  REQUIRE(w.run({"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--out", "p.json"}).status == 0);
  REQUIRE(w.run({"calibrate", "--scores", "scores.csv", "--targets", "targets.csv", "--logits", "--out", "z.json"})
              .status == 0);
  auto const before = w.names();
  auto const error = [&](std::vector<std::string> const& more) {
    std::vector<std::string> arguments{"apply", "--out", "d.npy"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto const r = w.run(arguments);
    CHECK(r.status == 1);
    CHECK(r.out.empty());
    CHECK(is_one_error(r.err));
    return r.err;
  };
  CHECK(has(error({"--scores", "scores.csv", "--thresholds", "z.json"}),
            "z.json is for logit scores, scores.csv is read as probability scores: give --logits"));
  CHECK(has(error({"--scores", "scores.csv", "--logits", "--thresholds", "p.json"}),
            "p.json is for probability scores, scores.csv is read as logit scores"));
  CHECK(has(error({"--scores", "one.csv", "--thresholds", "p.json"}),
            "p.json is for 2 labels, one.csv has scores of 1"));
  CHECK(w.names() == before);
}
