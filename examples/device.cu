// The same functions on a device: what lies in a thrust::device_vector is taken as it is, and stays there.
#include <softf1/softf1.hpp>

#include <cstdio>
#include <vector>

using namespace softf1;

int main() {
  auto const found = find_devices();
  if (found.devices.empty()) {
    std::printf("%s\n", found.why_none.c_str());
    return 77;
  }
  std::size_t const rows = 1000, labels = 20;
  random_stream const random(7);
  std::vector<float> scores(rows * labels), truth(rows * labels);
  for (std::size_t k = 0; k < scores.size(); ++k) {
    truth[k] = random.uniform(2 * k) < 0.2 ? 1.0f : 0.0f;
    scores[k] = static_cast<float>(4 * random.uniform(2 * k + 1) - 3) + truth[k];
  }
  thrust::device_vector<float> const on_device(scores.begin(), scores.end()), wanted(truth.begin(), truth.end());
  auto const logits = as_matrix(on_device, rows, labels), targets = as_matrix(wanted, rows, labels);

  auto const loss = value_and_gradient(soft_f1{}, logits, targets);  // loss.gradient is a tensor on the device
  auto const tuned = best_thresholds(f1{}, logits, targets);         // sorted and searched there
  std::printf("soft-F1 loss %.4f, gradient of shape (%zu, %zu)\n", loss.value, loss.gradient.shape()[0],
              loss.gradient.shape()[1]);
  std::printf("macro F1 %.4f, tuned %.4f\n", macro(f1{}, logits, targets),
              macro(f1{}, logits, targets, {.decision = tuned}));
}
