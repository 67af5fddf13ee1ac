#include <softf1/optimizers/clip_by_norm.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <softf1/core/random.hpp>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace clip_by_norm_tests {

using namespace softf1_test;

std::vector<float> random_gradients(std::size_t size) {
  softf1::random_stream const stream(7);
  std::vector<float> g(size);
  for (std::size_t k = 0; k < size; ++k) g[k] = stream.uniform<float>(k) - 0.5f;
  return g;
}

}  // namespace clip_by_norm_tests

TEMPLATE_TEST_CASE("gradients are clipped to a norm", "[optimizers][clip]", SOFTF1_TEST_BACKENDS) {
  using namespace clip_by_norm_tests;
  softf1::context<TestType> ctx;
  auto gradients = upload(ctx, std::vector<double>{3, 0, -4});
  CHECK(softf1::clip_by_norm(ctx, 10, gradients.view()) == 5);
  CHECK(download(ctx, gradients) == std::vector<double>{3, 0, -4});
  CHECK(softf1::clip_by_norm(ctx, 1, gradients.view()) == 5);
  auto const clipped = download(ctx, gradients);
  CHECK(clipped[0] == Approx(0.6).epsilon(1e-6));
  CHECK(clipped[1] == 0);
  CHECK(clipped[2] == Approx(-0.8).epsilon(1e-6));
}

TEMPLATE_TEST_CASE("the norm of any number of gradients", "[optimizers][clip]", SOFTF1_TEST_BACKENDS) {
  using namespace clip_by_norm_tests;
  softf1::context<TestType> ctx;
  for (std::size_t size : sizes{0, 1, 63, 64, 65, 1000, 100003}) {
    auto const host = random_gradients(size);
    double squares = 0;
    for (float g : host) squares += static_cast<double>(g) * static_cast<double>(g);
    auto gradients = upload(ctx, host);
    softf1::buffer<double, TestType> norm(ctx, 1);
    softf1::gradient_norm(ctx, gradients.view(), norm.view());
    CHECK(download(ctx, norm)[0] == Approx(std::sqrt(squares)).epsilon(1e-12));
  }
}

TEST_CASE("the norm has the same bits for any number of threads", "[optimizers][clip]") {
  using namespace clip_by_norm_tests;
  softf1::context<> one({.threads = 1}), four({.threads = 4});
  auto a = random_gradients(300001), b = a;
  CHECK(softf1::clip_by_norm(one, 1, softf1::vector_view<float>(a.data(), a.size())) ==
        softf1::clip_by_norm(four, 1, softf1::vector_view<float>(b.data(), b.size())));
  CHECK(a == b);
}

TEMPLATE_TEST_CASE("clipping shows a norm that is not finite, and refuses a bad limit", "[optimizers][clip]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace clip_by_norm_tests;
  softf1::context<TestType> ctx;
  auto g = upload(ctx, std::vector<double>{1, std::nan("")});
  CHECK(std::isnan(softf1::clip_by_norm(ctx, 1, g.view())));
  upload_to(ctx, {1, std::numeric_limits<double>::infinity()}, g.view());
  CHECK(std::isinf(softf1::clip_by_norm(ctx, 1, g.view())));
  CHECK(error_text<softf1::value_error>([&] { softf1::clip_by_norm(ctx, 0, g.view()); }) ==
        "clip_by_norm: max_norm must be > 0, got 0");
}
