// The grammar of ARFF: words, declarations of attributes, rows.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <softf1/data/detail/label_lines.hpp>
#include <softf1/data/detail/names.hpp>
#include <softf1/io/detail/number.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// A column of an ARFF file: numbers, or one of some texts.
struct arff_attribute {
  std::string name;
  bool is_nominal = false;
  std::vector<std::string> values = {};  ///< of a nominal one
};

/// A word of a line; a quoted "?" is a text, a bare one says that the value is missing.
struct arff_word {
  std::string text;
  bool is_quoted = false;
};

/// Takes one line apart.
class arff_line {
 public:
  arff_line(std::string_view line, std::size_t number, std::string_view who, std::string const& path)
      : rest_(io::detail::trimmed(line)), number_(number), who_(who), path_(path) {}

  [[noreturn]] void fail(std::string const& text) const { io::detail::fail(who_, path_, at_line(number_) + text); }

  std::string_view rest() const { return rest_; }
  bool is_empty() const { return rest_.empty(); }

  /// Takes a character, where it is the next one.
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    advance(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected '") + c + "' at " + io::detail::in_quotes(rest_));
  }

  /// The next word, bare (up to a blank or one of `ends`) or quoted, with backslashes taken away.
  arff_word word(std::string_view ends) {
    arff_word result;
    if (!rest_.starts_with('\'') && !rest_.starts_with('"')) {
      auto const end = rest_.find_first_of(std::string(" \t") + std::string(ends));
      result.text = std::string(rest_.substr(0, end));
      advance(result.text.size());
      return result;
    }
    result.is_quoted = true;
    char const quote = rest_[0];
    for (std::size_t k = 1; k < rest_.size(); ++k) {
      if (rest_[k] == quote) {
        advance(k + 1);
        return result;
      }
      if (rest_[k] == '\\' && k + 1 < rest_.size()) ++k;
      result.text += rest_[k];
    }
    fail("a quote is not closed");
  }

 private:
  void advance(std::size_t count) {
    rest_.remove_prefix(count);
    auto const blanks = rest_.find_first_not_of(" \t");
    rest_.remove_prefix(blanks == rest_.npos ? rest_.size() : blanks);
  }

  std::string_view rest_;
  std::size_t number_;
  std::string_view who_;
  std::string const& path_;
};

/// What stands behind @attribute.
inline arff_attribute parse_arff_attribute(arff_line& line) {
  arff_attribute attribute{line.word("{").text};
  if (attribute.name.empty()) line.fail("an attribute has no name");
  if (line.take('{')) {
    attribute.is_nominal = true;
    do attribute.values.push_back(line.word(",}").text);
    while (line.take(','));
    line.expect('}');
    return attribute;
  }
  auto const type = lower_case(line.word("").text);
  if (type != "numeric" && type != "real" && type != "integer")
    line.fail("attribute " + io::detail::in_quotes(attribute.name) + " must be numeric or {nominal}, got " +
              io::detail::in_quotes(type));
  return attribute;
}

/// The number of a word: of a nominal attribute its place among the values, from 0. Nothing where it is missing.
inline std::optional<double> arff_number(arff_attribute const& attribute, arff_word const& word,
                                         arff_line const& line) {
  if (word.text == "?" && !word.is_quoted) return std::nullopt;
  if (!attribute.is_nominal) {
    auto const value = io::detail::parse_number(word.text);
    if (!value || *value - *value != 0)
      line.fail(io::detail::in_quotes(attribute.name) + " must be a finite number, got " +
                io::detail::in_quotes(word.text));
    return value;
  }
  for (std::size_t k = 0; k < attribute.values.size(); ++k)
    if (attribute.values[k] == word.text) return static_cast<double>(k);
  line.fail(io::detail::in_quotes(attribute.name) + " must be one of " + std::to_string(attribute.values.size()) +
            " values, got " + io::detail::in_quotes(word.text));
}

}  // namespace softf1::inline SOFTF1_ABI::data::detail
