#include <softf1/backend/inference.hpp>

#include <atomic>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"

namespace lanes_tests {

// The pieces in which images went through lanes that do not fit the plan, and the images that were not seen once.
template <class B>
int wrong_pieces(softf1::context<B>& ctx, std::size_t images) {
  auto const plan = softf1::lanes_for(ctx, images);
  std::vector<std::atomic<int>> seen(images), busy(plan.lanes);
  std::atomic<int> wrong{(plan.lanes > 0) != (images > 0) && plan.images > 0};
  softf1::in_lanes(ctx, images, [&](softf1::context<B>& mine, std::size_t lane, std::size_t first, std::size_t count) {
    if (lane >= plan.lanes || count > plan.images || first + count > images) {
      ++wrong;
      return;
    }
    // A lane's memory is its own.
    if (busy[lane]++ != 0) ++wrong;
    if (mine.seed() != ctx.seed()) ++wrong;
    for (std::size_t i = first; i < first + count; ++i) ++seen[i];
    --busy[lane];
  });
  for (auto const& times : seen) wrong += times != 1;
  return wrong;
}

}  // namespace lanes_tests

TEMPLATE_TEST_CASE("each image goes through one lane, once", "[backend][lanes]", SOFTF1_TEST_BACKENDS) {
  using namespace lanes_tests;
  softf1::context<TestType> ctx({.seed = 5});
  for (std::size_t images : softf1_test::sizes{0, 1, 2, 7, 50, 63, 64, 65, 200}) {
    INFO(images << " images");
    CHECK(wrong_pieces(ctx, images) == 0);
  }
}

TEST_CASE("lanes of the host are threads", "[backend][lanes][cpu]") {
  using namespace lanes_tests;
  using context = softf1::context<softf1::cpu>;
  for (int threads : {1, 2, 3, 8})
    for (std::size_t images : softf1_test::sizes{0, 1, 2, 7, 50}) {
      INFO(threads << " threads, " << images << " images");
      context ctx({.threads = threads, .seed = 5, .set = softf1::instruction_set::baseline});
      auto const plan = softf1::lanes_for(ctx, images);
      CHECK(plan.lanes <= static_cast<std::size_t>(threads));
      CHECK((plan.lanes > 0) == (images > 0));
      CHECK(wrong_pieces(ctx, images) == 0);
      softf1::in_lanes(ctx, images, [&](context& mine, std::size_t, std::size_t, std::size_t) {
        if (mine.threads() != 1 || mine.set() != softf1::instruction_set::baseline) throw images;
      });
    }
}
