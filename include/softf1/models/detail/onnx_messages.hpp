// ONNX files as bytes. The one header of models/ that knows protozero.
//
//   ModelProto            1: version of the format, 2: producer, 3: its version, 7: GraphProto, 8: OperatorSetId,
//                         14: StringStringEntry, repeated
//   GraphProto            1: NodeProto, 2: name, 5: TensorProto (constants), 11: ValueInfo (inputs), 12: ValueInfo
//                         (outputs); all but the name repeated
//   NodeProto             1: input, repeated, 2: output, repeated, 3: name, 4: operator, 5: AttributeProto, repeated
//   AttributeProto        1: name, 2: float, 3: integer, 8: integers, 20: which of them (1, 2, 7)
//   TensorProto           1: extents, packed, 2: type (1: float, 7: int64), 8: name, 9: the numbers, least
//                         significant byte first
//   ValueInfo             1: name, 2: Type; Type  1: TypeTensor; TypeTensor  1: type, 2: Shape
//   Shape                 1: Dimension, repeated; Dimension  1: extent, 2: or its name
//   OperatorSetId         2: version       StringStringEntry  1: key, 2: value
//
// Source: onnx.proto3 of github.com/onnx/onnx.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <protozero/pbf_writer.hpp>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::models::detail {

static_assert(std::endian::native == std::endian::little, "the numbers of ONNX files are written as they lie");

/// A message whose fields `fill(writer)` adds.
template <class Fill>
std::string onnx_message(Fill const& fill) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  fill(writer);
  return bytes;
}

/// What a node is told beside its inputs: its bytes.
struct onnx_attribute {
  std::string bytes;

  onnx_attribute(std::string const& name, double value)
      : bytes(onnx_message([&](protozero::pbf_writer& to) {
          to.add_string(1, name);
          to.add_float(2, static_cast<float>(value));
          to.add_enum(20, 1);
        })) {}
  onnx_attribute(std::string const& name, std::int64_t value)
      : bytes(onnx_message([&](protozero::pbf_writer& to) {
          to.add_string(1, name);
          to.add_int64(3, value);
          to.add_enum(20, 2);
        })) {}
  onnx_attribute(std::string const& name, std::vector<std::size_t> const& values)
      : bytes(onnx_message([&](protozero::pbf_writer& to) {
          to.add_string(1, name);
          for (std::size_t value : values) to.add_int64(8, static_cast<std::int64_t>(value));
          to.add_enum(20, 7);
        })) {}
};

/// A graph that is written node by node: in the order in which they run.
class onnx_graph {
 public:
  /// `batch`: the number of rows of all inputs and outputs; nothing: any, named "batch".
  explicit onnx_graph(std::optional<std::size_t> batch) : batch_(batch) {
    protozero::pbf_writer(bytes_).add_string(2, "softf1");
  }

  /// Adds a node of one output, and returns that's name.
  std::string node(std::string const& op, std::vector<std::string> const& inputs,
                   std::vector<onnx_attribute> const& attributes = {}) {
    return node_to(next_name(op), op, inputs, attributes);
  }
  std::string node_to(std::string const& output, std::string const& op, std::vector<std::string> const& inputs,
                      std::vector<onnx_attribute> const& attributes = {}) {
    protozero::pbf_writer(bytes_).add_message(1, onnx_message([&](protozero::pbf_writer& to) {
                                                for (auto const& input : inputs) to.add_string(1, input);
                                                to.add_string(2, output);
                                                to.add_string(3, output);
                                                to.add_string(4, op);
                                                for (auto const& a : attributes) to.add_message(5, a.bytes);
                                              }));
    return output;
  }

  /// Adds a constant of this many numbers, and returns its name.
  std::string constant(std::vector<std::size_t> const& extents, std::span<float const> values) {
    return constant_of(1, extents, std::as_bytes(values));
  }
  std::string constant(std::vector<std::int64_t> const& values) {
    return constant_of(7, {values.size()}, std::as_bytes(std::span(values)));
  }

  /// Declares an input or output of floats: the batch and these extents.
  void input(std::string const& name, std::vector<std::size_t> const& extents) { declare(11, name, extents); }
  void output(std::string const& name, std::vector<std::size_t> const& extents) { declare(12, name, extents); }

  std::string const& bytes() const { return bytes_; }

 private:
  std::string next_name(std::string const& kind) { return kind + "_" + std::to_string(names_++); }

  std::string constant_of(int type, std::vector<std::size_t> const& extents, std::span<std::byte const> values) {
    auto const name = next_name("constant");
    auto const tensor = onnx_message([&](protozero::pbf_writer& to) {
      to.add_packed_int64(1, extents.begin(), extents.end());
      to.add_enum(2, type);
      to.add_string(8, name);
      to.add_bytes(9, reinterpret_cast<char const*>(values.data()), values.size());
    });
    protozero::pbf_writer(bytes_).add_message(5, tensor);
    return name;
  }

  void declare(std::uint32_t field, std::string const& name, std::vector<std::size_t> const& extents) {
    auto const shape = onnx_message([&](protozero::pbf_writer& to) {
      to.add_message(1, onnx_message([&](protozero::pbf_writer& dimension) {
                       if (batch_) dimension.add_int64(1, static_cast<std::int64_t>(*batch_));
                       if (!batch_) dimension.add_string(2, "batch");
                     }));
      for (std::size_t extent : extents)
        to.add_message(1, onnx_message([&](protozero::pbf_writer& dimension) {
                         dimension.add_int64(1, static_cast<std::int64_t>(extent));
                       }));
    });
    auto const tensor = onnx_message([&](protozero::pbf_writer& to) {
      to.add_enum(1, 1);
      to.add_message(2, shape);
    });
    auto const type = onnx_message([&](protozero::pbf_writer& to) { to.add_message(1, tensor); });
    protozero::pbf_writer(bytes_).add_message(field, onnx_message([&](protozero::pbf_writer& to) {
                                                to.add_string(1, name);
                                                to.add_message(2, type);
                                              }));
  }

  std::optional<std::size_t> batch_;
  std::string bytes_;
  std::size_t names_ = 0;
};

/// The bytes of a file with this graph. `about`: keys and values of its metadata.
inline std::string onnx_file(onnx_graph const& graph, std::size_t opset, std::string const& producer_version,
                             std::vector<std::pair<std::string, std::string>> const& about) {
  return onnx_message([&](protozero::pbf_writer& to) {
    to.add_int64(1, 8);
    to.add_string(2, "softf1");
    to.add_string(3, producer_version);
    to.add_message(7, graph.bytes());
    to.add_message(8, onnx_message([&](protozero::pbf_writer& set) {
                     set.add_string(1, "");
                     set.add_int64(2, static_cast<std::int64_t>(opset));
                   }));
    for (auto const& [key, value] : about)
      to.add_message(14, onnx_message([&, &k = key, &v = value](protozero::pbf_writer& entry) {
                       entry.add_string(1, k);
                       entry.add_string(2, v);
                     }));
  });
}

}  // namespace softf1::inline SOFTF1_ABI::models::detail
