// Counts, average precision and AUROC. Bytes are what must be read once: scores and targets.
#include <softf1/metrics/all.hpp>
#include <softf1/metrics/confidence.hpp>
#include <softf1/scores/all.hpp>

#include <benchmark/benchmark.h>

#include <cstring>

#include "data.hpp"

namespace {

using softf1_bench::score_dump;

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"N", "L"})->Args({4096, 20})->Args({65536, 80})->Unit(benchmark::kMillisecond)->UseRealTime();
}

template <class Y, class Body>
void measure(benchmark::State& state, Body body) {
  score_dump<Y> const data(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  softf1::context<> ctx;
  for (auto _ : state) body(ctx, data);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(data.cells()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(data.cells() * (sizeof(float) + sizeof(Y))));
}

// The yardstick: reading scores and targets once, as fast as memory gives them.
void read_all(benchmark::State& state) {
  measure<float>(state, [](auto&, auto const& data) {
    float sum[16] = {};
    for (std::size_t k = 0; k + 16 <= data.cells(); k += 16)
      for (std::size_t j = 0; j < 16; ++j) sum[j] += data.logits[k + j] + data.targets[k + j];
    benchmark::DoNotOptimize(sum);
  });
}
BENCHMARK(read_all)->Name("baseline/read_once/float")->Apply(shapes);

template <class Y>
void macro_f1(benchmark::State& state) {
  measure<Y>(state, [](auto& ctx, auto const& data) {
    softf1::confusion_counts counts;
    counts.add(ctx, data.z(), data.y());
    auto const labels = counts.per_label();
    benchmark::DoNotOptimize(softf1::metrics::average(softf1::f1{}, labels, softf1::averaging::macro));
  });
}
BENCHMARK(macro_f1<std::uint8_t>)->Name("metric/macro_f1/cpu/uint8")->Apply(shapes);
BENCHMARK(macro_f1<float>)->Name("metric/macro_f1/cpu/float")->Apply(shapes);

// With a mask of which every fifth cell is missing, with row weights, and with both.
template <bool masked, bool weighted>
void macro_f1_of_some(benchmark::State& state) {
  std::vector<std::uint8_t> mask;
  std::vector<float> weights;
  measure<std::uint8_t>(state, [&](auto& ctx, auto const& data) {
    softf1::metric_options<> options;
    if (mask.empty()) {
      for (std::size_t k = 0; k < data.cells(); ++k) mask.push_back(k % 5 != 0);
      weights.assign(data.rows, 0.5f);
    }
    if (masked) options.mask = softf1::as_matrix(mask, data.rows, data.labels);
    if (weighted) options.row_weights = weights;
    benchmark::DoNotOptimize(softf1::macro(ctx, softf1::f1{}, data.z(), data.y(), options));
  });
}
BENCHMARK(macro_f1_of_some<true, false>)->Name("metric/macro_f1/cpu/masked")->Apply(shapes);
BENCHMARK(macro_f1_of_some<false, true>)->Name("metric/macro_f1/cpu/weighted")->Apply(shapes);

void macro_f1_of_bits(benchmark::State& state) {
  std::vector<std::uint8_t> words;
  measure<std::uint8_t>(state, [&](auto& ctx, auto const& data) {
    std::size_t const bytes = (data.labels + 7) / 8;
    words.resize(data.rows * bytes);
    benchmark::DoNotOptimize(softf1::macro(ctx, softf1::f1{}, data.z(),
                                           softf1::as_bits(softf1::as_matrix(words, data.rows, bytes), data.labels)));
  });
}
BENCHMARK(macro_f1_of_bits)->Name("metric/macro_f1/cpu/bits")->Apply(shapes);

void ranking(benchmark::State& state) {
  measure<std::uint8_t>(state, [](auto& ctx, auto const& data) {
    benchmark::DoNotOptimize(softf1::metrics::rank_labels(ctx, data.z(), data.y()));
  });
}
BENCHMARK(ranking)->Name("metric/average_precision_and_roc_auc/cpu/uint8")->Apply(shapes);

void sketch(benchmark::State& state) {
  softf1::score_sketch all;
  measure<std::uint8_t>(state, [&](auto& ctx, auto const& data) { all.add(ctx, data.z(), data.y()); });
}
BENCHMARK(sketch)->Name("metric/score_sketch/cpu/uint8")->Apply(shapes);

void rows(benchmark::State& state) {
  measure<std::uint8_t>(state, [](auto& ctx, auto const& data) {
    softf1::row_rankings rankings;
    rankings.add(ctx, data.z(), data.y());
    benchmark::DoNotOptimize(rankings.label_ranking_average_precision());
  });
}
BENCHMARK(rows)->Name("metric/row_rankings/cpu/uint8")->Apply(shapes);

void top_k(benchmark::State& state) {
  measure<std::uint8_t>(state, [](auto& ctx, auto const& data) {
    softf1::top_k_metrics metrics({1, 3, 5});
    metrics.add(ctx, data.z(), data.y());
    benchmark::DoNotOptimize(metrics.ndcg(5));
  });
}
BENCHMARK(top_k)->Name("metric/top_k_of_1_3_5/cpu/uint8")->Apply(shapes);

// Resamples of 10,000 rows and 80 labels, the rows kept and sorted before.
void resamples(benchmark::State& state, softf1::row_statistic const& statistic) {
  softf1::context<> ctx;
  std::size_t const count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(softf1::metrics::bootstrap(ctx, statistic, {.resamples = count}));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
void resample_macro_f1(benchmark::State& state) {
  score_dump<std::uint8_t> const data(10000, 80);
  softf1::decided_rows rows;
  rows.add(data.z(), data.y());
  resamples(state, rows.statistic(softf1::f1{}, softf1::averaging::macro));
}
void resample_average_precision(benchmark::State& state) {
  score_dump<std::uint8_t> const data(10000, 80);
  softf1::ranked_rows rows;
  rows.add(data.z(), data.y());
  resamples(state, rows.statistic(softf1::rank_score::average_precision));
}
void delta_macro_f1(benchmark::State& state) {
  measure<std::uint8_t>(state, [](auto& ctx, auto const& data) {
    softf1::decided_rows rows;
    rows.add(ctx, data.z(), data.y());
    benchmark::DoNotOptimize(softf1::delta_method(rows.statistic(softf1::f1{}, softf1::averaging::macro)));
  });
}
BENCHMARK(resample_macro_f1)
    ->Name("interval/bootstrap_macro_f1/10000x80")
    ->ArgName("R")
    ->Arg(10000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(resample_average_precision)
    ->Name("interval/bootstrap_average_precision/10000x80")
    ->ArgName("R")
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(delta_macro_f1)->Name("interval/delta_macro_f1/cpu/uint8")->Apply(shapes);

void report(benchmark::State& state) {
  measure<std::uint8_t>(state, [](auto& ctx, auto const& data) {
    benchmark::DoNotOptimize(softf1::make_report(ctx, data.z(), data.y()));
  });
}
BENCHMARK(report)->Name("metric/report/cpu/uint8")->Apply(shapes);

}  // namespace
