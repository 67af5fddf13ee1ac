#include <softf1/io/csv_encoding.hpp>

#include <cstddef>
#include <string>

#include <softf1/io/csv.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace io_csv_encoding_test {

using namespace softf1_io_test;
namespace io = softf1::io;
using io::text_encoding;

TEST_CASE("what is UTF-8 and what is not", "[io][csv_encoding]") {
  constexpr std::size_t all = std::string::npos;
  struct {
    std::string text;
    std::size_t first_bad;
  } const cases[] = {
      {"", all},
      {"plain text of more than eight bytes", all},
      {"\x7F", all},
      {"caf\xC3\xA9 and more than eight bytes \xE2\x82\xAC", all},
      {"\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", all},
      {"\xED\x9F\xBF\xEE\x80\x80", all},
      {"caf\xE9", 3},
      {"caf\xE9, and more", 3},
      {"12345678\x80", 8},
      {"\xC0\x80", 0},
      {"\xC1\xBF", 0},
      {"\xE0\x9F\xBF", 0},
      {"a\xED\xA0\x80", 1},
      {"\xF0\x8F\xBF\xBF", 0},
      {"\xF4\x90\x80\x80", 0},
      {"\xF5\x80\x80\x80", 0},
      {"\xC3", 0},
      {"\xE2\x82", 0},
      {"\xE2\x82z", 0},
      {"\xF0\x90\x80z", 0},
      {"\xC3\xC3", 0},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    CHECK(io::find_invalid_utf8(c.text) == c.first_bad);
  }
}

TEST_CASE("every character of ISO-8859-1 becomes itself in UTF-8", "[io][csv_encoding]") {
  CHECK(io::utf8_from_iso_8859_1("caf\xE9 \x80\xBF\xC0\xFF") == "caf\xC3\xA9 \xC2\x80\xC2\xBF\xC3\x80\xC3\xBF");
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  auto const text = io::utf8_from_iso_8859_1(bytes);
  CHECK(text.size() == 128 + 2 * 128);
  CHECK(io::find_invalid_utf8(text) == std::string::npos);
}

TEST_CASE("encodings have names", "[io][csv_encoding]") {
  CHECK(io::parse_text_encoding("") == text_encoding::detect);
  CHECK(io::parse_text_encoding("utf-8") == text_encoding::utf_8);
  CHECK(io::parse_text_encoding("iso-8859-1") == text_encoding::iso_8859_1);
  CHECK(error_of<softf1::value_error>([] { io::parse_text_encoding("ebcdic"); }) ==
        "the encoding must be utf-8 or iso-8859-1, got 'ebcdic'");
}

TEST_CASE("a table in ISO-8859-1 is read as UTF-8", "[io][csv_encoding]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.csv";
  struct {
    std::string bytes;
    text_encoding encoding;
    std::string field;
  } const cases[] = {
      {"a\ncaf\xE9\n", text_encoding::detect, "caf\xC3\xA9"},
      {"a\ncaf\xE9\n", text_encoding::iso_8859_1, "caf\xC3\xA9"},
      {"a\ncaf\xC3\xA9\n", text_encoding::detect, "caf\xC3\xA9"},
      {"a\ncaf\xC3\xA9\n", text_encoding::utf_8, "caf\xC3\xA9"},
      {"a\n\xC3\xA9\n", text_encoding::iso_8859_1, "\xC3\x83\xC2\xA9"},
      {"\xEF\xBB\xBF"
       "a\n\xC3\xA9\n",
       text_encoding::iso_8859_1, "\xC3\xA9"},
  };
  for (auto const& c : cases) {
    put(path, c.bytes);
    auto const table = io::read_csv(path, {.header = io::csv_has::yes, .encoding = c.encoding});
    CHECK(table.header == std::vector<std::string>{"a"});
    CHECK(table.rows == std::vector<std::vector<std::string>>{{c.field}});
  }
  put(path, ",a\ncaf\xE9,1\n");
  CHECK(io::read_csv_matrix(path).rows == std::vector<std::string>{"caf\xC3\xA9"});
  for (std::string const mark : {"", "\xEF\xBB\xBF"}) {
    put(path, mark + "a\ncaf\xE9\n");
    CHECK(error_of([&] {
            io::read_csv(path, {.encoding = mark.empty() ? text_encoding::utf_8 : text_encoding::detect});
          }) == "read_csv: " + path.string() + ": line 2: expected UTF-8, got byte 233: is the encoding iso-8859-1?");
  }
}

}  // namespace io_csv_encoding_test
