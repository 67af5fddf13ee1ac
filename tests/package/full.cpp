#include <cstdio>

#include <softf1/softf1.hpp>

int main() { std::printf("softf1 %s: philox %08x\n", SOFTF1_VERSION, softf1::philox(0, 0).word[0]); }
