// Files of scores and targets that are read in blocks, and what the figures of a stream must be.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "program/runner.hpp"

namespace softf1_program_test {

/// Probabilities of three labels, multiples of 1/64 in part: with ties.
inline std::vector<float> stream_scores(std::size_t rows) {
  std::vector<float> scores;
  for (std::size_t k = 0; k < rows * 3; ++k) {
    auto const u = static_cast<float>(k * 2654435761u % 1009u) / 1009.0f;
    scores.push_back(k % 3 == 0 ? std::floor(u * 64) / 64 : u);
  }
  return scores;
}

/// s.npy, the same as fortran.npy, s.csv and logits.npy; y.npy, mask.npy, weights.npy, names.txt.
inline void put_stream_files(workplace const& w, std::size_t rows) {
  auto const scores = stream_scores(rows);
  std::vector<std::uint8_t> targets, mask;
  std::vector<float> columns(rows * 3), logits, weights;
  std::string csv = "a,b,c\n";
  for (std::size_t k = 0; k < rows * 3; ++k) {
    targets.push_back(scores[k] + 0.1f * static_cast<float>(k * 40503u % 7u) > 0.8f);
    mask.push_back(k * 69069u % 11u != 0);
    columns[k % 3 * rows + k / 3] = scores[k];
    logits.push_back(std::log(scores[k] + 0.01f) - std::log1p(0.02f - scores[k]));
    csv += softf1::number_text(static_cast<double>(scores[k])) + (k % 3 == 2 ? "\n" : ",");
    if (k % 3 == 0) weights.push_back(0.25f * static_cast<float>(k % 5));
  }
  w.put_npy("s.npy", scores, {rows, 3});
  w.put_npy("fortran.npy", columns, {rows, 3}, softf1::io::storage_order::column_major);
  w.put_npy("logits.npy", logits, {rows, 3});
  w.put("s.csv", csv);
  w.put_npy("y.npy", targets, {rows, 3});
  w.put_npy("mask.npy", mask, {rows, 3});
  w.put_npy("weights.npy", weights, {rows});
  w.put("names.txt", "a\nb\nc\n");
}

/// Every value of `expected` is in `got`: the same to rounding, or, where `got` has bounds beside it, between them.
inline void check_streamed(json const& got, json const& expected, std::string const& where) {
  INFO(where);
  if (expected.is_object()) {
    for (auto const& [key, value] : expected.items()) {
      INFO(where << "/" << key);
      if (key == "adaptive_ece") continue;  // it must sort all rows
      REQUIRE(got.contains(key));
      if (got.contains(key + "_bounds") && value.is_number()) {
        auto const& bounds = got[key + "_bounds"];
        CHECK(bounds[0].get<double>() <= value.get<double>() + 1e-12);
        CHECK(bounds[1].get<double>() >= value.get<double>() - 1e-12);
        CHECK(std::fabs(got[key].get<double>() - value.get<double>()) < 0.05);
      } else {
        check_streamed(got[key], value, where + "/" + key);
      }
    }
  } else if (expected.is_array()) {
    REQUIRE(got.size() == expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k)
      check_streamed(got[k], expected[k], where + "/" + std::to_string(k));
  } else if (expected.is_number_float()) {
    CHECK(std::fabs(got.get<double>() - expected.get<double>()) <= 1e-12 * (1 + std::fabs(expected.get<double>())));
  } else {
    CHECK(got == expected);
  }
}

}  // namespace softf1_program_test
