// A training step of a head on cached features, and whole trainings.
#include <softf1/optimizers/all.hpp>
#include <softf1/training/fit.hpp>
#include <softf1/training/head.hpp>

#include <chrono>

#include "measure.cuh"

namespace {

using namespace softf1_bench;
using softf1::product_precision;

constexpr std::size_t rows = 30152, validation_rows = 3769, features = 1280, labels = 25, batch = 256, epochs = 30;

/// The rows of the next batch.
struct next_rows {
  softf1::vector_view<std::uint64_t, device> ids;
  SOFTF1_HD void operator()(std::size_t i) const { ids(i) = (ids(i) + ids.size()) % rows; }
};

struct draw_targets {
  float* to;
  std::uint64_t seed;
  SOFTF1_HD void operator()(std::size_t k) const {
    to[k] = softf1::random_stream(seed).uniform<float>(k) < 0.1f ? 1.0f : 0.0f;
  }
};

struct cached_rows {
  std::size_t count;
  softf1::buffer<float, device> x, y;

  cached_rows(context<device>& ctx, std::size_t n, std::uint64_t seed)
      : count(n), x(random_numbers<float>(ctx, n * features, seed)), y(ctx, n * labels) {
    softf1::for_each(ctx, n * labels, draw_targets{y.data(), seed});
  }
  softf1::training::labelled_rows<float, device> view() const {
    return {{x.data(), count, features}, {y.data(), count, labels}};
  }
};

/// Gather, forward, bce, backward, AdamW. Nothing is read back, so that it can be recorded.
class head_step {
 public:
  head_step(context<device>& ctx, cached_rows const& data)
      : data_(data.view()),
        net_(ctx, {1, 1, features}, softf1::training::head_table(labels)),
        loss_(ctx, {}, labels),
        rule_(ctx, softf1::adamw{}, net_.parameters().size()),
        ids_(ctx, batch),
        value_(ctx, 1),
        x_(ctx, batch * features),
        y_(ctx, batch * labels),
        slopes_(ctx, batch * labels) {
    std::vector<std::uint64_t> first(batch);
    for (std::size_t i = 0; i < batch; ++i) first[i] = i;
    copy(ctx, softf1::vector_view<const std::uint64_t>(first.data(), batch), ids_.view());
    rule_.set_learning_rate(ctx, 1e-3);
  }

  void run(context<device>& ctx) {
    using softf1::training::gather_rows;
    auto const ids = std::as_const(ids_).view();
    auto const x = x_.matrix(batch, features), y = y_.matrix(batch, labels), slopes = slopes_.matrix(batch, labels);
    softf1::for_each(ctx, batch, next_rows{ids_.view()});
    softf1::for_each_cell(ctx, batch, features, gather_rows<float, device>{data_.features, ids, x});
    softf1::for_each_cell(ctx, batch, labels, gather_rows<float, device>{data_.targets, ids, y});
    softf1::layers::pass<device> const how{.mode = softf1::layers::pass_mode::training, .row_ids = ids};
    auto const in = maps(x);
    auto const out = softf1::layers::elements_of(net_.forward(ctx, how, in));
    loss_.value_and_gradient(ctx, softf1::matrix_view<const float, device>(out.data(), batch, labels), y, value_.view(),
                             slopes);
    auto const gradients = net_.gradients(ctx);
    fill(ctx, gradients, 0.0f);
    net_.backward(ctx, how, in, maps(slopes));
    rule_.step(ctx, net_.parameters(), gradients);
  }

 private:
  static softf1::layers::feature_maps<const float, device> maps(softf1::matrix_view<const float, device> m) {
    return softf1::layers::maps_of(m);
  }

  softf1::training::labelled_rows<float, device> data_;
  softf1::layers::network<float, device> net_;
  softf1::loss_union<softf1::losses::binary_cross_entropy, device> loss_;
  softf1::optimizer<float, device> rule_;
  softf1::buffer<std::uint64_t, device> ids_;
  softf1::buffer<double, device> value_;
  softf1::buffer<float, device> x_, y_, slopes_;
};

void steps(results& out, context<device>& ctx, cached_rows const& data, std::string const& type) {
  head_step step(ctx, data);
  measure(out, ctx, {"head step, " + type, "256 x 1280 -> 1024 -> 25", "softf1", 0}, 1,
          [&](std::size_t) { step.run(ctx); });
}

/// 30 epochs with their metrics on the validation rows, by the clock on the wall.
void whole_training(results& out, context<device>& ctx, cached_rows const& train, cached_rows const& validation,
                    std::string const& type) {
  auto const run = [&](std::size_t n) {
    softf1::layers::network<float, device> net(ctx, {1, 1, features}, softf1::training::head_table(labels));
    auto const loss = softf1::losses::make_objective<float>(ctx, "bce", labels);
    softf1::training::fit_options options;
    options.epochs = n;
    options.patience = 0;
    options.batch_size = batch;
    ctx.synchronise();
    auto const begin = std::chrono::steady_clock::now();
    softf1::training::fit(ctx, net, *loss, train.view(), validation.view(), options);
    ctx.synchronise();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  };
  run(2);
  out.add({"training of 30 epochs, " + type, "30152 x 1280 -> 1024 -> 25", "softf1", run(epochs)});
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, [](results& out) {
    for (auto const& [precision, type] : {std::pair{product_precision::full, "float"},
                                          {product_precision::tf32, "tf32"},
                                          {product_precision::bf16, "bf16"}}) {
      context<device> ctx({.precision = precision});
      cached_rows const train(ctx, rows, 1), validation(ctx, validation_rows, 2);
      steps(out, ctx, train, type);
      whole_training(out, ctx, train, validation, type);
    }
  });
}
