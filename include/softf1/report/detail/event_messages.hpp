// TensorBoard's messages as bytes. The one header of report/ that knows protozero.
//
//   Event            1: wall time (double), 2: step, 3: version of the file (text), 5: Summary, 7: SessionLog
//   SessionLog       1: what happened (1: a start)
//   Summary          1: Value, repeated
//   Value            1: tag, 2: number (float), 4: Image, 5: HistogramProto, 8: TensorProto, 9: SummaryMetadata
//   Image            1: height, 2: width, 3: colours, 4: the encoded bytes
//   HistogramProto   1: min, 2: max, 3: count, 4: sum, 5: sum of squares, 6: limits, packed, 7: counts, packed
//   SummaryMetadata  1: PluginData, 4: class of data (2: a tensor)
//   PluginData       1: name, 2: the plugin's own message
//   TensorProto      1: type (1: float, 7: text), 2: shape, 5: floats, packed, 8: text, repeated
//   TensorShape      2: dimension, repeated, with 1: its size
//
// Source: event.proto of tensorflow/core/util, summary.proto, tensor.proto and tensor_shape.proto of
// tensorflow/core/framework.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <protozero/pbf_writer.hpp>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

/// A message whose fields `fill(writer)` adds.
template <class Fill>
std::string message_of(Fill const& fill) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  fill(writer);
  return bytes;
}

inline void add_text(protozero::pbf_writer& to, std::uint32_t field, std::string_view text) {
  to.add_bytes(field, text.data(), text.size());
}

/// What begins every file.
inline std::string version_event(double wall_time) {
  return message_of([&](protozero::pbf_writer& event) {
    event.add_double(1, wall_time);
    add_text(event, 3, "brain.Event:2");
  });
}

/// Says that what follows begins at a step: what was written of it and of later steps before is no more.
inline std::string start_event(double wall_time, std::int64_t step) {
  return message_of([&](protozero::pbf_writer& event) {
    event.add_double(1, wall_time);
    event.add_int64(2, step);
    event.add_message(7, message_of([](protozero::pbf_writer& log) { log.add_enum(1, 1); }));
  });
}

/// One value of a tag; `fill` adds what it is.
template <class Fill>
std::string value_event(double wall_time, std::int64_t step, std::string_view tag, Fill const& fill) {
  auto const value = message_of([&](protozero::pbf_writer& to) {
    add_text(to, 1, tag);
    fill(to);
  });
  auto const summary = message_of([&](protozero::pbf_writer& to) { to.add_message(1, value); });
  return message_of([&](protozero::pbf_writer& event) {
    event.add_double(1, wall_time);
    event.add_int64(2, step);
    event.add_message(5, summary);
  });
}

/// Values that a plugin of TensorBoard draws: its name and its own message, into a value.
inline void add_plugin(protozero::pbf_writer& value, std::string_view name, std::string const& content) {
  auto const plugin = message_of([&](protozero::pbf_writer& to) {
    add_text(to, 1, name);
    to.add_bytes(2, content);
  });
  value.add_message(9, message_of([&](protozero::pbf_writer& to) {
                      to.add_message(1, plugin);
                      to.add_enum(4, 2);
                    }));
}

inline std::string tensor_shape(std::initializer_list<std::size_t> extents) {
  return message_of([&](protozero::pbf_writer& shape) {
    for (std::size_t extent : extents)
      shape.add_message(2, message_of([&](protozero::pbf_writer& dimension) {
                          dimension.add_int64(1, static_cast<std::int64_t>(extent));
                        }));
  });
}

/// A tensor of floats or of one text, into a value.
inline void add_tensor(protozero::pbf_writer& value, std::initializer_list<std::size_t> extents,
                       std::vector<float> const& numbers) {
  value.add_message(8, message_of([&](protozero::pbf_writer& tensor) {
                      tensor.add_enum(1, 1);
                      tensor.add_message(2, tensor_shape(extents));
                      tensor.add_packed_float(5, numbers.begin(), numbers.end());
                    }));
}
inline void add_tensor(protozero::pbf_writer& value, std::string_view text) {
  value.add_message(8, message_of([&](protozero::pbf_writer& tensor) {
                      tensor.add_enum(1, 7);
                      tensor.add_message(2, tensor_shape({1}));
                      add_text(tensor, 8, text);
                    }));
}

}  // namespace softf1::inline SOFTF1_ABI::report::detail
