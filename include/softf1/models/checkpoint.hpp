// A checkpoint: a model file that also holds what training needs to go on.
//
// Beside what a model file has: tensors `training.parameters`, `.state`, `.optimizer`, `.averages`, `.averaged_state`,
// `.best_parameters`, `.best_state`, `.logits`, and the metadata `training`: a JSON object {"epoch", "done", "steps",
// "best_epoch", "history": [{"epoch", …}, …]}. The model's own arrays are the weights that are evaluated. Files of
// before have no `.averaged_state`: the state was evaluated as it was, and its average begins there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/models/history_json.hpp>
#include <softf1/models/layout.hpp>
#include <softf1/models/model.hpp>
#include <softf1/training/state.hpp>

namespace softf1::inline SOFTF1_ABI::models {

struct checkpoint {
  models::model model;
  training::training_state<float> state;
};

/// What the header of a checkpoint tells: how far training was, and the last epoch's figures where it was at its end.
struct checkpoint_info {
  std::string path;
  std::size_t epoch = 0;                              ///< counted from 1: the last one that was begun
  std::size_t done = 0;                               ///< steps of it; 0: all
  std::uint64_t steps = 0;                            ///< of all epochs
  std::optional<training::epoch_record> record = {};  ///< at the end of an epoch
};

namespace detail {

struct state_array {
  char const* name;
  std::vector<float> training::training_state<float>::*values;
};
inline constexpr std::array<state_array, 8> state_arrays{{
    {"training.parameters", &training::training_state<float>::parameters},
    {"training.state", &training::training_state<float>::state},
    {"training.optimizer", &training::training_state<float>::optimizer},
    {"training.averages", &training::training_state<float>::averages},
    {"training.averaged_state", &training::training_state<float>::averaged_state},
    {"training.best_parameters", &training::training_state<float>::best_parameters},
    {"training.best_state", &training::training_state<float>::best_state},
    {"training.logits", &training::training_state<float>::logits},
}};

inline constexpr char const* loss_memory = "training.loss_memory";  // in double

inline training::epoch_record record_from_json(io::json_value const& form) {
  training::epoch_record e;
  e.epoch = form.at("epoch").get<std::size_t>();
  for (auto const& column : training::history_columns) {
    auto const found = form.find(std::string(column.name));  // earlier versions had fewer
    e.*column.value = found == form.end() ? std::nan("") : io::number_of(*found).value_or(std::nan(""));
  }
  return e;
}

inline io::json_value training_json(training::training_state<float> const& s) {
  return {{"epoch", s.epoch},
          {"done", s.done},
          {"steps", s.steps},
          {"best_epoch", s.best_epoch},
          {"history", history_json(s.history)}};
}

/// The state without its arrays. Throws io_error naming the file where there is none.
inline training::training_state<float> read_progress(io::safetensors_file const& file) {
  auto const found = file.metadata().find("training");
  if (found == file.metadata().end())
    throw io_error(file.path() + ": the file is no checkpoint: it does not say how far training was");
  training::training_state<float> s;
  try {
    auto const form = io::parse_json(found->second);
    s.epoch = form.at("epoch").get<std::size_t>();
    s.done = form.at("done").get<std::size_t>();
    s.steps = form.at("steps").get<std::uint64_t>();
    s.best_epoch = form.at("best_epoch").get<std::size_t>();
    for (auto const& e : form.at("history")) s.history.push_back(record_from_json(e));
  } catch (nlohmann::json::exception const& e) {
    throw io_error(file.path() + ": the metadata 'training' are none of a checkpoint (" + e.what() + ")");
  }
  return s;
}

}  // namespace detail

/// Writes a checkpoint, whole or not at all, and to the disk before it has its name. A model without arrays gets those
/// of the state. Throws as write_model, shape_error where the state is not one of the model's head.
inline void write_checkpoint(std::string const& path, model m, training::training_state<float> const& state,
                             extractor const* bundle = nullptr) {
  if (m.arrays.empty())
    m.arrays = arrays_by_name(layout_of(m.input, m.head), state.evaluated(), state.evaluated_state());
  m.bundled = bundle != nullptr;
  auto arrays = bundle ? bundle->arrays(detail::extractor_prefix) : std::vector<io::named_array>();
  for (auto const& a : detail::state_arrays)
    arrays.push_back({a.name, io::make_array(state.*a.values, {(state.*a.values).size()})});
  arrays.push_back({detail::loss_memory, io::make_array(state.loss_memory, {state.loss_memory.size()})});
  detail::write_model(path, m, std::move(arrays), {{"training", detail::training_json(state).dump()}});
}

/// Reads a checkpoint. Throws io_error in one sentence for a file that is none, or is damaged.
inline checkpoint read_checkpoint(std::string const& path) {
  io::safetensors_file const file(path);
  checkpoint c{read_model(path), detail::read_progress(file)};
  for (auto const& a : detail::state_arrays) {
    bool const may_lack = a.values == &training::training_state<float>::averaged_state;
    if (may_lack && !file.contains(a.name)) continue;
    if (!file.contains(a.name)) throw io_error(path + ": the checkpoint lacks the array " + a.name);
    c.state.*a.values = file.tensor(a.name).as<float>();
  }
  if (file.contains(detail::loss_memory)) c.state.loss_memory = file.tensor(detail::loss_memory).as<double>();
  if (!c.state.averages.empty() && c.state.averaged_state.empty()) c.state.averaged_state = c.state.state;
  return c;
}

/// Reads only what the header tells. Throws io_error for a file that is no checkpoint.
inline checkpoint_info read_checkpoint_info(std::string const& path) {
  auto const s = detail::read_progress(io::safetensors_file(path));
  checkpoint_info info{path, s.epoch, s.done, s.steps};
  if (s.done > 0) return info;
  info.epoch = s.epoch > 0 ? s.epoch - 1 : 0;
  if (!s.history.empty()) info.record = s.history.back();
  return info;
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::read_checkpoint;
using models::write_checkpoint;
}  // namespace softf1::inline SOFTF1_ABI
