#include <cstdio>
#include <vector>

#include <softf1/models/classifier.hpp>
#include <softf1/report/html.hpp>
#include <softf1/training/fit.hpp>
#include <softf1/training/head.hpp>

int main() {
  softf1::context<> ctx;
  std::vector<float> const features{1, 0, 0, 1, 1, 1, 0, 0}, targets{1, 0, 0, 1, 1, 1, 0, 0};
  softf1::training::labelled_rows<float> const rows{{features.data(), 4, 2}, {targets.data(), 4, 2}};
  auto const table = softf1::training::head_table(2, {.hidden = 0, .dropout = 0});
  softf1::layers::network<float> net(ctx, {1, 1, 2}, table, 1);
  auto loss = softf1::losses::make_objective<float>(ctx, "soft_f1", 2);
  auto const fit = softf1::training::fit(
      ctx, net, *loss, rows, rows,
      {.epochs = 200, .learning_rate = 0.1, .monitor = softf1::training::monitor_named("loss"), .patience = 0});

  softf1::models::model model{.labels = {"one", "two"}, .input = {1, 1, 2}, .head = table};
  model.rule = softf1::threshold_set{.thresholds = {0, 0}, .domain = softf1::logit};
  model.extractor.weights = "random:seed=0";
  model.arrays = softf1::models::arrays_of(net);
  softf1::write_model("model.safetensors", model);
  auto const read = softf1::read_model("model.safetensors");

  softf1::report::document const document{.title = "Pipeline", .facts = {{"macro F1", "1"}}};
  bool const is_html = softf1::report::to_html(document).find("Pipeline") != std::string::npos;
  std::printf("best macro F1 %.2f, labels %zu, report %s\n", fit.history[fit.best_epoch - 1].macro_f1,
              read.labels.size(), is_html ? "yes" : "no");
}
