#include <softf1/io/metric_state.hpp>

#include <any>
#include <cmath>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/metrics/all.hpp>
#include <softf1/metrics/decided_rows.hpp>
#include <softf1/metrics/ranked_rows.hpp>
#include <softf1/metrics/streaming_report.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"
#include "support/paths.hpp"

namespace metric_state_tests {

using namespace softf1_test;

/// All numbers of a state, as text.
template <class Metric>
std::string state_of(Metric const& metric) {
  std::string text;
  Metric::each_field(metric, [&](std::string_view name, auto const& values) {
    text += std::string(name) + ":";
    for (auto x : values) text += " " + softf1::number_text(static_cast<double>(x));
    text += "\n";
  });
  return text;
}

bool is_sums(std::string_view name) {
  for (auto const* end :
       {"sums", "weights", "weighted", "together", "taken_for", "exact", "counts", "begin", "cells", "classes"})
    if (name.ends_with(end)) return true;
  return false;
}

/// A number that no rows can have led to is refused, in whichever list.
template <class Metric>
void check_values(Metric const& good) {
  std::map<std::string, std::any> file;
  Metric::each_field(good, [&](std::string_view name, auto const& values) { file[std::string(name)] = values; });
  for (auto const& field : file)
    for (double wrong : {nan_value, -1.0, HUGE_VAL}) {
      std::string const& spoilt = field.first;
      if (!is_sums(spoilt)) continue;
      INFO(spoilt << ": " << wrong);
      Metric bad = good;
      CHECK(error_text<softf1::value_error>([&] {
              Metric::each_field(bad, [&](std::string_view name, auto& values) {
                values = std::any_cast<std::decay_t<decltype(values)>>(file[std::string(name)]);
                using T = typename std::decay_t<decltype(values)>::value_type;
                if (name != spoilt) return;
                if constexpr (std::is_same_v<T, double>)
                  values.at(1) = wrong;
                else
                  values.at(1) = static_cast<T>(-1);
              });
              bad.check();
            }).find("the state must hold ") != std::string::npos);
    }
}

template <class Metric, class Add>
void check_round_trip(std::string const& path, Metric const& fresh, Add const& add) {
  static_assert(softf1::accumulator<Metric>);
  softf1::context<softf1::cpu> ctx;
  std::vector<double> const bad(3, nan_value), targets(3);
  CHECK(error_text<softf1::value_error>([&] {
          auto other = fresh;
          other.add(ctx, softf1::as_matrix(bad, 1, 3), softf1::as_matrix(targets, 1, 3), {}, "caller");
        }).starts_with("caller: "));
  INFO(Metric::name);
  Metric first = fresh, second = fresh;
  add(first, random_problem(40, 3, 1, {.weighted = true}));
  add(second, random_problem(30, 3, 2));
  softf1::write_metric_state(path, first);
  auto read = softf1::read_metric_state(path, fresh);
  CHECK(state_of(read) == state_of(first));
  read.merge(second);
  first.merge(second);
  CHECK(state_of(read) == state_of(first));
  CHECK(first.rows() == 70);
  CHECK(softf1::metric_of_state(path) == Metric::name);
  check_values(read);
  CHECK(state_of(read) != state_of(fresh));
}

/// Its options come from the file, whatever those of the one that is read into; what does not fit together is refused.
template <class Add>
void check_streaming_report(std::string const& path, Add const& add) {
  using softf1::streaming_report;
  streaming_report const fresh({.decision = softf1::threshold_set{{0.5, 1, -1}},
                                .zero_division = nan_value,
                                .beta = 2,
                                .sketch_bins = 32,
                                .probability_bins = 4,
                                .at_k = {1, 2},
                                .label_names = {"a", "", "\xC3\xA9"}});
  check_round_trip(path, fresh, add);
  auto const read = softf1::read_metric_state<streaming_report>(path);
  CHECK(read.options().label_names == fresh.options().label_names);
  CHECK(read.rows() == 40);
  CHECK(state_of(read) == state_of(softf1::read_metric_state(path, fresh)));

  softf1::safetensors_file const file(path);
  auto const with = [&](std::string const& name, softf1::io::array const& values) {
    std::vector<softf1::io::named_array> tensors;
    for (auto const& e : file.entries()) tensors.push_back({e.name, e.name == name ? values : file.tensor(e.name)});
    auto const changed = path + ".changed";
    softf1::write_safetensors(changed, tensors, file.metadata());
    auto const text = error_text<softf1::io_error>([&] { softf1::read_metric_state<streaming_report>(changed); });
    auto const start = "read_metric_state: " + changed + ": ";
    CHECK(text.starts_with(start));
    return text.substr(start.size());
  };
  auto const whole = [](std::vector<std::uint64_t> const& values) {
    return softf1::io::make_array(values, {values.size()});
  };
  std::string const apart = "streaming_report: the parts of the state do not fit together";
  CHECK(with("options.whole", whole({0, 1, 0, 32})) == "streaming_report: the state must hold its options");
  CHECK(with("options.whole", whole({0, 99, 0, 32, 4})) == "streaming_report: the state must hold its options");
  CHECK(with("options.whole", whole({0, 7, 1, 32, 4})) == "streaming_report: the state must hold its options");
  CHECK(with("options.whole", whole({0, 6, 2, 32, 4})) ==
        "streaming_report: least of predicted_size must not be above most, nor most above 1000000000");
  CHECK(with("options.whole", whole({0, 1, 0, 2, 4})) == "score_sketch: bins must lie in [3, 1048576], got 2");
  CHECK(with("options.whole", whole({0, 1, 0, 34, 4})) == apart);
  CHECK(with("options.whole", whole({0, 1, 0, 32, 5})) == apart);
  CHECK(with("options.at_k", whole({1, 3})) == apart);
  CHECK(with("options.at_k", whole({0})) == "top_k_metrics: k must be >= 1, got 0");
  CHECK(with("options.label_names", softf1::io::make_array(std::vector<std::uint8_t>{65, 0, 66}, {3})) ==
        "streaming_report: the state must hold names that end with a zero");
  CHECK(with("options.label_names", softf1::io::make_array(std::vector<std::uint8_t>{65, 0}, {2})) == apart);
  CHECK(with("options.thresholds", softf1::io::make_array(std::vector<double>(2), {2})) == apart);
  CHECK(with("counts.rows", whole({39})) == apart);
  CHECK(with("rankings.rows", whole({})) == "row_rankings: the state must hold sums of 8 metrics, finite and >= 0");
  CHECK(with("sketch.counts", whole({1, 2})) ==
        "score_sketch: the state must hold counts of its bins, as many and as whole as it says");
  CHECK(with("probabilities.sums", softf1::io::make_array(std::vector<double>(20), {20})) == apart);
  CHECK(with("saturation.rows", whole({39})) == apart);
  CHECK(with("samples.scores", softf1::io::make_array(std::vector<std::uint8_t>{70, 0}, {2}))
            .starts_with("samples_average: the state must hold sums of 25 scores, got those of 1"));
}

}  // namespace metric_state_tests

TEST_CASE("the state of every streaming metric is written, read back to the bit, and merges") {
  using namespace metric_state_tests;
  temp_directory const folder;
  auto const path = (folder.path() / "state.safetensors").string();
  softf1::context<softf1::cpu> ctx;
  auto const with = [&](auto options) {
    return [&ctx, options](auto& metric, problem const& p) {
      problem_on<softf1::cpu> const data(ctx, p);
      auto o = options;
      o.row_weights = data.weights();
      metric.add(ctx, data.scores(), data.targets(), o);
    };
  };
  softf1::row_ranking_options<softf1::cpu> const ranking;
  check_round_trip(path, softf1::confusion_counts(), with(softf1::metric_options<softf1::cpu>()));
  check_round_trip(path, softf1::set_metrics(), with(softf1::metric_options<softf1::cpu>()));
  check_round_trip(path, softf1::label_pairs(), with(softf1::metric_options<softf1::cpu>()));
  check_round_trip(path, softf1::score_saturation(), with(softf1::probability_options<softf1::cpu>()));
  check_round_trip(path, softf1::decided_rows(), with(softf1::metric_options<softf1::cpu>()));
  check_round_trip(path, softf1::ranked_rows(), with(softf1::ranking_options<softf1::cpu>()));
  check_round_trip(path, softf1::score_sketch({softf1::logit, 40}), with(softf1::ranking_options<softf1::cpu>()));
  check_round_trip(path, softf1::probability_quality(4), with(softf1::probability_options<softf1::cpu>()));
  check_round_trip(path, softf1::row_rankings(), with(ranking));
  check_streaming_report(path, with(ranking));
  check_round_trip(path, softf1::top_k_metrics({1, 2}), with(ranking));

  CHECK(error_text<softf1::io_error>([&] { softf1::read_metric_state<softf1::confusion_counts>(path); }) ==
        "read_metric_state: " + path + ": expected the state of confusion_counts, got that of 'top_k_metrics'");
  auto const said = [](std::string metric, std::string version = "1") {
    return std::map<std::string, std::string>{
        {"format", "softf1.metric_state"}, {"version", std::move(version)}, {"metric", std::move(metric)}};
  };
  for (std::string version : {"", "0", "2"}) {
    softf1::write_safetensors(path, {}, said("confusion_counts", version));
    CHECK(error_text<softf1::io_error>([&] { softf1::read_metric_state<softf1::confusion_counts>(path); }) ==
          "read_metric_state: " + path + ": expected version 1 of the state, got '" + version + "'");
  }
  softf1::write_safetensors(path, {}, said("confusion_counts"));
  CHECK(error_text<softf1::io_error>([&] { softf1::read_metric_state<softf1::confusion_counts>(path); }) ==
        "read_metric_state: " + path + ": 'rows' must be a list of u64");
  softf1::write_safetensors(path,
                            {{"rows", softf1::io::make_array(std::vector<std::uint64_t>{1}, {1})},
                             {"sums", softf1::io::make_array(std::vector<double>(1), {1})},
                             {"weights", softf1::io::make_array(std::vector<double>(1), {1})},
                             {"left_out", softf1::io::make_array(std::vector<std::uint64_t>(1), {1})}},
                            said("row_rankings"));
  CHECK(error_text<softf1::io_error>([&] { softf1::read_metric_state<softf1::row_rankings>(path); }) ==
        "read_metric_state: " + path + ": row_rankings: the state must hold sums of 8 metrics, finite and >= 0");
  std::vector<std::uint64_t> const rows{1}, three{1, 2, 3};
  softf1::write_safetensors(path,
                            {{"rows", softf1::io::make_array(rows, {1})},
                             {"exact", softf1::io::make_array(three, {3})},
                             {"weighted", softf1::io::make_array(std::vector<double>(3), {3})}},
                            said("confusion_counts"));
  CHECK(error_text<softf1::io_error>([&] { softf1::read_metric_state<softf1::confusion_counts>(path); }) ==
        "read_metric_state: " + path + ": confusion_counts: the state must hold 4 counts a label");
}

TEST_CASE("sums of one score are not read as those of another, nor with other options") {
  using namespace metric_state_tests;
  namespace scores = softf1::scores;
  using softf1::samples_average;
  temp_directory const folder;
  auto const path = (folder.path() / "state.safetensors").string();
  softf1::context<softf1::cpu> ctx;
  problem_on<softf1::cpu> const data(ctx, random_problem(20, 3, 1));
  samples_average mean(scores::any_score(scores::f_beta{2}));
  mean.add(ctx, softf1::count_rows(ctx, data.scores(), data.targets()));
  softf1::write_metric_state(path, mean);
  CHECK(state_of(softf1::read_metric_state(path, mean)) == state_of(mean));
  CHECK(softf1::read_metric_state(path, samples_average(scores::f_beta{2})).value() == mean.value());
  auto const refused = [&](auto const& like) {
    return error_text<softf1::io_error>([&] { softf1::read_metric_state(path, like); });
  };
  auto const start = "read_metric_state: " + path + ": samples_average: the state must hold sums of ";
  CHECK(refused(samples_average<scores::f1>()) == start + "'f1', got those of 'f_beta'");
  CHECK(refused(samples_average(scores::any_score(scores::mcc{}))) == start + "'mcc', got those of 'f_beta'");
  CHECK(refused(samples_average(scores::f_beta{1})) == start + "'f_beta' with the same options");
}
