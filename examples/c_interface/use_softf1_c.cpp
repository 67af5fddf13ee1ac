// What a program in another language does with softf1_c.
#include <cstdio>

#include "softf1_c.h"

int main() {
  float const logits[] = {2, -1, -1, 1, 0.5f, -2}, targets[] = {1, 0, 0, 1, 1, 1};  // (3, 2), row-major
  float const by_label[] = {2, -1, 0.5f, -1, 1, -2};                                // the same, a label at a time
  unsigned char const truth[] = {1, 0, 0, 1, 1, 1};
  float gradient[6];
  double value = 0, again = 0, f1 = 0;

  softf1_loss* const loss = softf1_loss_create("bce:weight=0.3+soft_f1:weight=0.7", 2);
  if (!loss || softf1_loss_f32(loss, 3, logits, 2, 1, targets, 2, 1, nullptr, &value, gradient) != 0 ||
      softf1_loss_f32(loss, 3, by_label, 1, 3, targets, 2, 1, nullptr, &again, gradient) != 0 ||
      softf1_score_f32("f1", "macro", 3, 2, logits, 2, 1, truth, nullptr, 0, &f1) != 0) {
    std::printf("error: %s\n", softf1_last_error());
    return 1;
  }
  std::printf("loss %.6f, the same from columns %.6f, macro F1 %.6f\n", value, again, f1);

  // A loss that remembers: steps with three rows and with the first two, whose value is asked for in between.
  double step = 0, alone = 0;
  softf1_loss* const streaming = softf1_loss_create("soft_f1:streaming=on", 2);
  if (!streaming || softf1_loss_f32(streaming, 3, logits, 2, 1, targets, 2, 1, nullptr, &value, gradient) != 0 ||
      softf1_loss_value_f32(streaming, 2, logits, 2, 1, targets, 2, 1, nullptr, &alone) != 0 ||
      softf1_loss_f32(streaming, 2, logits, 2, 1, targets, 2, 1, nullptr, &step, gradient) != 0) {
    std::printf("error: %s\n", softf1_last_error());
    return 1;
  }
  std::printf("soft F1 loss of a step %.6f, of other rows alone %.6f, of a step with them %.6f\n", value, alone, step);
  if (softf1_loss_value_f32(streaming, 2, nullptr, 2, 1, targets, 2, 1, nullptr, &alone) != 0)
    std::printf("%s\n", softf1_last_error());
  softf1_loss_free(streaming);
  softf1_loss_free(loss);

  float const by_label_targets[] = {1, 0, 1, 0, 1, 1};
  float hessian[6];
  if (softf1_boosting_f32("bce", 3, 2, SOFTF1_ROW_MAJOR, 1e-16, logits, targets, &value, gradient, hessian) != 0) {
    std::printf("error: %s\n", softf1_last_error());
    return 1;
  }
  std::printf("row 1, label 0 of an objective of XGBoost: %.6f, %.6f\n", gradient[1 * 2 + 0], hessian[1 * 2 + 0]);
  if (softf1_boosting_f32("bce", 3, 2, SOFTF1_LABEL_MAJOR, 1e-16, by_label, by_label_targets, &again, gradient,
                          hessian) != 0) {
    std::printf("error: %s\n", softf1_last_error());
    return 1;
  }
  std::printf("of LightGBM: %.6f, %.6f; sums %.6f and %.6f\n", gradient[0 * 3 + 1], hessian[0 * 3 + 1], value, again);

  if (!softf1_loss_create("huber", 2)) std::printf("%.29s\n", softf1_last_error());
  if (softf1_boosting_f32("soft_f1", 3, 2, SOFTF1_ROW_MAJOR, 1e-16, logits, targets, &value, gradient, hessian) != 0)
    std::printf("%.62s\n", softf1_last_error());
  if (softf1_score_f32("f1", "mean", 3, 2, logits, 2, 1, truth, nullptr, 0, &f1) != 0)
    std::printf("%s\n", softf1_last_error());
}
