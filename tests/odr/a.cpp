#include "every_header.hpp"

softf1::philox_block from_b();

int main() { return from_b().word[0] == softf1::philox(1, 2).word[0] ? 0 : 1; }
