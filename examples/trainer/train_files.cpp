// The files that softf1 train leaves behind.
#include <fmt/format.h>

#include <softf1/io/csv_writer.hpp>
#include <softf1/models/history_json.hpp>
#include <softf1/report/html.hpp>

#include "output.hpp"
#include "train.hpp"

namespace program {

namespace {

namespace data = softf1::data;
namespace training = softf1::training;

/// id, part, true labels joined by |, and a column of logits a label.
void write_predictions(training_run const& run, std::string const& path, training_data const& all) {
  auto const& table = all.source.table;
  std::vector<float const*> logits(table.rows());
  for (auto const* part : {&run.train, &run.validation, &run.test})
    for (std::size_t k = 0; k < part->size(); ++k) logits[part->rows[k]] = part->logits.data() + k * part->labels;
  softf1::io::csv_writer writer(path, ',', "predictions");
  std::vector<std::string> row{"id", "part", "labels"};
  row.insert(row.end(), run.model.labels.begin(), run.model.labels.end());
  writer.row(row);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    std::string truth;
    for (std::size_t j = 0; j < table.labels(); ++j)
      if (table.targets[i * table.labels() + j]) truth += (truth.empty() ? "" : "|") + table.label_names[j];
    row = {table.ids[i], std::string(data::name_of(all.parts[i])), truth};
    for (std::size_t j = 0; j < table.labels(); ++j) row.push_back(fmt::format("{}", logits[i][j]));
    writer.row(row);
  }
  writer.close();
}

}  // namespace

softf1::io::json_value result_json(training_run const& run, std::string const& folder, training_data const& all) {
  softf1::io::json_value form{{"out", folder},
                              {"settings", run.model.settings},
                              {"best_epoch", run.fit.best_epoch},
                              {"end", training::name_of(run.fit.end)},
                              {"measured_on", run.measured_on}};
  if (run.model.source == softf1::models::source::images) form["extractor"] = to_json(run.model.extractor);
  auto& results = form["results"] = softf1::io::json_value::array();
  for (auto const& r : run.results)
    results.push_back({{"decision", r.decision},
                       {"macro_f1", softf1::io::json_number(r.macro_f1)},
                       {"micro_f1", softf1::io::json_number(r.micro_f1)},
                       {"samples_f1", softf1::io::json_number(r.samples_f1)},
                       {"map", softf1::io::json_number(r.map)}});
  for (auto const& [stage, seconds] : run.seconds) form["seconds"][stage] = seconds;
  auto& failures = form["failures"] = softf1::io::json_value::array();
  for (auto const& failure : all.failures) failures.push_back(failure.reason);
  return form;
}

void save(training_run const& run, train_options const& options, run_folder const& out, training_data const& all,
          softf1::models::extractor const* extractor) {
  // The model first: nothing that fails later can lose it, and no old one stays beside new results.
  save_model(out.file("model.safetensors"), run.model, options.bundle ? extractor : nullptr);
  std::string const csv = training::history_csv(run.fit.history);
  softf1::io::write_atomically(out.file("history.csv"), csv, "history");
  softf1::io::write_atomically(out.file("history.json"),
                               softf1::io::json_text(softf1::models::history_json(run.fit.history)), "history");
  write_predictions(run, out.file("predictions.csv"), all);
  softf1::write_html(out.file("report.html"), make_document(options, run, all));
}

}  // namespace program
