// What the sub-commands print and write.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/io/atomic_writer.hpp>

#include "options.hpp"

namespace program {

/// Prints to the standard output. Throws io_error where it cannot take the text (a full disk, a closed pipe).
void print(std::string_view text);

/// A table: columns as wide as their widest text, the first to the left, others to the right.
std::string table(std::vector<std::vector<std::string>> const& lines);

/// "0.1234", or "-" for what is undefined; counts without decimals where they are whole.
std::string figure(double x);
std::string count(double x);

/// True where both paths lead to one file, whether it exists yet or not.
bool is_same_file(std::string const& a, std::string const& b);

/// Files of results, all written before any gets its name.
class output_files {
 public:
  /// `inputs`: files that were read, which no result may replace.
  explicit output_files(std::vector<named_path> inputs) : inputs_(std::move(inputs)) {}

  /// `option` begins the sentences of errors. Throws io_error where the file cannot be
  /// written, value_error where two results go to one file, or over an input.
  void add(std::string const& option, std::string const& path, std::string_view text);

  /// The same for what writes itself.
  void add(std::string const& option, std::string const& path,
           std::function<void(softf1::io::atomic_writer&)> const& write);

  /// Takes note of a file that is written by other means. Throws as `add` for two results in one file.
  void claim(std::string const& option, std::string const& path);

  /// True where one of them is the standard output, which then gets nothing else.
  bool take_standard_output() const { return take_standard_output_; }

  void commit();

 private:
  std::vector<softf1::io::atomic_writer> writers_;
  std::vector<named_path> inputs_, outputs_;
  bool take_standard_output_ = false;
};

}  // namespace program
