// What is downloaded, how, and what came of it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <softf1/image/options.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// An image to fetch.
struct download_item {
  std::string id;   ///< names the file
  std::string url;  ///< http or https, without a user name or password
};

/// How images are fetched. Times are in seconds.
struct download_options {
  std::size_t jobs = 16;     ///< downloads at a time, ≥ 1
  std::size_t per_host = 4;  ///< of them from one host, ≥ 1
  double rate_limit = 0;     ///< downloads that begin in a second, all hosts together; 0: any number
  double timeout = 10;       ///< for one attempt, with its redirects, > 0
  double stall_timeout = 5;  ///< without any data, > 0
  std::size_t retries = 3;   ///< attempts after the first
  double backoff = 0.5;      ///< before the first retry; then doubled, each times a random number from 0.5 to 1
  double max_pause = 60;     ///< of one pause, also where a server asks for more (Retry-After)
  std::size_t max_redirects = 5;
  std::size_t max_bytes = 20'000'000;               ///< of one image
  bool allow_private = false;                       ///< connect to addresses that are not of the public internet, too
  std::vector<std::string> allowed_addresses = {};  ///< such addresses that are fine, as numbers: "127.0.0.1"
  std::string user_agent = "softf1";
  std::size_t seed = 0;                                       ///< of the pauses' random numbers
  image::decode_options decode = {.max_pixels = 50'000'000};  ///< what counts as an image
  std::function<void(std::size_t done, std::size_t of)> progress = {};
  std::function<bool()> stop_requested = {};  ///< asked several times a second; true ends the run early
};

enum class download_state : unsigned char {
  not_tried,  ///< the run was stopped first
  present,    ///< the file was there and is an image
  fetched,
  failed
};

/// What came of one item.
struct download_outcome {
  download_state state = download_state::not_tried;
  std::string file = {};       ///< its name in the folder; empty where the id is
  std::string reason = {};     ///< of a failure
  std::size_t attempts = 0;    ///< requests that were begun
  std::size_t bytes = 0;       ///< of the image
  std::string extension = {};  ///< what the bytes are, whatever the name says: jpg, png, bmp, gif
};

struct download_result {
  std::vector<download_outcome> items;  ///< one for each that was asked for, in their order
  std::size_t present = 0, fetched = 0, failed = 0, not_tried = 0;
  std::size_t bytes_fetched = 0;
  bool stopped = false;  ///< by stop_requested
};

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::download_item;
using data::download_options;
using data::download_outcome;
using data::download_result;
using data::download_state;
}  // namespace softf1::inline SOFTF1_ABI
