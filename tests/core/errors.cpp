#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include <softf1/core/errors.hpp>

#include "support/catch.hpp"

namespace {

// The text of the E that f() throws; any other outcome fails the test.
template <class E, class F>
std::string text_of(F f) {
  try {
    f();
  } catch (E const& e) {
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("shapes are written as Python writes them", "[core][errors]") {
  CHECK(softf1::shape_text({}) == "()");
  CHECK(softf1::shape_text({5}) == "(5,)");
  CHECK(softf1::shape_text({3, 4}) == "(3, 4)");
  CHECK(softf1::shape_text(std::vector<int>{1, 2, 3}) == "(1, 2, 3)");
}

TEST_CASE("numbers are written so that they read back", "[core][errors]") {
  CHECK(softf1::number_text(0.1) == "0.1");
  CHECK(softf1::number_text(-2) == "-2");
  CHECK(softf1::number_text(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(softf1::number_text(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(softf1::number_text(std::numeric_limits<double>::quiet_NaN()) == "nan");
  for (double x : {1.0 / 3.0, -std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::lowest()})
    CHECK(std::strtod(softf1::number_text(x).c_str(), nullptr) == x);
}

TEST_CASE("require_shape says who, what, expected and got", "[core][errors]") {
  std::vector<std::size_t> const got = {32, 19};
  CHECK_NOTHROW(softf1::require_shape("soft_f1", "targets", {32, 19}, got));
  CHECK(text_of<softf1::shape_error>([&] { softf1::require_shape("soft_f1", "targets", {32, 20}, got); }) ==
        "soft_f1: targets must have shape (32, 20), got (32, 19)");
  CHECK(text_of<softf1::shape_error>([&] { softf1::require_shape("soft_f1", "targets", {32}, got); }) ==
        "soft_f1: targets must have shape (32,), got (32, 19)");
  CHECK(text_of<softf1::shape_error>([&] { softf1::require_shape("soft_f1", "targets", {32, 19, 1}, got); }) ==
        "soft_f1: targets must have shape (32, 19, 1), got (32, 19)");
}

TEST_CASE("require_value says who and why", "[core][errors]") {
  CHECK_NOTHROW(softf1::require_value(true, "f_beta", "beta must be positive, got -1"));
  CHECK(text_of<softf1::value_error>([] { softf1::require_value(false, "f_beta", "beta must be positive, got -1"); }) ==
        "f_beta: beta must be positive, got -1");
}

TEST_CASE("an error knows the line that raised it, and is a std::runtime_error", "[core][errors]") {
  int const line = __LINE__ + 2;
  try {
    throw softf1::io_error("scores.csv: row 3 has 4 fields, expected 5");
  } catch (std::runtime_error const& e) {
    auto const* const ours = dynamic_cast<softf1::error const*>(&e);
    REQUIRE(ours);
    CHECK(ours->where().line == line);
    CHECK(std::string(ours->where().file).find("errors.cpp") != std::string::npos);
  }
  CHECK_THROWS_AS(throw softf1::backend_error("no device"), softf1::error);
}
