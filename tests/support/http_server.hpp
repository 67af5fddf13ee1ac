// A small HTTP server on the loopback interface that answers as a test says, well or badly.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace softf1_test {

/// What follows the bytes of an answer: the next request, the end of the connection, or nothing at all.
enum class http_then { next, close, stall };

struct http_answer {
  std::string bytes;  ///< status line, headers and body, as they are sent
  http_then then = http_then::next;
};

/// An answer with a body of stated length.
inline http_answer http_ok(std::string const& body, std::string const& headers = "Content-Type: image/jpeg\r\n",
                           std::string const& status = "200 OK") {
  return {"HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
          body};
}

inline http_answer http_redirect(std::string const& to) { return http_ok("", "Location: " + to + "\r\n", "302 Found"); }

class http_server {
 public:
  /// `answer(path, n)` makes the answer to the n-th request (from 1) for a path; it is called by one thread at a time.
  explicit http_server(std::function<http_answer(std::string const&, std::size_t)> answer)
      : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<::sockaddr*>(&address);
    if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 64) != 0 || ::getsockname(listener_, raw, &size) != 0)
      throw std::runtime_error("http_server: cannot listen");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  http_server(http_server const&) = delete;
  http_server& operator=(http_server const&) = delete;
  ~http_server() {
    stop_ = true;
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
  }

  std::string url(std::string const& path, std::string const& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_) + path;
  }
  std::size_t requests(std::string const& path) {
    std::lock_guard const lock(mutex_);
    return requests_[path];
  }
  std::size_t requests() {
    std::lock_guard const lock(mutex_);
    std::size_t all = 0;
    for (auto const& [path, count] : requests_) all += count;
    return all;
  }
  /// The requests as they came, headers and all.
  std::string heads() {
    std::lock_guard const lock(mutex_);
    return heads_;
  }
  std::size_t connections() const { return connections_; }
  /// The most requests that were being answered at a time.
  std::size_t most_connections() const { return most_open_; }

 private:
  /// False when the server stops.
  bool wait_for_input(int socket) const {
    ::pollfd poll{socket, POLLIN, 0};
    while (!stop_)
      if (::poll(&poll, 1, 10) > 0) return true;
    return false;
  }

  void accept_all() {
    while (wait_for_input(listener_)) {
      int const socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      ++connections_;
      most_open_ = std::max<std::size_t>(most_open_, ++open_);
      threads_.emplace_back([this, socket] {
        serve(socket);
        ::close(socket);
        --open_;
      });
    }
  }

  void serve(int socket) {
    std::string text;
    while (wait_for_input(socket)) {
      char buffer[4096];
      auto const got = ::recv(socket, buffer, sizeof buffer, 0);
      if (got <= 0) return;
      text.append(buffer, static_cast<std::size_t>(got));
      auto const end = text.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      auto const answer = answer_to(text.substr(0, end + 4));
      text.erase(0, end + 4);
      for (std::size_t sent = 0; sent < answer.bytes.size();) {
        auto const n = ::send(socket, &answer.bytes[sent], answer.bytes.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return;
        sent += static_cast<std::size_t>(n);
      }
      if (answer.then == http_then::close) return;
      if (answer.then == http_then::stall) wait_for_input(socket);
    }
  }

  http_answer answer_to(std::string const& head) {
    std::lock_guard const lock(mutex_);
    auto const begin = head.find(' ') + 1;
    auto const path = head.substr(begin, head.find(' ', begin) - begin);
    heads_ += head;
    return answer_(path, ++requests_[path]);
  }

  std::function<http_answer(std::string const&, std::size_t)> answer_;
  int listener_;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> connections_{0}, open_{0}, most_open_{0};
  std::mutex mutex_;
  std::map<std::string, std::size_t> requests_;
  std::string heads_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace softf1_test
