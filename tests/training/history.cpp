#include <softf1/training/history.hpp>

#include <limits>
#include <string>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace training_history_tests {

using namespace softf1::training;

TEST_CASE("a history as CSV has a line an epoch, and numbers that read back") {
  epoch_record const first{.epoch = 1,
                           .learning_rate = 3e-4,
                           .train_loss = 0.5,
                           .train_macro_f1 = 0.25,
                           .loss = 0.1,
                           .macro_f1 = 1. / 3,
                           .micro_f1 = 0.75,
                           .tuned_macro_f1 = 0.875,
                           .map = std::numeric_limits<double>::quiet_NaN(),
                           .soft_macro_f1 = 0.5,
                           .lift = -0.25,
                           .predicted_cardinality = 1.5,
                           .true_cardinality = 2,
                           .constant_labels = 3,
                           .saturated = 0.125,
                           .seconds = 2};
  epoch_record second;
  second.epoch = 2;
  std::string const header =
      "epoch,learning_rate,train_loss,train_macro_f1,loss,macro_f1,micro_f1,tuned_macro_f1,map,soft_macro_f1,"
      "lift,predicted_cardinality,true_cardinality,constant_labels,saturated,seconds\n";
  CHECK(history_csv({}) == header);
  CHECK(history_csv({first, second}) == header +
                                            "1,3e-04,0.5,0.25,0.1,0.3333333333333333,0.75,0.875,nan,0.5,-0.25,1.5,2,3,0.125,"
                                            "2\n2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n");
}

TEST_CASE("a monitor prefers the lower loss and the higher score, and equal ones not") {
  epoch_record low, high;
  low.loss = low.macro_f1 = low.micro_f1 = low.tuned_macro_f1 = low.map = 0.25;
  high.loss = high.macro_f1 = high.micro_f1 = high.tuned_macro_f1 = high.map = 0.75;
  for (std::string const name : {"loss", "macro_f1", "micro_f1", "tuned_macro_f1", "map"}) {
    auto const m = monitor_named(name);
    INFO(name);
    CHECK(m.name == name);
    CHECK(m.better(low, high) == (name == "loss"));
    CHECK(m.better(high, low) == (name != "loss"));
    CHECK_FALSE(m.better(low, low));
    epoch_record only;
    only.*m.value = name == "loss" ? -1 : 1;
    CHECK(m.better(only, epoch_record{}));
  }
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for (bool less : {false, true}) {
    monitor const m{"map", &epoch_record::map, less};
    epoch_record none, some;
    none.map = nan;
    some.map = 0;
    CHECK(m.better(some, none));
    CHECK_FALSE(m.better(none, some));
    CHECK_FALSE(m.better(none, none));
  }
}

TEST_CASE("names that no monitor has are refused with the names there are") {
  for (std::string const name : {"", "f1", "train_loss", "train_macro_f1", "seconds", "learning_rate"})
    CHECK(softf1_test::error_text<softf1::value_error>([&] { monitor_named(name); }) ==
          "no metric to monitor is named '" + name + "', there are loss, macro_f1, micro_f1, tuned_macro_f1, map");
}

}  // namespace training_history_tests
