// Models as ONNX files, for ONNX Runtime and what else reads them.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/decisions/domain.hpp>
#include <softf1/io/atomic_writer.hpp>
#include <softf1/models/detail/onnx_steps.hpp>
#include <softf1/models/model.hpp>

namespace softf1::inline SOFTF1_ABI::models {

struct onnx_options {
  std::size_t opset = 17;                 ///< version of ONNX's operators, 13 to 21
  std::string input_name = {};            ///< empty: "pixels" for a whole network, else "features"
  std::optional<std::size_t> batch = {};  ///< rows that go in at once; nothing: any number
};

namespace detail {

inline void check(onnx_options const& o) {
  require_value(o.opset >= 13 && o.opset <= 21, "write_onnx",
                "opset must be from 13 to 21, got " + std::to_string(o.opset));
  require_value(!o.batch || *o.batch > 0, "write_onnx", "batch must be at least 1, got 0");
  for (char const* taken : {"logits", "probabilities"})
    require_value(o.input_name != taken, "write_onnx",
                  "the input must not have the name of an output, got " + o.input_name);
}

inline void write_onnx_file(std::string const& path, std::string const& bytes) {
  // What readers of protocol buffers take.
  require_value(bytes.size() < std::size_t{1} << 31, "write_onnx",
                "a file of ONNX holds less than 2 GiB, got " + std::to_string(bytes.size()) + " bytes");
  io::atomic_writer file(path, "write_onnx");
  file.write(bytes);
  file.commit();
}

inline io::json_value numbers_json(std::vector<double> const& values) {
  auto form = io::json_value::array();
  for (double x : values) form.push_back(io::json_number(x));
  return form;
}

/// One a label; "inf" and "-inf" are never and always, null is decided otherwise.
inline io::json_value thresholds_json(model const& m) {
  if (m.calibration)
    return {
        {"calibrated", numbers_json(thresholds_of(m.rule, m.labels.size(), score_domain::calibrated, "write_onnx"))}};
  auto thresholds = thresholds_of(m.rule, m.labels.size(), logit, "write_onnx");
  io::json_value form{{"logit", numbers_json(thresholds)}};
  if (m.task != task::multilabel) return form;
  for (double& t : thresholds)
    if (std::isfinite(t)) t = decisions::to_probability(t, logit);
  form["probability"] = numbers_json(thresholds);
  return form;
}

/// All that a program beside the file needs to know.
inline std::string onnx_metadata(model const& m, bool is_whole) {
  io::json_value form{{"format", "softf1.onnx"},
                      {"version", 1},
                      {"softf1", m.version},
                      {"task", name_of(m.task)},
                      {"labels", m.labels},
                      {"thresholds", thresholds_json(m)},
                      {"decision", io::calibrated_rule_json({m.rule, m.calibration})},
                      {"input", is_whole ? "pixels" : "features"}};
  if (m.source == source::images) form["extractor"] = to_json(m.extractor);
  if (is_whole) {
    auto const& input = m.extractor.input;
    auto const scaling = image::scaling_of(input.pixels);
    form["preprocessing"] = {{"image_size", input.image_size},
                             {"resize", image::name_of(input.resize)},
                             {"resize_to", input.resize_to},
                             {"filter", image::name_of(input.filter)},
                             {"pixels", image::name_of(input.pixels)},
                             {"shift", scaling.shift},
                             {"scale", scaling.scale}};
  }
  try {
    return form.dump();
  } catch (nlohmann::json::type_error const&) {
    throw value_error("write_onnx: labels must be UTF-8");
  }
}

}  // namespace detail

/// Writes a trained network, folded: input "x" and output "y", rows (N, D) or maps (N, H, W, C) as softf1 has them.
/// Throws as below.
inline void write_onnx(std::string const& path, layers::network<float> const& net, onnx_options const& options = {}) {
  detail::check(options);
  context<cpu> ctx;
  detail::onnx_graph graph(options.batch);
  detail::onnx_translator to(graph, options.opset);
  auto const x = to.features(options.input_name.empty() ? "x" : options.input_name, net.input_shape());
  auto const y = to.flat(to.run(x, layers::detail::fold_network(ctx, net, {})));
  graph.node_to("y", "Identity", {y.name});
  graph.output("y", {net.output_shape().size()});
  detail::write_onnx_file(path, detail::onnx_file(graph, options.opset, SOFTF1_VERSION, {}));
}

/// Writes a model for ONNX Runtime, whole or not at all: with its extractor the whole network, of the input "pixels"
/// (N, 3, S, S), prepared as the metadata say; without it the head alone, of the input "features": rows (N, D), or maps
/// (N, H, W, C) in the order that `extract` gives. Outputs: "logits" (N, L) and "probabilities" (N, L), sigmoid or softmax.
/// Batch-norm is folded and dropout left out, as in layers/forward_plan; convolutions of groups are written over all
/// channels. metadata_props has the key "softf1", a JSON object: {"format": "softf1.onnx", "version", "softf1", "task",
/// "labels", "thresholds": {"logit", "probability"}, "decision" (see io/json_decisions.hpp), "input", "preprocessing":
/// {"image_size", "resize", "resize_to", "filter", "pixels", "shift", "scale"} (see image/preprocess.hpp; a value x of 0 to
/// 255 becomes (x - shift) / scale of its channel, red, green, blue), "extractor" (see identity.hpp)}.
/// Throws value_error for an extractor that is not the model's, options out of range, what the operators of the version
/// cannot say, and a file of 2 GiB; io_error where the system cannot store it. Cost: a few copies of the weights.
inline void write_onnx(std::string const& path, model const& m, extractor const* whole = nullptr,
                       onnx_options const& options = {}) {
  detail::check(options);
  context<cpu> ctx;
  auto const head = head_network(ctx, m);
  detail::onnx_graph graph(options.batch);
  detail::onnx_translator to(graph, options.opset);
  detail::onnx_value x;
  if (whole) {
    require_value(m.source == source::images, "write_onnx", "the model predicts from features, it has no extractor");
    require_value(whole->identity() == m.extractor, "write_onnx",
                  "expected the model's extractor, " + to_text(m.extractor) + ", got " + to_text(whole->identity()));
    auto const net = whole->network(ctx);
    x = to.images(options.input_name.empty() ? "pixels" : options.input_name, net.input_shape());
    x = to.run(x, layers::detail::fold_network(ctx, net, {}));
  } else {
    x = to.features(options.input_name.empty() ? "features" : options.input_name, head.input_shape());
  }
  auto const logits = to.flat(to.run(x, layers::detail::fold_network(ctx, head, {})));
  graph.node_to("logits", "Identity", {logits.name});
  if (m.task == task::multiclass)
    graph.node_to("probabilities", "Softmax", {"logits"}, {{"axis", std::int64_t{-1}}});
  else
    graph.node_to("probabilities", "Sigmoid", {"logits"});
  graph.output("logits", {m.labels.size()});
  graph.output("probabilities", {m.labels.size()});
  detail::write_onnx_file(path, detail::onnx_file(graph, options.opset, SOFTF1_VERSION,
                                                  {{"softf1", detail::onnx_metadata(m, whole != nullptr)}}));
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::onnx_options;
using models::write_onnx;
}  // namespace softf1::inline SOFTF1_ABI
