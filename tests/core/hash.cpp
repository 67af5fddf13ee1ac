#include <softf1/core/hash.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace hash_test {

struct known {
  std::string_view text;
  std::string_view hex;
};

// Test vectors of the authors of FNV (RFC 9923, appendix C).
constexpr known vectors[] = {
    {"", "cbf29ce484222325"},
    {"a", "af63dc4c8601ec8c"},
    {"foo", "dcb27518fed9d577"},
    {"foobar", "85944171f73967e8"},
};

}  // namespace hash_test

TEST_CASE("FNV-1a has the published values", "[hash]") {
  for (auto const& [text, hex] : hash_test::vectors) {
    CAPTURE(text);
    softf1::hasher h;
    h.add(text);
    CHECK(h.hex() == hex);
    CHECK(h.value() == softf1::fnv1a(text));
    CHECK(softf1::fnv1a(std::as_bytes(std::span(text))) == h.value());
  }
  static_assert(softf1::fnv1a("foobar") == 0x85944171f73967e8);
}

TEST_CASE("Bytes added in pieces hash as the whole, bytes above 127 as themselves", "[hash]") {
  std::string const text = "\xff\x80\x01 pieces";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    softf1::hasher h;
    h.add(std::string_view(text).substr(0, cut));
    h.add(std::as_bytes(std::span(text).subspan(cut)));
    CHECK(h.value() == softf1::fnv1a(text));
  }
  softf1::hasher one;
  one.add("\xff");
  CHECK(one.value() == (14695981039346656037u ^ 0xff) * 1099511628211u);
}
