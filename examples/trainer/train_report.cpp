// The report of softf1 train.
#include <cmath>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include <softf1/core/random.hpp>
#include <softf1/data/label_filter.hpp>
#include <softf1/decisions/apply.hpp>
#include <softf1/decisions/probabilities.hpp>
#include <softf1/image/decode.hpp>
#include <softf1/image/encode.hpp>
#include <softf1/image/resize.hpp>
#include <softf1/report/calibration.hpp>
#include <softf1/report/histogram.hpp>

#include "calibrate.hpp"
#include "output.hpp"
#include "train.hpp"

namespace program {

namespace {

namespace report = softf1::report;

std::vector<double> column(softf1::training::history const& epochs, double softf1::training::epoch_record::*value) {
  std::vector<double> values;
  for (auto const& e : epochs) values.push_back(e.*value);
  return values;
}

report::line_plot plot(training_run const& run, std::string title, std::string axis,
                       std::vector<std::pair<std::string, double softf1::training::epoch_record::*>> const& curves) {
  report::line_plot p{std::move(title), "epoch", std::move(axis), {}, run.fit.best_epoch - 1};
  for (auto const& [name, value] : curves) p.curves.push_back({name, column(run.fit.history, value)});
  return p;
}

report::table results_table(training_run const& run) {
  report::table t{fmt::format("Results on {} {} rows", run.measured().size(), run.measured_on),
                  {"decision", "macro F1", "micro F1", "samples F1", "mAP"},
                  {},
                  "'all positive' says yes everywhere: what a model has to beat. 'tuned' uses the thresholds that were "
                  "best on the validation rows; they are the model's."};
  for (auto const& r : run.results)
    t.rows.push_back({r.decision, figure(r.macro_f1), figure(r.micro_f1), figure(r.samples_f1), figure(r.map)});
  return t;
}

report::table label_table(training_run const& run) {
  report::table t{fmt::format("Labels on {} rows, decided by the model's rule", run.measured_on),
                  {"label", "positives", "precision", "recall", "F1", "all positive F1", "AP", "AUROC", "threshold"},
                  {},
                  "Thresholds are probabilities."};
  for (auto const& l : run.report.per_label)
    t.rows.push_back({l.name, count(l.counts.support()), figure(l.precision), figure(l.recall), figure(l.f1),
                      figure(l.trivial_f1), figure(l.average_precision), figure(l.roc_auc),
                      figure(softf1::decisions::to_probability(l.threshold, softf1::logit))});
  return t;
}

report::bar_chart label_bars(softf1::data::label_table const& table) {
  report::bar_chart chart{fmt::format("Rows with each label, of {}", table.rows()), {}};
  auto const counts = softf1::data::count_labels(table);
  for (std::size_t j = 0; j < counts.size(); ++j) {
    chart.bars.emplace_back(table.label_names[j], static_cast<double>(counts[j]));
    chart.values.push_back(std::to_string(counts[j]));
  }
  return chart;
}

std::vector<double> probabilities_of(training_run const& run) {
  auto const& part = run.measured();
  std::vector<double> p(part.logits.size());
  softf1::context<softf1::cpu> ctx;
  softf1::matrix_view<double> const to(p.data(), part.size(), part.labels);
  if (run.model.task == softf1::models::task::multiclass)
    softf1::decisions::softmax(ctx, part.logit_view(), to);
  else
    softf1::decisions::sigmoid(ctx, part.logit_view(), to);
  return p;
}

std::vector<report::histogram> histograms(training_run const& run) {
  auto const& part = run.measured();
  auto const all = probabilities_of(run);
  std::vector<report::histogram> result;
  for (std::size_t j = 0; j < part.labels; ++j) {
    std::vector<double> p;
    std::vector<std::uint8_t> y;
    for (std::size_t i = 0; i < part.size(); ++i) {
      p.push_back(all[i * part.labels + j]);
      y.push_back(part.targets[i * part.labels + j] != 0);
    }
    double const threshold = softf1::decisions::to_probability(run.report.per_label[j].threshold, softf1::logit);
    result.push_back(
        softf1::probability_histogram(run.model.labels[j], softf1::vector_view<double const>(p.data(), p.size()),
                                      softf1::vector_view<std::uint8_t const>(y.data(), y.size()), threshold));
  }
  return result;
}

/// What each threshold gives on the validation rows, where the model's were found; none where it has none.
report::threshold_charts threshold_charts_of(training_run const& run) {
  if (run.model.task == softf1::models::task::multiclass || run.validation.size() == 0) return {};
  softf1::context<softf1::cpu> ctx;
  auto const rows = tuning_rows_of(ctx, run.validation.scored());
  return softf1::charts_of(rows, run.model.rule, "f1", objective_of("f1"), run.model.labels);
}

/// Empty where there is no image, or it cannot be read any more: its features may be from the cache.
std::vector<std::byte> thumbnail(labelled_source const& source, std::size_t row) try {
  if (!source.images) return {};
  constexpr std::size_t longest = 160;
  std::size_t const at = source.rows[row];
  std::vector<std::byte> memory;
  auto const image = softf1::image::decode(source.images->read(at, memory), source.images->name(at));
  std::size_t const larger = std::max(image.height, image.width);
  if (larger <= longest) return softf1::image::encode_jpeg(image, 80);
  auto const scaled = [&](std::size_t side) { return std::max<std::size_t>(1, side * longest / larger); };
  return softf1::image::encode_jpeg(softf1::image::resized(image, scaled(image.height), scaled(image.width)), 80);
} catch (softf1::error const&) {
  return {};
}

/// Some rows of the measured part, chosen by the seed.
std::vector<report::shown_prediction> predictions(train_options const& options, training_run const& run,
                                                  training_data const& data) {
  constexpr std::size_t most = 24;
  auto const& part = run.measured();
  auto const decided = softf1::decide_lists(part.logit_view(), run.model.rule);
  auto const order = softf1::training::shuffled_rows(part.size(), options.seed, 0);
  std::vector<report::shown_prediction> shown;
  for (std::size_t k = 0; k < part.size() && k < most; ++k) {
    std::size_t const i = order[k], row = part.rows[i];
    report::shown_prediction p{data.source.table.ids[row], thumbnail(data.source, row), {}, {}};
    for (std::size_t j = 0; j < part.labels; ++j)
      if (part.targets[i * part.labels + j] != 0) p.truth.push_back(run.model.labels[j]);
    for (std::size_t j : decided[i]) p.predicted.push_back(run.model.labels[j]);
    shown.push_back(std::move(p));
  }
  return shown;
}

std::string head_text(train_options const& options) {
  auto text = options.head;
  if (options.head == "dense" || options.head == "pool")
    text += options.hidden > 0 ? fmt::format(", {} hidden units, dropout {:g}", options.hidden, options.dropout)
                               : ", linear";
  return options.train_from.empty() ? text : text + fmt::format(", trained from {} on", options.train_from);
}

}  // namespace

report::document make_document(train_options const& options, training_run const& run, training_data const& data) {
  using record = softf1::training::epoch_record;
  report::document d;
  d.title =
      fmt::format("{} on {}", options.loss, std::filesystem::path(options.set.source().second).filename().string());
  d.subtitle = run.model.source == softf1::models::source::images
                   ? to_text(run.model.extractor)
                   : fmt::format("{} features that were there already", run.model.input.size());
  d.facts = {{"labels", std::to_string(run.model.labels.size())},
             {"rows", fmt::format("{} train, {} validation, {} test", run.train.size(), run.validation.size(),
                                  run.test.size())},
             {"best epoch", fmt::format("{} of {}", run.fit.best_epoch, run.fit.history.size())},
             {"optimizer", fmt::format("{}, learning rate {:g}", options.optimizer,
                                       run.model.settings["learning_rate"].get<double>())},
             {"head", head_text(options)},
             {"seed", std::to_string(options.seed)}};
  d.tables = {results_table(run), label_table(run)};
  d.bars = {label_bars(data.source.table)};
  d.curves = {plot(run, "Loss", "loss", {{"train", &record::train_loss}, {"validation", &record::loss}}),
              plot(run, "Macro F1", "macro F1",
                   {{"train", &record::train_macro_f1},
                    {"validation", &record::macro_f1},
                    {"validation, tuned", &record::tuned_macro_f1}})};
  d.thresholds = threshold_charts_of(run);
  d.histograms = histograms(run);
  d.predictions = predictions(options, run, data);
  return d;
}

}  // namespace program
