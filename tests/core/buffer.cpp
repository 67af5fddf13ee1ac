#include <softf1/core/buffer.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>

#include "support/backends.hpp"
#include "support/catch.hpp"

namespace buffer_tests {

// Memory that counts its blocks.
struct counted_memory {
  static inline int allocations = 0, living = 0;
  static void* allocate(std::size_t bytes) {
    ++allocations;
    ++living;
    return ::operator new(bytes);
  }
  static void deallocate(void* data, std::size_t) noexcept {
    --living;
    ::operator delete(data);
  }
};

using pool = softf1::detail::memory_pool<counted_memory>;

}  // namespace buffer_tests

TEMPLATE_TEST_CASE("a buffer holds what was copied to it, and moves", "[core][buffer]", SOFTF1_TEST_BACKENDS) {
  softf1::context<TestType> ctx;
  auto a = softf1_test::upload(ctx, std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK((a.size() == 6 && !a.empty()));
  CHECK(reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0);
  auto const matrix = a.matrix(2, 3);
  CHECK((matrix.rows() == 2 && matrix.stride(0) == 3 && matrix.data() == a.data()));
  softf1::buffer<float, TestType> b(std::move(a));
  CHECK(a.empty());
  CHECK(softf1_test::download(ctx, b) == std::vector<float>{1, 2, 3, 4, 5, 6});
  softf1::buffer<float, TestType> c;
  CHECK(c.empty());
  c = std::move(b);
  CHECK(softf1_test::download(ctx, c).back() == 6);
  CHECK(softf1::buffer<float, TestType>(ctx, 0).empty());
}

TEMPLATE_TEST_CASE("a buffer may outlive its context", "[core][buffer]", SOFTF1_TEST_BACKENDS) {
  std::optional<softf1::context<TestType>> ctx(std::in_place);
  auto const kept = softf1_test::upload(*ctx, std::vector<int>{7, 8});
  ctx.reset();
  softf1::context<TestType> other;
  CHECK(softf1_test::download(other, kept) == std::vector<int>{7, 8});
}

TEMPLATE_TEST_CASE("a warm context gives the same memory again", "[core][buffer]", SOFTF1_TEST_BACKENDS) {
  softf1::context<TestType> ctx;
  double* first = nullptr;
  for (int k = 0; k < 3; ++k) {
    softf1::buffer<double, TestType> const scratch(ctx, 5000);
    if (k == 0) first = const_cast<double*>(scratch.data());
    CHECK(scratch.data() == first);
  }
}

TEST_CASE("a pool lends its free blocks, where not too much of them is wasted", "[core][memory_pool]") {
  using namespace buffer_tests;
  counted_memory::allocations = counted_memory::living = 0;
  {
    pool memory;
    auto const large = memory.take(100000), small = memory.take(20000);
    CHECK((large.bytes >= 100000 && small.bytes >= 20000 && large.data != small.data));
    memory.give_back(large);
    memory.give_back(small);
    auto const again = memory.take(19000);
    CHECK(again.data == small.data);
    CHECK(counted_memory::allocations == 2);
    // A tenth of the large block would waste the rest of it.
    auto const tenth = memory.take(10000);
    CHECK(tenth.data != large.data);
    CHECK(counted_memory::allocations == 3);
    auto const nothing = memory.take(0);
    CHECK(nothing.data != nullptr);
    CHECK(counted_memory::allocations == 4);
    for (auto const& block : {again, tenth, nothing}) memory.give_back(block);
  }
  CHECK(counted_memory::living == 0);
}

namespace buffer_tests {

// Memory with room for one block at a time.
struct one_block {
  bool* lent;
  void* allocate(std::size_t bytes) {
    if (*lent) throw softf1::out_of_memory("one_block: no room", bytes);
    *lent = true;
    return ::operator new(bytes);
  }
  void deallocate(void* data, std::size_t) noexcept {
    *lent = false;
    ::operator delete(data);
  }
};

}  // namespace buffer_tests

TEST_CASE("a pool gives back what lies free before it says that there is no memory", "[core][memory_pool]") {
  using namespace buffer_tests;
  bool lent = false;
  {
    softf1::detail::memory_pool<one_block> memory(one_block{&lent});
    auto const small = memory.take(5000);
    CHECK_THROWS_AS(memory.take(100000), softf1::out_of_memory);
    memory.give_back(small);
    auto const large = memory.take(100000);
    CHECK(large.bytes >= 100000);
    CHECK_THROWS_AS(memory.take(1), softf1::out_of_memory);
    memory.give_back(large);
    CHECK(memory.trim());
    CHECK_FALSE(lent);
    CHECK_FALSE(memory.trim());
  }
  CHECK_FALSE(lent);
}

TEST_CASE("blocks that come back while a pool sets them apart are lent to nobody else", "[core][memory_pool]") {
  using namespace buffer_tests;
  counted_memory::allocations = counted_memory::living = 0;
  {
    pool memory;
    memory.give_back(memory.take(50000));
    std::vector<pool::block> apart;
    memory.set_apart(&apart);
    auto const taken = memory.take(50000);
    CHECK(counted_memory::allocations == 1);
    memory.give_back(taken);
    CHECK((apart.size() == 1 && apart[0].data == taken.data));
    CHECK(memory.take(50000).data == taken.data);
    memory.give_back(taken);
    memory.set_apart(nullptr);
    auto const other = memory.take(50000);
    CHECK(other.data != taken.data);
    memory.give_back(other);
    for (auto const& block : apart) memory.give_back(block);
  }
  CHECK(counted_memory::living == 0);
}
