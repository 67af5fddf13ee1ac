#include <softf1/data/download.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <softf1/image/encode.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/http_server.hpp"
#include "support/paths.hpp"

namespace data_download_test {

using namespace softf1_test;
using softf1_io_test::count_files;
using softf1_io_test::get;
using softf1_io_test::put;
namespace data = softf1::data;
using state = data::download_state;
using data::download_images;

std::string text_of(std::vector<std::byte> const& bytes) {
  return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

std::string const jpeg = text_of(softf1::image::encode_jpeg(softf1::rgb_image(8, 8)));
std::string const png = text_of(softf1::image::encode_png(softf1::rgb_image(8, 8)));

/// What tests wait for at most; small, as servers stall on purpose.
data::download_options quick() {
  return {.timeout = 2, .stall_timeout = 0.5, .retries = 2, .backoff = 0.001, .max_pause = 0.01, .allow_private = true};
}

/// One image from a path of a server, in a folder of its own.
struct fetched {
  data::download_outcome outcome;
  std::ptrdiff_t files = 0;
};
fetched fetch(http_server& server, std::string const& url, data::download_options const& options) {
  temp_directory const folder;
  auto result = download_images({{"1", url.starts_with("/") ? server.url(url) : url}}, folder.path().string(), options);
  return {result.items.at(0), count_files(folder.path())};
}

TEST_CASE("a server that misbehaves costs an image, and the reason is said", "[download]") {
  std::string const image = "Content-Type: image/jpeg\r\n";
  auto const cut = jpeg.substr(0, jpeg.size() / 2);
  auto const answer = [&](std::string const& path, std::size_t n) -> http_answer {
    if (path == "/good") return http_ok(jpeg);
    if (path == "/png") return http_ok(png);
    if (path == "/close") return {"HTTP/1.0 200 OK\r\n\r\n" + jpeg, http_then::close};
    if (path == "/chunked")
      return {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n" + jpeg.substr(0, 4) + "\r\n7d0\r\n" +
              (jpeg.substr(4) + std::string(2000, ' ')).substr(0, 2000) + "\r\n0\r\n\r\n"};
    if (path == "/404") return http_ok("no such page", "", "404 Not Found");
    if (path == "/503-once") return n == 1 ? http_ok("later", "", "503 Busy") : http_ok(jpeg);
    if (path == "/429") return n < 3 ? http_ok("", "Retry-After: 3600\r\n", "429 Slow Down") : http_ok(jpeg);
    if (path == "/500") return http_ok("", "", "500 Broken");
    if (path == "/204") return {"HTTP/1.1 204 Nothing\r\n\r\n"};
    if (path == "/silent") return {"", http_then::stall};
    if (path == "/stall") return {"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + cut, http_then::stall};
    if (path == "/truncated") return {"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + cut, http_then::close};
    if (path == "/cut-once") return n == 1 ? http_ok(cut) : http_ok(jpeg);
    if (path == "/hang-up") return {"", http_then::close};
    if (path == "/html") return http_ok("<html>not here</html>", "Content-Type: Text/HTML; charset=utf-8\r\n");
    if (path == "/hidden-html") return http_ok("<!DOCTYPE html><html></html>");
    if (path == "/other") return http_ok("some words");
    if (path == "/empty") return http_ok("");
    // The length is said to be less than what is sent: the rest is an answer that nobody asked for.
    if (path == "/short-length")
      return {"HTTP/1.1 200 OK\r\n" + image + "Content-Length: " + std::to_string(cut.size()) + "\r\n\r\n" + jpeg,
              http_then::close};
    if (path == "/large") return http_ok(std::string(6000, 'x'));
    if (path == "/large-close") return {"HTTP/1.0 200 OK\r\n\r\n" + jpeg + std::string(6000, 'x'), http_then::close};
    if (path == "/loop") return http_redirect("/loop");
    if (path == "/to-good") return http_redirect("/good");
    if (path == "/to-file") return http_redirect("file:///etc/hostname");
    if (path == "/to-user") return http_redirect("http://me:secret@127.0.0.1/good");
    return http_ok("", "", "410 Gone");
  };
  http_server server(answer);
  struct {
    std::string path;
    std::size_t attempts;
    std::string reason;  // a part of it; empty where the image comes
  } const cases[] = {
      {"/good", 1, ""},
      {"/png", 1, ""},
      {"/close", 1, ""},
      {"/chunked", 1, ""},
      {"/404", 1, "the server answered with status 404"},
      {"/503-once", 2, ""},
      {"/429", 3, ""},
      {"/500", 3, "the server answered with status 500"},
      {"/204", 1, "the server answered with status 204"},
      {"/silent", 3, "no data for 0.5 s"},
      {"/stall", 3, "no data for 0.5 s"},
      {"/truncated", 3, "the connection was closed before the image was complete"},
      {"/cut-once", 2, ""},
      {"/hang-up", 3, "the connection was closed without an answer"},
      {"/html", 1, "the server sent an HTML page in place of an image"},
      {"/hidden-html", 1, "expected a JPEG, PNG, BMP or GIF file, got an HTML page"},
      {"/other", 1, "expected a JPEG, PNG, BMP or GIF file, got something else"},
      {"/empty", 1, "got an empty file"},
      {"/short-length", 3, "the body: "},
      {"/large", 1, "the image is larger than 5000 bytes"},
      {"/large-close", 1, "the image is larger than 5000 bytes"},
      {"/loop", 1, "more than 5 redirects"},
      {"/to-good", 1, ""},
      {"/to-file", 1, "redirected to a URL of neither http nor https"},
      {"/to-user", 1, "redirected to a URL that holds a user name or a password"},
      {"http://127.0.0.1:1/x", 3, "the host takes no connection"},
      {"", 0, "the URL is empty"},
      {"posters/1.jpg", 0, "expected a URL that begins with http:// or https://, got 'posters/1.jpg'"},
      {"ftp://127.0.0.1/x", 0, "expected a URL of http or https, got one of 'ftp'"},
      {"file:///etc/hostname", 0, "expected a URL of http or https, got one of 'file'"},
      {"http://me:secret@127.0.0.1/", 0, "the URL holds a user name or a password"},
  };
  // All in one run: they wait at the same time.
  std::vector<data::download_item> items;
  for (auto const& c : cases)
    items.push_back({std::to_string(items.size()), c.path.starts_with("/") ? server.url(c.path) : c.path});
  temp_directory const folder;
  auto options = quick();
  options.jobs = 40;
  options.per_host = 40;
  options.max_bytes = 5000;
  std::size_t steps = 0, last = 0;
  options.progress = [&](std::size_t done, std::size_t of) {
    ++steps;
    CHECK(done == ++last);
    CHECK(of == std::size(cases));
  };
  auto const result = download_images(items, (folder.path() / "new" / "images").string(), options);
  CHECK(steps == std::size(cases));
  CHECK_FALSE(result.stopped);
  std::size_t good = 0;
  for (std::size_t k = 0; k < items.size(); ++k) {
    auto const& outcome = result.items[k];
    INFO(cases[k].path << ": " << outcome.reason);
    CHECK(outcome.attempts == cases[k].attempts);
    bool const is_good = cases[k].reason.empty();
    good += is_good;
    CHECK(outcome.state == (is_good ? state::fetched : state::failed));
    CHECK(outcome.reason.empty() == is_good);
    CHECK(outcome.reason.find(cases[k].reason) != std::string::npos);
    CHECK(std::filesystem::exists(folder.path() / "new" / "images" / (items[k].id + ".jpg")) == is_good);
  }
  CHECK(result.fetched == good);
  CHECK(result.failed == items.size() - good);
  CHECK(count_files(folder.path() / "new" / "images") == static_cast<std::ptrdiff_t>(good));
  // The file's name does not depend on what the image is.
  CHECK(result.items[1].file == "1.jpg");
  CHECK(result.items[1].extension == "png");
  CHECK(get(folder.path() / "new" / "images" / "1.jpg") == png);
  auto const heads = server.heads();
  CHECK(heads.find("User-Agent: softf1\r\n") != std::string::npos);
  CHECK(heads.find("Authorization") == std::string::npos);
  CHECK(heads.find("Cookie") == std::string::npos);
}

TEST_CASE("an attempt has an end even where data trickle or nobody answers", "[download]") {
  http_server server([](std::string const&, std::size_t) -> http_answer { return {"", http_then::stall}; });
  auto options = quick();
  options.retries = 0;
  options.stall_timeout = 5;
  options.timeout = 0.2;
  CHECK(fetch(server, "/x", options).outcome.reason == "not done in 0.2 s");
  CHECK(server.requests() == 1);
}

TEST_CASE("addresses that are not of the public internet are refused, however they are reached", "[download]") {
  http_server server([&](std::string const& path, std::size_t) -> http_answer {
    if (path.starts_with("/to?")) return http_redirect(path.substr(4));
    return http_ok(jpeg);
  });
  auto options = quick();
  options.allow_private = false;
  auto const refused = fetch(server, "/good", options);
  CHECK(refused.outcome.reason == "the address 127.0.0.1 is not of the public internet");
  CHECK(refused.outcome.attempts == 1);
  CHECK(refused.files == 0);
  CHECK(fetch(server, server.url("/good", "localhost"), options).outcome.state == state::failed);
  CHECK(fetch(server, server.url("/good", "[::1]"), options).outcome.state == state::failed);
  CHECK(fetch(server, server.url("/good", "[::ffff:127.0.0.1]"), options).outcome.state == state::failed);
  CHECK(fetch(server, server.url("/good", "2130706433"), options).outcome.state == state::failed);
  CHECK(server.requests() == 0);

  options.allowed_addresses = {"127.0.0.1"};
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);  // is not asked
  CHECK(fetch(server, "/good", options).outcome.state == state::fetched);
  ::unsetenv("http_proxy");
  CHECK(fetch(server, "/to?" + server.url("/good"), options).outcome.state == state::fetched);
  std::size_t const before = server.requests("/good");
  auto const redirected = fetch(server, "/to?" + server.url("/good", "127.0.0.2"), options);
  CHECK(redirected.outcome.reason == "the address 127.0.0.2 is not of the public internet");
  CHECK(server.requests("/good") == before);
}

TEST_CASE("which addresses are public", "[download]") {
  struct {
    char const* text;
    bool is_public;
  } const cases[] = {
      {"8.8.8.8", true},
      {"1.1.1.1", true},
      {"172.15.255.255", true},
      {"172.32.0.0", true},
      {"100.63.255.255", true},
      {"100.128.0.0", true},
      {"223.255.255.255", true},
      {"192.167.1.1", true},
      {"0.0.0.0", false},
      {"0.1.2.3", false},
      {"10.1.2.3", false},
      {"100.64.0.1", false},
      {"100.127.255.255", false},
      {"127.0.0.1", false},
      {"127.255.255.255", false},
      {"169.254.169.254", false},
      {"172.16.0.1", false},
      {"172.31.255.255", false},
      {"192.0.0.8", false},
      {"192.0.2.1", false},
      {"192.168.0.1", false},
      {"198.18.0.1", false},
      {"198.19.255.255", false},
      {"198.51.100.1", false},
      {"203.0.113.1", false},
      {"224.0.0.1", false},
      {"239.1.1.1", false},
      {"240.0.0.1", false},
      {"255.255.255.255", false},
      {"2606:4700::1", true},
      {"2001:4860:4860::8888", true},
      {"64:ff9b::808:808", true},
      {"::", false},
      {"::1", false},
      {"::ffff:8.8.8.8", false},
      {"::ffff:127.0.0.1", false},
      {"fc00::1", false},
      {"fd12::1", false},
      {"fe80::1", false},
      {"fec0::1", false},
      {"ff02::1", false},
      {"2001::1", false},
      {"2001:db8::1", false},
      {"2002:7f00:1::", false},
      {"64:ff9b::7f00:1", false},
      {"64:ff9b:1::808:808", false},
      {"100::1", false},
  };
  for (auto const& c : cases) {
    INFO(c.text);
    ::sockaddr_in v4{};
    ::sockaddr_in6 v6{};
    bool const is_v4 = ::inet_pton(AF_INET, c.text, &v4.sin_addr) == 1;
    REQUIRE((is_v4 || ::inet_pton(AF_INET6, c.text, &v6.sin6_addr) == 1));
    auto const found = is_v4 ? data::detail::is_public(AF_INET, &v4) : data::detail::is_public(AF_INET6, &v6);
    CHECK(found == c.is_public);
    CHECK((is_v4 ? data::detail::address_text(AF_INET, &v4) : data::detail::address_text(AF_INET6, &v6)) == c.text);
  }
  CHECK_FALSE(data::detail::is_public(AF_UNIX, nullptr));
}

TEST_CASE("a run goes on where one was stopped, and leaves what exists as it is", "[download]") {
  http_server server([&](std::string const&, std::size_t) { return http_ok(jpeg); });
  temp_directory const folder;
  std::vector<data::download_item> items;
  for (int k = 0; k < 12; ++k) items.push_back({std::to_string(k), server.url("/" + std::to_string(k))});
  put(folder / "3.jpg", png);
  put(folder / "4.jpg", "my notes");
  std::filesystem::create_directory(folder / "5.jpg");
  std::filesystem::create_symlink("nowhere", folder / "6.jpg");

  auto options = quick();
  options.jobs = 2;
  std::size_t fetched = 0;
  options.progress = [&](std::size_t, std::size_t) { ++fetched; };
  options.stop_requested = [&] { return fetched >= 7; };
  auto const first = download_images(items, folder.path().string(), options);
  CHECK(first.stopped);
  CHECK(first.present == 1);
  CHECK(first.failed == 3);
  CHECK(first.fetched >= 3);
  CHECK(first.not_tried >= 1);
  CHECK(first.present + first.failed + first.fetched + first.not_tried == 12);
  // Four files that were there, those that were fetched, and nothing else.
  CHECK(count_files(folder.path()) == static_cast<std::ptrdiff_t>(4 + first.fetched));

  options.stop_requested = {};
  auto const second = download_images(items, folder.path().string(), options);
  CHECK_FALSE(second.stopped);
  CHECK(second.present == 1 + first.fetched);
  CHECK(second.fetched == 8 - first.fetched);
  CHECK(second.failed == 3);
  CHECK(get(folder / "3.jpg") == png);
  CHECK(get(folder / "4.jpg") == "my notes");
  CHECK(server.requests("/3") + server.requests("/4") + server.requests("/5") + server.requests("/6") == 0);
  for (auto const k : {4u, 5u, 6u})
    CHECK(second.items[k].reason.starts_with("a file of its name exists and is left as it is: "));

  auto const third = download_images(items, folder.path().string(), options);
  CHECK(third.fetched == 0);
  CHECK(third.present == 9);
}

TEST_CASE("names of files come from ids alone", "[download]") {
  struct {
    std::string id, file;
  } const cases[] = {{"114709", "114709.jpg"},
                     {"a.png", "a.png"},
                     {"A.JPEG", "A.JPEG"},
                     {"../../etc/passwd", "_._.._etc_passwd.jpg"},
                     {"..", "_..jpg"},
                     {".hidden", "_hidden.jpg"},
                     {"a b\n", "a_b_.jpg"},
                     {"caf\xC3\xA9", "caf__.jpg"},
                     {std::string(200, 'x'), std::string(128, 'x') + ".jpg"}};
  for (auto const& c : cases) CHECK(data::detail::image_file_name(c.id) == c.file);

  http_server server([&](std::string const&, std::size_t) { return http_ok(jpeg); });
  temp_directory const folder;
  auto const result = download_images({{"a/b", server.url("/1")},
                                       {"A b", server.url("/2")},
                                       {"", server.url("/3")},
                                       {"a/b", server.url("/4")},
                                       {"c", "nothing"},
                                       {"c", server.url("/5")}},
                                      folder.path().string(), quick());
  CHECK(result.items[0].state == state::fetched);
  CHECK(result.items[1].reason == "its file A_b.jpg is that of the id 'a/b'");
  CHECK(result.items[2].reason == "the id is empty");
  CHECK(result.items[3].state == state::present);
  CHECK(result.items[3].file == "a_b.jpg");
  CHECK(result.items[5].reason == result.items[4].reason);
  CHECK(result.items[5].state == state::failed);
  CHECK(server.requests() == 1);
  CHECK(count_files(folder.path()) == 1);
}

TEST_CASE("hosts are asked by few connections, which are used again, and at a bounded rate", "[download]") {
  http_server server([&](std::string const&, std::size_t) { return http_ok(jpeg); });
  temp_directory const folder;
  std::vector<data::download_item> items;
  for (int k = 0; k < 30; ++k) items.push_back({std::to_string(k), server.url("/" + std::to_string(k))});
  auto options = quick();
  options.jobs = 10;
  options.per_host = 2;
  CHECK(download_images(items, folder.path().string(), options).fetched == 30);
  CHECK(server.requests() == 30);
  CHECK(server.most_connections() <= 2);
  CHECK(server.connections() < 15);

  temp_directory const other;
  items.resize(6);
  options.rate_limit = 50;
  auto const begin = std::chrono::steady_clock::now();
  CHECK(download_images(items, other.path().string(), options).fetched == 6);
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(100));  // five pauses of 20 ms
}

TEST_CASE("hosts take turns, and wait as they ask for", "[download]") {
  using schedule = data::detail::download_schedule;
  using some = std::optional<std::size_t>;
  auto const at = [](int milliseconds) {
    return schedule::clock::time_point(std::chrono::hours(1) + std::chrono::milliseconds(milliseconds));
  };
  schedule turns(2, 0);
  for (std::size_t k = 0; k < 4; ++k) turns.add(k, "a");
  turns.add(4, "b");
  CHECK(turns.next(at(0)) == some(0));
  CHECK(turns.next(at(0)) == some(4));
  CHECK(turns.next(at(0)) == some(1));
  CHECK(turns.next(at(0)) == some());  // two of a are on their way
  turns.finish("a");
  turns.add_later(0, "a", at(50));
  turns.pause("a", at(20));
  CHECK(turns.next(at(19)) == some());
  CHECK(turns.next(at(20)) == some(2));
  turns.finish("a");
  CHECK(turns.next(at(50)) == some(0));  // what is tried again goes before what was not begun
  turns.finish("a");
  CHECK(turns.next(at(50)) == some(3));
  CHECK(turns.empty());

  schedule slow(9, 10);
  for (std::size_t k = 0; k < 3; ++k) slow.add(k, "a");
  CHECK(slow.next(at(0)) == some(0));
  CHECK(slow.next(at(99)) == some());
  CHECK(slow.next(at(250)) == some(1));
  CHECK(slow.next(at(340)) == some());  // time that was not used is not saved up
  CHECK(slow.next(at(350)) == some(2));
}

TEST_CASE("a new file replaces nothing", "[download]") {
  temp_directory const folder;
  auto const path = (folder / "x.jpg").string();
  auto const bytes = std::as_bytes(std::span(jpeg));
  CHECK(data::detail::store_new_file(path, bytes, "test"));
  CHECK(get(path) == jpeg);
  CHECK_FALSE(data::detail::store_new_file(path, bytes.first(3), "test"));
  CHECK(get(path) == jpeg);
  std::filesystem::create_symlink("nowhere", folder / "link");
  CHECK_FALSE(data::detail::store_new_file((folder / "link").string(), bytes, "test"));
  CHECK(count_files(folder.path()) == 2);
  CHECK(error_text<softf1::io_error>([&] {
          data::detail::store_new_file("/no/such/x.jpg", bytes, "test");
        }).starts_with("test: cannot write "));
}

TEST_CASE("what cannot work is an error of the whole run", "[download]") {
  temp_directory const folder;
  put(folder / "file", "");
  auto const failing = [&](auto change) {
    auto options = quick();
    change(options);
    return error_text<softf1::value_error>([&] { download_images({}, folder.path().string(), options); });
  };
  CHECK(failing([](auto& o) { o.jobs = 0; }) == "download_images: jobs must lie in 1..1000, got 0");
  CHECK(failing([](auto& o) { o.per_host = 0; }) == "download_images: per_host must be 1 at least, got 0");
  CHECK(failing([](auto& o) { o.rate_limit = -1; }) == "download_images: rate_limit must be 0 or more, got -1");
  CHECK(failing([](auto& o) { o.timeout = 0; }) == "download_images: timeouts must be above 0, got 0 and 0.5");
  CHECK(failing([](auto& o) { o.backoff = -1; }) == "download_images: pauses must be 0 or more, got -1 and 0.01");
  CHECK(
      failing([](auto& o) { o.user_agent = "a\r\nX: y"; }).starts_with("download_images: user_agent must be one line"));
  CHECK(failing([](auto&) {}) == "nothing was thrown");
  CHECK(error_text<softf1::io_error>([&] {
          download_images({}, (folder / "file" / "x").string(), quick());
        }).starts_with("download_images: cannot make the folder "));
}

}  // namespace data_download_test
