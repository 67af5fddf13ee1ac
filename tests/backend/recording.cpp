#include <softf1/backend/recording.hpp>

#include <stdexcept>
#include <vector>

#include <softf1/backend/primitives.hpp>

#include "support/backends.hpp"
#include "support/catch.hpp"

namespace recording_tests {

using namespace softf1_test;

// sums(i) += step(0).
template <class B>
struct add_step {
  softf1::vector_view<double const, B> step;
  softf1::vector_view<double, B> sums;
  SOFTF1_HD void operator()(std::size_t i) const { sums(i) += step(0); }
};

// The column sums of a matrix.
template <class B>
struct sum_rows {
  using scalar = double;
  struct partial {
    double sum;
  };
  using total = double;
  softf1::matrix_view<double const, B> x;
  SOFTF1_HD static partial identity() { return {0}; }
  SOFTF1_HD void add(partial& s, std::size_t i, std::size_t j) const { s.sum += x(i, j); }
  SOFTF1_HD static total neutral() { return 0; }
  SOFTF1_HD static void merge(total& to, total const& from) { to += from; }
  SOFTF1_HD static void merge(total& to, partial const& from) { to += from.sum; }
};

}  // namespace recording_tests

TEMPLATE_TEST_CASE("recorded work is done at each run, with what its memory holds then", "[backend][recording]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace recording_tests;
  using B = TestType;
  softf1::context<B> ctx;
  constexpr std::size_t rows = 700, cols = 3;
  auto step = upload(ctx, std::vector<double>(1));
  auto cells = upload(ctx, std::vector<double>(rows * cols));
  auto totals = upload(ctx, std::vector<double>(cols));
  softf1::recording<B> recording;
  double added = 0;
  std::vector<double> expected(cols);
  for (int run = 1; run <= 6; ++run) {
    INFO("run " << run);
    upload_to(ctx, {static_cast<double>(run)}, step.view());
    // Scratch memory is taken within the work, and other memory between the runs.
    recording.run(ctx, [&] {
      softf1::for_each(ctx, cells.size(), add_step<B>{step.view(), cells.view()});
      softf1::reduce_columns(ctx, rows, cols, sum_rows<B>{cells.matrix(rows, cols)}, totals.view());
    });
    auto const other = upload(ctx, std::vector<double>(rows * cols, -1));
    added += run;
    for (double& e : expected) e += static_cast<double>(rows) * added;
    CHECK(download(ctx, cells) == std::vector<double>(rows * cols, added));
    CHECK(download(ctx, totals) == expected);
  }
#if defined(SOFTF1_DEVICE_CUDA)
  CHECK(recording.recorded());
#else
  CHECK_FALSE(recording.recorded());
#endif
}

TEMPLATE_TEST_CASE("what recorded work throws comes out, and the context works on", "[backend][recording]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace recording_tests;
  using B = TestType;
  softf1::context<B> ctx;
  auto const step = upload(ctx, std::vector<double>{1});
  auto sums = upload(ctx, std::vector<double>(10));
  softf1::recording<B> recording;
  int throwing = 0;
  for (int run = 0; run < 6; ++run) {
    try {
      recording.run(ctx, [&] {
        if (run == 1) throw std::runtime_error("no");
        softf1::for_each(ctx, sums.size(), add_step<B>{step.view(), sums.view()});
      });
    } catch (std::runtime_error const&) {
      ++throwing;
    }
  }
  CHECK(throwing == 1);
  CHECK(download(ctx, sums) == std::vector<double>(10, 5));
}
