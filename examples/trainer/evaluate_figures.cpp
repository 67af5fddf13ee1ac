#include "evaluate_figures.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <softf1/io/csv.hpp>
#include <softf1/io/json_full_report.hpp>
#include <softf1/io/matrix.hpp>
#include <softf1/metrics/full_report_text.hpp>

#include "engine.hpp"

namespace program {

namespace {

namespace metrics = softf1::metrics;

struct part {
  std::string_view name;
  std::string (*text)(metrics::full_report const&);
};
constexpr std::array parts{part{"scores", metrics::scores_text},
                           part{"baselines", metrics::baselines_text},
                           part{"rankings", metrics::rankings_text},
                           part{"at_k", metrics::at_k_text},
                           part{"sets", metrics::sets_text},
                           part{"groups", metrics::groups_text},
                           part{"probabilities", metrics::probabilities_text}};

/// Those that look at scores and targets again: see find_curves.
constexpr std::string_view more_metrics[] = {"pairs", "operating_points"};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    auto const comma = text.find(',');
    words.emplace_back(text.substr(0, comma));
    text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
  }
  return words;
}

/// What the engine has not reported is found on the host.
metrics::full_report complete(engine& work, softf1::classification_report base, evaluate_options const& options,
                              dataset const& data, softf1::decision_rule const& rule,
                              std::optional<metrics::top_k_metrics>& scored) {
  auto const rows = data.rows();
  std::vector<std::string> names;
  for (auto const& label : base.per_label) names.push_back(label.name);
  softf1::metric_options<softf1::cpu> o{.domain = data.scores.domain, .decision = rule};
  if (rows.mask.data()) o.mask = rows.mask;
  if (rows.row_weights.data()) o.row_weights = rows.row_weights;
  o.zero_division = zero_division_of(options);
  metrics::full_report_options const more{.at_k = numbers_at_k(options.at_k),
                                          .groups = read_label_groups(options.label_groups, names)};
  return with_scores(data.scores, [&](auto scores) {
    if (scored)
      scored->add(work.on_host(), scores, rows.targets,
                  softf1::row_ranking_options<softf1::cpu>{o.mask, o.row_weights});
    return softf1::complete_report(work.on_host(), std::move(base), scores, rows.targets, o, more);
  });
}

/// The metrics at k that --propensities asks for.
std::optional<metrics::top_k_metrics> propensity_scored(evaluate_options const& options, std::size_t labels) {
  if (options.propensities.empty()) return {};
  auto const file = softf1::read_matrix(options.propensities).values;
  if (file.rows() * file.cols() != labels || (file.rows() != labels && file.cols() != labels))
    throw softf1::shape_error(fmt::format("{}: expected a propensity for each of {} labels, got shape ({}, {})",
                                          options.propensities, labels, file.rows(), file.cols()));
  auto const propensities = file.as<double>(options.propensities);
  try {
    return metrics::top_k_metrics(numbers_at_k(options.at_k), propensities);
  } catch (softf1::value_error const& e) {
    throw softf1::value_error(options.propensities + ": " + e.what());
  }
}

/// The same as JSON, beside the plain ones, and as text.
std::string add_propensity_scored(metrics::top_k_metrics const& found, softf1::io::json_value& form) {
  std::vector<std::vector<std::string>> lines{{"k", "propensity-scored precision", "propensity-scored nDCG"}};
  for (auto& at : form["at_k"]) {
    auto const k = at["k"].get<std::size_t>();
    double const precision = found.propensity_scored_precision(k), ndcg = found.propensity_scored_ndcg(k);
    at["propensity_scored_precision"] = softf1::io::json_number(precision);
    at["propensity_scored_ndcg"] = softf1::io::json_number(ndcg);
    lines.push_back({std::to_string(k), softf1::figure_text(precision), softf1::figure_text(ndcg)});
  }
  return "\n" + softf1::text_table(lines);
}

}  // namespace

std::vector<std::size_t> numbers_at_k(std::string const& text) {
  std::vector<std::size_t> ks;
  for (auto const& word : split(text)) {
    double const k = softf1::parse_number(word, "k");
    if (!(k >= 1 && k <= 1e9) || k != static_cast<double>(static_cast<std::size_t>(k)))
      throw softf1::value_error("k must be a whole number of at least 1, got '" + word + "'");
    ks.push_back(static_cast<std::size_t>(k));
  }
  return ks;
}

std::vector<metrics::label_group> read_label_groups(std::string const& path, std::vector<std::string> const& labels) {
  std::vector<metrics::label_group> groups;
  if (path.empty()) return groups;
  std::map<std::string, std::size_t> index, place;
  for (std::size_t j = 0; j < labels.size(); ++j) index[labels[j]] = j;
  auto const table = softf1::io::read_csv(path, {.header = softf1::io::csv_has::yes});
  auto const label = table.column("label"), group = table.column("group");
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    auto const found = index.find(table.rows[r][label]);
    if (found == index.end())
      throw softf1::io_error(
          fmt::format("{}: line {}: there is no label '{}'", path, table.lines[r], table.rows[r][label]));
    auto const& name = table.rows[r][group];
    if (!place.contains(name)) {
      place[name] = groups.size();
      groups.push_back({name, {}});
    }
    auto& labels_of = groups[place[name]].labels;
    if (std::find(labels_of.begin(), labels_of.end(), found->second) != labels_of.end())
      throw softf1::io_error(fmt::format("{}: line {}: label '{}' is in group '{}' already", path, table.lines[r],
                                         table.rows[r][label], name));
    labels_of.push_back(found->second);
  }
  return groups;
}

double zero_division_of(evaluate_options const& options) {
  return options.zero_division == "nan" ? std::numeric_limits<double>::quiet_NaN()
                                        : static_cast<double>(options.zero_division == "1");
}

evaluation_figures find_figures(engine& work, evaluate_options const& options, dataset const& data,
                                softf1::decision_rule const& rule) {
  auto base = work.report(data.rows(), rule, zero_division_of(options), data.scores.label_names);
  auto scored = propensity_scored(options, data.scores.labels());
  auto const full = complete(work, std::move(base), options, data, rule, scored);
  evaluation_figures found{full, softf1::to_text(full) + remarks_text(full) + figures_text(full, options.metrics),
                           softf1::io::full_report_json(full)};
  if (scored) found.text += add_propensity_scored(*scored, found.form);
  return found;
}

std::string figures_text(metrics::full_report const& report, std::string const& metrics) {
  std::string text;
  for (auto const& p : parts)
    if (names_metrics(metrics, p.name)) text += "\n" + p.text(report);
  return text;
}

std::string table_text(std::string const& path, softf1::classification_report const& report,
                       softf1::report_columns const& columns) {
  return path.ends_with(".md") ? softf1::to_markdown(report, columns) : softf1::to_csv(report, columns);
}

bool names_metrics(std::string const& list, std::string_view name) {
  auto const names = split(list);
  return std::any_of(names.begin(), names.end(), [&](auto const& n) { return n == "all" || n == name; });
}

namespace {

std::vector<std::string_view> streamed_metrics() {
  std::vector<std::string_view> names;
  for (auto const& p : parts) names.push_back(p.name);
  return names;
}
std::vector<std::string_view> all_metrics() {
  auto names = streamed_metrics();
  names.insert(names.end(), std::begin(more_metrics), std::end(more_metrics));
  return names;
}

void check_names(std::string const& text, std::vector<std::string_view> const& known) {
  for (auto const& name : split(text))
    if (name != "all" && std::find(known.begin(), known.end(), name) == known.end())
      throw softf1::value_error(
          fmt::format("no metrics are named '{}', there are all, {}", name, fmt::join(known, ", ")));
}

}  // namespace

std::string metric_names() { return fmt::format("{}", fmt::join(all_metrics(), ", ")); }
std::string streamed_metric_names() { return fmt::format("{}", fmt::join(streamed_metrics(), ", ")); }
void check_metrics(std::string const& text) { check_names(text, all_metrics()); }
void check_streamed_metrics(std::string const& text) { check_names(text, streamed_metrics()); }

void check_at_k(std::string const& text) {
  if (numbers_at_k(text).empty()) throw softf1::value_error("expected numbers, got none");
}

}  // namespace program
