#include <softf1/training/defaults.hpp>

#include "support/catch.hpp"

#include <softf1/training/history.hpp>

TEST_CASE("the default monitor is one that there is", "[training][defaults]") {
  auto const monitor = softf1::training::monitor_named(softf1::training::default_monitor);
  CHECK(monitor.less_is_better);
  CHECK(softf1::training::default_learning_rate > 0);
}
