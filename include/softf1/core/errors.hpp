// Error types, and the one place where texts that name shapes and values are put together.
#pragma once

#include <charconv>
#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Where in the source an error was raised.
struct source_position {
  const char* file;
  int line;

  static constexpr source_position here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

/// Base of all errors of the library. `what()` is one sentence: who, what, expected, got.
class error : public std::runtime_error {
 public:
  explicit error(std::string const& text, source_position at = source_position::here())
      : std::runtime_error(text), at_(at) {}

  /// The line of the library that raised the error.
  source_position where() const noexcept { return at_; }

 private:
  source_position at_;
};

/// Shapes that do not fit each other or the function.
class shape_error : public error {
 public:
  explicit shape_error(std::string const& text, source_position at = source_position::here()) : error(text, at) {}
};

/// A value outside its documented domain (NaN, a target that is not 0 or 1, a rule of another domain, …).
class value_error : public error {
 public:
  explicit value_error(std::string const& text, source_position at = source_position::here()) : error(text, at) {}
};

/// A file that cannot be read or written, or does not hold what it says.
class io_error : public error {
 public:
  explicit io_error(std::string const& text, source_position at = source_position::here()) : error(text, at) {}
};

/// A failure of a backend: no such device, out of memory, a failed call of its libraries.
class backend_error : public error {
 public:
  explicit backend_error(std::string const& text, source_position at = source_position::here()) : error(text, at) {}
};

/// A backend has no room for memory that was asked for: less at once may work.
class out_of_memory : public backend_error {
 public:
  /// `asked`: bytes.
  explicit out_of_memory(std::string const& text, std::size_t asked, source_position at = source_position::here())
      : backend_error(text, at), asked_(asked) {}

  std::size_t asked() const noexcept { return asked_; }

 private:
  std::size_t asked_;
};

/// "(3, 4)", "(5,)", "()": a shape as Python's users read it.
template <class Range>
std::string shape_text(Range const& shape) {
  std::string text = "(";
  std::size_t n = 0;
  for (auto extent : shape) {
    if (n++) text += ", ";
    text += std::to_string(extent);
  }
  return text + (n == 1 ? ",)" : ")");
}

inline std::string shape_text(std::initializer_list<std::size_t> shape) {
  return shape_text<std::initializer_list<std::size_t>>(shape);
}

/// The shortest decimal text that reads back as the same number; "nan", "inf", "-inf" otherwise.
inline std::string number_text(double x) {
  char buffer[32];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, x).ptr;
  return {buffer, end};
}

/// Throws `shape_error` "who: what must have shape (…), got (…)" unless both shapes are the same.
template <class Got>
void require_shape(std::string_view who, std::string_view what, std::initializer_list<std::size_t> expected,
                   Got const& got, source_position at = source_position::here()) {
  std::size_t n = 0;
  bool same = true;
  auto it = expected.begin();
  for (auto extent : got) {
    same = same && n < expected.size() && static_cast<std::size_t>(extent) == *it;
    if (n < expected.size()) ++it;
    ++n;
  }
  if (!same || n != expected.size())
    throw shape_error(std::string(who) + ": " + std::string(what) + " must have shape " + shape_text(expected) +
                          ", got " + shape_text(got),
                      at);
}

/// Throws `value_error` "who: text" unless `condition` holds.
inline void require_value(bool condition, std::string_view who, std::string_view text,
                          source_position at = source_position::here()) {
  if (!condition) throw value_error(std::string(who) + ": " + std::string(text), at);
}

/// Throws `value_error` "who: rule, got VALUE at row R, label L": for values that were found bad in a pass over the
/// data.
[[noreturn]] inline void throw_bad_cell(std::string_view who, std::string_view rule, double got, std::size_t row,
                                        std::size_t label, source_position at = source_position::here()) {
  throw value_error(std::string(who) + ": " + std::string(rule) + ", got " + number_text(got) + " at row " +
                        std::to_string(row) + ", label " + std::to_string(label),
                    at);
}

}  // namespace softf1::inline SOFTF1_ABI
