#include "every_header.hpp"

double from_b(softf1::matrix_view<const float> logits, softf1::matrix_view<const float> targets);

// The same templates, instantiated here and there.
int main() {
  std::vector<float> const z{2, -1, -1, 1}, y{1, 0, 1, 1};
  auto const logits = softf1::as_matrix(z, 2, 2), targets = softf1::as_matrix(y, 2, 2);
  double const here =
      softf1::macro(softf1::f1{}, logits, targets) + softf1::loss_value(softf1::soft_f1{}, logits, targets);
  return from_b(logits, targets) == here ? 0 : 1;
}
