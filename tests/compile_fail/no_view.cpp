// error: this type has no view
#include <vector>

#include <softf1/core/view_traits.hpp>

struct no_array {};

int main() {
#if defined(SOFTF1_BAD)
  no_array x;
#else
  float numbers[4] = {};
  softf1::matrix_view<float> x(numbers, 2, 2);
#endif
  softf1::to_view<2>(x, "f", "x");
}
