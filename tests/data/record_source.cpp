#include <softf1/data/record_source.hpp>
#include <softf1/data/record_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_record_source_test {

using namespace softf1_io_test;
using bytes = std::vector<std::uint8_t>;
using names = std::vector<std::string>;

struct row {
  std::string path, image;
  std::vector<std::int8_t> labels;
};

void put_records(std::filesystem::path const& path, std::vector<row> const& rows) {
  softf1::tfrecord_writer writer(path.string());
  for (auto const& r : rows) writer.write(softf1::encode_record({r.path, std::as_bytes(std::span(r.image)), r.labels}));
  writer.close();
}

void put_tar(std::filesystem::path const& path, std::vector<std::pair<std::string, std::string>> const& members) {
  softf1::tar_writer writer(path.string());
  for (auto const& [name, data] : members) writer.add(name, data);
  writer.close();
}

std::string image(softf1::data::record_set const& set, std::size_t i) {
  std::vector<std::byte> memory;
  auto const data = set.images->read(i, memory);
  return {reinterpret_cast<char const*>(data.data()), data.size()};
}

TEST_CASE("shards of records are one table and its images", "[data][record_source]") {
  softf1_test::temp_directory const folder;
  put_records(folder / "t-1.tfrecord", {{"/data/a.jpg", "A", {1, 0}}, {"b.jpg", "B", {0, 0}}});
  put_records(folder / "t-2.tfrecord", {{"../c.jpg", "C", {0, -1}}, {"", "D", {1, 1}}});
  auto const pattern = (folder / "t-*.tfrecord").string();
  for (int const threads : {0, 1, 8}) {
    auto const set = softf1::read_records(pattern, {.threads = threads});
    CHECK(set.table.ids == names{"/data/a.jpg", "b.jpg", "../c.jpg", "t-2.tfrecord:1"});
    CHECK(set.table.images == names{"data/a.jpg", "b.jpg", "c.jpg", "t-2.tfrecord:1"});
    CHECK(set.table.label_names == names{"0", "1"});
    CHECK(set.table.targets == bytes{1, 0, 0, 0, 0, 0, 1, 1});
    CHECK(set.table.mask == bytes{1, 1, 1, 1, 1, 0, 1, 1});
    CHECK(set.table.rows_read == 4);
    CHECK(set.table.unlabelled_rows == 2);
    CHECK(set.failures.empty());
    REQUIRE(set.images->size() == 4);
    CHECK(image(set, 0) + image(set, 1) + image(set, 2) + image(set, 3) == "ABCD");
  }
  auto const named = softf1::read_records(pattern, {.label_names = {"cat", "dog"}});
  CHECK(named.table.label_names == names{"cat", "dog"});
  CHECK(contains(named.images->name(2), "t-2.tfrecord, record at byte 0 ('../c.jpg')"));
  auto const part = named.table.select(std::vector<std::size_t>{2, 0});
  CHECK(part.mask == bytes{1, 0, 1, 1});
  CHECK(softf1::with_labels(part, {"dog"}).mask == bytes{0, 1});
}

TEST_CASE("archives are grouped by name, with labels of every kind", "[data][record_source]") {
  softf1_test::temp_directory const folder;
  struct {
    std::vector<std::pair<std::string, std::string>> members;
    names labels;
    bytes targets;
  } const cases[] = {
      {{{"a.jpg", "A"}, {"a.cls", "2\n"}, {"b.cls", "0"}, {"b.PNG", "B"}}, {"0", "1", "2"}, {0, 0, 1, 1, 0, 0}},
      {{{"a.jpg", "A"}, {"a.txt", "dog\n\ncat\r\n"}, {"b.jpg", "B"}, {"b.txt", ""}}, {"cat", "dog"}, {1, 1, 0, 0}},
      {{{"f/a.jpg", "A"}, {"f/a.json", R"({"labels": ["cat"]})"}, {"b.jpg", "B"}, {"b.json", R"({"labels":["dog"]})"}},
       {"cat", "dog"},
       {1, 0, 0, 1}},
      {{{"a.jpg", "A"}, {"a.json", R"({"labels": [1, 0]})"}, {"b.jpg", "B"}, {"b.json", R"({"labels":[false,true]})"}},
       {"0", "1"},
       {1, 0, 0, 1}},
  };
  for (auto const& c : cases) {
    put_tar(folder / "x.tar", c.members);
    auto const set = softf1::read_records((folder / "x.tar").string());
    CHECK(set.table.label_names == c.labels);
    CHECK(set.table.targets == c.targets);
    CHECK(image(set, 0) + image(set, 1) == "AB");
  }
}

TEST_CASE("records need no labels where none are read", "[data][record_source]") {
  softf1_test::temp_directory const folder;
  put_tar(folder / "a.tar", {{"a.jpg", "A"}, {"b.jpg", "B"}, {"b.cls", "wrong"}});
  put_records(folder / "b.tfrecord", {{"c.jpg", "C", {1, 0}}, {"d.jpg", "D", {1}}});
  std::string const no_labels = "\n\x1a\n\x18\n\nimage_data\x12\n\n\x08\n\x06wholly";
  {
    softf1::tfrecord_writer writer((folder / "c.tfrecord").string());
    writer.write(no_labels);
    writer.close();
  }
  CHECK(contains(error_of([&] { softf1::read_records((folder / "c.tfrecord").string()); }),
                 "the record has no feature 'image_label', it has 'image_data'"));
  auto const set = softf1::read_records((folder / "*.t*").string(), {.features = {.labels = ""}});
  CHECK(set.table.ids == names{"a.jpg", "b.jpg", "c.jpg", "d.jpg", "c.tfrecord:0"});
  CHECK(set.table.labels() == 0);
  CHECK(set.table.targets.empty());
  CHECK(image(set, 0) + image(set, 1) + image(set, 2) + image(set, 3) + image(set, 4) == "ABCDwholly");
}

TEST_CASE("records that do not fit are refused by their place, or left out", "[data][record_source]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.tfrecord";
  row const good{"a.jpg", "A", {1, 0}};
  struct {
    row bad;
    std::string sentence;
  } const cases[] = {
      {{"b.jpg", "B", {1}}, "expected 2 labels, got 1"},
      {{"b.jpg", "", {1, 0}}, "the image has no bytes"},
      {{"..", "B", {1, 0}}, "the path '..' names no file"},
  };
  for (auto const& c : cases) {
    put_records(path, {good, c.bad});
    auto const text = error_of([&] { softf1::read_records(path.string()); });
    CHECK(part_of(text, c.sentence) == c.sentence);
    CHECK(text.starts_with("read_records: " + path.string() + ": record at byte "));
    auto const set = softf1::read_records(path.string(), {.on_corrupt = softf1::on_corrupt::skip});
    CHECK(set.table.rows() == 1);
    REQUIRE(set.failures.size() == 1);
    CHECK(set.failures[0].reason == text);
  }
  put_records(path, {good, good});
  CHECK(contains(error_of([&] { softf1::read_records(path.string()); }),
                 "the id 'a.jpg' is that of another record, at byte 0 of "));
  CHECK(softf1::read_records(path.string(), {.drop_repeated = true}).table.repeated_rows == 1);
  CHECK(error_of([&] {
          softf1::read_records(path.string(), {.label_names = {"one", "two", "three"}});
        }).ends_with("record at byte 0: expected 3 labels, got 2"));
  CHECK(error_of<softf1::value_error>([&] { softf1::read_records(path.string(), {.label_names = {"a", "a"}}); }) ==
        "read_records: the label 'a' is named twice");
  put(path, "");
  CHECK(error_of([&] { softf1::read_records(path.string()); }) ==
        "read_records: " + path.string() + ": there are no records");

  // A changed byte is found when the image is read, or before, if asked.
  put_records(path, {good, {"b.jpg", "BBBBBB", {0, 1}}});
  auto damaged = get(path);
  damaged[damaged.find("BBBBBB")] = 'x';
  put(path, damaged);
  auto const late = softf1::read_records(path.string());
  CHECK(image(late, 0) == "A");
  CHECK(contains(error_of([&] { image(late, 1); }), "the data do not have the checksum stored behind them"));
  CHECK(contains(error_of([&] { softf1::read_records(path.string(), {.check_data = true}); }), "checksum"));
  auto const skip = softf1::on_corrupt::skip;
  CHECK(softf1::read_records(path.string(), {.on_corrupt = skip, .check_data = true}).table.ids == names{"a.jpg"});

  auto const tar = folder / "x.tar";
  std::vector<std::pair<std::string, std::string>> const label{{"b.txt", "cat"}};
  struct {
    std::vector<std::pair<std::string, std::string>> members;
    std::string sentence;
  } const archives[] = {
      {{{"b.jpg", "B"}}, "there are no labels of 'b'"},
      {{{"b.txt", "cat"}}, "there is no image of 'b'"},
      {{{"b.jpg", "B"}, {"b.png", "B"}, {"b.txt", "cat"}}, "two members give the same thing"},
      {{{"b.jpg", "B"}, {"b.cls", "-1"}}, "expected the number of a label in 'b.cls', got '-1'"},
      {{{"b.jpg", "B"}, {"b.json", "[1]"}},
       "expected {\"labels\": [...]} with 1, 0 and null, or with names, in 'b.json'"},
      {{{"b.jpg", "B"}, {"b.json", "{\"labels\":[2]}"}}, "expected {\"labels\": [...]}"},
      {{{"b.jpg", "B"}, {"b.json", "{"}}, "expected {\"labels\": [...]}"},
      {{{"b.jpg", "B"}, {"b.cls", "4000000000"}}, "expected a label below 1, got 4000000000"},
  };
  for (auto const& a : archives) {
    auto members = a.members;
    members.insert(members.begin(), {{"a.jpg", "A"}, {"a.cls", "0"}});
    put_tar(tar, members);
    auto const text = error_of([&] { softf1::read_records(tar.string()); });
    CHECK(part_of(text, a.sentence) == a.sentence);
    CHECK(contains(text, "record at byte 2048"));
    CHECK(softf1::read_records(tar.string(), {.on_corrupt = skip}).table.ids == names{"a.jpg"});
  }
}

TEST_CASE("records that TensorFlow wrote are read", "[data][record_source]") {
  auto const path = softf1_test::source_dir() / "tests" / "conformance" / "records_sample.tfrecord";
  auto const set = softf1::read_records(path.string(), {.label_names = {"x", "y", "z"}, .check_data = true});
  CHECK(set.table.ids == names{"folder/0.jpg", "folder/1.png", "folder/2.jpg", "folder/3.png"});
  CHECK(set.table.targets == bytes{1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1});
  CHECK(!set.table.has_missing());
  std::size_t const sizes[] = {647, 90, 702, 106};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(image(set, i).size() == sizes[i]);
    CHECK(image(set, i).starts_with(i % 2 == 0 ? "\xff\xd8" : "\x89PNG"));
  }
}

/// Images in memory.
class kept_images final : public softf1::image_source {
 public:
  explicit kept_images(names images) : images_(std::move(images)) {}
  std::size_t size() const override { return images_.size(); }
  std::string name(std::size_t i) const override { return "image " + std::to_string(i); }
  std::span<std::byte const> read(std::size_t i, std::vector<std::byte>&) const override {
    return std::as_bytes(std::span(images_[i]));
  }

 private:
  names images_;
};

TEST_CASE("what is written as shards is read again", "[data][record_writer]") {
  using softf1::data::record_format;
  softf1::label_table table{.ids = {"1", "2", "3", "4", "5"},
                            .images = {"a.b.jpg", "f/a.png", "x", "a_b.jpg", "bad.jpg"},
                            .label_names = {"cat", "dog"},
                            .targets = {1, 0, 0, 1, 0, 0, 1, 1, 0, 0},
                            .mask = {1, 1, 1, 1, 0, 1, 1, 1, 1, 1}};
  kept_images const images({"A", "B", "C", "D", "bad"});
  auto const check = [](std::span<std::byte const> image, std::string const& name) {
    if (image.size() == 3) throw softf1::io_error(name + " is bad");
  };
  struct {
    std::string file, pattern;
    record_format format;
    names ids;
  } const cases[] = {
      {"t.tfrecord", "t-*-of-00002.tfrecord", record_format::tfrecord, {"x", "a_b.jpg", "f/a.png", "a.b.jpg"}},
      {"t.tar", "t-*-of-00002.tar", record_format::webdataset, {"x.jpg", "a_b.jpg", "f/a.png", "a_b_.jpg"}},
  };
  for (auto const& c : cases)
    for (int const threads : {1, 3}) {
      softf1_test::temp_directory const folder;
      softf1::data::record_write_options const options{
          .shards = 2, .format = c.format, .order = {2, 4, 3, 1, 0}, .threads = threads, .check = check};
      auto const made = softf1::write_records((folder / c.file).string(), table, images, options);
      CHECK(made.records == 4);
      REQUIRE(made.failures.size() == 1);
      CHECK(made.failures[0].row == 4);
      CHECK(made.failures[0].reason == "image 4 is bad");
      REQUIRE(made.shards.size() == 2);
      CHECK(made.shards[1] == (folder / c.file).string().replace((folder / "t").string().size(), 0, "-00001-of-00002"));
      auto const set = softf1::read_records((folder / c.pattern).string(), {.label_names = {"cat", "dog"}});
      CHECK(set.table.ids == c.ids);
      CHECK(set.table.targets == bytes{0, 0, 1, 1, 0, 1, 1, 0});
      CHECK(set.table.mask == bytes{0, 1, 1, 1, 1, 1, 1, 1});
      CHECK(image(set, 0) + image(set, 1) + image(set, 2) + image(set, 3) == "CDBA");
    }
  softf1_test::temp_directory const folder;
  auto const path = (folder / "x").string();
  auto const stopped = softf1::write_records(path, table, images, {.progress = [](std::size_t) { return false; }});
  CHECK(stopped.stopped);
  CHECK(count_files(folder.path()) == 0);
  CHECK(softf1::data::shard_path("a.b/x", 2, 3) == "a.b/x-00002-of-00003");
  CHECK(error_of<softf1::value_error>([&] { softf1::write_records(path, table, images, {.order = {5}}); }) ==
        "write_records: a row must be below 5, got 5");
  CHECK(error_of<softf1::value_error>([&] { softf1::write_records(path, table, kept_images({})); }) ==
        "write_records: expected 5 images as rows, got 0");
}

}  // namespace data_record_source_test
