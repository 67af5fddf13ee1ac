// Counts and exact thresholds, beside cub's sorts alone. Bytes: scores and targets in.
#include <softf1/metrics/counts.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/thresholds/best.hpp>

#include "measure.cuh"

namespace {

using namespace softf1_bench;

constexpr std::size_t labels = 80;

template <class Y>
std::vector<score_set<Y>> score_sets(context<device>& ctx, std::size_t rows) {
  std::vector<score_set<Y>> data;
  std::size_t const sets = sets_for(rows * labels * (sizeof(float) + sizeof(Y)));
  for (std::size_t k = 0; k < sets; ++k) data.emplace_back(ctx, rows, labels, k);
  return data;
}

/// The counts that macro F1 is made of, left on the device.
template <class Y>
void counts(results& out, context<device>& ctx, std::size_t rows, char const* type) {
  auto const data = score_sets<Y>(ctx, rows);
  using cells = softf1::plain_cells<float, Y, device>;
  softf1::decisions::decider<float, device> const decide(ctx, {}, data[0].z(), {}, "counts");
  using total = typename softf1::metrics::count_cells<cells, decltype(decide.get())>::total;
  softf1::buffer<total, device> counted(ctx, labels);
  measure(out, ctx,
          {"macro F1 counts, " + std::string(type) + " targets", shape_of(rows, labels), "softf1", 0,
           static_cast<double>(rows * labels * (sizeof(float) + sizeof(Y)))},
          data.size(), [&](std::size_t k) {
            fill(ctx, counted.view(), total{});
            softf1::metrics::count_labels(ctx, cells(data[k].z(), data[k].y()), decide.get(), counted.view());
          });
}

void thresholds(results& out, context<device>& ctx, std::size_t rows) {
  auto const data = score_sets<float>(ctx, rows);
  softf1::buffer<softf1::thresholds::best_threshold, device> found(ctx, labels);
  measure(out, ctx,
          {"exact best-F1 thresholds", shape_of(rows, labels), "softf1", 0,
           static_cast<double>(2 * rows * labels * sizeof(float))},
          data.size(), [&](std::size_t k) {
            softf1::thresholds::find_best_thresholds(ctx, softf1::f1{}, data[k].z(), data[k].y(), found.view());
          });
}

/// What the sort alone would cost, of columns that lie as cub likes them.
void sorts(results& out, context<device>& ctx, std::size_t rows) {
  std::size_t const cells = rows * labels;
  auto const keys = random_numbers<float>(ctx, cells, 1);
  auto const payloads = random_numbers<float>(ctx, cells, 2);
  softf1::buffer<float, device> sorted_keys(ctx, cells), sorted_payloads(ctx, cells);
  auto const begins =
      thrust::make_transform_iterator(thrust::counting_iterator<std::size_t>(0), softf1::detail::column_offset{rows});
  cudaStream_t const stream = ctx.stream().get();
  auto const segmented = [&](void* scratch, std::size_t& bytes) {
    softf1::detail::check_cuda(
        cub::DeviceSegmentedRadixSort::SortPairsDescending(
            scratch, bytes, keys.data(), sorted_keys.data(), payloads.data(), sorted_payloads.data(),
            static_cast<int>(cells), static_cast<int>(labels), begins, begins + 1, 0, 32, stream),
        "cub::DeviceSegmentedRadixSort");
  };
  auto const one_by_one = [&](void* scratch, std::size_t& bytes) {
    for (std::size_t j = 0; j < (scratch ? labels : 1); ++j)
      softf1::detail::check_cuda(
          cub::DeviceRadixSort::SortPairsDescending(scratch, bytes, keys.data() + j * rows,
                                                    sorted_keys.data() + j * rows, payloads.data() + j * rows,
                                                    sorted_payloads.data() + j * rows, rows, 0, 32, stream),
          "cub::DeviceRadixSort");
  };
  auto const time = [&](char const* who, auto const& sort) {
    std::size_t bytes = 0;
    sort(nullptr, bytes);
    softf1::buffer<unsigned char, device> scratch(ctx, bytes);
    out.add({"exact best-F1 thresholds", shape_of(rows, labels), who,
             milliseconds(ctx, [&](std::size_t) { sort(scratch.data(), bytes); })});
  };
  time("cub segmented sort alone", segmented);
  time("cub sort a label alone", one_by_one);
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, [](results& out) {
    context<device> ctx;
    for (std::size_t rows : {std::size_t{65536}, std::size_t{1048576}}) {
      counts<float>(out, ctx, rows, "float");
      ctx.trim();
      counts<std::uint8_t>(out, ctx, rows, "uint8");
      ctx.trim();
      thresholds(out, ctx, rows);
      ctx.trim();
      sorts(out, ctx, rows);
      ctx.trim();
    }
  });
}
