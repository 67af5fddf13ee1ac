#include <cstdio>

#include <softf1/softf1.hpp>

int main() {
  xt::xtensor<float, 2> const logits{{2, -1}, {-1, 1}, {1, 1}};
  xt::xtensor<float, 2> const targets{{1, 0}, {1, 1}, {1, 0}};
  xt::xtensor<float, 2> product{{0, 0}, {0, 0}, {0, 0}};
  softf1::context<> ctx;
  softf1::gemm<float>(ctx, 1, softf1::const_view<2>(logits, "", ""), softf1::as_matrix(targets.data(), 2, 2), 0,
                      softf1::to_view<2>(product, "", ""));
  std::printf("softf1 %s: macro F1 %.6f, soft loss %.6f, product %g\n", SOFTF1_VERSION,
              softf1::macro(softf1::f_beta{}, logits, targets),
              softf1::loss_value(softf1::soft(softf1::f_beta{}), logits, targets), static_cast<double>(product(0, 0)));
}
