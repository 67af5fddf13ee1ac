#include <softf1/training/batches.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "support/catch.hpp"
#include "support/problem.hpp"

namespace training_batches_tests {

using softf1::training::shuffled_rows;

TEST_CASE("shuffled_rows is a permutation, another one for each epoch and seed, the same for both the same") {
  for (std::size_t rows : {0u, 1u, 2u, 17u, 1000u}) {
    auto order = shuffled_rows(rows, 3, 5);
    CHECK(order == shuffled_rows(rows, 3, 5));
    if (rows > 2) {
      CHECK(order != shuffled_rows(rows, 3, 6));
      CHECK(order != shuffled_rows(rows, 4, 5));
    }
    std::sort(order.begin(), order.end());
    std::vector<std::uint64_t> all(rows);
    std::iota(all.begin(), all.end(), std::uint64_t{0});
    CHECK(order == all);
  }
}

TEST_CASE("each row comes to each place about as often") {
  constexpr std::size_t rows = 5, epochs = 2000;
  std::vector<std::size_t> counts(rows * rows);
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    auto const order = shuffled_rows(rows, 1, epoch);
    for (std::size_t k = 0; k < rows; ++k) ++counts[k * rows + order[k]];
  }
  for (std::size_t count : counts) CHECK((count > 320 && count < 480));
}

TEST_CASE("gather_rows takes rows of any matrix, any number of times") {
  softf1::context<softf1::cpu> ctx;
  auto const p = softf1_test::random_problem(6, 3, 1);
  std::vector<std::uint64_t> const rows{5, 0, 0, 3};
  for (auto how : {softf1_test::layout::dense, softf1_test::layout::padded, softf1_test::layout::column_major}) {
    softf1_test::matrix_on<double, softf1::cpu> const from(ctx, p.scores, 6, 3, how);
    softf1_test::matrix_on<double, softf1::cpu> to(ctx, 4, 3);
    softf1::for_each_cell(ctx, 4, 3,
                          softf1::training::gather_rows<double, softf1::cpu>{from.view(), {rows.data(), 4}, to.view()});
    CHECK(to.numbers(ctx) == softf1_test::pick(p, p.scores, {5, 0, 0, 3}, softf1_test::indices(3)));
  }
}

}  // namespace training_batches_tests
