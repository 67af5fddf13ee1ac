// What peers and publications said of losses (tests/conformance/loss_expectations.json), replayed without Python.
#include <cmath>
#include <cstddef>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <softf1/losses/all.hpp>
#include <softf1/scores/accuracy.hpp>
#include <softf1/scores/balanced_accuracy.hpp>
#include <softf1/scores/mcc.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

namespace loss_conformance_test {

using namespace softf1;
using nlohmann::json;
using numbers = std::vector<double>;

/// A case: what all losses are asked about.
struct example {
  std::size_t rows, labels;
  numbers logits, targets, cell_weights;
  numbers label_weights, pos_weight, label_counts;  // the first of the file's, one a label
  double training_rows;

  example(json const& one, json const& of_labels)
      : rows(one.at("shape").at(0)),
        labels(one.at("shape").at(1)),
        logits(one.at("logits").get<numbers>()),
        targets(one.at("targets").get<numbers>()),
        cell_weights(one.at("cell_weights").get<numbers>()),
        label_weights(first(of_labels.at("label_weights"))),
        pos_weight(first(of_labels.at("pos_weight"))),
        label_counts(first(of_labels.at("label_counts"))),
        training_rows(of_labels.at("training_rows")) {}

 private:
  numbers first(json const& all) const {
    auto some = all.get<numbers>();
    some.resize(labels);
    return some;
  }
};

struct answer {
  double value;
  numbers gradient;
};

enum class weights { none, cells, labels };

struct row {
  std::string name;
  std::function<answer(example const&)> ask;
};

/// A row of a loss that `make` makes for a case.
template <class Make>
row made(std::string name, Make make, weights weighed = weights::none,
         loss_reduction reduction = loss_reduction::mean) {
  auto const ask = [=](example const& e) {
    loss_options<> options{.reduction = reduction};
    if (weighed == weights::cells)
      options.cell_weights = matrix_view<const double>(e.cell_weights.data(), e.rows, e.labels);
    if (weighed == weights::labels) options.label_weights = vector_view<const double>(e.label_weights.data(), e.labels);
    auto got = value_and_gradient(make(e), matrix_view<const double>(e.logits.data(), e.rows, e.labels),
                                  matrix_view<const double>(e.targets.data(), e.rows, e.labels), options);
    return answer{got.value, std::move(got.gradient)};
  };
  return {std::move(name), ask};
}

template <class Loss>
row of(std::string name, Loss loss, weights weighed = weights::none, loss_reduction reduction = loss_reduction::mean) {
  return made(
      std::move(name), [=](example const&) { return loss; }, weighed, reduction);
}

std::vector<row> rows() {
  constexpr auto skip = absent_labels::skip, smooth = absent_labels::smooth;
  constexpr auto micro = averaging::micro, samples = averaging::samples;
  constexpr auto sum = loss_reduction::sum;
  return {
      of("bce", binary_cross_entropy{}),
      of("bce, sum", binary_cross_entropy{}, weights::none, sum),
      made("bce, pos_weight", [](example const& e) { return binary_cross_entropy{.pos_weight = e.pos_weight}; }),
      of("bce, cell weights", binary_cross_entropy{}, weights::cells),
      of("bce, cell weights, sum", binary_cross_entropy{}, weights::cells, sum),
      of("bce, label weights", binary_cross_entropy{}, weights::labels),
      of("bce, label_smoothing 0.1", binary_cross_entropy{.label_smoothing = 0.1}),
      of("focal, alpha 0.25, gamma 2", focal{}),
      of("focal, alpha -1, gamma 0.5", focal{.alpha = -1, .gamma = 0.5}),
      of("asymmetric", asymmetric{}),
      of("asymmetric, detached", asymmetric{.detach = true}),
      of("asymmetric, gammas 2 and 0.5, no margin",
         asymmetric{.gamma_negative = 2, .gamma_positive = 0.5, .margin = 0}),
      of("asymmetric, sum", asymmetric{}, weights::none, sum),
      of("poly1, epsilon 1", poly1{}),
      of("poly1, epsilon -0.5", poly1{-0.5}),
      of("hinge", hinge{}),
      of("squared_hinge", squared_hinge{}),
      made("class_balanced, beta 0.99, gamma 0",
           [](example const& e) { return class_balanced{.label_counts = e.label_counts, .beta = 0.99}; }),
      made("class_balanced, beta 0.9, gamma 2",
           [](example const& e) { return class_balanced{.label_counts = e.label_counts, .beta = 0.9, .gamma = 2}; }),
      of("self_adjusting_dice", self_adjusting_dice{}),
      of("self_adjusting_dice, alpha 0", self_adjusting_dice{.alpha = 0}),
      of("self_adjusting_dice, alpha 0.5, smoothing 2", self_adjusting_dice{.alpha = 0.5, .smoothing = 2}),
      of("soft_f1", soft_f1{}),
      of("soft_f1, absent labels skipped", soft_f1({.absent = skip})),
      of("soft_f1, micro", soft_f1({.average = micro})),
      of("soft_f1, samples", soft_f1({.average = samples})),
      of("double_soft_f1", double_soft_f1{}),
      of("soft_f_beta, beta 2", soft_f_beta({.beta = 2})),
      of("soft_jaccard", soft_jaccard{}),
      of("soft_jaccard, absent labels skipped", soft_jaccard({.absent = skip})),
      of("soft_jaccard, smoothing 1", soft_jaccard({.absent = smooth})),
      of("soft_dice", soft_dice{}),
      of("soft_dice, smoothing 3, label weights", soft_dice({.absent = smooth, .smoothing = 3}), weights::labels),
      of("soft_dice, label weights, weighted mean", soft_dice{}, weights::labels, loss_reduction::weighted_mean),
      of("soft_dice, unsmoothed", soft_dice({.absent = absent_labels::zero})),
      of("squared_dice", squared_dice{}),
      of("squared_dice, samples, unsmoothed", squared_dice({.average = samples, .absent = absent_labels::zero})),
      of("power_dice", power_dice{}),
      of("soft_tversky, alpha 0.3, beta 0.7", soft_tversky({.alpha = 0.3, .beta = 0.7})),
      of("soft_tversky, alpha 0.3, beta 0.7, smoothing 2",
         soft_tversky({.alpha = 0.3, .beta = 0.7}, {.absent = smooth, .smoothing = 2})),
      of("focal_tversky, absent labels skipped", focal_tversky({}, {.absent = skip})),
      of("focal_tversky, gamma 2", focal_tversky({.gamma = 2})),
      of("soft_mcc", soft_mcc{}),
      of("soft_mcc", soft_any(scores::mcc{})),
      of("soft_mcc, absent labels skipped", soft_mcc({.absent = skip})),
      of("soft_g_mean", soft_g_mean{}),
      of("sigmoid_f1, slope 10", sigmoid_f1({.slope = 10})),
      of("sigmoid_f1, slope 0.5, offset 1", sigmoid_f1({.slope = 0.5, .offset = 1})),
      of("any_loss of f1", any_loss{}),
      of("any_loss of accuracy", any_loss(scores::accuracy{})),
      of("any_loss of g_mean", any_loss(scores::g_mean{})),
      of("any_loss of balanced_accuracy", any_loss(scores::balanced_accuracy{})),
      of("unbounded_f1", unbounded_f1{}),
      of("straight_through_f1", straight_through_f1{}),
      of("softmax_cross_entropy", softmax_cross_entropy{}),
      of("zlpr", zlpr{}),
      of("two_way", two_way{}),
      of("two_way, temperatures 2 and 0.5", two_way{.positive_temperature = 2, .negative_temperature = 0.5}),
      of("list_net", list_net{}),
      of("pairwise_hinge", pairwise_hinge{}),
      of("pairwise_logistic", pairwise_logistic{}),
      of("multilabel_margin", multilabel_margin{}),
      of("auc_hinge", auc_hinge{}),
      of("auc_logistic", auc_logistic{}),
      of("soap", soap{}),
      of("soap, margin 0.3", soap{.margin = 0.3}),
      made("distribution_balanced",
           [](example const& e) {
             return distribution_balanced{.label_counts = e.label_counts, .rows = e.training_rows};
           }),
      made("distribution_balanced, all options",
           [](example const& e) {
             return distribution_balanced{.label_counts = e.label_counts,
                                          .rows = e.training_rows,
                                          .alpha = 0.3,
                                          .beta = 4,
                                          .mu = 0.5,
                                          .lambda = 3,
                                          .kappa = 0.2,
                                          .gamma = 1.5,
                                          .scale = 0.5};
           }),
  };
}

/// To 1e-9 of the value. Beside it 1e-15, because peers take 1 − p of a p that rounds, which is all that is left of the
/// gradients of logits of ±30, about 1e-13.
bool same(double got, double expected) { return std::abs(got - expected) <= 1e-9 * std::abs(expected) + 1e-15; }

TEST_CASE("losses and gradients agree with peers and publications", "[losses][conformance]") {
  std::ifstream file(softf1_test::source_dir() / "tests" / "conformance" / "loss_expectations.json");
  json const all = json::parse(file);
  json left = all.at("losses");
  for (auto const& [name, ask] : rows()) {
    INFO(name);
    REQUIRE(all.at("losses").contains(name));
    left.erase(name);
    for (auto const& [where, expected] : all.at("losses").at(name).at("cases").items()) {
      INFO("case " << where);
      auto const got = ask(example(all.at("cases").at(where), all.at("of_labels")));
      auto const gradient = expected.at("gradient").get<numbers>();
      REQUIRE(got.gradient.size() == gradient.size());
      INFO("value " << got.value << ", not " << expected.at("value"));
      CHECK(same(got.value, expected.at("value")));
      std::string wrong;
      for (std::size_t k = 0; k < gradient.size(); ++k)
        if (!same(got.gradient[k], gradient[k]))
          wrong += "cell " + std::to_string(k) + ": " + json(got.gradient[k]).dump() + ", not " +
                   json(gradient[k]).dump() + "; ";
      CHECK(wrong == "");
    }
  }
  INFO("not asked: " << left.dump().substr(0, 200));
  CHECK(left.empty());
}

}  // namespace loss_conformance_test
