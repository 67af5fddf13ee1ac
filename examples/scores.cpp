// One score, three uses: a metric, a loss with its gradient, and a threshold objective. A score of your own as well.
#include <softf1/softf1.hpp>

#include <cstdio>

using namespace softf1;

// [readme]
struct my_score {  // a score of your own: any function of the confusion counts
  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    return safe_sqrt(recall{}(c)*specificity{}(c));
  }
};

int main() {
  xt::xtensor<float, 2> logits{{2, -1}, {1, -3}, {-1, 0.5f}, {0.4f, -2}, {-0.5f, 1}, {-2, -0.5f}};
  xt::xtensor<float, 2> targets{{1, 0}, {1, 0}, {0, 1}, {0, 0}, {1, 1}, {0, 1}};

  double f1 = macro(f_beta{}, logits, targets);                        // a metric, at logit >= 0
  auto loss = value_and_gradient(soft(f_beta{}), logits, targets);     // loss.value, loss.gradient: an xt::xtensor
  auto rule = best_thresholds(f_beta{}, logits, targets);              // the exact optimum of each label
  double best = macro(f_beta{}, logits, targets, {.decision = rule});  // the metric by that rule
  std::printf("macro F1 %.4f, soft loss %.4f, tuned %.4f\n", f1, loss.value, best);

  double mine = macro(my_score{}, logits, targets);
  auto gradient = value_and_gradient(soft(my_score{}), logits, targets).gradient;
  auto cut = best_thresholds(my_score{}, logits, targets).thresholds;
  std::printf("my score %.4f, d/dz[0,0] %+.5f, thresholds %.2f %.2f\n", mine, gradient(0, 0), cut[0], cut[1]);
}
// [readme]
