// The engine of a backend: compiled once for each, in engine_cpu.cpp and engine_device.cpp.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/transfer.hpp>
#include <softf1/models/pixel_plan.hpp>

#include "engine.hpp"
#include "head_training.hpp"

namespace program {

/// A matrix of the host on a backend: on the CPU it stays where it is.
template <class T, class B>
class placed {
 public:
  placed(softf1::context<B>& ctx, softf1::matrix_view<const T> m) {
    if constexpr (std::is_same_v<B, softf1::cpu>) {
      view_ = m;
    } else {
      memory_ = softf1::upload<T>(ctx, softf1::vector_view<const T>(m.data(), m.size()));
      view_ = std::as_const(memory_).matrix(m.rows(), m.cols());
    }
  }
  softf1::matrix_view<const T, B> view() const { return view_; }

 private:
  softf1::buffer<T, B> memory_;
  softf1::matrix_view<const T, B> view_;
};

/// Targets, mask and weights on a backend, and the options of metrics that belong to them.
template <class B>
class placed_rows {
 public:
  placed_rows(softf1::context<B>& ctx, scored_rows const& rows)
      : targets_(ctx, rows.targets),
        mask_(ctx, rows.mask),
        weights_(ctx, {rows.row_weights.data(), rows.row_weights.size(), 1}) {
    if (rows.mask.data()) options.mask = mask_.view();
    if (rows.row_weights.data())
      options.row_weights = softf1::vector_view<const double, B>(weights_.view().data(), rows.row_weights.size());
    options.domain = rows.domain;
  }
  softf1::matrix_view<const std::uint8_t, B> targets() const { return targets_.view(); }

  softf1::metric_options<B> options;

 private:
  placed<std::uint8_t, B> targets_, mask_;
  placed<double, B> weights_;
};

template <class B>
class engine_on final : public engine {
 public:
  engine_on(common_options const& options, typename softf1::context<B>::options const& how, std::string precision)
      : engine(options), ctx_(how), precision_(std::move(precision)) {}

  bool is_host() const override { return std::is_same_v<B, softf1::cpu>; }
  std::string_view precision() const override { return precision_; }

  void train(head_network& net, head_training& job) override {
    auto const loss = softf1::losses::make_objective<float>(ctx_, job.loss, job.rows.targets.cols(), job.objective);
    auto const* const rule = std::get_if<softf1::update_rule>(&job.optimizer);
    auto how = job.how;
    if (rule) how.optimizer = *rule;
    if constexpr (std::is_same_v<B, softf1::cpu>) {
      if (rule)
        fit(net, *loss, job, how);
      else
        job.result = softf1::training::fit_lbfgs(ctx_, net, *loss, job.rows, job.validation,
                                                 std::get<softf1::training::lbfgs_training>(job.optimizer), how);
    } else {
      softf1::require_value(rule != nullptr, "--optimizer", "L-BFGS runs on the CPU");
      auto there = softf1::models::network_on(ctx_, std::as_const(net));
      fit(there, *loss, job, how);
      copy(ctx_, std::as_const(there).parameters(), net.parameters());
      copy(ctx_, std::as_const(there).state(), net.state());
    }
  }

  void predict(head_network& net, softf1::matrix_view<const float> features,
               softf1::matrix_view<float> logits) override {
    if constexpr (std::is_same_v<B, softf1::cpu>)
      softf1::training::predict_rows(ctx_, net, features, logits);
    else
      load_head(net)(features, logits);
  }

  row_function load_head(head_network const& net) override {
    using plan = softf1::layers::forward_plan<float, B>;
    auto const head = std::make_shared<plan const>(ctx_, softf1::models::network_on(ctx_, net));
    return [this, head](softf1::matrix_view<const float> features, softf1::matrix_view<float> logits) {
      if constexpr (std::is_same_v<B, softf1::cpu>)
        head->run(ctx_, softf1::layers::maps_of(features, head->input_shape()), logits);
      else
        softf1::models::run_rows(ctx_, *head, features, logits);
    };
  }

  image_function load_images(head_network const& net, softf1::pixel_range range) override {
    if constexpr (!std::is_same_v<B, softf1::cpu>) {
      if (precision_ == "fp16") return load_images_as<softf1::half>(net, range);
      if (precision_ == "bf16") return load_images_as<softf1::bfloat16>(net, range);
    }
    return load_images_as<float>(net, range);
  }

  softf1::classification_report report(scored_rows const& rows, softf1::decision_rule const& rule, double zero_division,
                                       std::vector<std::string> const& label_names) override {
    placed_rows<B> on(ctx_, rows);
    on.options.decision = rule;
    on.options.zero_division = zero_division;
    return with_scores(
        rows, [&](auto scores) { return softf1::make_report(ctx_, scores, on.targets(), on.options, label_names); });
  }

  std::vector<softf1::confusion<double>> count(scored_rows const& rows, softf1::decision_rule const& rule) override {
    placed_rows<B> on(ctx_, rows);
    on.options.decision = rule;
    return with_scores(rows, [&](auto scores) {
      softf1::confusion_counts counts;
      counts.add(ctx_, scores, on.targets(), on.options);
      return counts.per_label();
    });
  }

 private:
  void fit(softf1::layers::network<float, B>& net, softf1::losses::objective<float, B>& loss, head_training& job,
           softf1::training::fit_options const& how) {
    if (!job.feed) {
      job.result = softf1::training::fit(ctx_, net, loss, job.rows, job.validation, how, job.kept);
      return;
    }
    softf1::training::features_from_host<float, B> feed(*job.feed);
    job.result = softf1::training::fit(ctx_, net, loss, feed, job.rows, job.validation, how, job.kept);
  }

  template <class T>
  image_function load_images_as(head_network const& net, softf1::pixel_range range) {
    using plan = softf1::models::pixel_plan<T, B>;
    auto const network = std::make_shared<plan const>(ctx_, softf1::models::network_on(ctx_, net), range);
    return [this, network](softf1::tensor_view<const std::uint8_t, 4> images, softf1::matrix_view<float> features) {
      network->run_from_host(ctx_, images, features);
    };
  }

  /// use(scores) on the backend: as they are stored on the CPU, as double on devices, where each kernel costs seconds of
  /// compilation. What is decided, and in which order scores are, is the same.
  template <class Use>
  auto with_scores(scored_rows const& rows, Use const& use) {
    if (auto const* const doubles = std::get_if<1>(&rows.scores)) return use(placed<double, B>(ctx_, *doubles).view());
    placed<float, B> const floats(ctx_, std::get<0>(rows.scores));
    if constexpr (std::is_same_v<B, softf1::cpu>) {
      return use(floats.view());
    } else {
      auto const from = floats.view();
      softf1::buffer<double, B> wide(ctx_, from.size());
      for_each_cell(ctx_, from.rows(), from.cols(),
                    softf1::convert_cells<float, double, B>{from, wide.matrix(from.rows(), from.cols())});
      return use(std::as_const(wide).matrix(from.rows(), from.cols()));
    }
  }

  softf1::context<B> ctx_;
  std::string precision_;
};

}  // namespace program
