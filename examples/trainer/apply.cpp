// softf1 apply: decisions from scores and thresholds.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <softf1/decisions/apply.hpp>
#include <softf1/io/csv_writer.hpp>
#include <softf1/io/json_value.hpp>
#include <softf1/io/npy.hpp>

#include "inputs.hpp"
#include "output.hpp"

namespace program {

namespace {

using decisions_view = softf1::matrix_view<std::uint8_t const>;

std::string name_of_label(score_matrix const& scores, std::size_t j) {
  return scores.label_names.empty() ? std::to_string(j) : scores.label_names[j];
}

/// A line a row: the names of its labels, separated by tabs.
std::string to_lists(decisions_view yes, score_matrix const& scores) {
  std::string text;
  for (std::size_t i = 0; i < yes.rows(); ++i) {
    bool is_first = true;
    for (std::size_t j = 0; j < yes.cols(); ++j) {
      if (!yes(i, j)) continue;
      text += (is_first ? "" : "\t") + name_of_label(scores, j);
      is_first = false;
    }
    text += '\n';
  }
  return text;
}

void write_decisions(apply_options const& options, decisions_view yes, score_matrix const& scores) {
  auto const has_ending = [&](char const* ending) { return std::string_view(options.out).ends_with(ending); };
  auto const format = !options.format.empty() ? options.format : has_ending(".csv") ? "csv" : "npy";
  if (format == "lists")
    softf1::write_atomically(options.out, to_lists(yes, scores), "--out");
  else if (format == "csv")
    softf1::write_csv_matrix(options.out, yes, scores.label_names,
                             scores.label_names.empty() ? std::vector<std::string>{} : scores.row_names);
  else
    softf1::write_npy(options.out, yes);
}

/// How often each label was decided, and how many rows have none.
struct tally {
  std::vector<std::size_t> per_label;
  std::size_t total = 0, rows_without_labels = 0;

  explicit tally(decisions_view yes) : per_label(yes.cols()) {
    for (std::size_t i = 0; i < yes.rows(); ++i) {
      std::size_t labels = 0;
      for (std::size_t j = 0; j < yes.cols(); ++j) {
        per_label[j] += yes(i, j);
        labels += yes(i, j);
      }
      total += labels;
      rows_without_labels += labels == 0;
    }
  }
};

softf1::io::json_value to_json(tally const& counts, std::vector<double> const& thresholds, score_matrix const& scores) {
  using softf1::io::json_value;
  json_value form{{"rows", scores.rows()},
                  {"domain", name_of(scores.domain)},
                  {"labels_per_row", static_cast<double>(counts.total) / static_cast<double>(scores.rows())},
                  {"rows_without_labels", counts.rows_without_labels}};
  auto& labels = form["per_label"] = json_value::array();
  for (std::size_t j = 0; j < scores.labels(); ++j)
    labels.push_back({{"name", name_of_label(scores, j)},
                      {"threshold", softf1::io::json_number(thresholds[j])},
                      {"predicted", counts.per_label[j]}});
  return form;
}

std::string to_text(apply_options const& options, tally const& counts, score_matrix const& scores) {
  auto const rows = static_cast<double>(scores.rows());
  std::vector<std::vector<std::string>> lines{{"label", "predicted", "share"}};
  for (std::size_t j = 0; j < scores.labels(); ++j)
    lines.push_back({name_of_label(scores, j), std::to_string(counts.per_label[j]),
                     figure(static_cast<double>(counts.per_label[j]) / rows)});
  return table(lines) + fmt::format(
                            "\nrows {}, labels {}; {:.4g} labels a row on average, {} row{} without any\n"
                            "decisions written to {}\n",
                            scores.rows(), scores.labels(), static_cast<double>(counts.total) / rows,
                            counts.rows_without_labels, counts.rows_without_labels == 1 ? "" : "s", options.out);
}

}  // namespace

void run(apply_options const& options) {
  auto scores = load_scores(options.data);
  auto const rule = load_rule(options.thresholds, scores);
  auto const thresholds = softf1::decisions::thresholds_of(rule, scores.labels(), scores.domain, "apply");

  std::vector<std::uint8_t> decided(scores.rows() * scores.labels());
  softf1::matrix_view<std::uint8_t> const yes(decided.data(), scores.rows(), scores.labels());
  auto ctx = make_context(options);
  with_scores(scores, [&](auto view) { softf1::decide(ctx, view, rule, yes, {.domain = scores.domain}); });
  tally const counts(yes);

  output_files files({{"--scores", options.data.scores}, {"--thresholds", options.thresholds}});
  files.claim("--out", options.out);
  if (!options.json.empty())
    files.add("--json", options.json, softf1::io::json_text(to_json(counts, thresholds, scores)));
  write_decisions(options, yes, scores);
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(to_text(options, counts, scores));
}

}  // namespace program
