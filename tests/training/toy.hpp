// Small problems that a head can learn.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <softf1/training/fit.hpp>
#include <softf1/training/head.hpp>

namespace training_tests {

using namespace softf1::training;
using context = softf1::context<softf1::cpu>;
using network = softf1::layers::network<float>;
using softf1::matrix_view;

/// The losses that these tests name: each costs the compiler seconds.
using tried_losses = softf1::type_list<softf1::binary_cross_entropy, softf1::soft_f1, softf1::double_soft_f1,
                                       softf1::soft_f_beta, softf1::softmax_cross_entropy, softf1::soap>;
template <class B>
auto make_loss(softf1::context<B>& ctx, std::string const& text, std::size_t labels,
               softf1::losses::objective_options const& options = {}) {
  return softf1::losses::make_objective<float, tried_losses>(ctx, text, labels, options);
}

struct toy {
  std::size_t rows, inputs, labels;
  std::vector<float> x = {}, y = {};

  labelled_rows<float> view() const {
    return {matrix_view<const float>(x.data(), rows, inputs), matrix_view<const float>(y.data(), rows, labels)};
  }
};

/// Features in ±1. Label j where feature j is positive, and no feature j is near 0; or, with `one_label`, the label of
/// the greatest of these features, which is the greatest by far. Learned without an error by a linear head.
inline toy separable(std::size_t rows, std::uint64_t seed, bool one_label = false, std::size_t inputs = 5,
                     std::size_t labels = 3) {
  softf1::random_stream const random(seed, softf1::random_purpose::test, 21);
  toy t{rows, inputs, labels};
  for (std::size_t i = 0; i < rows; ++i) {
    std::size_t const winner = random.below(100'000 + i, labels);
    for (std::size_t j = 0; j < inputs; ++j) {
      auto value = 2 * random.uniform<float>(i * inputs + j) - 1;
      if (j < labels && !one_label) value = value > 0 ? .3f + .7f * value : .7f * value - .3f;
      if (j < labels && one_label) value = j == winner ? .75f + .25f * value : .5f * value - .25f;
      t.x.push_back(value);
    }
    for (std::size_t j = 0; j < labels; ++j)
      t.y.push_back(one_label ? static_cast<float>(j == winner) : static_cast<float>(t.x[i * inputs + j] > 0));
  }
  return t;
}

/// Labels that features say nothing of: what is learned of them does not hold for other rows.
inline toy noise(std::size_t rows, std::uint64_t seed, std::size_t inputs = 20, std::size_t labels = 3) {
  softf1::random_stream const random(seed, softf1::random_purpose::test, 22);
  toy t{rows, inputs, labels};
  for (std::size_t k = 0; k < rows * inputs; ++k) t.x.push_back(2 * random.uniform<float>(k) - 1);
  for (std::size_t k = 0; k < rows * labels; ++k) t.y.push_back(static_cast<float>(random.below(1'000'000 + k, 2)));
  return t;
}

/// A trained head and what its training said.
struct trained {
  network net;
  fit_result result;

  std::vector<float> parameters() const {
    return {net.parameters().data(), net.parameters().data() + net.parameters().size()};
  }
};

inline network head_for(context& ctx, toy const& t, head_options const& head = {.hidden = 0, .dropout = 0}) {
  return network(ctx, {1, 1, t.inputs}, head_table(t.labels, head), 1);
}

inline trained train(toy const& t, toy const& validation, fit_options const& options, std::string const& loss = "bce",
                     head_options const& head = {.hidden = 0, .dropout = 0}, int threads = 1) {
  context ctx({.threads = threads});
  auto net = head_for(ctx, t, head);
  auto const objective = make_loss(ctx, loss, t.labels);
  auto result = fit(ctx, net, *objective, t.view(), validation.view(), options);
  return {std::move(net), std::move(result)};
}

inline std::vector<float> logits_of(context& ctx, network& net, toy const& t, std::size_t batch_size = 256) {
  std::vector<float> logits(t.rows * t.labels);
  predict_rows(ctx, net, t.view().features, matrix_view<float>(logits.data(), t.rows, t.labels), batch_size);
  return logits;
}

/// A history without its times; what is undefined is -99.
inline std::vector<std::vector<double>> figures_of(history const& epochs) {
  std::vector<std::vector<double>> all;
  for (auto const& e : epochs)
    all.push_back({static_cast<double>(e.epoch), e.learning_rate, e.train_loss, e.train_macro_f1, e.loss, e.macro_f1,
                   e.micro_f1, e.tuned_macro_f1, e.map});
  for (auto& figures : all)
    for (double& x : figures)
      if (x != x) x = -99;
  return all;
}

}  // namespace training_tests
