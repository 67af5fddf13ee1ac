// The steps of inference as nodes of an ONNX graph.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <softf1/core/activation.hpp>
#include <softf1/layers/detail/fold.hpp>
#include <softf1/models/detail/onnx_messages.hpp>

namespace softf1::inline SOFTF1_ABI::models::detail {

/// A value of the graph. Maps are (N, C, H, W), as ONNX has them; what is one pixel is (N, C).
struct onnx_value {
  std::string name;
  layers::sample_shape shape;

  bool is_vector() const { return shape.pixels() == 1; }
};

/// Appends steps to a graph.
class onnx_translator {
 public:
  using step = layers::detail::folded_step<float>;
  using step_kind = layers::detail::step_kind;

  onnx_translator(onnx_graph& graph, std::size_t opset) : graph_(graph), opset_(opset) {}

  /// An input of the graph: images (N, C, H, W).
  onnx_value images(std::string const& name, layers::sample_shape shape) {
    graph_.input(name, {shape.channels, shape.height, shape.width});
    return shape.pixels() == 1 ? onnx_value{graph_.node("Flatten", {name}), shape} : onnx_value{name, shape};
  }

  /// An input of the graph: features as softf1 has them, (N, D), or maps (N, H, W, C).
  onnx_value features(std::string const& name, layers::sample_shape shape) {
    if (shape.pixels() == 1) {
      graph_.input(name, {shape.channels});
      return {name, shape};
    }
    graph_.input(name, {shape.height, shape.width, shape.channels});
    return {graph_.node("Transpose", {name}, {{"perm", {0, 3, 1, 2}}}), shape};
  }

  /// What the last of the steps gives for `input`. Throws value_error for what ONNX's version cannot say.
  onnx_value run(onnx_value const& input, std::vector<step> const& steps) {
    std::vector<onnx_value> values;
    auto const at = [&](std::size_t k) { return k == layers::node::none ? input : values[k]; };
    for (auto const& s : steps)
      values.push_back(run(s, at(s.input), s.residual == layers::node::none ? nullptr : &values[s.residual]));
    return values.empty() ? input : values.back();
  }

  /// The elements of a value in the order of rows, columns and channels: (N, D).
  onnx_value flat(onnx_value const& v) {
    if (v.is_vector()) return v;
    return {graph_.node("Flatten", {graph_.node("Transpose", {v.name}, {to_pixels})}), {1, 1, v.shape.size()}};
  }

 private:
  inline static onnx_attribute const to_pixels{"perm", {0, 2, 3, 1}}, to_channels{"perm", {0, 3, 1, 2}};

  onnx_value run(step const& s, onnx_value input, onnx_value const* residual) {
    // The layer "flatten" is no step: what follows it reads a vector.
    if (input.shape != s.in) input = flat(input);
    switch (s.kind) {
      case step_kind::product:
        return ended(s, product(s, input), residual);
      case step_kind::depthwise:
        return ended(s, depthwise(s, input), residual);
      case step_kind::mean:
        return mean(s, input);
      case step_kind::max_pool:
        return max_pooled(s, input);
      case step_kind::average_pool:
        return average_pooled(s, input);
      case step_kind::scale:
        return scaled(s, input, *residual);
      case step_kind::normalise:
        return normalised(s, input);
    }
    return input;
  }

  /// A vector as maps of one pixel, and what an operator of maps gives as what it is.
  std::string as_maps(onnx_value const& v) {
    if (!v.is_vector()) return v.name;
    return graph_.node("Reshape", {v.name, graph_.constant({0, static_cast<std::int64_t>(v.shape.channels), 1, 1})});
  }
  onnx_value from_maps(std::string const& maps, layers::sample_shape shape) {
    return {shape.pixels() == 1 ? graph_.node("Flatten", {maps}) : maps, shape};
  }

  /// Cells above, to the left, below and to the right: as many as the windows reach.
  static std::vector<std::size_t> pads_of(step const& s) {
    window const& w = s.win;
    auto const after = [&](std::size_t out, std::size_t in, std::size_t before) {
      std::size_t const end = (out - 1) * w.stride + w.dilation * (w.size - 1) + 1;
      return end > in + before ? end - in - before : 0;
    };
    return {w.top, w.left, after(w.out_height, s.in.height, w.top), after(w.out_width, s.in.width, w.left)};
  }
  static std::vector<onnx_attribute> window_attributes(step const& s, std::vector<std::size_t> const& pads) {
    window const& w = s.win;
    std::vector<onnx_attribute> all{
        {"kernel_shape", {w.size, w.size}}, {"strides", {w.stride, w.stride}}, {"pads", pads}};
    if (w.dilation > 1) all.push_back({"dilations", {w.dilation, w.dilation}});
    return all;
  }

  onnx_value product(step const& s, onnx_value const& input) {
    std::size_t const in = s.in.channels, out = s.out.channels, taps = s.win.size * s.win.size;
    auto const bias = graph_.constant({out}, s.bias);
    if (input.is_vector() && s.win.is_pointwise())
      return {graph_.node("Gemm", {input.name, graph_.constant({in, out}, s.weights), bias}), s.out};
    std::vector<float> weights(s.weights.size());
    for (std::size_t k = 0; k < weights.size(); ++k) {
      std::size_t const f = k % out, c = k / out % in, tap = k / out / in;
      weights[(f * in + c) * taps + tap] = s.weights[k];
    }
    auto const kernel = graph_.constant({out, in, s.win.size, s.win.size}, weights);
    return from_maps(graph_.node("Conv", {as_maps(input), kernel, bias}, window_attributes(s, pads_of(s))), s.out);
  }

  onnx_value depthwise(step const& s, onnx_value const& input) {
    std::size_t const channels = s.out.channels, taps = s.win.size * s.win.size;
    bool const scales = !std::all_of(s.weights.begin(), s.weights.end(), [](float w) { return w == 1; });
    bool const shifts = !std::all_of(s.bias.begin(), s.bias.end(), [](float b) { return b == 0; });
    if (s.win.is_pointwise() && !scales && !shifts) return input;
    if (s.win.is_pointwise() && input.is_vector()) {
      auto name = input.name;
      if (scales) name = graph_.node("Mul", {name, graph_.constant({channels}, s.weights)});
      if (shifts) name = graph_.node("Add", {name, graph_.constant({channels}, s.bias)});
      return {name, s.out};
    }
    std::vector<float> weights(s.weights.size());
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k % channels * taps + k / channels] = s.weights[k];
    auto const kernel = graph_.constant({channels, 1, s.win.size, s.win.size}, weights);
    auto how = window_attributes(s, pads_of(s));
    how.push_back({"group", static_cast<std::int64_t>(channels)});
    return from_maps(graph_.node("Conv", {as_maps(input), kernel, graph_.constant({channels}, s.bias)}, how), s.out);
  }

  onnx_value mean(step const& s, onnx_value const& input) {
    if (input.is_vector()) return input;
    return from_maps(graph_.node("GlobalAveragePool", {input.name}), s.out);
  }

  onnx_value max_pooled(step const& s, onnx_value const& input) {
    auto name = as_maps(input);
    auto pads = pads_of(s);
    // ONNX never takes what lies outside for the maximum.
    if (s.count_padding) {
      auto const at = [&](std::size_t k) { return static_cast<std::int64_t>(pads[k]); };
      name = graph_.node("Pad", {name, graph_.constant({0, 0, at(0), at(1), 0, 0, at(2), at(3)})});
      pads.assign(4, 0);
    }
    return from_maps(graph_.node("MaxPool", {name}, window_attributes(s, pads)), s.out);
  }

  onnx_value average_pooled(step const& s, onnx_value const& input) {
    auto how = window_attributes(s, pads_of(s));
    how.push_back({"count_include_pad", std::int64_t{s.count_padding}});
    return from_maps(graph_.node("AveragePool", {as_maps(input)}, how), s.out);
  }

  onnx_value scaled(step const& s, onnx_value const& input, onnx_value const& factors) {
    return {graph_.node("Mul", {input.name, input.is_vector() ? factors.name : as_maps(factors)}), s.out};
  }

  onnx_value normalised(step const& s, onnx_value const& input) {
    require_value(opset_ >= 17, "write_onnx",
                  "layer_norm needs operators of version 17 or later, got " + std::to_string(opset_));
    auto name = input.is_vector() ? input.name : graph_.node("Transpose", {input.name}, {to_pixels});
    name = graph_.node("LayerNormalization",
                       {name, graph_.constant({s.out.channels}, s.weights), graph_.constant({s.out.channels}, s.bias)},
                       {{"axis", std::int64_t{-1}}, {"epsilon", s.epsilon}});
    return {input.is_vector() ? name : graph_.node("Transpose", {name}, {to_channels}), s.out};
  }

  /// What the sums of a step end with: the residual is added before the activation.
  onnx_value ended(step const& s, onnx_value v, onnx_value const* residual) {
    if (residual)
      v.name = graph_.node("Add", {v.name, residual->shape == v.shape ? residual->name : flat(*residual).name});
    v.name = activated(s.act, v.name);
    return v;
  }

  std::string activated(activation act, std::string const& x) {
    std::vector<onnx_attribute> const hard{{"alpha", 1.0 / 6}, {"beta", 0.5}};
    switch (act) {
      case activation::none:
        break;
      case activation::relu:
        return graph_.node("Relu", {x});
      case activation::relu6: {
        float const range[] = {0, 6};
        auto const low = graph_.constant({}, {&range[0], 1}), high = graph_.constant({}, {&range[1], 1});
        return graph_.node("Clip", {x, low, high});
      }
      case activation::sigmoid:
        return graph_.node("Sigmoid", {x});
      case activation::hard_sigmoid:
        return graph_.node("HardSigmoid", {x}, hard);
      case activation::swish:
        return graph_.node("Mul", {x, graph_.node("Sigmoid", {x})});
      case activation::hard_swish:
        return graph_.node("Mul", {x, graph_.node("HardSigmoid", {x}, hard)});
    }
    return x;
  }

  onnx_graph& graph_;
  std::size_t opset_;
};

}  // namespace softf1::inline SOFTF1_ABI::models::detail
