// error: reduce_columns takes a column_reduction
#include <softf1/backend/primitives.hpp>

struct count_cells {
  using scalar = double;
  struct partial {
    double count;
  };
  using total = double;
  static partial identity() { return {0}; }
#if !defined(SOFTF1_BAD)
  static total neutral() { return 0; }  // what backends that merge in a tree begin with
#endif
  void add(partial& p, std::size_t, std::size_t) const { p.count += 1; }
  static void merge(total& to, partial const& from) { to += from.count; }
  static void merge(total& to, total const& from) { to += from; }
};

int main() {
  softf1::context<> ctx;
  double out[2] = {};
  softf1::reduce_columns(ctx, 3, 2, count_cells{}, softf1::vector_view<double>(out, 2));
}
