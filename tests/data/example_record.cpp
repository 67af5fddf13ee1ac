#include <softf1/data/example_record.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_example_record_test {

using namespace softf1_io_test;
using labels = std::vector<std::int8_t>;
using softf1::record_message;

std::span<std::byte const> bytes_of(std::string const& text) { return std::as_bytes(std::span(text)); }

/// A field of protocol buffers that holds bytes (fewer than 128).
std::string field(int number, std::string const& content) {
  return static_cast<char>(number << 3 | 2) + std::string(1, static_cast<char>(content.size())) + content;
}

std::string entry(std::string const& name, std::string const& value) {
  return field(1, field(1, name) + field(2, value));
}

/// An Example with a path, an image and any feature of labels.
std::string example(std::string const& feature) {
  return field(1, entry("image_path", field(1, field(1, "p"))) + entry("image_data", field(1, field(1, "i"))) +
                      entry("image_label", feature));
}

TEST_CASE("a record is decoded as it was encoded", "[data][example_record]") {
  std::string const image(70'000, '\377');
  softf1::data::record_features const other{"p", "d", "l"};
  for (auto const message : {record_message::example, record_message::sequence_example})
    for (auto const& names : {softf1::data::record_features{}, other}) {
      auto const text = softf1::encode_record({"a/b.jpg", bytes_of(image), {1, 0, -1, 1}}, message, names);
      auto const record = softf1::decode_record(bytes_of(text), names);
      CHECK(record.path == "a/b.jpg");
      CHECK(record.image.size() == image.size());
      CHECK(record.image.back() == std::byte{255});
      CHECK(record.labels == labels{1, 0, -1, 1});
    }
  CHECK(error_of<softf1::value_error>([&] { softf1::encode_record({"p", {}, {2}}); }) ==
        "encode_record: a label must be 1, 0 or -1 (not known), got 2");
}

TEST_CASE("labels are read in every form that writers use", "[data][example_record]") {
  auto const one = "\1"s, zero = "\0"s, minus = std::string(9, '\377') + "\1";
  auto const f1 = "\0\0\200\77"s, f0 = "\0\0\0\0"s, nan = "\0\0\300\177"s;
  auto const integer = [](std::string const& varint) { return "\10" + varint; };  // field 1, not packed
  auto const real = [](std::string const& bytes) { return "\15" + bytes; };
  struct {
    std::string feature;
    labels expected;
  } const cases[] = {
      {field(3, field(1, one + zero + minus)), {1, 0, -1}},
      {field(3, integer(one) + integer(zero) + integer(minus)), {1, 0, -1}},
      {field(3, field(1, one) + integer(zero)), {1, 0}},
      {field(2, field(1, f1 + f0 + nan)), {1, 0, -1}},
      {field(2, real(f1) + real(f0)), {1, 0}},
      {field(3, ""), {}},
      {"", {}},
  };
  for (auto const& c : cases) CHECK(softf1::decode_record(bytes_of(example(c.feature))).labels == c.expected);
  // A list of features, each of one label; unknown fields are passed over.
  auto const steps = field(1, field(3, field(1, one))) + field(1, field(3, integer(zero)));
  auto const context = entry("image_data", field(1, field(1, "i")));
  auto const sequence = field(1, context) + field(9, "x") + field(2, entry("image_label", steps));
  CHECK(softf1::decode_record(bytes_of(sequence)).labels == labels{1, 0});
  CHECK(softf1::decode_record(bytes_of(sequence)).path.empty());
}

TEST_CASE("a message that is not such a record is refused in one sentence", "[data][example_record]") {
  struct {
    std::string bytes, sentence;
  } const cases[] = {
      {"", "the record has no feature 'image_data', it has none"},
      {field(1, entry("image/encoded", "")), "the record has no feature 'image_data', it has 'image/encoded'"},
      {field(1, entry("image_data", field(1, field(1, "i")))),
       "the record has no feature 'image_label', it has 'image_data'"},
      {field(1, entry("image_data", field(1, ""))), "feature 'image_data' must hold one text, got 0"},
      {example(field(3, field(1, "\2"))), "feature 'image_label': a label must be 1, 0 or -1 (not known), got 2"},
      {example(field(2, field(1, "\0\0\0\77"s))), "a label must be 1, 0 or -1 (not known), got 0.5"},
      {example(field(1, field(1, "cat"))), "feature 'image_label' must hold numbers, got texts"},
      {example(field(2, field(1, "123"))), "this is no tf.train.Example or SequenceExample ("},
      {"\12\177", "this is no tf.train.Example or SequenceExample ("},
      {"\7", "this is no tf.train.Example or SequenceExample ("},
      {"\12\377\377\377\377\177x", "this is no tf.train.Example or SequenceExample ("},
  };
  for (auto const& c : cases) {
    auto const text = error_of([&] { softf1::decode_record(bytes_of(c.bytes)); });
    CHECK(part_of(text, c.sentence) == c.sentence);
  }
  // Cut or changed anywhere it is read or refused.
  auto const whole = softf1::encode_record({"p", bytes_of("image"), {1, 0, 1}});
  bool good = true;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int change : {0, 1, 2, 4, 128, 255}) {
      auto bytes = change ? whole : whole.substr(0, at);
      if (change) bytes[at] = static_cast<char>(bytes[at] ^ change);
      good = good && ends_well([&] { softf1::decode_record(bytes_of(bytes)); });
    }
  CHECK(good);
}

}  // namespace data_example_record_test
