// Transfers that run at the same time in one thread.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/download_transfer.hpp>
#include <softf1/data/download_options.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// Keeps SIGPIPE from the calling thread: TLS libraries write to connections that the other side has closed.
class no_broken_pipes {
 public:
  no_broken_pipes() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  no_broken_pipes(no_broken_pipes const&) = delete;
  no_broken_pipes& operator=(no_broken_pipes const&) = delete;
  ~no_broken_pipes() {
    if (sigismember(&before_, SIGPIPE) == 1) return;
    ::timespec const at_once{};
    while (::sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  ::sigset_t pipe_{}, before_{};
};

/// A multi handle of libcurl and the transfers in it.
class download_multi {
 public:
  using transfer_pointer = std::unique_ptr<download_transfer>;
  using finished = std::vector<std::pair<transfer_pointer, download_transfer::verdict>>;

  explicit download_multi(download_options const& options) : options_(options) {
    static CURLcode const ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = ready == CURLE_OK ? curl_multi_init() : nullptr;
    if (!multi_) throw backend_error("download_images: libcurl cannot be started");
    // Redirects may lead many transfers to one host.
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options.per_host));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options.jobs));
  }
  download_multi(download_multi const&) = delete;
  download_multi& operator=(download_multi const&) = delete;
  ~download_multi() {
    for (auto const& [handle, transfer] : running_) curl_multi_remove_handle(multi_, handle);
    running_.clear();
    curl_multi_cleanup(multi_);
  }

  std::size_t size() const { return running_.size(); }
  bool empty() const { return running_.empty(); }

  void begin(transfer_pointer transfer) {
    auto* const handle = transfer->handle();
    check(curl_multi_add_handle(multi_, handle));
    running_.emplace(handle, std::move(transfer));
  }

  /// Works until something happens, a twentieth of a second at most; returns the transfers that ended.
  finished wait() {
    int count = 0;
    check(curl_multi_perform(multi_, &count));
    finished done;
    take_messages(done);
    if (!done.empty()) return done;
    check(curl_multi_poll(multi_, nullptr, 0, 50, nullptr));
    check(curl_multi_perform(multi_, &count));
    take_messages(done);
    end_stalled(done);
    return done;
  }

 private:
  static void check(CURLMcode code) {
    if (code != CURLM_OK) throw backend_error(std::string("download_images: libcurl: ") + curl_multi_strerror(code));
  }

  void take_messages(finished& done) {
    int left = 0;
    while (auto const* const message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      auto const code = message->data.result;  // removing the handle ends the message's life
      auto transfer = remove(message->easy_handle);
      auto verdict = transfer->judge(code);
      done.emplace_back(std::move(transfer), std::move(verdict));
    }
  }

  void end_stalled(finished& done) {
    std::chrono::duration<double> const longest(options_.stall_timeout);
    auto const now = download_transfer::clock::now();
    std::vector<CURL*> stalled;
    for (auto const& [handle, transfer] : running_)
      if (now - transfer->last_data() > longest) stalled.push_back(handle);
    for (auto* const handle : stalled)
      done.emplace_back(remove(handle),
                        download_transfer::verdict{"no data for " + number_text(options_.stall_timeout) + " s"});
  }

  transfer_pointer remove(CURL* handle) {
    auto const found = running_.find(handle);
    auto transfer = std::move(found->second);
    running_.erase(found);
    check(curl_multi_remove_handle(multi_, handle));
    return transfer;
  }

  no_broken_pipes guard_;
  download_options const& options_;
  CURLM* multi_ = nullptr;
  std::unordered_map<CURL*, transfer_pointer> running_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
