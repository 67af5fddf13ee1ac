// Which download begins when: at most so many a host, not before a host's or an item's pause is over.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// Items that wait, by host; hosts take turns.
class download_schedule {
 public:
  using clock = std::chrono::steady_clock;

  /// `per_host` ≥ 1: downloads at a time; `rate`: beginnings a second over all hosts, 0 for any number.
  download_schedule(std::size_t per_host, double rate)
      : per_host_(per_host),
        pause_(rate > 0 ? std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(1 / rate))
                        : clock::duration{}) {}

  void add(std::size_t item, std::string const& host) { enqueue(item, host, false); }

  /// Adds an item again, not before `due`.
  void add_later(std::size_t item, std::string const& host, clock::time_point due) { later_.push({due, {item, host}}); }

  /// Nothing of this host begins before `due`.
  void pause(std::string const& host, clock::time_point due) {
    hosts_[host].not_before = std::max(hosts_[host].not_before, due);
  }

  /// The item that may begin now, if there is one; it counts as active until `finish`.
  std::optional<std::size_t> next(clock::time_point now) {
    for (; !later_.empty() && later_.top().first <= now; later_.pop())
      enqueue(later_.top().second.first, later_.top().second.second, true);
    if (now < next_begin_) return std::nullopt;
    for (std::size_t turn = 0; turn < turns_.size(); ++turn) {
      auto* const host = turns_.front();
      turns_.pop_front();
      if (host->active >= per_host_ || now < host->not_before) {
        turns_.push_back(host);
        continue;
      }
      std::size_t const item = host->waiting.front();
      host->waiting.pop_front();
      ++host->active;
      if (!host->waiting.empty()) turns_.push_back(host);
      next_begin_ = now + pause_;
      return item;
    }
    return std::nullopt;
  }

  void finish(std::string const& host) { --hosts_[host].active; }

  /// True where nothing waits, now or later.
  bool empty() const { return turns_.empty() && later_.empty(); }

 private:
  struct host_state {
    std::deque<std::size_t> waiting;
    std::size_t active = 0;
    clock::time_point not_before{};
  };
  using timed = std::pair<clock::time_point, std::pair<std::size_t, std::string>>;

  void enqueue(std::size_t item, std::string const& name, bool first) {
    auto& host = hosts_[name];
    if (host.waiting.empty()) turns_.push_back(&host);
    if (first)
      host.waiting.push_front(item);
    else
      host.waiting.push_back(item);
  }

  std::size_t per_host_;
  clock::duration pause_;
  clock::time_point next_begin_{};
  std::map<std::string, host_state> hosts_;  // nodes stay where they are
  std::deque<host_state*> turns_;            // those with waiting items
  std::priority_queue<timed, std::vector<timed>, std::greater<>> later_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
