// Where the time of reading images goes.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Times in seconds. Those of workers are added over the workers; profiles of several passes add up.
struct input_profile {
  std::size_t images = 0;      ///< that went through, those that failed too
  double read = 0;             ///< bytes out of files, records, caches
  double decode = 0;           ///< bytes to pixels
  double transform = 0;        ///< pixels to the network's input
  double consumer_waited = 0;  ///< next() waited for a batch
  double workers_waited = 0;   ///< workers waited for room
  double elapsed = 0;          ///< from the loader's start to its last batch so far
  std::string cache = {};      ///< what the cache holds, in words; empty without one

  double images_per_second() const { return elapsed > 0 ? static_cast<double>(images) / elapsed : 0; }

  /// What to make faster: "consumer" where it waited for less than a twentieth of the time, else the stage of the
  /// workers that took longest, "read", "decode" or "transform".
  std::string_view slowest() const {
    if (consumer_waited < elapsed / 20) return "consumer";
    if (read >= decode && read >= transform) return "read";
    return decode >= transform ? "decode" : "transform";
  }

  input_profile& operator+=(input_profile const& other) {
    images += other.images;
    read += other.read;
    decode += other.decode;
    transform += other.transform;
    consumer_waited += other.consumer_waited;
    workers_waited += other.workers_waited;
    elapsed += other.elapsed;
    if (!other.cache.empty()) cache = other.cache;
    return *this;
  }
};

/// Lines for people: images per second, the stages with their time per image, who waited, what is slowest, and the cache.
inline std::string to_text(input_profile const& p) {
  char line[160];
  std::string text;
  double const n = p.images > 0 ? static_cast<double>(p.images) : 1;
  std::snprintf(line, sizeof line, "input: %zu images in %.2f s, %.1f images/s\n", p.images, p.elapsed,
                p.images_per_second());
  text += line;
  struct {
    char const* name;
    double seconds;
  } const stages[] = {{"read", p.read}, {"decode", p.decode}, {"transform", p.transform}};
  for (auto const& stage : stages) {
    std::snprintf(line, sizeof line, "  %-10s %8.1f us an image\n", stage.name, stage.seconds / n * 1e6);
    text += line;
  }
  std::snprintf(line, sizeof line, "  waited: the consumer %.2f s, the workers %.2f s\n  slowest: %.*s\n",
                p.consumer_waited, p.workers_waited, static_cast<int>(p.slowest().size()), p.slowest().data());
  return text + line + (p.cache.empty() ? "" : "  cache: " + p.cache + "\n");
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::input_profile;
}
