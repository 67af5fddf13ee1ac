#include <cstdio>

#include <softf1/core/random.hpp>

int main() {
  auto const block = softf1::philox(0, 0);
  std::printf("philox %08x %08x %08x %08x\n", block.word[0], block.word[1], block.word[2], block.word[3]);
}
