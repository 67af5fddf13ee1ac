#include <softf1/metrics/report.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <softf1/metrics/classification.hpp>
#include <softf1/metrics/report_text.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace report_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::averaging;

// Two labels that can be checked by hand, and one that never occurs.
std::vector<float> const scores{2, 1, -1, 1, -1, -2, -1, -2, -3, -2, -3, 1};
std::vector<int> const targets{1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0};

softf1::classification_report small_report(std::vector<std::string> const& names = {}) {
  return softf1::make_report(as_matrix(scores, 4, 3), as_matrix(targets, 4, 3), {}, names);
}

}  // namespace report_tests

TEST_CASE("a report holds what the metrics give", "[metrics][report]") {
  using namespace report_tests;
  softf1::context<softf1::cpu> ctx;
  problem const p = random_problem(40, 5, 3, {.masked = true, .weighted = true, .prevalence = 0.3});
  problem_on<softf1::cpu, float> const data(ctx, p);
  auto const z = data.scores();
  auto const y = data.targets();
  softf1::threshold_set const rule{{-1, 0, 0.5, 1, HUGE_VAL}};
  for (double zero : {0.0, 1.0, nan_value}) {
    softf1::metric_options<softf1::cpu> const o{
        .decision = rule, .mask = data.mask(), .row_weights = data.weights(), .zero_division = zero};
    auto const report = softf1::make_report(z, y, o);
    CHECK(report.rows == 40);
    CHECK(same_number(report.macro.precision, softf1::macro(softf1::precision{}, z, y, o), 0));
    CHECK(same_number(report.macro.recall, softf1::macro(softf1::recall{}, z, y, o), 0));
    CHECK(same_number(report.macro.f1, softf1::macro(softf1::f1{}, z, y, o), 0));
    CHECK(same_number(report.micro.precision, softf1::micro(softf1::precision{}, z, y, o), 0));
    CHECK(same_number(report.micro.f1, softf1::micro(softf1::f1{}, z, y, o), 0));
    CHECK(same_number(report.weighted.recall, softf1::weighted(softf1::recall{}, z, y, o), 0));
    CHECK(same_number(report.samples.precision, softf1::samples(softf1::precision{}, z, y, o), 0));
    CHECK(same_number(report.samples.recall, softf1::samples(softf1::recall{}, z, y, o), 0));
    CHECK(same_number(report.samples.f1, softf1::samples(softf1::f1{}, z, y, o), 0));
    CHECK(report.hamming_loss == softf1::hamming_loss(z, y, o));
    CHECK(report.subset_accuracy == softf1::subset_accuracy(z, y, o));
    std::vector<softf1::confusion<double>> counts;
    for (auto const& label : report.per_label) counts.push_back(label.counts);
    CHECK(report.macro.lift == softf1::baselines(softf1::f1{}, counts, averaging::macro, zero).lift);
    CHECK(report.micro.lift == report.micro.f1 - report.micro.trivial_f1);
    CHECK(report.samples.lift == report.samples.f1 - report.samples.trivial_f1);
    for (auto const& [row, how] : {std::pair{report.macro, averaging::macro}, std::pair{report.micro, averaging::micro},
                                   std::pair{report.weighted, averaging::weighted}}) {
      CHECK(row.average_precision ==
            softf1::average_precision(z, y, {.average = how, .mask = o.mask, .row_weights = o.row_weights}));
      CHECK(row.roc_auc == softf1::roc_auc(z, y, {.average = how, .mask = o.mask, .row_weights = o.row_weights}));
    }
    auto const f1 = softf1::per_label(softf1::f1{}, z, y, o);
    REQUIRE(report.per_label.size() == 5);
    for (std::size_t j = 0; j < 5; ++j) {
      CHECK(same_number(report.per_label[j].f1, f1[j], 0));
      CHECK(report.per_label[j].threshold == rule.thresholds[j]);
    }
  }
}

TEST_CASE("a label masked in full has no figures, and is counted", "[metrics][report]") {
  using namespace report_tests;
  std::vector<std::uint8_t> const mask{1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1};
  for (double zero : {0.0, 1.0}) {
    auto const report = softf1::make_report(as_matrix(scores, 4, 3), as_matrix(targets, 4, 3),
                                            {.mask = as_matrix(mask, 4, 3), .zero_division = zero});
    auto const& none = report.per_label[1];
    for (double x : {none.precision, none.recall, none.f1, none.trivial_f1, none.lift, none.roc_auc})
      CHECK(std::isnan(x));
    CHECK(report.macro.recall == (report.per_label[0].recall + report.per_label[2].recall) / 2);
    CHECK(report.per_label[2].recall == zero);
    CHECK((report.without_cells == 1 && report.without_average_precision == 2));
    CHECK(softf1::to_text(report).find("\nlabels without cells, left out of all averages: 1\n") != std::string::npos);
  }
  std::vector<std::uint8_t> const all(12, 0);
  auto const empty =
      softf1::make_report(as_matrix(scores, 4, 3), as_matrix(targets, 4, 3), {.mask = as_matrix(all, 4, 3)});
  for (auto const& row : {empty.macro, empty.micro, empty.weighted, empty.samples}) CHECK(std::isnan(row.f1));
  CHECK(error_text<softf1::value_error>([&] {
          softf1::make_report(as_matrix(scores, 4, 3), as_matrix(targets, 4, 3), {.label_weights = {1, 1, 2}});
        }) == "classification_report: label weights are for macro, micro and weighted alone");
}

TEST_CASE("the trivial F1 of a label is 2 pi / (1 + pi) of its prevalence pi", "[metrics][report]") {
  using namespace report_tests;
  problem const p = random_problem(30, 4, 4, {.prevalence = 0.3});
  auto const report = softf1::make_report(as_matrix(p.scores, 30, 4), as_matrix(p.targets, 30, 4));
  double mean = 0;
  for (auto const& label : report.per_label) {
    double const prevalence = label.counts.support() / 30;
    CHECK(label.trivial_f1 == Approx(2 * prevalence / (1 + prevalence)).epsilon(1e-15));
    mean += label.trivial_f1 / 4;
  }
  CHECK(report.macro.trivial_f1 == Approx(mean).epsilon(1e-15));
  // It is the F1 of the rule that accepts everything.
  CHECK(report.macro.trivial_f1 == softf1::macro(softf1::f1{}, as_matrix(p.scores, 30, 4), as_matrix(p.targets, 30, 4),
                                                 {.decision = softf1::probability_threshold{0}}));
}

TEST_CASE("a report as text is a table for people", "[metrics][report]") {
  using namespace report_tests;
  CHECK(softf1::to_text(small_report({"cat", "dog \xC3\xA9", "owl"})) ==
        "label     precision  recall      F1  trivial F1      AP   AUROC  threshold  support\n"
        "cat          0.5000  0.5000  0.5000      0.6667  0.8333  0.7500          0        2\n"
        "dog \xC3\xA9        1.0000  0.5000  0.6667      0.6667  1.0000  1.0000          0        2\n"
        "owl          0.0000  0.0000  0.0000      0.0000       -       -          0        0\n"
        "\n"
        "macro        0.5000  0.3333  0.3889      0.4444  0.9167  0.8750                   4\n"
        "micro        0.5000  0.5000  0.5000      0.5000  0.6607  0.8125                   4\n"
        "weighted     0.7500  0.5000  0.5833      0.6667  0.9167  0.8750                   4\n"
        "samples      0.2500  0.2500  0.2500      0.4500       -       -                   4\n"
        "\n"
        "rows 4, labels 3, Hamming loss 0.3333, subset accuracy 0.2500\n"
        "labels without positives, left out of macro AP: 1\n"
        "labels of one class, left out of macro AUROC: 1\n");
}

TEST_CASE("a report as CSV has every number in full, and names quoted where they must be", "[metrics][report]") {
  using namespace report_tests;
  CHECK(softf1::to_csv(small_report({"cat", "a,\"b\"", "owl"})) ==
        "kind,name,support,tp,fp,fn,tn,precision,recall,f1,trivial_f1,average_precision,roc_auc,threshold\n"
        "label,cat,2,1,1,1,1,0.5,0.5,0.5,0.6666666666666666,0.8333333333333333,0.75,0\n"
        "label,\"a,\"\"b\"\"\",2,1,0,1,2,1,0.5,0.6666666666666666,0.6666666666666666,1,1,0\n"
        "label,owl,0,0,1,0,3,0,0,0,0,,,0\n"
        "average,macro,,,,,,0.5,0.3333333333333333,0.38888888888888884,0.4444444444444444,0.9166666666666666,0.875,\n"
        "average,micro,,,,,,0.5,0.5,0.5,0.5,0.6607142857142857,0.8125,\n"
        "average,weighted,,,,,,0.75,0.5,0.5833333333333333,0.6666666666666666,0.9166666666666666,0.875,\n"
        "average,samples,,,,,,0.25,0.25,0.25,0.45,,,\n");
}

TEST_CASE("lift and intervals are columns of a report where they are asked for", "[metrics][report]") {
  using namespace report_tests;
  auto const report = small_report({"cat", "a,|b", "owl"});
  softf1::report_columns const columns{
      .lift = true, .level = 0.95, .f1_range = {{.25, .75}, {.5, 1}, {}}, .macro = {.125, .625}};
  CHECK(
      softf1::to_text(report, columns) ==
      "label     precision  recall      F1          F1, 95 %  trivial F1     lift      AP   AUROC  threshold  support\n"
      "cat          0.5000  0.5000  0.5000  0.2500 to 0.7500      0.6667  -0.1667  0.8333  0.7500          0        2\n"
      "a,|b         1.0000  0.5000  0.6667  0.5000 to 1.0000      0.6667  +0.0000  1.0000  1.0000          0        2\n"
      "owl          0.0000  0.0000  0.0000                 -      0.0000  +0.0000       -       -          0        0\n"
      "\n"
      "macro        0.5000  0.3333  0.3889  0.1250 to 0.6250      0.4444  -0.0556  0.9167  0.8750                   4\n"
      "micro        0.5000  0.5000  0.5000                 -      0.5000  +0.0000  0.6607  0.8125                   4\n"
      "weighted     0.7500  0.5000  0.5833                 -      0.6667  -0.0833  0.9167  0.8750                   4\n"
      "samples      0.2500  0.2500  0.2500                 -      0.4500  -0.2000       -       -                   4\n"
      "\n"
      "rows 4, labels 3, Hamming loss 0.3333, subset accuracy 0.2500\n"
      "labels without positives, left out of macro AP: 1\n"
      "labels of one class, left out of macro AUROC: 1\n");
  auto const markdown = softf1::to_markdown(report, columns);
  CHECK(markdown.starts_with(
      "| label | precision | recall | F1 | F1, 95 % | trivial F1 | lift | AP | AUROC | threshold | support |\n"
      "|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
      "| cat | 0.5000 | 0.5000 | 0.5000 | 0.2500 to 0.7500 | 0.6667 | -0.1667 | 0.8333 | 0.7500 | 0 | 2 |\n"
      "| a,\\|b | 1.0000 |"));
  CHECK(
      markdown.ends_with("| **samples** | 0.2500 | 0.2500 | 0.2500 | - | 0.4500 | -0.2000 | - | - |  | 4 |\n\n"
                         "- rows 4, labels 3, Hamming loss 0.3333, subset accuracy 0.2500\n"
                         "- labels without positives, left out of macro AP: 1\n"
                         "- labels of one class, left out of macro AUROC: 1\n"));
  CHECK(softf1::to_markdown(report).starts_with("| label | precision | recall | F1 | trivial F1 | AP |"));
  auto const csv = softf1::to_csv(report, columns);
  CHECK(
      csv.starts_with("kind,name,support,tp,fp,fn,tn,precision,recall,f1,trivial_f1,average_precision,roc_auc,"
                      "threshold,lift,f1_low,f1_high\n"));
  CHECK(csv.find("0.8333333333333333,0.75,0,-0.16666666666666663,0.25,0.75\n") != csv.npos);
  CHECK(csv.find("\nlabel,owl,0,0,1,0,3,0,0,0,0,,,0,0,,\n") != csv.npos);
  CHECK(csv.find(",0.875,,-0.05555555555555558,0.125,0.625\n") != csv.npos);
  CHECK(error_text<softf1::shape_error>([&] { softf1::to_text(report, {.level = 0.9, .f1_range = {{}}}); }) ==
        "classification_report: intervals of F1 must have shape (3,), got (1,)");
}

TEST_CASE("a report without names counts the labels from 0", "[metrics][report]") {
  using namespace report_tests;
  auto const report = small_report();
  CHECK(report.per_label[0].name == "0");
  CHECK(report.per_label[2].name == "2");
  CHECK(error_text<softf1::shape_error>([] { small_report({"one", "two"}); }) ==
        "classification_report: label names must have shape (3,), got (2,)");
}
