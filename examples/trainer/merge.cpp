// softf1 merge: adds what was counted of parts of the data.
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <softf1/io/metric_state.hpp>
#include <softf1/metrics/cooccurrence.hpp>
#include <softf1/metrics/decided_rows.hpp>
#include <softf1/metrics/ranked_rows.hpp>

#include "evaluate_stream.hpp"
#include "inputs.hpp"
#include "output.hpp"

namespace program {

namespace {

template <class Metric>
Metric read(std::string const& path) {
  auto part = softf1::read_metric_state<Metric>(path);
  if constexpr (std::is_same_v<Metric, softf1::streaming_report>) check_names(path, part.options().label_names);
  return part;
}

template <class Metric>
Metric sum_of(std::vector<std::string> const& files) {
  auto total = read<Metric>(files.front());
  for (std::size_t k = 1; k < files.size(); ++k) {
    auto const part = read<Metric>(files[k]);
    try {
      total.merge(part);
    } catch (softf1::error const& e) {
      throw softf1::io_error(fmt::format("{} cannot be added to {}: {}", files[k], files.front(), e.what()));
    }
  }
  return total;
}

void refuse_twice(std::vector<std::string> const& files) {
  for (std::size_t k = 0; k < files.size(); ++k)
    for (std::size_t earlier = 0; earlier < k; ++earlier)
      if (is_same_file(files[earlier], files[k]))
        throw softf1::value_error(
            fmt::format("{} and {} are one file, which would count twice", files[earlier], files[k]));
}

/// The sum of states without a report: written, and named.
template <class Metric>
void give_sum(merge_options const& options, std::vector<named_path> inputs) {
  for (auto const& [option, value] : {named_path{"--json", options.json},
                                      {"--table", options.csv},
                                      {"--metrics", options.metrics},
                                      {"--label-groups", options.label_groups}})
    if (!value.empty())
      throw softf1::value_error(fmt::format("{} takes states of {}, {} is one of {}", option,
                                            softf1::streaming_report::name, options.files.front(), Metric::name));
  if (options.out.empty()) throw softf1::value_error(fmt::format("--out is required for states of {}", Metric::name));
  auto const total = sum_of<Metric>(options.files);
  output_files files(std::move(inputs));
  files.add("--out", options.out,
            [&](softf1::io::atomic_writer& to) { softf1::write_metric_state(to, options.out, total); });
  files.commit();
  if (!options.quiet && !files.take_standard_output())
    print(fmt::format("{} of {} rows\n", Metric::name, total.rows()));
}

/// Whether the states are of one of these metrics; then their sum is given.
template <class... Metric>
bool give_sum_of_one(std::string_view metric, merge_options const& options, std::vector<named_path> const& inputs) {
  return ((metric == Metric::name && (give_sum<Metric>(options, inputs), true)) || ...);
}

}  // namespace

void run(merge_options const& options) {
  refuse_twice(options.files);
  std::vector<named_path> inputs;
  for (auto const& file : options.files) inputs.emplace_back("FILES", file);
  inputs.emplace_back("--label-groups", options.label_groups);
  auto const& first = options.files.front();
  auto const metric = softf1::metric_of_state(first);
  if (metric == softf1::streaming_report::name)
    return give_report(
        sum_of<softf1::streaming_report>(options.files), options,
        {std::move(inputs), options.metrics, options.label_groups, options.csv, {"--out", options.out}, {}});
  bool const given =
      give_sum_of_one<softf1::confusion_counts, softf1::score_sketch, softf1::label_pairs, softf1::set_metrics,
                      softf1::row_rankings, softf1::top_k_metrics, softf1::probability_quality,
                      softf1::score_saturation, softf1::decided_rows, softf1::ranked_rows>(metric, options, inputs);
  if (!given) throw softf1::io_error(fmt::format("{}: states of '{}' cannot be added here", first, metric));
}

}  // namespace program
