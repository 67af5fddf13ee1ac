// What scikit-learn and TensorFlow said (tests/conformance/expectations.json), replayed without Python.
#include <softf1/losses/all.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/scores/all.hpp>

#include <cmath>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

namespace conformance_test {

using namespace softf1;
using nlohmann::json;

json expectations() {
  std::ifstream file(softf1_test::source_dir() / "tests" / "conformance" / "expectations.json");
  return json::parse(file);
}

struct matrix {
  std::size_t rows, cols;
  std::vector<double> values;
  explicit matrix(json const& j) : rows(j.size()), cols(j.at(0).size()) {
    for (auto const& row : j)
      for (auto const& x : row) values.push_back(x.get<double>());
  }
  matrix_view<const double> view() const { return {values.data(), rows, cols}; }
};

void check_number(double got, json const& expected, double tolerance = 1e-12) {
  if (expected.is_null())
    CHECK(std::isnan(got));
  else
    CHECK(std::abs(got - expected.get<double>()) <= tolerance);
}

template <class Score>
double averaged(std::string const& average, Score score, matrix const& s, matrix const& t,
                metric_options<> const& options) {
  if (average == "macro") return macro(score, s.view(), t.view(), options);
  if (average == "micro") return micro(score, s.view(), t.view(), options);
  if (average == "weighted") return weighted(score, s.view(), t.view(), options);
  return samples(score, s.view(), t.view(), options);
}

TEST_CASE("metrics agree with scikit-learn", "[properties][conformance]") {
  json const all = expectations();
  for (auto const& one : all.at("metrics")) {
    matrix const s(one.at("scores")), t(one.at("targets"));
    std::vector<double> weights;
    if (!one.at("weights").is_null()) weights = one.at("weights").get<std::vector<double>>();
    metric_options<> options{.domain = probability};
    ranking_options<> ranking;
    if (!weights.empty()) options.row_weights = ranking.row_weights = weights;
    auto const& expected = one.at("expected");
    INFO(one.dump());
    for (auto const& [name, scores] : expected.items()) {
      std::size_t const at = name.find('_');
      std::string const average = name.substr(0, at);
      if (average != "macro" && average != "micro" && average != "weighted" && average != "samples") continue;
      options.zero_division = name.substr(at + 1) == "1" ? 1 : 0;
      INFO(name);
      check_number(averaged(average, precision{}, s, t, options), scores.at("precision"));
      check_number(averaged(average, recall{}, s, t, options), scores.at("recall"));
      check_number(averaged(average, f1{}, s, t, options), scores.at("f1"));
      check_number(averaged(average, f_beta{2}, s, t, options), scores.at("f2"));
      check_number(averaged(average, jaccard{}, s, t, options), scores.at("jaccard"));
    }
    options.zero_division = 0;
    if (expected.contains("hamming_loss")) {
      check_number(hamming_loss(s.view(), t.view(), options), expected.at("hamming_loss"));
      check_number(subset_accuracy(s.view(), t.view(), options), expected.at("subset_accuracy"));
    }
    auto const mccs = per_label(mcc{}, s.view(), t.view(), options);
    context<> ctx;
    auto const labels = metrics::rank_labels(ctx, s.view(), t.view(), ranking);
    for (std::size_t j = 0; j < t.cols; ++j) {
      check_number(mccs[j], expected.at("mcc").at(j));
      check_number(labels[j].average_precision, expected.at("average_precision").at(std::to_string(j)));
      check_number(labels[j].roc_auc, expected.at("roc_auc").at(std::to_string(j)));
    }
    auto const pooled = metrics::rank_pooled(ctx, s.view(), t.view(), ranking);
    check_number(pooled.average_precision, expected.at("average_precision").at("micro"));
    check_number(pooled.roc_auc, expected.at("roc_auc").at("micro"));
  }
}

template <class Loss>
void check_loss(Loss const& loss, matrix const& logits, matrix const& targets, json const& expected) {
  auto const got = value_and_gradient(loss, logits.view(), targets.view());
  matrix const gradient(expected.at("gradient"));
  check_number(got.value, expected.at("value"), 1e-10);
  for (std::size_t k = 0; k < gradient.values.size(); ++k) {
    INFO(Loss::name << " at cell " << k);
    CHECK(std::abs(got.gradient[k] - gradient.values[k]) <= 1e-10);
  }
}

TEST_CASE("losses and gradients agree with TensorFlow", "[properties][conformance]") {
  json const all = expectations();
  for (auto const& one : all.at("losses")) {
    INFO(one.dump());
    matrix const z(one.at("logits")), y(one.at("targets")), one_hot(one.at("one_hot"));
    auto const& expected = one.at("expected");
    check_loss(binary_cross_entropy{}, z, y, expected.at("bce"));
    check_loss(binary_cross_entropy{.pos_weight = one.at("pos_weight").get<std::vector<double>>()}, z, y,
               expected.at("bce_pos_weight"));
    check_loss(soft_f1{}, z, y, expected.at("soft_f1"));
    check_loss(double_soft_f1{}, z, y, expected.at("double_soft_f1"));
    check_loss(softmax_cross_entropy{}, z, one_hot, expected.at("softmax_cross_entropy"));
  }
}

}  // namespace conformance_test
