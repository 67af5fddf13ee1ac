#include <softf1/training/defaults.hpp>

#include <string>

#include <softf1/training/history.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace training_defaults_tests {

using softf1::training::defaults_for;

TEST_CASE("each loss has a positive learning rate and a monitor to begin with") {
  for (std::string const loss : {"bce", "soft_f1", "double_soft_f1", "bce:weight=0.3+soft_f1:weight=0.7"}) {
    auto const found = defaults_for(loss);
    CHECK((found.learning_rate > 1e-5 && found.learning_rate < 1e-2));
    CHECK_NOTHROW(softf1::training::monitor_named(found.monitor));
  }
  CHECK(softf1_test::error_text<softf1::value_error>([] { defaults_for("bce+"); }).starts_with("cannot read 'bce+'"));
}

}  // namespace training_defaults_tests
