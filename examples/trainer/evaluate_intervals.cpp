// Intervals of figures, and whether another model is better by more than chance.
#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <softf1/core/text_table.hpp>
#include <softf1/io/text.hpp>
#include <softf1/metrics/compare.hpp>
#include <softf1/metrics/confidence.hpp>
#include <softf1/metrics/decided_rows.hpp>
#include <softf1/metrics/mcnemar.hpp>
#include <softf1/metrics/multiple_tests.hpp>
#include <softf1/metrics/ranked_rows.hpp>
#include <softf1/scores/any_score.hpp>

#include "engine.hpp"
#include "evaluate_figures.hpp"

namespace program {

namespace {

namespace metrics = softf1::metrics;
using softf1::averaging;
using softf1::io::json_number;
using softf1::io::json_value;

constexpr std::pair<char const*, averaging> averages[] = {{"macro", averaging::macro},
                                                          {"micro", averaging::micro},
                                                          {"weighted", averaging::weighted},
                                                          {"samples", averaging::samples}};
constexpr std::pair<char const*, metrics::rank_score> rankings[] = {
    {"average_precision", metrics::rank_score::average_precision}, {"roc_auc", metrics::rank_score::roc_auc}};

/// The scores that stand in the report, too: they are always printed, and compared.
std::vector<softf1::any_score> main_scores() { return {softf1::precision{}, softf1::recall{}, softf1::f1{}}; }
bool is_main(std::string_view figure) { return figure == "precision" || figure == "recall" || figure == "f1"; }

/// A figure by the name of its average and its own.
struct figure_name {
  std::string average, figure;
};

/// The rows of a model, decided and ranked.
struct model_figures {
  metrics::decided_rows decided;
  metrics::ranked_rows ranked;

  model_figures(engine& work, evaluate_options const& options, dataset const& data, score_matrix const& scores,
                softf1::decision_rule const& rule) {
    auto const rows = data.rows();
    auto const wide = scores.values.as<double>(scores.path);
    softf1::matrix_view<const double> const view(wide.data(), scores.rows(), scores.labels());
    softf1::metric_options<softf1::cpu> o{.domain = scores.domain, .decision = rule};
    if (rows.mask.data()) o.mask = rows.mask;
    if (rows.row_weights.data()) o.row_weights = rows.row_weights;
    o.zero_division = zero_division_of(options);
    decided.add(work.on_host(), view, rows.targets, o);
    ranked.add(work.on_host(), view, rows.targets,
               softf1::ranking_options<softf1::cpu>{averaging::macro, o.mask, o.row_weights});
  }
};

constexpr std::pair<char const*, metrics::interval_method> methods[] = {
    {"bca", metrics::interval_method::bca},
    {"percentile", metrics::interval_method::percentile},
    {"delta", metrics::interval_method::delta},
    {"corrected", metrics::interval_method::corrected}};

/// auto: what is best for scores of counts.
metrics::interval_method method_named(std::string const& name) {
  for (auto const& [known, method] : methods)
    if (name == known) return method;
  return metrics::interval_method::bca;
}

char const* name_of(metrics::interval_method method) {
  for (auto const& [name, known] : methods)
    if (method == known) return name;
  return "";
}

bool draws_rows(metrics::interval_method method) {
  return method == metrics::interval_method::bca || method == metrics::interval_method::percentile;
}

/// The same options with the method that is best for a ranking score, where none is named.
metrics::interval_options options_for(metrics::rank_score score, evaluate_options const& options,
                                      metrics::interval_options how) {
  if (options.ci_method == "auto") how.method = metrics::usual_method(score);
  return how;
}

metrics::interval_options interval_options_of(evaluate_options const& options, std::size_t rows) {
  metrics::interval_options how;
  how.method = method_named(options.ci_method);
  if (options.ci > 0) how.level = options.ci;
  how.sampling.resamples = options.resamples;
  how.sampling.seed = options.seed;
  if (options.row_groups.empty()) return how;
  std::map<std::string, std::uint64_t> numbers;
  auto const lines = softf1::read_lines(options.row_groups);
  if (lines.size() != rows)
    throw softf1::shape_error(
        fmt::format("{}: expected a group for each of {} rows, got {} lines", options.row_groups, rows, lines.size()));
  for (auto const& line : lines)
    how.sampling.groups.push_back(numbers.emplace(line, static_cast<std::uint64_t>(numbers.size())).first->second);
  return how;
}

metrics::figure_range range_of(metrics::interval const& i) { return {i.low, i.high}; }

metrics::figure_range& range_under(metrics::report_columns& columns, std::string const& average) {
  return average == "macro"      ? columns.macro
         : average == "micro"    ? columns.micro
         : average == "weighted" ? columns.weighted
                                 : columns.samples;
}

json_value interval_json(metrics::interval const& i, metrics::interval_method method) {
  return {{"value", json_number(i.value)},
          {"low", json_number(i.low)},
          {"high", json_number(i.high)},
          {"standard_error", json_number(i.standard_error)},
          {"method", name_of(method)}};
}

std::string range_text(metrics::interval const& i) {
  return fmt::format("{} to {}", softf1::figure_text(i.low), softf1::figure_text(i.high));
}

/// An interval of each label, under its name.
struct label_intervals {
  json_value& per_label;

  label_intervals(json_value& intervals, dataset const& data)
      : per_label(intervals["per_label"] = json_value::array()) {
    for (std::size_t j = 0; j < data.scores.labels(); ++j)
      per_label.push_back({{"name", data.scores.label_names.empty() ? std::to_string(j) : data.scores.label_names[j]}});
  }
  void add(std::string const& figure, std::vector<metrics::interval> const& found, metrics::interval_method method) {
    for (std::size_t j = 0; j < found.size(); ++j) per_label[j][figure] = interval_json(found[j], method);
  }
};

std::string add_intervals(engine& work, evaluate_options const& options, metrics::interval_options const& how,
                          dataset const& data, model_figures const& model, evaluation_figures& evaluated) {
  auto& ctx = work.on_host();
  auto& intervals = evaluated.form["intervals"] = {{"level", how.level}, {"method", options.ci_method}};
  intervals["resamples"] = draws_rows(how.method) ? how.sampling.resamples : 0;
  std::vector<std::vector<std::string>> lines{{fmt::format("{:g} % intervals", 100 * how.level), "value", "interval"}};
  auto& columns = evaluated.columns;
  columns.level = how.level;
  bool const all = names_metrics(options.metrics, "scores");
  auto const take = [&](figure_name const& name, metrics::interval const& found, metrics::interval_method method) {
    if (name.figure == "f1") range_under(columns, name.average) = range_of(found);
    intervals[name.average][name.figure] = interval_json(found, method);
    bool const is_ranking = name.figure == rankings[0].first || name.figure == rankings[1].first;
    if (all || is_ranking || is_main(name.figure))
      lines.push_back({name.average + " " + name.figure, softf1::figure_text(found.value), range_text(found)});
  };
  auto const scores = softf1::every_score();
  // One average after the other: the influence of every row on every number is held at once.
  for (auto const& [average, over] : averages) {
    std::vector<metrics::decided_metric> wanted;
    for (auto const& score : scores) wanted.push_back({score, over});
    auto const found = metrics::confidence_intervals(ctx, model.decided.statistic(wanted), how);
    for (std::size_t k = 0; k < found.size(); ++k) take({average, std::string(scores[k].name())}, found[k], how.method);
  }
  label_intervals labels(intervals, data);
  std::vector<std::vector<std::string>> label_lines;
  for (auto const& score : main_scores()) {
    auto const found = metrics::confidence_intervals(ctx, model.decided.per_label(score), how);
    labels.add(std::string(score.name()), found, how.method);
    if (score.name() != softf1::f1::name) continue;
    for (std::size_t j = 0; j < found.size(); ++j) {
      columns.f1_range.push_back(range_of(found[j]));
      label_lines.push_back({"f1 of " + labels.per_label[j]["name"].get<std::string>(),
                             softf1::figure_text(found[j].value), range_text(found[j])});
    }
  }
  for (auto const& [figure, score] : rankings) {
    auto const ranked = options_for(score, options, how);
    std::vector<metrics::ranked_metric> wanted;
    for (auto const& [average, over] : averages) wanted.push_back({score, over});
    wanted.push_back({score, std::nullopt});  // the labels: their scores are sorted anyway
    auto found = metrics::confidence_intervals(ctx, model.ranked.statistic(wanted), ranked);
    for (std::size_t k = 0; k < std::size(averages); ++k) take({averages[k].first, figure}, found[k], ranked.method);
    found.erase(found.begin(), found.begin() + std::ssize(averages));
    labels.add(figure, found, ranked.method);
  }
  lines.insert(lines.end(), label_lines.begin(), label_lines.end());
  return softf1::text_table(lines);
}

json_value comparison_json(metrics::comparison const& c, metrics::interval_method method) {
  return {{"first", json_number(c.first)},
          {"second", json_number(c.second)},
          {"difference", interval_json(c.difference, method)},
          {"p_bootstrap", json_number(c.p_bootstrap)},
          {"p_randomisation", json_number(c.p_randomisation)}};
}

std::string add_comparison(engine& work, evaluate_options const& options, metrics::interval_options const& how,
                           dataset const& data, softf1::decision_rule const& rule, model_figures const& model,
                           json_value& form) {
  model_figures const other(work, options, data, load_other_scores(options.compare, data), rule);
  auto& ctx = work.on_host();
  auto& comparison =
      form["comparison"] = {{"first", data.scores.path}, {"second", options.compare}, {"level", how.level}};
  std::vector<std::vector<std::string>> lines{
      {"comparison", "this", "other", "difference", "interval", "p (bootstrap)", "p (randomisation)"}};
  auto const take = [&](figure_name const& name, metrics::comparison const& c, metrics::interval_method method) {
    comparison[name.average][name.figure] = comparison_json(c, method);
    lines.push_back({name.average + " " + name.figure, softf1::figure_text(c.first), softf1::figure_text(c.second),
                     softf1::figure_text(c.difference.value, "%+.4f"), range_text(c.difference),
                     softf1::figure_text(c.p_bootstrap), softf1::figure_text(c.p_randomisation)});
  };
  std::vector<figure_name> names;
  std::vector<metrics::decided_metric> wanted;
  for (auto const& [average, over] : averages)
    for (auto const& score : main_scores()) {
      names.push_back({average, std::string(score.name())});
      wanted.push_back({score, over});
    }
  auto const decided = metrics::compare(ctx, model.decided, other.decided, wanted, how);
  for (std::size_t k = 0; k < names.size(); ++k) take(names[k], decided[k], how.method);
  for (auto const& [figure, score] : rankings) {
    auto const by = options_for(score, options, how);
    std::vector<metrics::ranked_metric> ranked;
    for (auto const& [average, over] : averages) ranked.push_back({score, over});
    auto const found = metrics::compare(ctx, model.ranked, other.ranked, ranked, by);
    for (std::size_t k = 0; k < found.size(); ++k) take({averages[k].first, figure}, found[k], by.method);
  }

  auto const tests = metrics::mcnemar(model.decided, other.decided);
  std::vector<double> p;
  for (auto const& t : tests) p.push_back(t.p);
  auto const corrected = metrics::holm(p), discovered = metrics::benjamini_hochberg(p);
  auto& per_label = comparison["per_label"] = json_value::array();
  std::vector<std::vector<std::string>> labels{
      {"label (McNemar)", "only this right", "only other right", "p", "p (Holm)", "p (BH)"}};
  for (std::size_t j = 0; j < tests.size(); ++j) {
    auto const name = data.scores.label_names.empty() ? std::to_string(j) : data.scores.label_names[j];
    per_label.push_back({{"name", name},
                         {"only_first", tests[j].only_first},
                         {"only_second", tests[j].only_second},
                         {"p", json_number(p[j])},
                         {"p_holm", json_number(corrected[j])},
                         {"p_benjamini_hochberg", json_number(discovered[j])}});
    labels.push_back({name, std::to_string(tests[j].only_first), std::to_string(tests[j].only_second),
                      softf1::figure_text(p[j]), softf1::figure_text(corrected[j]),
                      softf1::figure_text(discovered[j])});
  }
  return softf1::text_table(lines) + "\n" + softf1::text_table(labels);
}

}  // namespace

void find_intervals(engine& work, evaluate_options const& options, dataset const& data,
                    softf1::decision_rule const& rule, evaluation_figures& found) {
  if (options.ci == 0 && options.compare.empty()) return;
  auto const how = interval_options_of(options, data.scores.rows());
  model_figures const model(work, options, data, data.scores, rule);
  if (options.ci > 0) found.text += "\n" + add_intervals(work, options, how, data, model, found);
  if (!options.compare.empty()) found.text += "\n" + add_comparison(work, options, how, data, rule, model, found.form);
}

}  // namespace program
