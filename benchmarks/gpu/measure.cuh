// Times of work on the device, by its own clock, and the file that they are written to.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/backend/recording.hpp>
#include <softf1/core/random.hpp>

namespace softf1_bench {

using softf1::context;
using device = softf1::cuda;  // CUDA's headers have a namespace of that name

/// One number of the table. `bytes`: what must move at least, read and written; 0: not said.
struct row {
  std::string what, shape, who;
  double milliseconds;
  double bytes = 0;
};

/// Keeps rows, prints them as they come, and writes them as JSON when it is done.
class results {
 public:
  explicit results(char const* path) : path_(path ? path : "") {}
  ~results() {
    if (path_.empty()) return;
    std::FILE* const file = std::fopen(path_.c_str(), "w");
    if (!file) {
      std::fprintf(stderr, "cannot write %s\n", path_.c_str());
      return;
    }
    std::fprintf(file, "[");
    for (auto const& r : rows_)
      std::fprintf(file, "%s\n {\"what\": \"%s\", \"shape\": \"%s\", \"who\": \"%s\", \"ms\": %.6g, \"bytes\": %.15g}",
                   &r == rows_.data() ? "" : ",", r.what.c_str(), r.shape.c_str(), r.who.c_str(), r.milliseconds,
                   r.bytes);
    std::fprintf(file, "\n]\n");
    std::fclose(file);
  }
  results(results const&) = delete;
  results& operator=(results const&) = delete;

  void add(row r) {
    double const rate = r.bytes / r.milliseconds / 1e6;
    std::printf("%-34s %-22s %-30s %10.4f ms", r.what.c_str(), r.shape.c_str(), r.who.c_str(), r.milliseconds);
    std::printf(rate > 0 ? " %8.1f GB/s\n" : "\n", rate);
    std::fflush(stdout);
    rows_.push_back(std::move(r));
  }

 private:
  std::string path_;
  std::vector<row> rows_;
};

class stopwatch {
 public:
  stopwatch() {
    softf1::detail::check_cuda(cudaEventCreate(&begin_), "cudaEventCreate");
    softf1::detail::check_cuda(cudaEventCreate(&end_), "cudaEventCreate");
  }
  ~stopwatch() {
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }
  stopwatch(stopwatch const&) = delete;
  stopwatch& operator=(stopwatch const&) = delete;

  /// Milliseconds between the begin and the end of what work() gives to the device.
  template <class Work>
  double time(context<device>& ctx, Work const& work) {
    cudaStream_t const stream = ctx.stream().get();
    softf1::detail::check_cuda(cudaEventRecord(begin_, stream), "cudaEventRecord");
    work();
    softf1::detail::check_cuda(cudaEventRecord(end_, stream), "cudaEventRecord");
    softf1::detail::check_cuda(cudaEventSynchronize(end_), "cudaEventSynchronize");
    float elapsed = 0;
    softf1::detail::check_cuda(cudaEventElapsedTime(&elapsed, begin_, end_), "cudaEventElapsedTime");
    return static_cast<double>(elapsed);
  }

 private:
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

inline constexpr int samples = 25;

/// Milliseconds of one call of work(k), k = 0, 1, …: the median of 25 samples of so many calls that each takes at least
/// a millisecond. Before them the device is kept busy for 50 milliseconds.
template <class Work>
double milliseconds(context<device>& ctx, Work const& work) {
  stopwatch watch;
  std::size_t k = 0;
  auto const calls = [&](std::size_t n) {
    return [&work, &k, n] {
      for (std::size_t end = k + n; k < end; ++k) work(k);
    };
  };
  double warm = 0, last = 0;
  for (int runs = 0; runs < 4 || (warm < 50 && runs < 1000); ++runs) warm += last = watch.time(ctx, calls(8));
  double const one = last / 8;
  auto const n = static_cast<std::size_t>(std::ceil(one < 1 ? 1 / std::max(one, 1e-3) : 1));
  std::vector<double> times;
  for (int s = 0; s < samples; ++s) times.push_back(watch.time(ctx, calls(n)) / static_cast<double>(n));
  std::nth_element(times.begin(), times.begin() + samples / 2, times.end());
  return times[samples / 2];
}

/// How many sets of data of this size are several times what the device caches.
inline std::size_t sets_for(std::size_t bytes) {
  constexpr std::size_t enough = std::size_t{256} << 20;
  return std::max<std::size_t>(2, (enough + bytes - 1) / bytes);
}

/// Work on each of `sets` sets of data in turn, as it is called and replayed: two rows.
template <class Work>
void measure(results& out, context<device>& ctx, row r, std::size_t sets, Work const& work) {
  std::string const who = r.who;
  r.milliseconds = milliseconds(ctx, [&](std::size_t k) { work(k % sets); });
  out.add(r);
  // Each in turn, so that the second run finds the memory that the first one brought.
  std::vector<softf1::recording<device>> steps(sets);
  for (std::size_t k = 0; k < sets; ++k)
    for (int run = 0; run < 2; ++run) steps[k].run(ctx, [&] { work(k); });
  bool const recorded = std::all_of(steps.begin(), steps.end(), [](auto const& s) { return s.recorded(); });
  if (!recorded) {
    std::printf("%s: could not be recorded\n", r.what.c_str());
    return;
  }
  r.milliseconds = milliseconds(ctx, [&](std::size_t k) { steps[k % sets].run(ctx, [] {}); });
  r.who = who + ", recorded";
  out.add(r);
}

/// Skewed labels, scores that know something about them: prevalence 3 %, positives 2 higher; as in ../data.hpp.
template <class Y>
struct draw_scores {
  float* scores;
  Y* targets;
  std::uint64_t seed;
  SOFTF1_HD void operator()(std::size_t k) const {
    softf1::random_stream const random(seed);
    bool const positive = random.uniform<float>(2 * k) < 0.03f;
    targets[k] = positive ? Y(1) : Y(0);
    scores[k] = 8 * random.uniform<float>(2 * k + 1) - 6 + (positive ? 2.0f : 0.0f);
  }
};

/// Numbers uniform in [−1, 1), as T.
template <class T>
struct draw_numbers {
  T* to;
  std::uint64_t seed;
  SOFTF1_HD void operator()(std::size_t k) const {
    to[k] = static_cast<T>(2 * softf1::random_stream(seed).uniform<float>(k) - 1);
  }
};

/// Scores and targets of rows × cols on the device.
template <class Y>
struct score_set {
  std::size_t rows, cols;
  softf1::buffer<float, device> scores;
  softf1::buffer<Y, device> targets;

  score_set(context<device>& ctx, std::size_t n, std::size_t l, std::uint64_t seed)
      : rows(n), cols(l), scores(ctx, n * l), targets(ctx, n * l) {
    softf1::for_each(ctx, n * l, draw_scores<Y>{scores.data(), targets.data(), seed});
  }
  softf1::matrix_view<const float, device> z() const { return {scores.data(), rows, cols}; }
  softf1::matrix_view<const Y, device> y() const { return {targets.data(), rows, cols}; }
};

template <class T>
softf1::buffer<T, device> random_numbers(context<device>& ctx, std::size_t n, std::uint64_t seed) {
  softf1::buffer<T, device> numbers(ctx, n);
  softf1::for_each(ctx, n, draw_numbers<T>{numbers.data(), seed});
  return numbers;
}

inline std::string shape_of(std::size_t rows, std::size_t cols) {
  return std::to_string(rows) + " x " + std::to_string(cols);
}

/// Runs work(results) for the file that the command line names; says what went wrong.
template <class Work>
int run_benchmarks(int argc, char** argv, Work const& work) {
  results out(argc > 1 ? argv[1] : nullptr);
  try {
    work(out);
  } catch (std::exception const& e) {
    std::fprintf(stderr, "%s: %s\n", argv[0], e.what());
    return 1;
  }
  return 0;
}

}  // namespace softf1_bench
