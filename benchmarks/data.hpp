// Data for benchmarks: skewed labels, scores that know something about them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/core/view.hpp>

namespace softf1_bench {

/// Logits and targets of N rows and L labels: prevalence 3 %, positives 2 higher.
template <class Y>
struct score_dump {
  std::size_t rows, labels;
  std::vector<float> logits;
  std::vector<Y> targets;

  score_dump(std::size_t n, std::size_t l) : rows(n), labels(l), logits(n * l), targets(n * l) {
    softf1::random_stream const random(1);
    for (std::size_t k = 0; k < logits.size(); ++k) {
      bool const positive = random.uniform<float>(2 * k) < 0.03f;
      targets[k] = positive ? Y(1) : Y(0);
      logits[k] = 8 * random.uniform<float>(2 * k + 1) - 6 + (positive ? 2.0f : 0.0f);
    }
  }

  softf1::matrix_view<const float> z() const { return {logits.data(), rows, labels}; }
  softf1::matrix_view<const Y> y() const { return {targets.data(), rows, labels}; }
  std::size_t cells() const { return rows * labels; }
};

}  // namespace softf1_bench
