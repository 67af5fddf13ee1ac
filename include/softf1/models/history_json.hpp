// Figures of epochs as JSON: in checkpoints, and in what programs write.
#pragma once

#include <string>
#include <utility>

#include <softf1/io/json_value.hpp>
#include <softf1/training/history.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// The figures of an epoch, by the names of their columns; what is undefined is null.
inline io::json_value figures_json(training::epoch_record const& e) {
  auto form = io::json_value::object();
  for (auto const& column : training::history_columns)
    form[std::string(column.name)] = io::json_number(e.*column.value);
  return form;
}

/// [{"epoch": 1, figures …}, …].
inline io::json_value history_json(training::history const& history) {
  auto form = io::json_value::array();
  for (auto const& e : history) {
    io::json_value record{{"epoch", e.epoch}};
    record.update(figures_json(e));
    form.push_back(std::move(record));
  }
  return form;
}

}  // namespace softf1::inline SOFTF1_ABI::models
