#include <softf1/report/event_file.hpp>

#include <cmath>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <sys/resource.h>

#include <protozero/pbf_reader.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace event_file_tests {

using protozero::pbf_reader;

std::string text(protozero::data_view const& view) { return {view.data(), view.size()}; }

/// The one field of that number, as a message.
pbf_reader field(pbf_reader message, std::uint32_t number) {
  while (message.next())
    if (message.tag() == number)
      return message.get_message();
    else
      message.skip();
  return {};
}

std::string text_field(pbf_reader message, std::uint32_t number) {
  while (message.next())
    if (message.tag() == number)
      return text(message.get_view());
    else
      message.skip();
  return {};
}

struct read_event {
  double wall_time = 0;
  std::int64_t step = 0;
  std::string version, tag;
  pbf_reader value;
};

std::vector<read_event> read_events(softf1::tfrecord_file const& file) {
  std::vector<read_event> events;
  for (std::size_t i = 0; i < file.size(); ++i) {
    auto const bytes = file.read(i);
    pbf_reader message(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    read_event e;
    while (message.next()) {
      if (message.tag() == 1)
        e.wall_time = message.get_double();
      else if (message.tag() == 2)
        e.step = message.get_int64();
      else if (message.tag() == 3)
        e.version = message.get_string();
      else if (message.tag() == 5)
        e.value = field(message.get_message(), 1);
      else
        message.skip();
    }
    e.tag = text_field(e.value, 1);
    events.push_back(e);
  }
  return events;
}

std::vector<double> doubles(pbf_reader message, std::uint32_t number) {
  while (message.next()) {
    if (message.tag() != number) {
      message.skip();
      continue;
    }
    auto const range = message.get_packed_double();
    return {range.begin(), range.end()};
  }
  return {};
}

std::vector<float> floats(pbf_reader message, std::uint32_t number) {
  while (message.next()) {
    if (message.tag() != number) {
      message.skip();
      continue;
    }
    auto const range = message.get_packed_float();
    return {range.begin(), range.end()};
  }
  return {};
}

double number_field(pbf_reader message, std::uint32_t number) {
  while (message.next())
    if (message.tag() == number)
      return message.get_double();
    else
      message.skip();
  return std::nan("");
}

}  // namespace event_file_tests

TEST_CASE("an event file begins with its version and has an event a call, in order", "[report][event_file]") {
  using namespace event_file_tests;
  softf1_test::temp_directory const folder;
  auto const runs = (folder / "runs/1").string();
  softf1::event_writer writer(runs, {}, 1.7e9);
  CHECK(writer.path().starts_with(runs + "/events.out.tfevents.1700000000."));
  writer.scalar("loss/train", 3, 0.25, 1.7e9 + 0.5);
  // Whole before the writer is gone: TensorBoard reads while it is written.
  CHECK(softf1::tfrecord_file(writer.path()).size() == 2);
  writer.scalar("loss/train", -4, std::numeric_limits<double>::quiet_NaN());
  softf1::tfrecord_file const file(writer.path());
  auto const events = read_events(file);
  REQUIRE(events.size() == 3);
  CHECK(events[0].version == "brain.Event:2");
  CHECK(events[0].wall_time == 1.7e9);
  CHECK(events[1].wall_time == 1.7e9 + 0.5);
  CHECK(events[1].step == 3);
  CHECK(events[1].tag == "loss/train");
  CHECK(events[2].step == -4);
  CHECK(std::abs(events[2].wall_time - softf1::report::wall_clock()) < 600);
  auto value = events[1].value;
  REQUIRE(value.next(2));
  CHECK(value.get_float() == 0.25f);
}

TEST_CASE("a second event file of the same second and host has a name of its own", "[report][event_file]") {
  softf1_test::temp_directory const folder;
  softf1::event_writer const first((folder / "a").string(), {}, 5), second((folder / "a").string(), {}, 5),
      third((folder / "a").string(), {}, 5);
  CHECK(first.path().find("tfevents.0000000005.") != std::string::npos);
  CHECK(second.path() == first.path() + ".1");
  CHECK(third.path() == first.path() + ".2");
}

TEST_CASE("a run that goes on says from which step", "[report][event_file]") {
  using namespace event_file_tests;
  softf1_test::temp_directory const folder;
  softf1::event_writer writer((folder / "a").string());
  writer.restart(7);
  softf1::tfrecord_file const file(writer.path());
  CHECK(read_events(file).at(1).step == 7);
  auto const bytes = file.read(1);
  // SessionLog {status: START}
  CHECK(text_field({reinterpret_cast<char const*>(bytes.data()), bytes.size()}, 7) == "\x08\x01");
}

TEST_CASE("events that are kept reach the file by flush or at the end", "[report][event_file]") {
  softf1_test::temp_directory const folder;
  std::string path;
  {
    softf1::event_writer writer((folder / "a").string(), {.flush_each = false});
    path = writer.path();
    writer.scalar("x", 1, 1);
    CHECK(std::filesystem::file_size(path) == 0);
    writer.flush();
    CHECK(softf1::tfrecord_file(path).size() == 2);
    writer.scalar("x", 2, 1);
  }
  CHECK(softf1::tfrecord_file(path).size() == 3);
}

TEST_CASE("an event that finds no room leaves whole events, and comes again", "[report][event_file]") {
  softf1_test::temp_directory const folder;
  softf1::event_writer writer((folder / "a").string());
  writer.scalar("x", 1, 1);
  auto const before = std::filesystem::file_size(writer.path());
  ::rlimit usual{};
  ::getrlimit(RLIMIT_FSIZE, &usual);
  ::rlimit const tight{before + 10, usual.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &tight);
  auto const said = softf1_test::error_text<softf1::io_error>([&] { writer.scalar("y", 2, 1); });
  ::setrlimit(RLIMIT_FSIZE, &usual);
  std::signal(SIGXFSZ, handler);
  CHECK(said.starts_with("event_writer: cannot write " + writer.path()));
  CHECK(std::filesystem::file_size(writer.path()) == before);
  writer.scalar("z", 3, 1);
  CHECK(softf1::tfrecord_file(writer.path()).size() == 4);
}

TEST_CASE("histograms have exact sums, and leave out what is not finite", "[report][event_file]") {
  using namespace event_file_tests;
  softf1_test::temp_directory const folder;
  softf1::event_writer writer((folder / "a").string());
  float const inf = std::numeric_limits<float>::infinity();
  std::vector<float> const x{-2, 0, 0.5f, 0.5f, 8, std::nanf(""), inf, -inf};
  CHECK(writer.histogram("w", 1, x) == 3);
  CHECK(writer.histogram("w", 2, {}) == 0);
  CHECK(writer.histogram("w", 3, std::vector<float>{3e38f, -3e38f}) == 0);
  softf1::tfrecord_file const file(writer.path());
  auto const events = read_events(file);
  REQUIRE(events.size() == 4);
  auto const form = field(events[1].value, 5);
  double const expected[] = {-2, 8, 5, 7, 68.5};
  for (std::uint32_t k = 0; k < 5; ++k) CHECK(number_field(form, k + 1) == expected[k]);
  auto const limits = doubles(form, 6), counts = doubles(form, 7);
  REQUIRE(limits.size() == counts.size());
  CHECK(limits.size() == 7);  // four, and those between them
  CHECK(counts.front() == 1);
  CHECK(counts.back() == 1);
  // Each number lies below the limit of its bucket, and not below the one before.
  for (float v : {-2.0f, 0.0f, 0.5f, 8.0f}) {
    INFO(v);
    std::size_t k = 0;
    while (limits[k] <= v) ++k;
    CHECK(counts[k] == (v == 0.5f ? 2 : 1));
    if (v > 0) CHECK(limits[k] <= v * 1.2);
  }
  CHECK(number_field(field(events[2].value, 5), 3) == 0);
  CHECK(number_field(field(events[2].value, 5), 1) == 0);
  CHECK(number_field(field(events[3].value, 5), 3) == 2);
  for (std::size_t e : {std::size_t{1}, std::size_t{3}}) {
    double sum = 0;
    for (double c : doubles(field(events[e].value, 5), 7)) sum += c;
    CHECK(sum == number_field(field(events[e].value, 5), 3));
  }
}

TEST_CASE("curves of precision and recall hold the counts at each threshold", "[report][event_file]") {
  using namespace event_file_tests;
  softf1_test::temp_directory const folder;
  softf1::event_writer writer((folder / "a").string());
  std::vector<float> const scores{0, 0.2f, 0.5f, 0.75f, 1};
  std::vector<std::uint8_t> const targets{0, 1, 0, 7, 1};
  writer.pr_curve("cat", 1, scores, targets, 3);
  softf1::tfrecord_file const file(writer.path());
  auto const value = read_events(file).at(1).value;
  // Thresholds 0, 1/2, 1.
  CHECK(floats(field(value, 8), 5) == std::vector<float>{3, 2, 1,                  // tp
                                                         2, 1, 0,                  // fp
                                                         0, 1, 2,                  // tn
                                                         0, 1, 2,                  // fn
                                                         3 / 5.0f, 2 / 3.0f, 1,    // precision
                                                         1, 2 / 3.0f, 1 / 3.0f});  // recall
  // 0.9f is below 0.9, and is the threshold 9 / 10 all the same.
  writer.pr_curve("cat", 2, std::vector<float>{0.9f, 0.7f}, std::vector<std::uint8_t>{1, 1}, 11);
  softf1::tfrecord_file const longer(writer.path());
  auto const tenths = floats(field(read_events(longer).at(2).value, 8), 5);
  CHECK(tenths[7] == 2);
  CHECK(tenths[9] == 1);
  auto const plugin = field(field(value, 9), 1);
  CHECK(text_field(plugin, 1) == "pr_curves");
  auto about = field(plugin, 2);
  REQUIRE(about.next(2));
  CHECK(about.get_uint32() == 3);
}

TEST_CASE("images and texts are in their events", "[report][event_file]") {
  using namespace event_file_tests;
  softf1_test::temp_directory const folder;
  softf1::event_writer writer((folder / "a").string());
  std::vector<std::byte> const png(5, std::byte{'p'});
  writer.image("sheet", 1, png, 20, 30);
  writer.text("options", 2, "**bold** \xc3\xa9");
  softf1::tfrecord_file const file(writer.path());
  auto const events = read_events(file);
  REQUIRE(events.size() == 3);
  auto picture = field(events[1].value, 4);
  CHECK(text_field(picture, 4) == "ppppp");
  for (int extent : {20, 30, 3}) {
    REQUIRE(picture.next());
    CHECK(picture.get_int32() == extent);
  }
  CHECK(text_field(field(events[2].value, 8), 8) == "**bold** \xc3\xa9");
  CHECK(text_field(field(field(events[2].value, 9), 1), 1) == "text");
}

TEST_CASE("event files refuse what TensorBoard could not show", "[report][event_file]") {
  softf1_test::temp_directory const folder;
  softf1::event_writer writer((folder / "a").string());
  std::vector<float> const scores{0.5f, 1.5f};
  std::vector<std::uint8_t> const targets{1, 0};
  std::vector<float> const no_number{std::nanf(""), 0}, short_one{0}, good{0, 0};
  auto const refused = [](std::string const& sentence, auto const& call) {
    CHECK(softf1_test::error_text<softf1::value_error>(call) == "event_writer: " + sentence);
  };
  std::string const no_utf8 = " must be UTF-8 without control characters";
  refused("a tag must not be empty", [&] { writer.scalar("", 1, 1); });
  refused("a tag" + no_utf8, [&] { writer.scalar("\xff", 1, 1); });
  refused("a text" + no_utf8, [&] { writer.text("t", 1, "a\x01"); });
  refused("an image must not be empty", [&] { writer.image("i", 1, {}, 2, 2); });
  refused("scores must be in [0, 1], got 1.5 in row 1", [&] { writer.pr_curve("p", 1, scores, targets); });
  refused("scores must be in [0, 1], got nan in row 0", [&] { writer.pr_curve("p", 1, no_number, targets); });
  refused("thresholds must be at least 2, got 1", [&] { writer.pr_curve("p", 1, good, targets, 1); });
  CHECK_THROWS_AS(writer.pr_curve("p", 1, short_one, targets), softf1::shape_error);
  CHECK(softf1::tfrecord_file(writer.path()).size() == 1);
  CHECK_THROWS_AS(softf1::event_writer("/proc/none/of/these"), softf1::io_error);
}
