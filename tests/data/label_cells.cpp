#include <softf1/data/detail/label_cells.hpp>

#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace data_label_cells_test {

namespace detail = softf1::data::detail;
using names = std::vector<std::string>;

TEST_CASE("joined labels are taken apart", "[labels]") {
  struct {
    std::string cell, separator;
    names expected;
  } const cases[] = {
      {"Action|Drama", "|", {"Action", "Drama"}},
      {" Action | Sci-Fi ", "|", {"Action", "Sci-Fi"}},
      {"N/A", "|", {"N/A"}},
      {"|Action||Drama|", "|", {"Action", "Drama"}},
      {"a, b", "|", {"a, b"}},
      {"a, b", ", ", {"a", "b"}},
      {"a::b:c", "::", {"a", "b:c"}},
      {"", "|", {}},
      {"|", "|", {}},
  };
  for (auto const& c : cases) {
    CAPTURE(c.cell, c.separator);
    CHECK(detail::split_labels(c.cell, c.separator) == c.expected);
  }
}

TEST_CASE("lists as Python and JSON write them", "[labels]") {
  struct {
    std::string cell;
    std::optional<names> expected;
  } const cases[] = {
      {"['Action', 'Drama']", names{"Action", "Drama"}},
      {R"(["Action","Drama"])", names{"Action", "Drama"}},
      {R"(["it's", 'say "so"'])", names{"it's", "say \"so\""}},
      {R"(['it\'s', "a\\b", 'x\ty'])", names{"it's", "a\\b", "x\ty"}},
      {R"(['caf\xe9', "\u20ac", "\U0001F3AC", "\ud83c\udfac"])",
       names{"caf\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\xAC", "\xF0\x9F\x8E\xAC"}},
      {"['a, b', 'c]', '[d']", names{"a, b", "c]", "[d"}},
      {"[]", names{}},
      {" [ ] ", names{}},
      {"['']", names{}},
      {"['a',]", names{"a"}},
      {"[ 'a' ,\n 'b' ]", names{"a", "b"}},
      {"[' a ']", names{"a"}},
      {"[Action, Sci Fi]", names{"Action", "Sci Fi"}},
      {"[3, 14]", names{"3", "14"}},
      {"", std::nullopt},
      {"'a'", std::nullopt},
      {"[", std::nullopt},
      {"['a'", std::nullopt},
      {"['a]", std::nullopt},
      {"['a\\", std::nullopt},
      {"['a\\']", std::nullopt},
      {"['a' 'b']", std::nullopt},
      {"['a']x", std::nullopt},
      {"['a', , 'b']", std::nullopt},
      {"[,]", std::nullopt},
      {"[['a']]", std::nullopt},
      {"[a", std::nullopt},
      {"[a'b']", std::nullopt},
      {R"(['\u12'])", std::nullopt},
      {R"(['\xg0'])", std::nullopt},
      {R"(['\x-1'])", std::nullopt},
      {R"(['\ud83c'])", std::nullopt},
      {R"(['\udfac'])", std::nullopt},
      {R"(['\ud83c\u0041'])", std::nullopt},
      {R"(['\U00110000'])", std::nullopt},
  };
  for (auto const& c : cases) {
    CAPTURE(c.cell);
    CHECK(detail::list_parser(c.cell).parse() == c.expected);
  }
}

TEST_CASE("a list cut anywhere is no list", "[labels]") {
  std::string const cell = R"(['a\x41', "b\u00e9", c])";
  for (std::size_t n = 0; n < cell.size(); ++n) CHECK_FALSE(detail::list_parser(cell.substr(0, n)).parse());
  CHECK(detail::list_parser(cell).parse() == names{"aA", "b\xC3\xA9", "c"});
}

}  // namespace data_label_cells_test
