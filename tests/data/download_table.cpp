#include <softf1/data/download_table.hpp>

#include <string>
#include <utility>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_download_table_test {

using namespace softf1_io_test;
namespace data = softf1::data;

TEST_CASE("ids and URLs of a table are found, or named", "[download]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "x.csv").string();
  using pairs = std::vector<std::pair<std::string, std::string>>;
  auto const read = [&](std::string const& text, data::download_columns const& columns = {}) {
    put(path, text);
    pairs found;
    for (auto const& item : data::read_download_items(path, columns)) found.emplace_back(item.id, item.url);
    return found;
  };
  std::string const tutorial =
      "imdbId,Imdb Link,Title,IMDB Score,Genre,Poster\n1,l,Caf\xE9,8.1,Drama,http://a/1.jpg\n2,l,\"B, C\",,Drama,\n";
  CHECK(read(tutorial) == pairs{{"1", "http://a/1.jpg"}, {"2", ""}});
  CHECK(read("a;URL;k\nx; u ;7\n;;\n") == pairs{{"x", "u"}, {"", ""}});
  CHECK(read("a,b,k\nx,u,7\n", {.id_column = "k", .url_column = "b"}) == pairs{{"7", "u"}});
  CHECK(read("id|poster\n1|u\n", {.separator = "|"}) == pairs{{"1", "u"}});
  CHECK(read("id,url\n").empty());
  CHECK(error_of([&] {
          read("a,b\n1,2\n");
        }).ends_with("x.csv: found no column of URLs, state url_column; the columns are 'a', 'b'"));
  CHECK(error_of([&] { read("a,b\n1,2\n", {.url_column = "c"}); }).ends_with("expected a column 'c', got 'a', 'b'"));
}

}  // namespace data_download_table_test
