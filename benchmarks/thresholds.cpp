// Decisions, and the search for them. Bytes are what must be read and written once.
#include <softf1/decisions/apply.hpp>
#include <softf1/metrics/score_sketch.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/thresholds/best.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>

#include "data.hpp"

namespace {

using softf1_bench::score_dump;

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"N", "L"})->Args({4096, 20})->Args({65536, 80})->Unit(benchmark::kMillisecond)->UseRealTime();
}

// Each iteration touches so many bytes of the data.
template <class Body>
void measure(benchmark::State& state, double bytes_a_cell, Body const& body) {
  score_dump<std::uint8_t> const data(static_cast<std::size_t>(state.range(0)),
                                      static_cast<std::size_t>(state.range(1)));
  softf1::context<> ctx;
  for (auto _ : state) body(ctx, data);
  double const cells = static_cast<double>(state.iterations()) * static_cast<double>(data.cells());
  state.SetItemsProcessed(static_cast<std::int64_t>(cells));
  state.SetBytesProcessed(static_cast<std::int64_t>(cells * bytes_a_cell));
}

// The yardstick of memory: scores copied by all threads.
void copy_scores(benchmark::State& state) {
  std::vector<float> out;
  measure(state, 8, [&](auto& ctx, auto const& data) {
    out.resize(data.cells());
    softf1::copy(ctx, softf1::vector_view<const float>(data.logits.data(), data.cells()),
                 softf1::vector_view<float>(out.data(), data.cells()));
    benchmark::DoNotOptimize(out.data());
  });
}
BENCHMARK(copy_scores)->Name("baseline/copy/float")->Apply(shapes);

// Thresholds of labels that differ.
softf1::threshold_set some_thresholds(std::size_t labels) {
  softf1::threshold_set set;
  for (std::size_t j = 0; j < labels; ++j) set.thresholds.push_back(0.01 * static_cast<double>(j));
  return set;
}

void decide_bytes(benchmark::State& state) {
  std::vector<std::uint8_t> out;
  softf1::decision_rule const rule = some_thresholds(static_cast<std::size_t>(state.range(1)));
  measure(state, 5, [&](auto& ctx, auto const& data) {
    out.resize(data.cells());
    softf1::decide(ctx, data.z(), rule, softf1::as_matrix(out, data.rows, data.labels));
  });
}
BENCHMARK(decide_bytes)->Name("decide/bytes/cpu/float")->Apply(shapes);

void decide_packed(benchmark::State& state) {
  std::vector<std::uint64_t> out;
  softf1::decision_rule const rule = some_thresholds(static_cast<std::size_t>(state.range(1)));
  measure(state, 4.125, [&](auto& ctx, auto const& data) {
    std::size_t const words = (data.labels + 63) / 64;
    out.resize(data.rows * words);
    softf1::decide_bits(ctx, data.z(), rule, softf1::as_matrix(out, data.rows, words));
  });
}
BENCHMARK(decide_packed)->Name("decide/bits/cpu/float")->Apply(shapes);

void expected_sets(benchmark::State& state) {
  std::vector<std::uint8_t> out;
  measure(state, 5, [&](auto& ctx, auto const& data) {
    out.resize(data.cells());
    softf1::decide(ctx, data.z(), softf1::expected_f{}, softf1::as_matrix(out, data.rows, data.labels));
  });
}
BENCHMARK(expected_sets)
    ->Name("decide/expected_f/cpu/float")
    ->ArgNames({"N", "L"})
    ->Args({10000, 100})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void best(benchmark::State& state) {
  measure(state, 5, [](auto& ctx, auto const& data) {
    benchmark::DoNotOptimize(softf1::best_thresholds(ctx, softf1::f1{}, data.z(), data.y()));
  });
}
BENCHMARK(best)->Name("threshold/best_f1/cpu/uint8")->Apply(shapes);

// Blocks of rows go through a sketch, thresholds come out.
void best_of_sketch(benchmark::State& state) {
  measure(state, 5, [](auto& ctx, auto const& data) {
    std::size_t const block = 65536;
    softf1::score_sketch all;
    for (std::size_t first = 0; first < data.rows; first += block) {
      std::size_t const rows = std::min(block, data.rows - first), at = first * data.labels;
      all.add(ctx, softf1::matrix_view<const float>(data.logits.data() + at, rows, data.labels),
              softf1::matrix_view<const std::uint8_t>(data.targets.data() + at, rows, data.labels));
    }
    benchmark::DoNotOptimize(all.best_edges(softf1::f1{}));
  });
}
BENCHMARK(best_of_sketch)->Name("threshold/best_f1_of_sketch/cpu/uint8")->Apply(shapes);

// Shapes that take gigabytes and minutes: with SOFTF1_BENCHMARK_LARGE only.
bool const has_large = [] {
  if (!std::getenv("SOFTF1_BENCHMARK_LARGE")) return false;
  auto const large = [](char const* name, void (*run)(benchmark::State&), std::int64_t n, std::int64_t l) {
    benchmark::RegisterBenchmark(name, run)
        ->ArgNames({"N", "L"})
        ->Args({n, l})
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime()
        ->Iterations(1);
  };
  for (std::int64_t n : {10000, 100000, 1000000, 10000000})
    large("threshold/best_f1_of_sketch/large", best_of_sketch, n, 80);
  for (std::int64_t n : {10000, 100000, 1000000}) large("threshold/best_f1/large", best, n, 80);
  for (std::int64_t l : {10, 100, 1000, 10000}) large("threshold/best_f1/large", best, 100000, l);
  return true;
}();

}  // namespace
