// The grammar of RFC 4180, on a text in memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/io/detail/descriptor.hpp>
#include <softf1/io/detail/number.hpp>

namespace softf1::inline SOFTF1_ABI::io::detail {

/// Reads records one after the other; lines and fields are counted from 1 in errors.
class csv_parser {
 public:
  /// `text` is UTF-8 without a byte order mark; `delimiter` '\0': the one of comma, semicolon and tab that stands most
  /// often in the first record.
  csv_parser(std::string_view text, char delimiter, char quote, std::string_view who, std::string_view path)
      : text_(text), delimiter_(delimiter), quote_(quote), who_(who), path_(path) {
    if (delimiter_ == '\0') delimiter_ = detected_delimiter();
  }

  /// The next record that is not an empty line; false at the end. Fields are reused, `fields.size()` is their number.
  /// Throws io_error where the text is not CSV or the record has another number of fields than the first.
  bool next(std::vector<std::string>& fields) {
    while (end_line()) {
    }
    if (at_ == text_.size()) return false;
    record_line_ = line_;
    std::size_t count = 0;
    do {
      if (count == fields.size()) fields.emplace_back();
      fields[count].clear();
      read_field(fields[count++]);
    } while (take_delimiter());
    fields.resize(count);
    if (at_ < text_.size() && !end_line()) fail_line(line_, "text stands behind a closing quote");
    if (width_ == 0) {
      width_ = count;
      first_line_ = record_line_;
    }
    if (count != width_)
      fail_line(record_line_, "expected " + std::to_string(width_) + " fields as in line " +
                                  std::to_string(first_line_) + ", got " + std::to_string(count));
    return true;
  }

  /// The line that the last record began in.
  std::size_t record_line() const { return record_line_; }

  /// Where the text goes on behind the last record and its line end.
  std::size_t offset() const { return at_; }

 private:
  [[noreturn]] void fail_line(std::size_t line, std::string_view text) const {
    fail(who_, path_, "line " + std::to_string(line) + ": " + std::string(text));
  }

  bool is_quote(std::size_t at) const { return quote_ != '\0' && at < text_.size() && text_[at] == quote_; }

  /// Passes the end of a line, if one is here: LF, CRLF or CR.
  bool end_line() {
    if (at_ == text_.size() || (text_[at_] != '\n' && text_[at_] != '\r')) return false;
    at_ += text_.substr(at_, 2) == "\r\n" ? 2 : 1;
    ++line_;
    return true;
  }

  bool take_delimiter() {
    if (at_ == text_.size() || text_[at_] != delimiter_) return false;
    ++at_;
    return true;
  }

  void read_field(std::string& field) {
    if (is_quote(at_)) return read_quoted(field);
    std::size_t const begin = at_;
    for (; at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n' && text_[at_] != '\r'; ++at_)
      if (is_quote(at_)) fail_line(line_, "a quote stands inside a field that does not begin with one");
    field.assign(text_.substr(begin, at_ - begin));
  }

  void read_quoted(std::string& field) {
    std::size_t const opened = line_;
    for (++at_;;) {
      if (at_ == text_.size()) fail_line(opened, "the quote that is opened here is never closed");
      if (is_quote(at_)) {
        ++at_;
        if (!is_quote(at_)) return;
      }
      std::size_t const begin = at_;
      if (!end_line()) ++at_;
      field.append(text_.substr(begin, at_ - begin));
    }
  }

  char detected_delimiter() const {
    constexpr std::string_view candidates = ",;\t";
    std::size_t counts[candidates.size()] = {};
    bool is_quoted = false, has_text = false;
    for (std::size_t at = 0; at < text_.size(); ++at) {
      bool const ends_line = text_[at] == '\n' || text_[at] == '\r';
      if (ends_line && has_text && !is_quoted) break;
      has_text = has_text || !ends_line;
      if (is_quote(at)) is_quoted = !is_quoted;
      auto const which = candidates.find(text_[at]);
      if (!is_quoted && which != std::string_view::npos) ++counts[which];
    }
    std::size_t best = 0;
    for (std::size_t k = 1; k < candidates.size(); ++k)
      if (counts[k] > counts[best]) best = k;
    return candidates[best];
  }

  std::string_view text_;
  char delimiter_, quote_;
  std::string_view who_, path_;
  std::size_t at_ = 0, line_ = 1, record_line_ = 1;
  std::size_t width_ = 0, first_line_ = 1;  // of the first record
};

}  // namespace softf1::inline SOFTF1_ABI::io::detail
