// Value and gradient of every loss. Bytes are what must move once: logits and targets in, gradient out.
#include <softf1/losses/all.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "data.hpp"

namespace {

using softf1_bench::score_dump;

// The yardstick: logits copied to the gradient's place.
void copy_once(benchmark::State& state) {
  score_dump<float> const data(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  std::vector<float> out(data.cells());
  for (auto _ : state) {
    for (std::size_t k = 0; k < data.cells(); ++k) out[k] = data.logits[k] + data.targets[k];
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(data.cells() * 3 * sizeof(float)));
}

template <class Loss, class Y>
void value_and_gradient(benchmark::State& state) {
  score_dump<Y> const data(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  std::vector<float> gradient(data.cells());
  softf1::matrix_view<float> const out(gradient.data(), data.rows, data.labels);
  double value = 0;
  softf1::context<> ctx;
  for (auto _ : state) {
    softf1::value_and_gradient(ctx, Loss{}, data.z(), data.y(), softf1::vector_view<double>(&value, 1), out);
    benchmark::DoNotOptimize(gradient.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(data.cells()));
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(data.cells() * (2 * sizeof(float) + sizeof(Y))));
}

void shapes(benchmark::internal::Benchmark* b, bool of_pairs = false) {
  b->ArgNames({"N", "L"})->Args({256, 18})->Args({of_pairs ? 4096 : 65536, 80});
  b->Unit(benchmark::kMicrosecond)->UseRealTime();
}

// Whether it costs the square of the rows.
template <class Loss>
constexpr bool is_of_pairs() {
  if constexpr (requires { Loss::kind; })
    return Loss::kind == softf1::losses::loss_kind::column_wise;
  else
    return false;
}

// Every loss of the list, with targets of both types.
bool const registered = [] {
  shapes(benchmark::RegisterBenchmark("baseline/copy_once/float", copy_once));
  softf1::losses::all::for_each([]<class Loss>() {
    std::string const name = "loss/" + std::string(Loss::name) + "/cpu/";
    shapes(benchmark::RegisterBenchmark((name + "float").c_str(), value_and_gradient<Loss, float>),
           is_of_pairs<Loss>());
    shapes(benchmark::RegisterBenchmark((name + "uint8").c_str(), value_and_gradient<Loss, std::uint8_t>),
           is_of_pairs<Loss>());
  });
  return true;
}();

}  // namespace
