#include <filesystem>
#include <string>
#include <vector>

#include <softf1/data/example_record.hpp>
#include <softf1/io/tfrecord.hpp>

#include "program/runner.hpp"

namespace program_records_test {

using namespace softf1_program_test;
using arguments = std::vector<std::string>;

arguments operator+(arguments a, arguments const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Four images by TensorFlow, in a folder "set".
struct unpacked_sample {
  workplace w;
  outcome made = w.run({"unpack", "--out", "set", "--records",
                        (softf1_test::source_dir() / "tests/conformance/records_sample.tfrecord").string()});
};

arguments const pack_set{"pack", "--csv", "set/labels.csv", "--images", "set/images", "--quiet"};

TEST_CASE("softf1 pack and unpack give images and labels back") {
  SOFTF1_NEEDS_PROGRAM;
  unpacked_sample const s;
  auto const& w = s.w;
  REQUIRE(s.made.status == 0);
  CHECK(s.made.out == "4 images in set/images, their labels in set/labels.csv\n");
  std::string const table =
      "image,0,1,2\nfolder/0.jpg,1,0,0\nfolder/1.png,0,1,1\nfolder/2.jpg,0,0,0\nfolder/3.png,1,1,1\n";
  CHECK(w.get("set/labels.csv") == table);

  for (arguments const& how : {arguments{"--out", "x.tfrecord", "--keep-order"},
                               {"--out", "y.tfrecord", "--keep-order", "--message", "example"},
                               {"--out", "z.tar", "--keep-order", "--format", "webdataset", "--shards", "2"}}) {
    auto const name = how[1], stem = name.substr(0, 1);
    auto const packed = w.run(pack_set + how);
    INFO(packed.err);
    REQUIRE(packed.status == 0);
    CHECK(w.get(name + ".labels.txt") == "0\n1\n2\n");
    REQUIRE(w.run({"unpack", "--records", stem + (stem == "z" ? "-*.tar" : ".tfrecord"), "--label-names",
                   name + ".labels.txt", "--out", stem})
                .status == 0);
    CHECK(w.get(stem + "/labels.csv") == table);
    for (auto const* image : {"0.jpg", "1.png", "2.jpg", "3.png"})
      CHECK(w.get(stem + "/images/folder/" + image) == w.get(std::string("set/images/folder/") + image));
  }

  // Shuffled by the seed, whatever the threads.
  auto const shuffled = [&](std::string const& out, std::string const& seed, std::string const& threads) {
    CHECK(w.run(pack_set + arguments{"--out", out, "--shards", "2", "--seed", seed, "--threads", threads}).status == 0);
    auto const stem = out.substr(0, 1);
    return w.get(stem + "-00000-of-00002.tfrecord") + w.get(stem + "-00001-of-00002.tfrecord");
  };
  auto const one = shuffled("a.tfrecord", "5", "1");
  CHECK(shuffled("b.tfrecord", "5", "3") == one);
  CHECK(shuffled("c.tfrecord", "8", "1") != one);
  CHECK(shuffled("d.tfrecord", "5", "1").size() == w.get("x.tfrecord").size());
}

TEST_CASE("softf1 pack leaves out what is no image, unless it is told otherwise") {
  SOFTF1_NEEDS_PROGRAM;
  unpacked_sample const s;
  auto const& w = s.w;
  w.put("set/images/folder/3.png", "no image");
  auto const pack = pack_set + arguments{"--out", "x.tfrecord", "--json", "x.json"};
  REQUIRE(w.run(pack).status == 0);
  CHECK(w.get_json("x.json")["records"] == 3);
  REQUIRE(w.get_json("x.json")["failures"].size() == 1);
  CHECK(has(w.get_json("x.json")["failures"][0], "set/images/folder/3.png: expected a JPEG, PNG, BMP or GIF file"));
  REQUIRE(w.run(pack + arguments{"--no-check"}).status == 0);
  CHECK(w.get_json("x.json")["records"] == 4);
  auto const strict = w.run(pack + arguments{"--strict"});
  CHECK(strict.status == 1);
  CHECK(is_one_error(strict.err));
}

TEST_CASE("softf1 unpack stays in its folder, and says what cannot be read") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  {
    softf1::tfrecord_writer writer((w.dir() / "x.tfrecord").string());
    std::string const image = "\xff\xd8 not much of an image";
    for (auto const* path : {"../../up.jpg", "/up.jpg", "a/../../b", "c\n.png"})
      writer.write(softf1::encode_record({path, std::as_bytes(std::span(image)), {1, -1}}));
    writer.write("no message");
    writer.close();
  }
  auto const r = w.run({"unpack", "--records", "x.tfrecord", "--out", "in/out"});
  CHECK(r.status == 0);
  CHECK(has(r.out, "left out 1 records, first: read_records: x.tfrecord: record at byte "));
  CHECK(w.get("in/out/labels.csv") == "image,0,1\nup.jpg,1,0\nup_2.jpg,1,0\na/b.jpg,1,0\nc_.png,1,0\n");
  CHECK(has(w.get("in/out/mask.csv"), "\nup.jpg,1,0\n"));
  CHECK(w.holds("in/out/images/a/b.jpg"));
  CHECK(w.names() == arguments{"in", "scores.csv", "targets.csv", "x.tfrecord"});
  struct {
    arguments with;
    int status;
    std::string part;
  } const cases[] = {
      {{"unpack", "--records", "x.tfrecord", "--out", "in/out"}, 1, "in/out exists and is not an empty folder"},
      {{"unpack", "--records", "x.tfrecord", "--out", "n", "--strict"}, 1, "record at byte "},
      {{"unpack", "--records", "no-*", "--out", "n"}, 1, "read_records: no-*: there is no such file"},
      {{"unpack", "--records", "targets.csv", "--out", "n", "--strict"}, 1, "this is no TFRecord file"},
      {{"unpack", "--out", "n"}, 2, "--records is required"},
      {{"pack", "--out", "n"}, 2, "expected a source of labelled rows"},
      {{"pack", "--csv", "targets.csv", "--images", "in", "--out", "n", "--shards", "0"}, 2, "--shards"},
      {{"pack", "--csv", "targets.csv", "--images", "in", "--out", "targets.csv"}, 1, "would replace the input"},
  };
  for (auto const& c : cases) {
    auto const bad = w.run(c.with);
    CHECK(bad.status == c.status);
    CHECK(is_one_error(bad.err));
    INFO(bad.err);
    CHECK(has(bad.err, c.part));
    CHECK(!w.holds("n"));
  }
}

}  // namespace program_records_test
