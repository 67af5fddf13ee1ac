#include <softf1/losses/schedule.hpp>

#include <string>

#include "support/catch.hpp"
#include "support/errors.hpp"

TEST_CASE("the share of a schedule goes from 0 to 1", "[losses][schedule]") {
  using softf1::losses::loss_schedule_named;
  auto const linear = loss_schedule_named("linear:epochs=4"), cosine = loss_schedule_named("cosine:epochs=4"),
             step = loss_schedule_named("step:epochs=4");
  for (auto const& s : {linear, cosine, step}) {
    CHECK(s.share(1) == 0);
    CHECK(s.share(5) == 1);
    CHECK(s.share(50) == 1);
  }
  CHECK(linear.share(2) == 0.25);
  CHECK(linear.share(4) == 0.75);
  CHECK(cosine.share(2) == Approx(0.14644660940672624));
  CHECK(cosine.share(3) == Approx(0.5));
  CHECK(step.share(4) == 0);
  CHECK(softf1::loss_schedule{}.share(1) == 1);
}

TEST_CASE("texts that name no schedule of losses are refused in one sentence", "[losses][schedule]") {
  auto const text = [](std::string const& t) {
    return softf1_test::error_text<softf1::value_error>([&] { softf1::losses::loss_schedule_named(t); });
  };
  CHECK(text("ramp:epochs=3") == "the schedule of losses must be one of step, linear, cosine, got 'ramp'");
  CHECK(text("linear") == "linear: epochs must be finite and > 0, got 0");
  CHECK(text("linear:epochs=-1") == "linear: epochs must be finite and > 0, got -1");
  CHECK(text("cosine:steps=3") == "cosine: there is no option 'steps', it has epochs");
}
