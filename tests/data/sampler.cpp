#include <softf1/data/sampler.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace data_sampler_test {

using softf1::sampled_rows;
using softf1::sampling;
using softf1_test::error_text;

/// 80 rows of label 0, 16 of label 1, 2 of both, 2 without; columns 2 has no row.
struct skewed {
  std::vector<std::uint8_t> targets = std::vector<std::uint8_t>(300);
  softf1::matrix_view<std::uint8_t const> view() const { return {targets.data(), 100, 3}; }
  skewed() {
    for (std::size_t i = 0; i < 98; ++i) {
      if (i < 82) targets[3 * i] = 1;
      if (i >= 80) targets[3 * i + 1] = 1;
    }
  }
};

double share(std::vector<std::uint64_t> const& rows, std::uint64_t first, std::uint64_t end) {
  double n = 0;
  for (auto const row : rows) n += row >= first && row < end;
  return n / static_cast<double>(rows.size());
}

TEST_CASE("samplers draw rows in the shares that their weights give", "[data][sampler]") {
  skewed const set;
  // The rows of label 0 alone, both, label 1 alone, neither; by hand.
  struct {
    softf1::sampler_options options;
    double expected[4];
  } const cases[] = {
      {{.kind = sampling::class_aware}, {80.0 / 82 / 3, (2.0 / 82 + 2.0 / 18) / 3, 16.0 / 18 / 3, 1.0 / 3}},
      {{.kind = sampling::class_aware, .unlabelled = false},
       {80.0 / 82 / 2, (2.0 / 82 + 2.0 / 18) / 2, 16.0 / 18 / 2, 0}},
      {{.kind = sampling::label_balanced}, {80.0 / 82 / 3, (2.0 / 82 + 2.0 / 18) / 3, 16.0 / 18 / 3, 1.0 / 3}},
      {{.kind = sampling::label_balanced, .power = 0}, {80.0 / 102, 4.0 / 102, 16.0 / 102, 2.0 / 102}},
      {{.kind = sampling::label_balanced, .power = 0, .unlabelled = false}, {0.8, 0.04, 0.16, 0}},
  };
  for (auto const& one : cases) {
    auto options = one.options;
    options.count = 40000;
    auto const rows = sampled_rows(set.view(), options, 1, 2);
    REQUIRE(rows.size() == 40000);
    CHECK(share(rows, 0, 80) == Approx(one.expected[0]).margin(0.01));
    CHECK(share(rows, 80, 82) == Approx(one.expected[1]).margin(0.01));
    CHECK(share(rows, 82, 98) == Approx(one.expected[2]).margin(0.01));
    CHECK(share(rows, 98, 100) == Approx(one.expected[3]).margin(0.01));
  }
}

TEST_CASE("a sample is a function of seed and epoch, of as many rows as there are", "[data][sampler]") {
  skewed const set;
  for (auto const kind : {sampling::class_aware, sampling::label_balanced}) {
    auto const rows = sampled_rows(set.view(), {.kind = kind}, 1, 2);
    CHECK(rows.size() == 100);
    CHECK(sampled_rows(set.view(), {.kind = kind}, 1, 2) == rows);
    CHECK(sampled_rows(set.view(), {.kind = kind}, 1, 3) != rows);
    CHECK(sampled_rows(set.view(), {.kind = kind}, 2, 2) != rows);
    CHECK(std::set<std::uint64_t>(rows.begin(), rows.end()).size() > 20);
    auto const more = sampled_rows(set.view(), {.kind = kind, .count = 150}, 1, 2);
    CHECK(std::vector<std::uint64_t>(more.begin(), more.begin() + 100) == rows);
  }
}

TEST_CASE("samplers refuse what cannot be drawn", "[data][sampler]") {
  std::vector<std::uint8_t> const none(6);
  softf1::matrix_view<std::uint8_t const> const view{none.data(), 2, 3};
  CHECK(sampled_rows(view, {}, 0, 0).size() == 2);
  CHECK(error_text<softf1::value_error>([&] { sampled_rows(view, {.unlabelled = false}, 0, 0); }) ==
        "sampled_rows: there is no row to draw: no row has a label");
  CHECK(error_text<softf1::value_error>([&] { sampled_rows(view, {.power = -1}, 0, 0); }) ==
        "sampled_rows: power must lie in [0, 4], got -1");
  CHECK(softf1::parse_sampling("label_balanced") == sampling::label_balanced);
  CHECK(error_text<softf1::value_error>([] { softf1::parse_sampling("x"); }) ==
        "no sampling is named 'x', there are class_aware, label_balanced");
}

}  // namespace data_sampler_test
