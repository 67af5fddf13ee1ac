// The model file: everything that a prediction needs, in one .safetensors file.
//
// Tensors: `head.` and the head's arrays; `rows.train` and `rows.validation`, hashes of row ids; with the extractor's
// weights bundled, `extractor.` and theirs. Metadata: `format` = "softf1.model", `version` = "1", and `model`: a JSON
// object {"softf1", "task", "source", "labels", "decision" (see io/json_decisions.hpp and
// io/json_calibration.hpp), "extractor" (see identity.hpp; only where the source is images), "bundled", "inputs",
// "input_shape", "head", "settings"}. What else a file holds, as a checkpoint does, stays there when its rule is
// replaced.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/decisions/calibration_map.hpp>
#include <softf1/decisions/decision_rule.hpp>
#include <softf1/io/json_calibration.hpp>
#include <softf1/io/make_array.hpp>
#include <softf1/io/safetensors.hpp>
#include <softf1/layers/network.hpp>
#include <softf1/models/extractor.hpp>
#include <softf1/models/head_json.hpp>
#include <softf1/models/layout.hpp>
#include <softf1/models/on_backend.hpp>
#include <softf1/version.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// multilabel: sigmoid, any number of labels a row. multiclass: softmax, one label a row.
enum class task { multilabel, multiclass };

constexpr std::string_view name_of(task t) { return t == task::multilabel ? "multilabel" : "multiclass"; }

/// Throws value_error where there is none of that name.
inline task task_named(std::string_view name) {
  for (task t : {task::multilabel, task::multiclass})
    if (name_of(t) == name) return t;
  throw value_error("no task is named '" + std::string(name) + "', there are multilabel, multiclass");
}

/// What a model predicts from: images, by way of its extractor, or rows of features that come from elsewhere.
enum class source { images, features };

constexpr std::string_view name_of(source s) { return s == source::images ? "images" : "features"; }

/// Throws value_error where there is none of that name.
inline source source_named(std::string_view name) {
  for (source s : {source::images, source::features})
    if (name_of(s) == name) return s;
  throw value_error("no source is named '" + std::string(name) + "', there are images, features");
}

/// A trained network with all that belongs to it.
struct model {
  models::task task = models::task::multilabel;
  models::source source = models::source::images;
  std::vector<std::string> labels;                     ///< names, one an output
  decision_rule rule;                                  ///< on logits, or on what `calibration` makes of them
  std::optional<calibration_map> calibration = {};     ///< of logits, where there is one; multilabel only
  extractor_identity extractor;                        ///< where the source is images
  layers::sample_shape input = {1, 1, 0};              ///< of the head: the extractor's output, or (1, 1, D)
  layers::table head;                                  ///< all that was trained
  std::map<std::string, std::vector<float>> arrays;    ///< the head's, by their names in the network
  io::json_value settings = io::json_value::object();  ///< how it was trained: for people, and for `split_seed`
  /// fnv1a of the ids of the rows that it was trained on, and of those its epoch and thresholds were chosen on; sorted.
  std::vector<std::uint64_t> train_rows = {}, validation_rows = {};
  bool bundled = false;                  ///< the file holds the extractor's weights
  std::string version = SOFTF1_VERSION;  ///< of the softf1 that wrote it
};

/// The hashes of ids, sorted: what a model keeps of its rows.
inline std::vector<std::uint64_t> hashes_of(std::vector<std::string> const& ids) {
  std::vector<std::uint64_t> hashes;
  for (auto const& id : ids) hashes.push_back(fnv1a(id));
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

/// The head as a network with its weights. Throws io_error naming the file where an array is missing or of another size,
/// or where the blocks make no network.
template <class T = float, class B>
layers::network<T, B> head_network(context<B>& ctx, model const& m, std::string_view path = "model") {
  auto const bad = [&](error const& e) {
    return io_error(std::string(path) + ": the model's head makes no network (" + e.what() + ")");
  };
  // Before memory is taken for them.
  std::vector<array_layout> layout;
  try {
    layout = layout_of(m.input, m.head);
  } catch (error const& e) {
    throw bad(e);
  }
  for (auto const& a : layout) {
    auto const found = m.arrays.find(a.name);
    if (found == m.arrays.end() || found->second.size() != a.size)
      throw io_error(std::string(path) + ": expected the array head." + a.name + " of shape " + shape_text(a.shape) +
                     ", got " + (found == m.arrays.end() ? "none" : std::to_string(found->second.size()) + " numbers"));
  }
  auto net = [&] {
    try {
      return layers::network<T, B>(ctx, m.input, m.head, std::nullopt);
    } catch (error const& e) {
      throw bad(e);
    }
  }();
  for (auto const& p : net.named()) {
    auto const& stored = m.arrays.at(p.name);
    std::vector<T> const values(stored.begin(), stored.end());
    copy(ctx, vector_view<const T>(values.data(), values.size()), p.values);
  }
  return net;
}

/// logits(i, ·) of features (N, D) by a model's head: logits (N, L), dense rows, on the backend.
/// Throws as head_network, and shape_error for shapes that do not fit.
template <class B>
void predict_logits(context<B>& ctx, model const& m, std::type_identity_t<matrix_view<const float, B>> features,
                    std::type_identity_t<matrix_view<float, B>> logits) {
  layers::forward_plan<float, B> const head(ctx, head_network(ctx, m));
  head.run(ctx, layers::maps_of(features, m.input), logits);
}

/// The same for features and logits of the host, computed on the backend.
template <class B>
void predict_logits_from_host(context<B>& ctx, model const& m, matrix_view<const float> features,
                              matrix_view<float> logits) {
  run_rows(ctx, layers::forward_plan<float, B>(ctx, head_network(ctx, m)), features, logits);
}

/// The arrays of a head, to be kept in a model.
template <class T>
std::map<std::string, std::vector<float>> arrays_of(layers::network<T> const& net) {
  std::map<std::string, std::vector<float>> arrays;
  for (auto const& p : net.named()) {
    auto& values = arrays[p.name];
    for (std::size_t i = 0; i < p.size(); ++i) values.push_back(static_cast<float>(p.values(i)));
  }
  return arrays;
}

namespace detail {

inline constexpr std::string_view model_format = "softf1.model";
inline constexpr int model_version = 1;
inline constexpr char const *head_prefix = "head.", *extractor_prefix = "extractor.";
inline constexpr char const *train_rows = "rows.train", *validation_rows = "rows.validation";

inline io::json_value model_json(model const& m) {
  io::json_value form{{"softf1", m.version},
                      {"task", name_of(m.task)},
                      {"source", name_of(m.source)},
                      {"labels", m.labels},
                      {"decision", io::calibrated_rule_json({m.rule, m.calibration})}};
  if (m.source == source::images) form["extractor"] = to_json(m.extractor);
  form["bundled"] = m.bundled;
  form["inputs"] = m.input.size();
  form["input_shape"] = {m.input.height, m.input.width, m.input.channels};
  form["head"] = head_json(m.head);
  form["settings"] = m.settings;
  return form;
}

inline layers::sample_shape input_from_json(io::json_value const& form) {
  auto const inputs = form.at("inputs").get<std::size_t>();
  // Files from before heads took maps have no shape.
  if (!form.contains("input_shape")) return {1, 1, inputs};
  auto const shape = form.at("input_shape").get<std::array<std::size_t, 3>>();
  layers::sample_shape const input{shape[0], shape[1], shape[2]};
  for (std::size_t extent : shape)
    require_value(extent > 0 && extent <= (std::size_t{1} << 20), "input_shape",
                  "extents must be from 1 to 1048576, got " + std::to_string(extent));
  require_value(input.size() == inputs, "input_shape",
                layers::shape_text(input) + " is not of " + std::to_string(inputs) + " inputs");
  return input;
}

inline model model_from_json(io::json_value const& form, std::string const& path) {
  model m;
  try {
    m.source = source_named(form.at("source").get<std::string>());
    m.version = form.at("softf1").get<std::string>();
    m.task = task_named(form.at("task").get<std::string>());
    m.labels = form.at("labels").get<std::vector<std::string>>();
    m.bundled = form.at("bundled").get<bool>();
    m.input = input_from_json(form);
    m.settings = form.at("settings");
    auto decided = io::calibrated_rule_from_json(form.at("decision"), path);
    m.rule = std::move(decided.rule);
    m.calibration = std::move(decided.calibration);
    if (m.source == source::images) m.extractor = identity_from_json(form.at("extractor"), path);
    m.head = head_from_json(form.at("head"), path);
  } catch (nlohmann::json::exception const& e) {
    throw io_error(path + ": the model's description is not one (" + e.what() + ")");
  } catch (value_error const& e) {
    throw io_error(path + ": the model's description is not one (" + e.what() + ")");
  }
  return m;
}

inline io::json_value read_model_json(io::safetensors_file const& file) {
  auto const& metadata = file.metadata();
  auto const value = [&](std::string_view key) {
    auto const found = metadata.find(std::string(key));
    return found == metadata.end() ? std::string() : found->second;
  };
  if (value("format") != model_format)
    throw io_error(file.path() + ": expected a model of softf1, got a .safetensors file " +
                   (value("format").empty() ? "without a format" : "of format '" + value("format") + "'"));
  double version = 0;
  try {
    version = parse_number(value("version"), "version");
  } catch (value_error const& e) {
    throw io_error(file.path() + ": " + e.what());
  }
  if (!(version >= 1))
    throw io_error(file.path() + ": the model's version must be at least 1, got " + value("version"));
  if (version > model_version)
    throw io_error(file.path() + ": the model has version " + value("version") + ", newer than " +
                   std::to_string(model_version) + ", the newest that this softf1 (" SOFTF1_VERSION ") reads");
  try {
    return io::parse_json(value("model"));
  } catch (nlohmann::json::exception const&) {
    throw io_error(file.path() + ": the metadata 'model' is not JSON, or nested too deep");
  }
}

inline std::string model_text(model const& m) {
  try {
    return model_json(m).dump();
  } catch (nlohmann::json::type_error const&) {
    throw value_error("write_model: labels and settings must be UTF-8");
  }
}

template <class Fail>
void check_calibration(model const& m, Fail const& fail) {
  auto const& map = *m.calibration;
  if (m.task != task::multilabel) fail("only multilabel models have a calibration");
  if (map.labels() != m.labels.size())
    fail("the model has " + std::to_string(m.labels.size()) + " labels, its calibration has " +
         std::to_string(map.labels()));
  if (map.domain != logit)
    fail("the calibration of a model must be for logits, got " + std::string(name_of(map.domain)));
  try {
    calibrated_rule{m.rule, map}.check("model");
  } catch (error const& e) {
    fail(e.what());
  }
}

inline void check(model const& m, std::string const& path) {
  auto const fail = [&](std::string const& why) { throw io_error(path + ": " + why); };
  if (m.labels.empty()) fail("the model has no labels");
  if (auto const n = decisions::labels_of(m.rule).value_or(m.labels.size()); n != m.labels.size())
    fail("the model has " + std::to_string(m.labels.size()) + " labels, its decision rule has " + std::to_string(n));
  if (m.calibration)
    check_calibration(m, fail);
  else if (auto const its = decisions::domain_in(m.rule); its && *its != logit)
    fail("the decision rule of a model must be for logits, got " + std::string(name_of(*its)));
  context<cpu> ctx;
  auto const net = head_network(ctx, m, path);
  if (net.output_shape().size() != m.labels.size())
    fail("the model has " + std::to_string(m.labels.size()) + " labels, its head gives " +
         std::to_string(net.output_shape().size()));
}

}  // namespace detail

/// Reads and checks a model. Throws io_error in one sentence for a file that is none, of a newer version, or does not
/// fit together.
inline model read_model(std::string const& path) {
  io::safetensors_file const file(path);
  model m = detail::model_from_json(detail::read_model_json(file), path);
  std::string const prefix = detail::head_prefix;
  for (auto const& e : file.entries())
    if (e.name.starts_with(prefix)) m.arrays[e.name.substr(prefix.size())] = file.tensor(e.name).as<float>();
  for (auto [name, rows] :
       {std::pair{detail::train_rows, &m.train_rows}, {detail::validation_rows, &m.validation_rows}})
    if (file.contains(name)) *rows = file.tensor(name).as<std::uint64_t>();
  detail::check(m, path);
  return m;
}

namespace detail {
inline void write_model(std::string const& path, model const& m, std::vector<io::named_array> arrays,
                        std::map<std::string, std::string> metadata = {}) {
  check(m, path);
  context<cpu> ctx;
  auto const net = head_network(ctx, m, path);
  for (auto const& p : net.named())
    arrays.push_back({head_prefix + p.name, io::make_array(m.arrays.at(p.name), p.shape)});
  arrays.push_back({train_rows, io::make_array(m.train_rows, {m.train_rows.size()})});
  arrays.push_back({validation_rows, io::make_array(m.validation_rows, {m.validation_rows.size()})});
  metadata["format"] = model_format;
  metadata["version"] = std::to_string(model_version);
  metadata["model"] = model_text(m);
  io::write_safetensors(path, arrays, metadata);
}
}  // namespace detail

/// Writes a model, whole or not at all; with `bundle`, the extractor's weights too. Throws io_error for a model that
/// does not fit together, or where the system cannot store it, value_error for texts that are not UTF-8.
inline void write_model(std::string const& path, model m, extractor const* bundle = nullptr) {
  m.bundled = bundle != nullptr;
  detail::write_model(path, m, bundle ? bundle->arrays(detail::extractor_prefix) : std::vector<io::named_array>());
}

/// Puts another decision rule, and the calibration that it is for, into a model file, whole or not at all; all else stays.
/// Without a calibration the model has none from then on. Throws as read_model and write_model.
inline void replace_rule(std::string const& path, decision_rule rule, std::optional<calibration_map> calibration = {}) {
  model m = read_model(path);
  m.rule = std::move(rule);
  m.calibration = std::move(calibration);
  io::safetensors_file const file(path);
  std::vector<io::named_array> arrays;
  for (auto const& e : file.entries())
    if (!e.name.starts_with(detail::head_prefix) && e.name != detail::train_rows && e.name != detail::validation_rows)
      arrays.push_back({e.name, file.tensor(e.name)});
  detail::write_model(path, m, std::move(arrays), file.metadata());
}

/// The extractor of a model: from the model's own file where it is bundled or random, else from `weights`.
/// Throws value_error where a file of weights is needed, and io_error where it is not that of the model, or the model
/// has no extractor.
inline extractor extractor_of(context<cpu>& ctx, model const& m, std::string const& path,
                              std::string const& weights = {}) {
  if (m.source != source::images) throw io_error(path + ": the model predicts from features, not from images");
  if (m.bundled) return extractor::restore(ctx, m.extractor, path, detail::extractor_prefix);
  require_value(!m.extractor.needs_file() || !weights.empty(), path,
                "the model needs the weights of its extractor (" + m.extractor.weights + "), which it does not hold");
  return extractor::restore(ctx, m.extractor, weights);
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::read_model;
using models::write_model;
}  // namespace softf1::inline SOFTF1_ABI
