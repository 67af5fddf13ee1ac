// What has been found out about the checkpoints of a run: a file of it, one line a checkpoint.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/io/json_value.hpp>

namespace program {

/// The figures of an evaluation, in the order of the columns. Those of tuned thresholds are in-sample: found on the rows
/// that they are measured on.
inline constexpr std::array<std::string_view, 9> evaluation_figures{"macro_f1",
                                                                    "micro_f1",
                                                                    "samples_f1",
                                                                    "map",
                                                                    "micro_map",
                                                                    "roc_auc",
                                                                    "micro_roc_auc",
                                                                    "tuned_macro_f1_in_sample",
                                                                    "tuned_micro_f1_in_sample"};

/// One checkpoint on some rows. NaN is undefined.
struct evaluation {
  std::uint64_t step = 0;
  std::size_t epoch = 0;
  std::string part;      ///< of the rows
  std::size_t rows = 0;  ///< how many
  std::array<double, evaluation_figures.size()> figures{};
};

/// By part and step; none where there is no file. Throws io_error for a file that is none of evaluations.
std::vector<evaluation> read_evaluations(std::string const& path);

/// Whole or not at all.
void write_evaluations(std::string const& path, std::vector<evaluation> const& all);

/// Puts one in its place, instead of an earlier one of the same part and step.
void put(std::vector<evaluation>& all, evaluation one);

softf1::io::json_value to_json(evaluation const& one);

}  // namespace program
