// The memory of one batch of images, and what became of each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

struct image_slot {
  struct outcome {
    std::optional<std::string> failure;  // of the file
    std::exception_ptr unexpected;       // of anything else
  };

  /// `values`: of what one row becomes.
  image_slot(std::size_t rows, std::size_t row_values, bool is_bytes)
      : values(row_values),
        floats(is_bytes ? 0 : rows * row_values),
        levels(is_bytes ? rows * row_values : 0),
        outcomes(rows) {}

  void start(std::size_t first_row, std::size_t rows) {
    first = first_row;
    count = rows;
    done = 0;
    for (auto& one : outcomes) one = {};
  }

  bool is_ready() const { return done == count; }

  void move_row(std::size_t from, std::size_t to) {
    if (!floats.empty()) std::copy_n(&floats[from * values], values, &floats[to * values]);
    if (!levels.empty()) std::copy_n(&levels[from * values], values, &levels[to * values]);
  }

  std::size_t values;
  std::vector<float> floats;
  std::vector<std::uint8_t> levels;
  std::vector<outcome> outcomes;
  std::size_t first = 0, count = 0;  // rows of this batch
  std::size_t done = 0;              // of them; under the loader's mutex
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
