// What a long run shows while it runs, and how it is stopped.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace program {

/// While one of these lives, the first Ctrl-C (or SIGTERM) is noted and not fatal; a second one ends the program.
class interruptible {
 public:
  interruptible();
  ~interruptible();
  interruptible(interruptible const&) = delete;
  interruptible& operator=(interruptible const&) = delete;

  static bool requested();
};

/// Progress of `what` on the standard error: a bar with rate and time left on a terminal, a line every ten seconds
/// elsewhere, nothing where the command is to be quiet.
class progress_bar {
 public:
  progress_bar(std::string what, std::string unit, bool quiet);
  ~progress_bar() { finish(); }
  progress_bar(progress_bar const&) = delete;
  progress_bar& operator=(progress_bar const&) = delete;

  void show(std::size_t done, std::size_t of);
  /// Clears the bar from the terminal.
  void finish();

 private:
  using clock = std::chrono::steady_clock;

  std::string what_, unit_;
  bool quiet_, terminal_, drawn_ = false;
  clock::time_point begin_ = clock::now(), last_ = begin_;
};

}  // namespace program
