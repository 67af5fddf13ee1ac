// softf1 merge: adds what evaluate has counted of parts of the data.
#include <fmt/format.h>

#include <softf1/io/metric_state.hpp>

#include "evaluate_stream.hpp"
#include "inputs.hpp"

namespace program {

namespace {

softf1::streaming_report read(std::string const& path) {
  auto part = softf1::read_metric_state<softf1::streaming_report>(path);
  check_names(path, part.options().label_names);
  return part;
}

}  // namespace

void run(merge_options const& options) {
  auto const& first = options.files.front();
  auto total = read(first);
  for (std::size_t k = 1; k < options.files.size(); ++k) {
    auto const& path = options.files[k];
    auto const part = read(path);
    try {
      total.merge(part);
    } catch (softf1::error const& e) {
      throw softf1::io_error(fmt::format("{} cannot be added to {}: {}", path, first, e.what()));
    }
  }
  stream_outputs outputs{{}, options.metrics, options.label_groups, options.csv, {"--out", options.out}, {}};
  for (auto const& file : options.files) outputs.inputs.emplace_back("FILES", file);
  outputs.inputs.emplace_back("--label-groups", options.label_groups);
  give_report(total, options, outputs);
}

}  // namespace program
