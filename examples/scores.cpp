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

void show(xt::xtensor<float, 2> const& logits, xt::xtensor<float, 2> const& targets) {  // both (N, L)
  double f1 = macro(f_beta{}, logits, targets);                        // a metric, at logit >= 0
  auto loss = value_and_gradient(soft(f_beta{}), logits, targets);     // loss.value, loss.gradient: an xt::xtensor
  auto rule = best_thresholds(f_beta{}, logits, targets);              // the exact optimum of each label
  double best = macro(f_beta{}, logits, targets, {.decision = rule});  // the metric by that rule
  auto mine = value_and_gradient(soft(my_score{}), logits, targets);   // your score: a metric, a loss, an objective
  std::printf("macro F1 %.4f, tuned %.4f, losses %.4f %.4f\n", f1, best, loss.value, mine.value);
}
// [readme]

int main() {
  show({{2, -1}, {1, -3}, {-1, 0.5f}, {0.4f, -2}, {-0.5f, 1}, {-2, -0.5f}},
       {{1, 0}, {1, 0}, {0, 1}, {0, 0}, {1, 1}, {0, 1}});
}
