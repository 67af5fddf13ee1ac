#include <filesystem>
#include <string>
#include <vector>

#include <softf1/image/decode.hpp>
#include <softf1/image/encode.hpp>

#include "program/runner.hpp"
#include "support/http_server.hpp"

namespace program_download_test {

using namespace softf1_program_test;
using namespace softf1_test;

std::string const jpeg = [] {
  auto const bytes = softf1::image::encode_jpeg(softf1::rgb_image(8, 8));
  return std::string(reinterpret_cast<char const*>(bytes.data()), bytes.size());
}();

/// Leaves a test where the program cannot download.
#define SOFTF1_NEEDS_DOWNLOAD(place)                                                           \
  if (has((place).run({"download", "--csv", "none", "--out", "none"}).err, "without libcurl")) \
  SOFTF1_SKIP("this build has no libcurl")

TEST_CASE("softf1 download fetches the images of the first tutorial's table") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  SOFTF1_NEEDS_DOWNLOAD(w);
  bool is_mended = false;
  http_server server([&](std::string const& path, std::size_t) {
    return path == "/3.jpg" && !is_mended ? http_ok("<html></html>", "Content-Type: text/html\r\n") : http_ok(jpeg);
  });
  std::string const header = "imdbId,Imdb Link,Title,IMDB Score,Genre,Poster\r\n";
  auto const row = [&](std::string const& id, std::string const& title, std::string const& url) {
    return id + ",http://imdb/" + id + "," + title + ",7.1,Drama|War," + url + "\r\n";
  };
  auto const first = row("114709", "Am\xE9lie", server.url("/1.jpg"));
  auto const second = row("2", "\"A title, with \"\"quotes\"\"\"", server.url("/2.jpg"));
  auto const third = row("3", "Lost", server.url("/3.jpg"));
  auto const fourth = row("4", "Empty", "");
  w.put("movies.csv", header + first + third + second + fourth);

  std::vector<std::string> const command{"download", "--csv",           "movies.csv",    "--url-column",
                                         "Poster",   "--id-column",     "imdbId",        "--out",
                                         "posters",  "--allow-private", "--drop-failed", "kept.csv"};
  auto const with = [&](std::vector<std::string> const& more) {
    auto all = command;
    all.insert(all.end(), more.begin(), more.end());
    return w.run(all);
  };
  auto const r = with({"--json", "report.json"});
  INFO(r.err);
  REQUIRE(r.status == 0);
  CHECK(has(r.out, "4 rows: 2 images fetched ("));
  CHECK(has(r.out, "), 0 were there, 2 failed\n"));
  CHECK(has(r.out, "  1  the URL is empty\n"));
  CHECK(has(r.out, "failures: posters/failures.csv\nthe table without them: kept.csv (2 rows)\n"));
  CHECK(w.get("posters/114709.jpg") == jpeg);
  CHECK(w.get("posters/2.jpg") == jpeg);
  CHECK(w.get("kept.csv") == header + first + second);
  CHECK(w.get("posters/failures.csv") ==
        "id,url,reason,attempts\n3," + server.url("/3.jpg") +
            ",the server sent an HTML page in place of an image,1\n4,,the URL is empty,0\n");
  auto const report = w.get_json("report.json");
  CHECK(report["fetched"] == 2);
  CHECK(report["formats"]["jpg"] == 2);
  CHECK(report["failures"][1]["reason"] == "the URL is empty");
  CHECK(has(server.heads(), "User-Agent: softf1/"));

  is_mended = true;
  auto const again = with({"--quiet"});
  CHECK(again.status == 0);
  CHECK((again.out + again.err).empty());
  CHECK(server.requests("/1.jpg") == 1);
  CHECK(w.get("kept.csv") == header + first + third + second);
  CHECK(w.get("posters/failures.csv") == "id,url,reason,attempts\n4,,the URL is empty,0\n");
}

TEST_CASE("softf1 download fails where no image comes, and asks nothing of this machine's network") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  SOFTF1_NEEDS_DOWNLOAD(w);
  http_server server([&](std::string const&, std::size_t) { return http_ok(jpeg); });
  w.put("t.csv", "id,url\n1," + server.url("/1") + "\n");
  auto const r = w.run({"download", "--csv", "t.csv", "--out", "a", "--drop-failed", "kept.csv"});
  CHECK(r.status == 1);
  CHECK(is_one_error(r.err));
  CHECK(has(r.err,
            "none of the 1 images of t.csv could be fetched: the address 127.0.0.1 is not of the public internet"));
  CHECK(w.holds("a/failures.csv"));
  CHECK_FALSE(w.holds("kept.csv"));
  CHECK(server.requests() == 0);

  w.put("empty.csv", "id,url\n");
  CHECK(has(w.run({"download", "--csv", "empty.csv", "--out", "b"}).err, "empty.csv has no rows"));
  CHECK(has(w.run({"download", "--csv", "t.csv", "--out", "b", "--drop-failed", "t.csv"}).err,
            "--drop-failed would replace the input of --csv, t.csv"));
  CHECK(w.run({"download", "--csv", "t.csv", "--out", "b", "--jobs", "0"}).status == 2);
  CHECK(w.run({"download", "--csv", "t.csv", "--out", "b", "--timeout", "0"}).status == 2);
  CHECK_FALSE(w.holds("b"));
}

TEST_CASE("softf1 download can be interrupted and goes on") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  SOFTF1_NEEDS_DOWNLOAD(w);
  bool is_mended = false;
  http_server server([&](std::string const& path, std::size_t) -> http_answer {
    if (path == "/2" && !is_mended) return {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + jpeg, http_then::stall};
    return http_ok(jpeg);
  });
  w.put("t.csv", "id,url\n1," + server.url("/1") + "\n2," + server.url("/2") + "\n");
  std::vector<std::string> const command{"download", "--csv", "t.csv", "--out", "a", "--allow-private"};
  // The signal comes when the first image is there.
  auto const r = w.run_after("p=$$; (while [ ! -e a/1.jpg ]; do sleep 0.05; done; kill -INT $p) & :", command);
  CHECK(r.status == 1);
  CHECK(has(r.err, "error: interrupted: 1 of 2 images are there, and the same command goes on from there\n"));
  CHECK(std::distance(std::filesystem::directory_iterator(w.dir() / "a"), {}) == 1);
  is_mended = true;
  CHECK(has(w.run(command).out, "2 rows: 1 images fetched (0.0 MB), 1 were there, 0 failed\n"));
}

}  // namespace program_download_test
