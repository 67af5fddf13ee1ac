// scikit-learn's figures on real test sets.
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <softf1/io/npy.hpp>
#include <softf1/losses/all.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/scores/all.hpp>
#include <softf1/thresholds/all.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"

namespace golden_tests {

using nlohmann::json;

bool close(double a, double b) { return std::fabs(a - b) <= 1e-9; }

template <class Numbers>
bool all_close(Numbers const& got, json const& expected) {
  bool same = got.size() == expected.size();
  for (std::size_t k = 0; same && k < got.size(); ++k)
    same = expected[k].is_null() ? std::isnan(got[k]) : close(got[k], expected[k].get<double>());
  return same;
}

// The value of the key that begins like this.
double starting(json const& object, std::string const& start) {
  for (auto const& [key, value] : object.items())
    if (key.rfind(start, 0) == 0) return value.get<double>();
  FAIL("no key begins with " << start);
  return 0;
}

template <class Z, class Y>
void check_score(json const& metrics, std::string const& name, auto const& score, Z const& z, Y const& y) {
  softf1::metric_options<softf1::cpu> const o{.domain = softf1::probability};
  INFO(name);
  CHECK(close(softf1::micro(score, z, y, o), metrics["micro"][name].get<double>()));
  CHECK(close(softf1::macro(score, z, y, o), metrics["macro"][name].get<double>()));
  CHECK(close(softf1::weighted(score, z, y, o), metrics["weighted"][name].get<double>()));
  CHECK(close(softf1::samples(score, z, y, o), metrics["samples"][name].get<double>()));
  if (metrics["per_label"].contains(name))
    CHECK(all_close(softf1::per_label(score, z, y, o), metrics["per_label"][name]));
}

}  // namespace golden_tests

TEST_CASE("metrics, searches and losses agree with scikit-learn on real test sets", "[metrics][data]") {
  using namespace golden_tests;
  auto const folder = softf1_test::data("golden_metrics");
  if (!folder) SOFTF1_SKIP("no data folder golden_metrics");
  for (std::string const set : {"emotions", "scene", "yeast", "birds"}) {
    INFO(set);
    json const golden = json::parse(std::ifstream(*folder / (set + ".json")));
    json const& metrics = golden["metrics"];
    auto const scores = softf1::read_npy((*folder / (set + "_y_prob_f32.npy")).string());
    auto const targets = softf1::read_npy((*folder / (set + "_y_true_u8.npy")).string());
    auto const z = scores.view<float>();
    auto const y = targets.view<std::uint8_t>();
    REQUIRE(z.rows() == golden["shape"][0]);
    REQUIRE(z.cols() == golden["shape"][1]);

    check_score(metrics, "precision", softf1::precision{}, z, y);
    check_score(metrics, "recall", softf1::recall{}, z, y);
    check_score(metrics, "f1", softf1::f1{}, z, y);
    check_score(metrics, "f2", softf1::f_beta{2}, z, y);
    check_score(metrics, "f05", softf1::f_beta{0.5}, z, y);
    check_score(metrics, "jaccard", softf1::jaccard{}, z, y);
    CHECK(close(softf1::coverage_error(z, y), metrics["coverage_error_sklearn"].get<double>()));
    CHECK(close(softf1::label_ranking_loss(z, y), metrics["ranking_loss"].get<double>()));
    CHECK(close(softf1::label_ranking_average_precision(z, y), metrics["lrap"].get<double>()));

    softf1::metric_options<softf1::cpu> const o{.domain = softf1::probability};
    softf1::confusion_counts counts;
    counts.add(z, y, o);
    std::vector<double> tp, fp, fn, tn, support;
    for (auto const& c : counts.per_label()) {
      tp.push_back(c.tp), fp.push_back(c.fp), fn.push_back(c.fn), tn.push_back(c.tn), support.push_back(c.support());
    }
    CHECK(all_close(tp, metrics["per_label"]["tp"]));
    CHECK(all_close(fp, metrics["per_label"]["fp"]));
    CHECK(all_close(fn, metrics["per_label"]["fn"]));
    CHECK(all_close(tn, metrics["per_label"]["tn"]));
    CHECK(all_close(support, metrics["per_label"]["support"]));
    CHECK(close(softf1::hamming_loss(z, y, o), metrics["hamming_loss"].get<double>()));
    CHECK(close(softf1::subset_accuracy(z, y, o), metrics["subset_accuracy"].get<double>()));

    // Over the labels that have both classes: scikit-learn's average precision is 0 without positives, here undefined.
    auto const report = softf1::make_report(z, y, o);
    double precision_sum = 0, labels = 0;
    for (std::size_t j = 0; j < z.cols(); ++j) {
      auto const& label = report.per_label[j];
      if (!std::isnan(label.roc_auc)) {
        precision_sum += label.average_precision;
        labels += 1;
      }
      if (std::isnan(label.average_precision)) continue;
      CHECK(close(label.average_precision, metrics["average_precision_per_label"][j].get<double>()));
      if (!std::isnan(label.roc_auc)) CHECK(close(label.roc_auc, metrics["roc_auc_per_label"][j].get<double>()));
    }
    CHECK(close(precision_sum / labels, metrics["mAP_over_labels_with_both_classes"].get<double>()));
    CHECK(close(softf1::roc_auc(z, y), metrics["macro_roc_auc_over_labels_with_both_classes"].get<double>()));
    CHECK(close(softf1::average_precision(z, y, {.average = softf1::averaging::micro}),
                metrics["micro_average_precision"].get<double>()));
    CHECK(close(softf1::roc_auc(z, y, {.average = softf1::averaging::micro}), metrics["micro_roc_auc"].get<double>()));

    auto const rule = softf1::best_thresholds(softf1::f1{}, z, y, {.domain = softf1::probability});
    CHECK(all_close(softf1::per_label(softf1::f1{}, z, y, {.domain = softf1::probability, .decision = rule}),
                    metrics["best_f1_over_all_thresholds_per_label"]));

    // Losses take logits. Those of probabilities that were rounded to float, and cut for the cross-entropy, are not
    // exact.
    std::vector<double> logits, cut_logits;
    auto const logit = [](double p) { return std::log(p) - std::log1p(-p); };
    for (std::size_t i = 0; i < z.rows(); ++i)
      for (std::size_t j = 0; j < z.cols(); ++j) {
        double const p = z(i, j);
        logits.push_back(std::fmin(std::fmax(logit(p), -700), 700));
        cut_logits.push_back(logit(std::fmin(std::fmax(p, 1e-7), 1 - 1e-7)));
      }
    auto const all_logits = softf1::as_matrix(logits, z.rows(), z.cols());
    CHECK(softf1::loss_value(softf1::soft_f1(), all_logits, y) ==
          Approx(starting(metrics, "macro_soft_f1_cost")).margin(1e-6));
    CHECK(softf1::loss_value(softf1::double_soft_f1(), all_logits, y) ==
          Approx(starting(metrics, "macro_double_soft_f1_cost")).margin(1e-6));
    CHECK(softf1::loss_value(softf1::binary_cross_entropy{}, softf1::as_matrix(cut_logits, z.rows(), z.cols()), y) ==
          Approx(metrics["bce_mean_clip1e-7"].get<double>()).margin(1e-6));
  }
}
