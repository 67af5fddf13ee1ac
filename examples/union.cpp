// The exact loss over any union of batches: three micro-batches give the gradient of the whole.
#include <softf1/softf1.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

using namespace softf1;

int main() {
  std::size_t const rows = 96, labels = 5, part = 32;
  random_stream const random(7);
  std::vector<double> logits(rows * labels), targets(rows * labels), gradient(rows * labels);
  for (std::size_t k = 0; k < logits.size(); ++k) {
    targets[k] = random.uniform(2 * k) < 0.2 ? 1 : 0;
    logits[k] = 4 * random.uniform(2 * k + 1) - 3 + targets[k];
  }
  auto const rows_of = [&](auto& values, std::size_t first) {
    return as_matrix(values.data() + first * labels, part, labels);
  };

  context<> ctx;
  loss_union loss(ctx, soft_f1{}, labels);
  for (std::size_t first = 0; first < rows; first += part)  // pass 1: sums of counts, never means of batches
    loss.add(ctx, rows_of(logits, first), rows_of(targets, first));
  double const value = loss.value(ctx);
  for (std::size_t first = 0; first < rows; first += part)  // pass 2: each batch's part of the whole's gradient
    loss.gradient(ctx, rows_of(logits, first), rows_of(targets, first), rows_of(gradient, first));

  auto const whole = value_and_gradient(soft_f1{}, as_matrix(logits, rows, labels), as_matrix(targets, rows, labels));
  double difference = std::abs(value - whole.value), mean_of_batches = 0;
  for (std::size_t k = 0; k < gradient.size(); ++k)
    difference = std::max(difference, std::abs(gradient[k] - whole.gradient[k]));
  for (std::size_t first = 0; first < rows; first += part)
    mean_of_batches += loss_value(soft_f1{}, rows_of(logits, first), rows_of(targets, first)) / (rows / part);
  std::printf("whole %.6f, union %.6f, same to 1e-12: %s\n", whole.value, value, difference < 1e-12 ? "yes" : "no");
  std::printf("the mean of the batches' losses would be %.6f\n", mean_of_batches);
}
