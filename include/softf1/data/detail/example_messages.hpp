// The messages tf.train.Example and tf.train.SequenceExample as bytes. The one header that knows protozero.
//
//   Example          1: Features
//   SequenceExample  1: Features (the context), 2: FeatureLists
//   Features         1: map of names to Feature        FeatureLists  1: map of names to FeatureList
//   FeatureList      1: Feature, repeated              Feature       1: BytesList, 2: FloatList, 3: Int64List
//   ...List          1: value, repeated, numbers packed or not
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// What a Feature may hold. Texts are views of the message.
struct example_values {
  std::vector<std::string_view> texts;
  std::vector<float> floats;
  std::vector<std::int64_t> integers;
};

/// Calls on_field(number, reader) for each field of a message that holds bytes; others are passed over.
template <class OnField>
void for_each_submessage(std::string_view message, OnField&& on_field) {
  protozero::pbf_reader reader(message.data(), message.size());
  while (reader.next()) {
    if (reader.wire_type() != protozero::pbf_wire_type::length_delimited) {
      reader.skip();
      continue;
    }
    auto const tag = reader.tag();
    auto const view = reader.get_view();
    on_field(tag, std::string_view(view.data(), view.size()));
  }
}

/// Calls on_entry(name, value) for each entry of a map of messages.
template <class OnEntry>
void for_each_entry(std::string_view map, OnEntry&& on_entry) {
  for_each_submessage(map, [&](std::uint32_t tag, std::string_view entry) {
    if (tag != 1) return;
    std::string_view name, value;
    for_each_submessage(entry, [&](std::uint32_t part, std::string_view bytes) {
      if (part == 1) name = bytes;
      if (part == 2) value = bytes;
    });
    on_entry(name, value);
  });
}

inline void append_numbers(std::string_view list, bool are_floats, example_values& values) {
  using protozero::pbf_wire_type;
  using protozero::tag_and_type;
  protozero::pbf_reader reader(list.data(), list.size());
  while (reader.next()) {
    auto const field = reader.tag_and_type();
    if (are_floats && field == tag_and_type(1, pbf_wire_type::length_delimited))
      for (float const x : reader.get_packed_float()) values.floats.push_back(x);
    else if (are_floats && field == tag_and_type(1, pbf_wire_type::fixed32))
      values.floats.push_back(reader.get_float());
    else if (!are_floats && field == tag_and_type(1, pbf_wire_type::length_delimited))
      for (std::int64_t const x : reader.get_packed_int64()) values.integers.push_back(x);
    else if (!are_floats && field == tag_and_type(1, pbf_wire_type::varint))
      values.integers.push_back(reader.get_int64());
    else
      reader.skip();
  }
}

/// Appends the values of a Feature.
inline void append_feature(std::string_view feature, example_values& values) {
  for_each_submessage(feature, [&](std::uint32_t kind, std::string_view list) {
    if (kind == 1)
      for_each_submessage(list, [&](std::uint32_t tag, std::string_view text) {
        if (tag == 1) values.texts.push_back(text);
      });
    if (kind == 2 || kind == 3) append_numbers(list, kind == 2, values);
  });
}

/// A Feature that holds one text, and one that holds integers. Writers are done when their scope ends.
inline std::string text_feature(std::string_view text) {
  std::string feature;
  {
    protozero::pbf_writer writer(feature);
    protozero::pbf_writer list(writer, 1);
    list.add_bytes(1, text.data(), text.size());
  }
  return feature;
}
inline std::string integer_feature(std::span<std::int64_t const> values) {
  std::string feature;
  {
    protozero::pbf_writer writer(feature);
    protozero::pbf_writer list(writer, 3);
    list.add_packed_int64(1, values.begin(), values.end());
  }
  return feature;
}

/// Appends field 1 of a map: a name and a message.
inline void append_entry(std::string& map, std::string_view name, std::string_view message) {
  protozero::pbf_writer writer(map);
  protozero::pbf_writer entry(writer, 1);
  entry.add_bytes(1, name.data(), name.size());
  entry.add_bytes(2, message.data(), message.size());
}

/// Appends a field that holds a message.
inline void append_message(std::string& to, std::uint32_t tag, std::string_view message) {
  protozero::pbf_writer writer(to);
  writer.add_bytes(tag, message.data(), message.size());
}

}  // namespace softf1::inline SOFTF1_ABI::data::detail
