// The same work on the CPU backend and on the device backend, in pairs of rows: …/cpu and …/device, where this build has
// a device backend. Bytes are what must move once. backend_ratios.py prints the ratio of each pair.
#include <softf1/backend/inference.hpp>
#include <softf1/backend/transfer.hpp>
#include <softf1/losses/all.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/optimizers/all.hpp>
#include <softf1/scores/all.hpp>
#include <softf1/thresholds/all.hpp>
#include <softf1/training/head.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "data.hpp"

namespace {

using namespace softf1;

// The results must be there before the clock is read.
void wait(context<cpu>&) {}
#if defined(SOFTF1_DEVICE_CODE)
void wait(context<cuda>& ctx) { ctx.synchronise(); }
#endif

/// Scores and targets of 65,536 × 80 on a backend, and room for as many results.
template <class B>
struct matrices {
  static constexpr std::size_t rows = 65536, cols = 80, cells = rows * cols;

  context<B> ctx;
  buffer<float, B> scores, targets, result;

  matrices() : result(ctx, cells) {
    softf1_bench::score_dump<float> const data(rows, cols);
    scores = upload(ctx, data.logits);
    targets = upload(ctx, data.targets);
    fill(ctx, result.view(), 0.0f);
  }

  matrix_view<const float, B> z() const { return {scores.data(), rows, cols}; }
  matrix_view<const float, B> y() const { return {targets.data(), rows, cols}; }
  matrix_view<float, B> out() { return result.matrix(rows, cols); }
};

template <class B, class Work>
void measure(benchmark::State& state, context<B>& ctx, std::size_t bytes, Work const& work) {
  work();
  for (auto _ : state) {
    work();
    wait(ctx);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

template <class B>
struct add_elements {
  vector_view<const float, B> a, b;
  vector_view<float, B> to;
  SOFTF1_HD void operator()(std::size_t i) const { to(i) = a(i) + b(i); }
};

template <class B>
struct add_cells {
  matrix_view<const float, B> a, b;
  matrix_view<float, B> to;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { to(i, j) = a(i, j) + b(i, j); }
};

/// Sum and sum of squares of a column.
template <class B>
struct column_moments {
  using scalar = float;
  struct partial {
    float sum, squares;
  };
  struct total {
    double sum, squares;
  };
  matrix_view<const float, B> from;
  SOFTF1_HD static partial identity() { return {0, 0}; }
  SOFTF1_HD static total neutral() { return {0, 0}; }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const {
    float const x = from(i, j);
    state.sum += x;
    state.squares += x * x;
  }
  template <class Part>
  SOFTF1_HD static void merge(total& to, Part const& part) {
    to.sum += static_cast<double>(part.sum);
    to.squares += static_cast<double>(part.squares);
  }
};

template <class B>
struct row_maximum {
  struct partial {
    float maximum;
  };
  matrix_view<const float, B> from;
  vector_view<float, B> to;
  SOFTF1_HD static partial identity() { return {-infinity<float>()}; }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const {
    float const x = from(i, j);
    state.maximum = x > state.maximum ? x : state.maximum;
  }
  SOFTF1_HD static void merge(partial& earlier, partial const& later) {
    earlier.maximum = later.maximum > earlier.maximum ? later.maximum : earlier.maximum;
  }
  SOFTF1_HD void finish(std::size_t i, partial const& state) const { to(i) = state.maximum; }
};

template <class B>
struct is_nan_cell {
  matrix_view<const float, B> from;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t j) const { return from(i, j) != from(i, j); }
};

/// The number of groups.
struct count_groups {
  using state = double;
  using result = double;
  SOFTF1_HD double identity() const { return 0; }
  template <class T>
  SOFTF1_HD void add(double& count, tie_group<T> const&, column_totals const&) const {
    count += 1;
  }
  SOFTF1_HD static void merge(double& earlier, double later) { earlier += later; }
  SOFTF1_HD double finish(std::size_t, double count, column_totals const&) const { return count; }
};

constexpr std::size_t matrix_bytes = matrices<cpu>::cells * sizeof(float);

template <class B>
struct primitive_for_each {
  static constexpr auto name = "primitive/for_each/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    add_elements<B> const work{std::as_const(m.scores).view(), std::as_const(m.targets).view(), m.result.view()};
    measure(state, m.ctx, 3 * matrix_bytes, [&] { for_each(m.ctx, m.cells, work); });
  }
};

template <class B>
struct primitive_for_each_cell {
  static constexpr auto name = "primitive/for_each_cell/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    add_cells<B> const work{m.z(), m.y(), m.out()};
    measure(state, m.ctx, 3 * matrix_bytes, [&] { for_each_cell(m.ctx, m.rows, m.cols, work); });
  }
};

template <class B>
struct primitive_fill {
  static constexpr auto name = "primitive/fill/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    measure(state, m.ctx, matrix_bytes, [&] { fill(m.ctx, m.result.view(), 1.0f); });
  }
};

template <class B>
struct primitive_copy {
  static constexpr auto name = "primitive/copy/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    measure(state, m.ctx, 2 * matrix_bytes, [&] { copy(m.ctx, std::as_const(m.scores).view(), m.result.view()); });
  }
};

template <class B>
struct primitive_reduce_columns {
  static constexpr auto name = "primitive/reduce_columns/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    using total = typename column_moments<B>::total;
    buffer<total, B> sums(m.ctx, m.cols);
    fill(m.ctx, sums.view(), total{0, 0});
    measure(state, m.ctx, matrix_bytes,
            [&] { reduce_columns(m.ctx, m.rows, m.cols, column_moments<B>{m.z()}, sums.view()); });
  }
};

template <class B>
struct primitive_reduce_rows {
  static constexpr auto name = "primitive/reduce_rows/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    row_maximum<B> const work{m.z(), {m.result.data(), m.rows}};
    measure(state, m.ctx, matrix_bytes, [&] { reduce_rows(m.ctx, m.rows, m.cols, work); });
  }
};

template <class B>
struct primitive_find_first {
  static constexpr auto name = "primitive/find_first/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    measure(state, m.ctx, matrix_bytes,
            [&] { benchmark::DoNotOptimize(find_first(m.ctx, m.rows, m.cols, is_nan_cell<B>{m.z()})); });
  }
};

template <class B>
struct primitive_reduce_tie_groups {
  static constexpr auto name = "primitive/reduce_tie_groups/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    buffer<double, B> counts(m.ctx, m.cols);
    plain_cells<float, float, B> const cells(m.z(), m.y());
    measure(state, m.ctx, 2 * matrix_bytes, [&] { reduce_tie_groups(m.ctx, cells, count_groups{}, counts.view()); });
  }
};

/// The hidden layer of a head: 256 × 1280 by 1280 × 1024.
template <class B>
struct primitive_gemm {
  static constexpr auto name = "primitive/gemm/";
  static void run(benchmark::State& state) {
    constexpr std::size_t m = 256, k = 1280, n = 1024;
    context<B> ctx;
    auto const a = upload(ctx, std::vector<float>(m * k, 0.5f)), b = upload(ctx, std::vector<float>(k * n, 0.5f));
    buffer<float, B> c(ctx, m * n);
    measure(state, ctx, (m * k + k * n + m * n) * sizeof(float), [&] {
      gemm<float>(ctx, 1, matrix_view<const float, B>(a.data(), m, k), {b.data(), k, n}, 0, {c.data(), m, n});
    });
  }
};

template <class B, class Loss>
void loss_and_gradient_of(benchmark::State& state, Loss const& loss) {
  matrices<B> m;
  loss_union<Loss, B> all(m.ctx, loss, m.cols);
  buffer<double, B> value(m.ctx, 1);
  measure(state, m.ctx, 3 * matrix_bytes, [&] { all.value_and_gradient(m.ctx, m.z(), m.y(), value.view(), m.out()); });
}

template <class B>
struct loss_bce {
  static constexpr auto name = "loss/bce/";
  static void run(benchmark::State& state) { loss_and_gradient_of<B>(state, losses::binary_cross_entropy{}); }
};

template <class B>
struct loss_soft_f1 {
  static constexpr auto name = "loss/soft_f1/";
  static void run(benchmark::State& state) { loss_and_gradient_of<B>(state, losses::soft_f1{}); }
};

template <class B>
struct metric_macro_f1 {
  static constexpr auto name = "metric/macro_f1/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    measure(state, m.ctx, 2 * matrix_bytes, [&] {
      confusion_counts counts;
      counts.add(m.ctx, m.z(), m.y());
      benchmark::DoNotOptimize(metrics::average(f1{}, counts.per_label(), metrics::averaging::macro));
    });
  }
};

template <class B>
struct threshold_best_f1 {
  static constexpr auto name = "threshold/best_f1/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    measure(state, m.ctx, 2 * matrix_bytes,
            [&] { benchmark::DoNotOptimize(best_thresholds(m.ctx, f1{}, m.z(), m.y())); });
  }
};

/// A step of AdamW over 4 million parameters: reads gradients, reads and writes parameters and two moments.
template <class B>
struct optimizer_adamw {
  static constexpr auto name = "optimizer/adamw/";
  static void run(benchmark::State& state) {
    matrices<B> m;
    optimizer<float, B> rule(m.ctx, adamw{}, m.cells);
    measure(state, m.ctx, 7 * matrix_bytes,
            [&] { rule.step(m.ctx, m.result.view(), std::as_const(m.scores).view(), 1e-3); });
  }
};

/// 256 rows of 1,280 features through a head of 1,024 hidden units and 25 labels.
template <class B>
struct layers_head_forward {
  static constexpr auto name = "layers/head_forward/";
  static void run(benchmark::State& state) {
    constexpr std::size_t rows = 256, features = 1280, labels = 25;
    context<B> ctx;
    layers::network<float, B> net(ctx, {1, 1, features}, training::head_table(labels, {.hidden = 1024}));
    auto const x = upload(ctx, std::vector<float>(rows * features, 0.5f));
    auto const in = layers::maps_of(matrix_view<const float, B>(x.data(), rows, features));
    measure(state, ctx, (net.parameters().size() + rows * features) * sizeof(float),
            [&] { net.forward(ctx, layers::pass<B>{}, in); });
  }
};

/// 8 images of 56 × 56 × 144 through a depthwise convolution of 3 × 3, with bias and ReLU6, as MobileNetV2 has it.
template <class B>
struct inference_depthwise {
  static constexpr auto name = "inference/depthwise/";
  static void run(benchmark::State& state) {
    constexpr std::size_t images = 8, side = 56, channels = 144, size = images * side * side * channels;
    context<B> ctx;
    auto const x = upload(ctx, std::vector<float>(size, 0.5f)), w = upload(ctx, std::vector<float>(9 * channels, 0.1f)),
               bias = upload(ctx, std::vector<float>(channels, 0.1f));
    buffer<float, B> y(ctx, size);
    window const win{.size = 3, .stride = 1, .top = 1, .left = 1, .out_height = side, .out_width = side};
    measure(state, ctx, 2 * size * sizeof(float), [&] {
      convolve_depthwise<float>(ctx, tensor_view<const float, 4, B>(x.data(), {images, side, side, channels}),
                                {w.data(), 9, channels}, win, {bias.view(), activation::relu6},
                                {y.data(), {images, side, side, channels}});
    });
  }
};

/// 8 images of 224 × 224 × 3 through a convolution of 3 × 3 / 2 to 32 channels, with bias and ReLU6.
template <class B>
struct inference_convolution {
  static constexpr auto name = "inference/convolution/";
  static void run(benchmark::State& state) {
    constexpr std::size_t images = 8, side = 224, halved = side / 2, channels = 3, filters = 32;
    context<B> ctx;
    auto const x = upload(ctx, std::vector<float>(images * side * side * channels, 0.5f));
    auto const bias = upload(ctx, std::vector<float>(filters, 0.1f));
    std::vector<float> const weights(9 * channels * filters, 0.1f);
    packed_matrix<float, B> const w(ctx, matrix_view<const float>(weights.data(), 9 * channels, filters));
    buffer<float, B> y(ctx, images * halved * halved * filters);
    window const win{.size = 3, .stride = 2, .top = 0, .left = 0, .out_height = halved, .out_width = halved};
    buffer<float, B> scratch(ctx, convolution_scratch<float>(ctx, win, channels, images));
    measure(state, ctx, (x.size() + y.size()) * sizeof(float), [&] {
      convolve<float>(ctx, tensor_view<const float, 4, B>(x.data(), {images, side, side, channels}), w, win,
                      {bias.view(), activation::relu6}, scratch.view(), {y.data(), {images, halved, halved, filters}});
    });
  }
};

/// 8 × 56 × 56 pixels of 24 channels by 24 × 144, with bias and ReLU6.
template <class B>
struct inference_product {
  static constexpr auto name = "inference/product/";
  static void run(benchmark::State& state) {
    constexpr std::size_t rows = 8 * 56 * 56, in = 24, out = 144;
    context<B> ctx;
    auto const x = upload(ctx, std::vector<float>(rows * in, 0.5f)), bias = upload(ctx, std::vector<float>(out, 0.1f));
    std::vector<float> const weights(in * out, 0.1f);
    packed_matrix<float, B> const w(ctx, matrix_view<const float>(weights.data(), in, out));
    buffer<float, B> y(ctx, rows * out);
    measure(state, ctx, rows * (in + out) * sizeof(float), [&] {
      fused_product<float>(ctx, matrix_view<const float, B>(x.data(), rows, in), w, {bias.view(), activation::relu6},
                           {y.data(), rows, out});
    });
  }
};

template <template <class> class... Rows>
void add_rows() {
  auto const add = [](std::string const& name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name.c_str(), run)->Unit(benchmark::kMicrosecond)->UseRealTime();
  };
#if defined(SOFTF1_DEVICE_CODE)
  ((add(std::string(Rows<cpu>::name) + "cpu", Rows<cpu>::run),
    add(std::string(Rows<cuda>::name) + "device", Rows<cuda>::run)),
   ...);
#else
  (add(std::string(Rows<cpu>::name) + "cpu", Rows<cpu>::run), ...);
#endif
}

bool const registered = [] {
  add_rows<primitive_for_each, primitive_for_each_cell, primitive_fill, primitive_copy, primitive_reduce_columns,
           primitive_reduce_rows, primitive_find_first, primitive_reduce_tie_groups, primitive_gemm, loss_bce,
           loss_soft_f1, metric_macro_f1, threshold_best_f1, optimizer_adamw, layers_head_forward, inference_product,
           inference_convolution, inference_depthwise>();
  return true;
}();

}  // namespace
