#include <softf1/backend/cpu/lanes.hpp>

#include <atomic>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"

TEST_CASE("each image goes through one lane, once", "[backend][lanes]") {
  using context = softf1::context<softf1::cpu>;
  for (int threads : {1, 2, 3, 8})
    for (std::size_t images : softf1_test::sizes{0, 1, 2, 7, 50}) {
      INFO(threads << " threads, " << images << " images");
      context ctx({.threads = threads, .seed = 5, .set = softf1::instruction_set::baseline});
      auto const plan = softf1::lanes_for(ctx, images);
      CHECK(plan.lanes <= static_cast<std::size_t>(threads));
      CHECK((plan.lanes > 0) == (images > 0));
      std::vector<std::atomic<int>> seen(images), busy(plan.lanes);
      std::atomic<int> wrong{0};
      softf1::in_lanes(ctx, images, [&](context& mine, std::size_t lane, std::size_t first, std::size_t count) {
        if (lane >= plan.lanes || count > plan.images || first + count > images) {
          ++wrong;
          return;
        }
        // A lane's memory is its own.
        if (busy[lane]++ != 0) ++wrong;
        if (mine.threads() != 1 || mine.seed() != 5 || mine.set() != softf1::instruction_set::baseline) ++wrong;
        for (std::size_t i = first; i < first + count; ++i) ++seen[i];
        --busy[lane];
      });
      CHECK(wrong == 0);
      for (auto const& times : seen) CHECK(times == 1);
    }
}
