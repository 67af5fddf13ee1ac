// A run that downloads images: what is begun, tried again, checked and stored.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include <softf1/core/errors.hpp>
#include <softf1/core/random.hpp>
#include <softf1/data/detail/download_file.hpp>
#include <softf1/data/detail/download_multi.hpp>
#include <softf1/data/detail/download_schedule.hpp>
#include <softf1/data/detail/download_transfer.hpp>
#include <softf1/data/download_options.hpp>
#include <softf1/image/decode.hpp>
#include <softf1/io/detail/descriptor.hpp>
#include <softf1/io/file.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

class download_run {
 public:
  download_run(std::vector<download_item> const& items, std::string const& folder, download_options const& options)
      : items_(items),
        folder_(folder),
        options_(options),
        schedule_(options.per_host, options.rate_limit),
        first_of_(items.size()) {
    check_options();
    result_.items.resize(items.size());
  }

  download_result run() {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    if (failed || !std::filesystem::is_directory(folder_))
      io::detail::fail_system(who, "make the folder", folder_, failed ? failed.value() : ENOTDIR);
    name_files();
    for (std::size_t i = 0; i < items_.size() && !stopped(); ++i)
      if (first_of_[i] == i) look_at(i);
    fetch_all();
    copy_repeated();
    return std::move(result_);
  }

 private:
  using clock = std::chrono::steady_clock;
  static constexpr std::string_view who = "download_images";

  void check_options() const {
    auto const positive = [](double x) { return std::isfinite(x) && x > 0; };
    require_value(options_.jobs >= 1 && options_.jobs <= 1000, who,
                  "jobs must lie in 1..1000, got " + std::to_string(options_.jobs));
    require_value(options_.per_host >= 1, who, "per_host must be 1 at least, got 0");
    require_value(options_.rate_limit == 0 || positive(options_.rate_limit), who,
                  "rate_limit must be 0 or more, got " + number_text(options_.rate_limit));
    require_value(positive(options_.timeout) && positive(options_.stall_timeout), who,
                  "timeouts must be above 0, got " + number_text(options_.timeout) + " and " +
                      number_text(options_.stall_timeout));
    require_value(
        options_.backoff >= 0 && options_.max_pause >= 0, who,
        "pauses must be 0 or more, got " + number_text(options_.backoff) + " and " + number_text(options_.max_pause));
    require_value(options_.user_agent.find_first_of("\r\n") == std::string::npos, who,
                  "user_agent must be one line, got " + io::detail::in_quotes(options_.user_agent));
  }

  bool stopped() {
    if (!result_.stopped && options_.stop_requested) result_.stopped = options_.stop_requested();
    return result_.stopped;
  }

  std::string path_of(std::size_t i) const { return (std::filesystem::path(folder_) / result_.items[i].file).string(); }

  void settle(std::size_t i, download_state state, std::string reason = {}) {
    auto& outcome = result_.items[i];
    outcome.state = state;
    outcome.reason = std::move(reason);
    if (options_.progress) options_.progress(++settled_, distinct_);
  }

  void take_note(std::size_t i, std::span<std::byte const> bytes) {
    result_.items[i].bytes = bytes.size();
    result_.items[i].extension = image_extension(bytes);
  }

  /// Which items are the first of their id, and which files they name.
  void name_files() {
    std::unordered_map<std::string_view, std::size_t> item_of_id;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      bool const is_named = !items_[i].id.empty();
      first_of_[i] = is_named ? item_of_id.emplace(items_[i].id, i).first->second : i;
      distinct_ += first_of_[i] == i;
      result_.items[i].file = image_file_name(items_[i].id);
    }
  }

  /// Settles an item that needs no request, and puts the others into the schedule.
  void look_at(std::size_t i) {
    auto const& file = result_.items[i].file;
    if (file.empty()) return settle(i, download_state::failed, "the id is empty");
    // Some file systems hold names that differ in case for the same.
    if (auto const [other, is_new] = item_of_file_.emplace(lower_case(file), i); !is_new)
      return settle(i, download_state::failed,
                    "its file " + file + " is that of the id " + io::detail::in_quotes(items_[other->second].id));
    std::error_code failed;
    auto const status = std::filesystem::symlink_status(path_of(i), failed);
    if (status.type() != std::filesystem::file_type::not_found) return look_at_file(i);
    auto const url = parse_url(items_[i].url);
    if (!url.reason.empty()) return settle(i, download_state::failed, url.reason);
    schedule_.add(i, url.host);
  }

  void look_at_file(std::size_t i) {
    auto const path = path_of(i);
    try {
      std::error_code failed;
      if (!std::filesystem::is_regular_file(path, failed)) throw io_error(path + " is not a file");
      auto const bytes = io::read_file(path, who);
      image::decode(bytes, path, options_.decode);
      take_note(i, bytes);
      settle(i, download_state::present);
    } catch (io_error const& e) {
      settle(i, download_state::failed, std::string("a file of its name exists and is left as it is: ") + e.what());
    }
  }

  void fetch_all() {
    if (schedule_.empty() || stopped()) return;
    download_multi multi(options_);
    while (!stopped() && (!schedule_.empty() || !multi.empty())) {
      begin_transfers(multi);
      for (auto& [transfer, verdict] : multi.wait()) finish(*transfer, std::move(verdict));
    }
  }

  void begin_transfers(download_multi& multi) {
    while (multi.size() < options_.jobs) {
      auto const i = schedule_.next(clock::now());
      if (!i) return;
      ++result_.items[*i].attempts;
      multi.begin(std::make_unique<download_transfer>(*i, parse_url(items_[*i].url), options_));
    }
  }

  void finish(download_transfer const& transfer, download_transfer::verdict verdict) {
    schedule_.finish(transfer.host());
    std::size_t const i = transfer.item();
    if (verdict.reason.empty() && keep(i, transfer.body(), verdict)) return;
    auto& outcome = result_.items[i];
    if (verdict.is_final || outcome.attempts > options_.retries)
      return settle(i, download_state::failed, std::move(verdict.reason));
    outcome.reason = std::move(verdict.reason);
    random_stream const random(options_.seed, random_purpose::retry, i, outcome.attempts);
    double const jittered =
        options_.backoff *
        std::ldexp(0.5 + random.uniform(0) / 2, static_cast<int>(std::min<std::size_t>(outcome.attempts, 60)) - 1);
    if (verdict.retry_after > 0) schedule_.pause(transfer.host(), after(verdict.retry_after));
    schedule_.add_later(i, transfer.host(), after(std::max(jittered, verdict.retry_after)));
  }

  clock::time_point after(double seconds) const {
    std::chrono::duration<double> const pause(std::min(seconds, options_.max_pause));
    return clock::now() + std::chrono::duration_cast<clock::duration>(pause);
  }

  /// Stores an image; otherwise says in `verdict` why it is none.
  bool keep(std::size_t i, std::vector<std::byte> const& bytes, download_transfer::verdict& verdict) {
    try {
      image::decode(bytes, "the body", options_.decode);
    } catch (io_error const& e) {
      // What begins like an image was cut off, or damaged on its way.
      verdict = {e.what(), image_extension(bytes).empty()};
      return false;
    }
    take_note(i, bytes);
    bool const is_new = store_new_file(path_of(i), bytes, who);
    if (is_new) result_.bytes_fetched += bytes.size();
    settle(i, is_new ? download_state::fetched : download_state::failed,
           is_new ? "" : "a file of its name came up meanwhile and is left as it is");
    return true;
  }

  void copy_repeated() {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      auto& outcome = result_.items[i];
      if (first_of_[i] != i) {
        outcome = result_.items[first_of_[i]];
        if (outcome.state == download_state::fetched) outcome.state = download_state::present;
      }
      if (outcome.state == download_state::present) ++result_.present;
      if (outcome.state == download_state::fetched) ++result_.fetched;
      if (outcome.state == download_state::failed) ++result_.failed;
      if (outcome.state == download_state::not_tried) ++result_.not_tried;
    }
  }

  std::vector<download_item> const& items_;
  std::string const& folder_;
  download_options const& options_;
  download_schedule schedule_;
  std::vector<std::size_t> first_of_;  // the first item of the same id
  std::unordered_map<std::string, std::size_t> item_of_file_;
  std::size_t distinct_ = 0, settled_ = 0;
  download_result result_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
