#include <softf1/data/split.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace data_split_test {

namespace data = softf1::data;
using data::part;
using softf1_test::error_text;
using shares = std::array<double, 3>;
using sizes = std::array<std::size_t, 3>;

struct targets {
  std::size_t rows, labels;
  std::vector<std::uint8_t> cells;
  softf1::matrix_view<std::uint8_t const> view() const { return {cells.data(), rows, labels}; }
};

/// Label j is in about a share of 0.5 / (j + 1) of the rows.
targets long_tailed(std::size_t rows, std::size_t labels, std::uint64_t seed) {
  targets t{rows, labels, std::vector<std::uint8_t>(rows * labels)};
  softf1::random_stream const random(seed);
  for (std::size_t k = 0; k < t.cells.size(); ++k)
    t.cells[k] = random.uniform(k) < 0.5 / static_cast<double>(k % labels + 1);
  return t;
}

sizes sizes_of(std::vector<part> const& parts) {
  sizes count{};
  for (auto const p : parts) ++count[static_cast<std::size_t>(p)];
  return count;
}

/// The largest |positives − share · all positives| over parts and labels.
double worst_excess(targets const& t, std::vector<part> const& parts, shares const& wanted) {
  double worst = 0;
  for (std::size_t j = 0; j < t.labels; ++j) {
    shares count{};
    for (std::size_t i = 0; i < t.rows; ++i) count[static_cast<std::size_t>(parts[i])] += t.cells[i * t.labels + j];
    double const all = count[0] + count[1] + count[2];
    for (std::size_t p = 0; p < 3; ++p) worst = std::max(worst, std::fabs(count[p] - wanted[p] * all));
  }
  return worst;
}

TEST_CASE("parts have the sizes that largest remainders give", "[split]") {
  struct {
    std::size_t rows;
    shares wanted;
    sizes expected;
  } const cases[] = {
      {10, {0.7, 0.1, 0.2}, {7, 1, 2}},
      {0, {0.7, 0.1, 0.2}, {0, 0, 0}},
      {1, {0.7, 0.1, 0.2}, {1, 0, 0}},
      {3, {0.7, 0.1, 0.2}, {2, 0, 1}},
      {9, {0.7, 0.1, 0.2}, {6, 1, 2}},
      {5788, {0.7, 0.1, 0.2}, {4051, 579, 1158}},
      {100, {1, 0, 0}, {100, 0, 0}},
      {5, {0, 0.5, 0.5}, {0, 3, 2}},
      {37690, {0.8, 0.2, 0}, {30152, 7538, 0}},
      {7, {1 / 3.0, 1 / 3.0, 1 / 3.0}, {3, 2, 2}},
      {1000, {0.333, 0.333, 0.334}, {333, 333, 334}},
  };
  for (auto const& c : cases) {
    CAPTURE(c.rows, c.wanted[0]);
    CHECK(sizes_of(data::shuffle_split(c.rows, {.shares = c.wanted})) == c.expected);
    auto const t = long_tailed(c.rows, 3, 5);
    CHECK(sizes_of(data::stratified_split(t.view(), {.shares = c.wanted})) == c.expected);
  }
}

TEST_CASE("shares are checked", "[split]") {
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for (shares const wrong : {shares{0.7, 0.1, 0.1}, {1.2, -0.2, 0}, {0.5, 0.5, 0.5}, {nan, 0.5, 0.5}, {0, 0, 0}}) {
    CHECK(error_text<softf1::value_error>([&] { data::shuffle_split(3, {.shares = wrong}); })
              .starts_with(
                  "shuffle_split: the shares of training, validation and test must be 0 or more and sum to 1, got "));
    CHECK(error_text<softf1::value_error>([&] {
            data::stratified_split(long_tailed(3, 1, 1).view(), {.shares = wrong});
          }).starts_with("stratified_split: the shares"));
  }
  CHECK_NOTHROW(data::shuffle_split(3, {.shares = {0.7, 0.1, 0.2 + 5e-10}}));
}

TEST_CASE("a seed is a split", "[split]") {
  auto const t = long_tailed(200, 6, 3);
  auto const stratified = [&](std::uint64_t seed) { return data::stratified_split(t.view(), {.seed = seed}); };
  CHECK(stratified(1) == stratified(1));
  CHECK(stratified(1) != stratified(2));
  CHECK(data::shuffle_split(200, {.seed = 1}) == data::shuffle_split(200, {.seed = 1}));
  CHECK(data::shuffle_split(200, {.seed = 1}) != data::shuffle_split(200, {.seed = 2}));
  CHECK(data::shuffle_split(200) != stratified(0));
}

TEST_CASE("splits are what they were", "[split]") {
  auto const text = [](std::vector<part> const& parts) {
    std::string letters;  // the second ones: tRain, vAlidation, tEst
    for (auto const p : parts) letters += data::name_of(p)[1];
    return letters;
  };
  CHECK(text(data::shuffle_split(20, {.seed = 7})) == "rrrrrerrrearraeerrrr");
  CHECK(text(data::stratified_split(long_tailed(60, 8, 1).view(), {.seed = 7})) ==
        "ererarerrrrarrareeerrrrrraerrerrrrreraerrrrrrerrrerrrrrarrrr");
}

TEST_CASE("every part is shuffled alike", "[split]") {
  // How often each row is in the test part over many seeds: binomial with mean 100, deviation 9.
  std::vector<int> often(20);
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    auto const parts = data::shuffle_split(20, {.seed = seed});
    for (std::size_t i = 0; i < 20; ++i) often[i] += parts[i] == part::test;
  }
  for (int const count : often) CHECK(std::abs(count - 100) < 40);
}

TEST_CASE("labels keep their shares", "[split]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    softf1::random_stream const random(seed, softf1::random_purpose::test, 9);
    std::size_t const rows = 300 + static_cast<std::size_t>(random.below(0, 700));
    std::size_t const labels = 2 + static_cast<std::size_t>(random.below(1, 20));
    double const test = 0.1 + 0.3 * random.uniform(2);
    double const validation = seed % 3 == 0 ? 0 : 0.1;
    data::split_options const options{.shares = {1 - test - validation, validation, test}, .seed = seed};
    auto const t = long_tailed(rows, labels, seed);
    CAPTURE(seed, rows, labels, test);
    double const stratified = worst_excess(t, data::stratified_split(t.view(), options), options.shares);
    double const shuffled = worst_excess(t, data::shuffle_split(rows, options), options.shares);
    CHECK(stratified < 2);
    CHECK(stratified < shuffled);
  }
}

TEST_CASE("rare labels go where they are wanted most", "[split]") {
  // Ten rows have the rare label and all have the frequent one.
  targets t{100, 2, std::vector<std::uint8_t>(200)};
  for (std::size_t i = 0; i < 100; ++i) {
    t.cells[2 * i] = i % 10 == 0;
    t.cells[2 * i + 1] = 1;
  }
  CHECK(worst_excess(t, data::stratified_split(t.view()), {0.7, 0.1, 0.2}) < 1e-9);
  // Rows without any label fill up the parts.
  targets const empty{50, 4, std::vector<std::uint8_t>(200)};
  CHECK(sizes_of(data::stratified_split(empty.view())) == sizes{35, 5, 10});
  targets const none{50, 0, {}};
  CHECK(sizes_of(data::stratified_split(none.view())) == sizes{35, 5, 10});
}

TEST_CASE("a part that is full gets no more rows", "[split]") {
  // Each label is in one row and asks for the largest part.
  targets t{10, 10, std::vector<std::uint8_t>(100)};
  for (std::size_t i = 0; i < 10; ++i) t.cells[11 * i] = 1;
  CHECK(sizes_of(data::stratified_split(t.view())) == sizes{7, 1, 2});
  CHECK(sizes_of(data::stratified_split(t.view(), {.shares = {0, 0.5, 0.5}})) == sizes{0, 5, 5});
}

TEST_CASE("swaps better a split and leave its sizes", "[split]") {
  shares const wanted{0.7, 0.1, 0.2};
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    auto const t = long_tailed(2000, 12, seed);
    auto const before = data::shuffle_split(t.rows, {.shares = wanted, .seed = seed});
    std::vector<std::uint8_t> numbers;
    for (auto const p : before) numbers.push_back(static_cast<std::uint8_t>(p));
    data::detail::sparse_labels const labels(t.view(), "test");
    softf1::random_stream const random(seed);
    data::detail::part_swaps(labels, wanted, numbers).run(data::detail::random_order(t.rows, random), 4);
    auto const after = data::detail::as_parts(numbers);
    CHECK(sizes_of(after) == sizes_of(before));
    CHECK(worst_excess(t, before, wanted) > 5);
    CHECK(worst_excess(t, after, wanted) < 1.5);
  }
}

TEST_CASE("the layout of targets does not matter", "[split]") {
  auto const t = long_tailed(60, 5, 11);
  std::vector<std::uint8_t> columns(t.cells.size());
  for (std::size_t i = 0; i < 60; ++i)
    for (std::size_t j = 0; j < 5; ++j) columns[j * 60 + i] = t.cells[i * 5 + j];
  CHECK(data::stratified_split({columns.data(), 60, 5, 1, 60}) == data::stratified_split(t.view()));
}

TEST_CASE("targets are 0 or 1", "[split]") {
  auto t = long_tailed(4, 3, 1);
  t.cells[7] = 2;
  CHECK(error_text<softf1::value_error>([&] { data::stratified_split(t.view()); }) ==
        "stratified_split: a target must be 0 or 1, got 2 at row 2, label 1");
}

TEST_CASE("rows of a part are found", "[split]") {
  std::vector<part> const parts{part::test, part::train, part::test};
  CHECK(data::rows_of(parts, part::test) == std::vector<std::size_t>{0, 2});
  CHECK(data::rows_of(parts, part::train) == std::vector<std::size_t>{1});
  CHECK(data::rows_of(parts, part::validation).empty());
}

}  // namespace data_split_test
