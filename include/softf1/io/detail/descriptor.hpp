// One open file descriptor, and the sentences for system calls that failed.
#pragma once

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI::io::detail {

/// Throws io_error "who: path: text".
[[noreturn]] inline void fail(std::string_view who, std::string_view path, std::string_view text,
                              source_position at = source_position::here()) {
  throw io_error(std::string(who) + ": " + std::string(path) + ": " + std::string(text), at);
}

/// The system's reason for an error number, as the end of a sentence: "no space left on device".
inline std::string system_reason(int code) {
  std::string text = std::generic_category().message(code);
  bool const capitalised = text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z';
  if (capitalised) text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

/// Throws io_error "who: cannot <verb> path: reason".
[[noreturn]] inline void fail_system(std::string_view who, std::string_view verb, std::string_view path, int code,
                                     source_position at = source_position::here()) {
  throw io_error(
      std::string(who) + ": cannot " + std::string(verb) + " " + std::string(path) + ": " + system_reason(code), at);
}

/// A text from a file inside an error: quoted, cut to 40 bytes, control characters replaced.
inline std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (char c : text.substr(0, 40)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out + (text.size() > 40 ? "...'" : "'");
}

/// Owns a file descriptor; -1 owns nothing.
class file_descriptor {
 public:
  file_descriptor() = default;
  explicit file_descriptor(int number) : number_(number) {}
  file_descriptor(file_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~file_descriptor() { close(); }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

  /// Closes; returns 0 or the error number. An interrupted close has closed on every system that we know.
  int close() {
    if (number_ < 0) return 0;
    int const result = ::close(std::exchange(number_, -1));
    return result == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int number_ = -1;
};

/// Repeats a system call that a signal interrupted.
template <class Call>
auto retry(Call&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::io::detail
