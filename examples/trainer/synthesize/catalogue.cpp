#include "catalogue.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>

#include <softf1/core/errors.hpp>
#include <softf1/image/encode.hpp>
#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/csv_writer.hpp>

#include "dice.hpp"
#include "posters.hpp"

namespace synthesize {

namespace {

constexpr int jpeg_quality = 88;
constexpr std::size_t most_rows = 900'000;  // ids have seven digits

std::string id_of(std::size_t row) { return std::to_string(9'000'001 + row); }

std::string title_of(dice draw) {
  static constexpr char const* first[] = {"Amber", "Broken", "Distant",   "Eleventh", "Gentle",   "Hidden",  "Iron",
                                          "Last",  "Mild",   "Northern",  "Paper",    "Quiet",    "Second",  "Tall",
                                          "Usual", "Velvet", "Wandering", "Winter",   "Restless", "Borrowed"};
  static constexpr char const* second[] = {
      "Harbour", "Clockmaker", "Orchard", "Signal", "Ferry",  "Neighbour", "Map",   "Season", "Lantern",  "Station",
      "Bridge",  "Promise",    "Visitor", "Garden", "Ledger", "Violin",    "Tower", "Letter", "Mountain", "Kitchen"};
  auto const pick = [&](auto const& words) { return std::string(words[static_cast<std::size_t>(draw.whole(0, 19))]); };
  std::string title;
  switch (draw.whole(0, 3)) {
    case 0:
      title = "The " + pick(first);
      title += " " + pick(second);
      break;
    case 1:
      title = pick(second) + ", ";
      title += pick(second);
      break;
    case 2:
      title = "A " + pick(second);
      title += " in the " + pick(second);
      break;
    default:
      title = pick(first) + " ";
      title += pick(second);
  }
  return title + " (" + std::to_string(draw.whole(1931, 2024)) + ")";
}

void make_folders(catalogue_options const& options) {
  namespace fs = std::filesystem;
  std::error_code code;
  auto const fail = [&](std::string const& verb) {
    throw softf1::io_error("synthesize: cannot " + verb + " " + options.folder + ": " +
                           softf1::io::detail::system_reason(code.value()));
  };
  if (fs::exists(options.folder, code) && !options.overwrite) {
    bool const is_empty = fs::is_empty(options.folder, code);
    if (code) fail("read");
    if (!is_empty)
      throw softf1::io_error("synthesize: " + options.folder +
                             " is not empty: name another folder, or say --overwrite to replace files in it");
  }
  fs::create_directories(fs::path(options.folder) / "images", code);
  if (code) fail("make");
}

/// task(k) for k in [0, n) on some threads; of what they throw, the one of the lowest k.
template <class Task>
void for_all(std::size_t n, int threads, Task const& task) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  std::size_t where = n;
  auto const work = [&] {
    for (std::size_t k; (k = next++) < n;) try {
        task(k);
      } catch (...) {
        std::lock_guard const lock(mutex);
        if (k < where) thrown = std::current_exception();
        where = std::min(where, k);
        next = n;
      }
  };
  std::vector<std::thread> others;
  for (int k = 1; k < threads; ++k) try {
      others.emplace_back(work);
    } catch (std::system_error const&) {
      break;  // fewer threads are slower, no more
    }
  work();
  for (auto& thread : others) thread.join();
  if (thrown) std::rethrow_exception(thrown);
}

std::string joined(std::vector<std::uint8_t> const& has) {
  std::string text;
  for (std::size_t k = 0; k < has.size(); ++k)
    if (has[k]) text += (text.empty() ? "" : "|") + synthetic_labels()[k];
  return text;
}

}  // namespace

catalogue write_catalogue(catalogue_options const& options) {
  if (options.rows < 1 || options.rows > most_rows)
    throw softf1::value_error("synthesize: rows must lie in 1.." + std::to_string(most_rows) + ", got " +
                              std::to_string(options.rows));
  if (options.labels < 1 || options.labels > trait_count)
    throw softf1::value_error("synthesize: labels must lie in 1.." + std::to_string(trait_count) + ", got " +
                              std::to_string(options.labels));
  make_folders(options);
  std::vector<std::vector<std::uint8_t>> labels(options.rows);
  for_all(options.rows, options.threads, [&](std::size_t row) {
    auto const poster = draw_poster(options.seed, row, options.labels);
    labels[row] = poster.labels;
    softf1::write_atomically(options.folder + "/images/" + id_of(row) + ".jpg",
                             softf1::encode_jpeg(poster.image, jpeg_quality), "synthesize");
  });

  catalogue result{
      {synthetic_labels().begin(), synthetic_labels().begin() + static_cast<std::ptrdiff_t>(options.labels)},
      std::vector<std::size_t>(options.labels)};
  softf1::io::csv_writer table(options.folder + "/posters.csv", ',', "synthesize");
  table.row({"imdbId", "Imdb Link", "Title", "IMDB Score", "Genre", "Poster"});
  for (std::size_t row = 0; row < options.rows; ++row) {
    dice draw(options.seed, row, 1000);
    auto const title = title_of(draw);
    int const score = dice(options.seed, row, 1001).whole(31, 92);
    auto const id = id_of(row);
    table.row({id, "https://example.org/title/tt" + id, title,
               std::to_string(score / 10) + "." + std::to_string(score % 10), joined(labels[row]),
               "https://example.org/images/" + id + ".jpg"});
    for (std::size_t k = 0; k < options.labels; ++k) result.counts[k] += labels[row][k];
  }
  table.close();
  return result;
}

}  // namespace synthesize
