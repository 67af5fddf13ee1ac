// error: what runs on a backend is a trivially copyable functor
#include <vector>

#include <softf1/backend/primitives.hpp>

struct write_number {
#if defined(SOFTF1_BAD)
  std::vector<float> numbers;  // cannot be copied to a device byte by byte
#else
  float* numbers;
#endif
  void operator()(std::size_t) const {}
};

int main() {
  softf1::context<> ctx;
  softf1::for_each(ctx, 3, write_number{});
}
