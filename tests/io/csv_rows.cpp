#include <softf1/io/csv_rows.hpp>

#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace io_csv_rows_test {

using namespace softf1_io_test;

TEST_CASE("rows are left out of a CSV file, and the others keep their bytes", "[csv]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "x.csv").string();
  auto const without = [&](std::string const& text, std::vector<bool> const& dropped) {
    put(path, text);
    return softf1::csv_without_rows(path, dropped);
  };
  std::string const text = "id,t\r\n1,caf\xE9\r\n2,\"a\nb\"\r\n\r\n3,\"c \"\"d\"\"\"";
  CHECK(without(text, {false, false, false}) == text);
  CHECK(without(text, {false, true, false}) == "id,t\r\n1,caf\xE9\r\n\r\n3,\"c \"\"d\"\"\"");
  CHECK(without(text, {true, false, true}) == "id,t\r\n2,\"a\nb\"\r\n");
  CHECK(without("\xEF\xBB\xBFid;t\n1;a,b\n2;c\n", {true, false}) == "\xEF\xBB\xBFid;t\n2;c\n");
  CHECK(without("id\n", {}) == "id\n");
  CHECK(error_of<softf1::shape_error>([&] { without(text, {true}); }) ==
        "csv_without_rows: dropped must have shape (3,), got (1,)");
  CHECK(error_of([&] {
          without("id\n\"1\n", {true});
        }).ends_with("line 2: the quote that is opened here is never closed"));
}

}  // namespace io_csv_rows_test
