#include "progress.hpp"

#include <csignal>
#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>

namespace program {

namespace {

volatile std::sig_atomic_t stop_requested = 0;
int guards = 0;  // how many live: only the outermost takes the signals

extern "C" void note_signal(int signal) {
  stop_requested = 1;
  std::signal(signal, SIG_DFL);
}

std::string duration(double seconds) {
  auto const whole = static_cast<long>(seconds + 0.5);
  return whole < 60 ? fmt::format("{} s", whole) : fmt::format("{}:{:02} min", whole / 60, whole % 60);
}

}  // namespace

interruptible::interruptible() {
  if (guards++ > 0) return;
  stop_requested = 0;
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
}

interruptible::~interruptible() {
  if (--guards > 0) return;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool interruptible::requested() { return stop_requested != 0; }

progress_bar::progress_bar(std::string what, std::string unit, bool quiet)
    : what_(std::move(what)), unit_(std::move(unit)), quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

void progress_bar::show(std::size_t done, std::size_t of) {
  if (quiet_ || of == 0) return;
  auto const now = clock::now();
  using seconds = std::chrono::duration<double>;
  double const pause = terminal_ ? 0.1 : 10;
  if (seconds(now - last_).count() < pause && (done < of || !drawn_)) return;
  last_ = now;
  drawn_ = true;
  double const passed = seconds(now - begin_).count(), share = static_cast<double>(done) / static_cast<double>(of);
  double const rate = passed > 0 ? static_cast<double>(done) / passed : 0;
  std::string const left = done > 0 ? duration(passed * (1 / share - 1)) : "?";
  if (terminal_) {
    constexpr std::size_t width = 24;
    auto const full = static_cast<std::size_t>(share * width);
    fmt::print(stderr, "\r{} [{}{}] {}/{} {}, {:.0f} a second, {} left \x1b[K", what_, std::string(full, '#'),
               std::string(width - full, '.'), done, of, unit_, rate, left);
  } else {
    fmt::print(stderr, "{}: {}/{} {}, {:.0f} a second, {} left\n", what_, done, of, unit_, rate, left);
  }
  std::fflush(stderr);
}

void progress_bar::finish() {
  if (drawn_ && terminal_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace program
