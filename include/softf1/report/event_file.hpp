// Event files: what TensorBoard shows.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <softf1/core/errors.hpp>
#include <softf1/io/detail/descriptor.hpp>
#include <softf1/io/tfrecord.hpp>
#include <softf1/report/detail/event_messages.hpp>
#include <softf1/report/detail/event_values.hpp>
#include <softf1/report/detail/text.hpp>

namespace softf1::inline SOFTF1_ABI::report {

/// Seconds since 1970.
inline double wall_clock() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

struct event_options {
  /// Each call hands its event to the system; else that is done by `flush`, once a MiB, and at the end.
  bool flush_each = true;
};

/// Writes an event file that TensorBoard reads while it grows: `events.out.tfevents.<seconds>.<host>`, and with `.1`,
/// `.2`, … behind it where there is one of that name. Files are only ever appended to, and whole records at a time: a
/// program that ends at any place leaves whole records, a machine that does may leave a part of the last one, which
/// readers pass over. A run that goes on writes a file of its own in the same folder, which begins with `restart`. Tags of
/// one folder are a run; what stands before a `/` in tags is their panel. Used by one thread at a time.
///
/// `step`: counts epochs or steps, what the caller likes. `wall_time`: seconds since 1970.
/// All methods throw io_error where the system cannot store what they write: nothing of it is in the file then, and it is
/// tried again with the next event; and value_error for tags and texts that are empty, no
/// UTF-8, or have control characters.
class event_writer {
 public:
  /// Makes the folder where there is none. Throws io_error where that or the file cannot be written.
  explicit event_writer(std::string const& folder, event_options const& options = {}, double wall_time = wall_clock())
      : options_(options) {
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code) io::detail::fail_system(who, "write", folder, code.value());
    create(folder + "/events.out.tfevents." + seconds_text(wall_time) + "." + host_name());
    append(detail::version_event(wall_time));
  }

  event_writer(event_writer&&) = default;
  event_writer& operator=(event_writer&&) = delete;

  ~event_writer() {
    try {
      if (file_) flush();
    } catch (error const&) {
      // Whoever wants to know calls flush.
    }
  }

  std::string const& path() const { return path_; }

  /// Says that the run goes on from this step: TensorBoard shows no more what earlier files have of it and of later steps.
  void restart(std::int64_t step, double wall_time = wall_clock()) { append(detail::start_event(wall_time, step)); }

  /// A number, of any value.
  void scalar(std::string_view tag, std::int64_t step, double value, double wall_time = wall_clock()) {
    check_text("a tag", tag);
    append(detail::value_event(wall_time, step, tag, [&](auto& to) { to.add_float(2, static_cast<float>(value)); }));
  }

  /// How numbers are distributed, in buckets a tenth wider each than the one before, as TensorFlow has them; min, max, sum
  /// and sum of squares are exact. Numbers that are not finite are left out: returns how many.
  std::size_t histogram(std::string_view tag, std::int64_t step, std::span<float const> values,
                        double wall_time = wall_clock()) {
    check_text("a tag", tag);
    auto const h = detail::count_buckets(values);
    auto const form = detail::message_of([&](auto& to) {
      double const facts[] = {h.min, h.max, static_cast<double>(h.count), h.sum, h.squares};
      for (std::uint32_t k = 0; k < 5; ++k) to.add_double(k + 1, facts[k]);
      to.add_packed_double(6, h.limits.begin(), h.limits.end());
      to.add_packed_double(7, h.counts.begin(), h.counts.end());
    });
    append(detail::value_event(wall_time, step, tag, [&](auto& to) { to.add_message(5, form); }));
    return h.left_out;
  }

  /// An encoded image in colours, as PNG or JPEG (see image/encode.hpp). Throws value_error where it is empty.
  void image(std::string_view tag, std::int64_t step, std::span<std::byte const> encoded, std::size_t height,
             std::size_t width, double wall_time = wall_clock()) {
    check_text("a tag", tag);
    require_value(!encoded.empty() && height > 0 && width > 0, who, "an image must not be empty");
    auto const form = detail::message_of([&](auto& to) {
      to.add_int32(1, static_cast<std::int32_t>(height));
      to.add_int32(2, static_cast<std::int32_t>(width));
      to.add_int32(3, 3);
      to.add_bytes(4, reinterpret_cast<char const*>(encoded.data()), encoded.size());
    });
    append(detail::value_event(wall_time, step, tag, [&](auto& to) { to.add_message(4, form); }));
  }

  /// Precision and recall of one label at thresholds from 0 to 1 in equal steps: scores (N,) in [0, 1], targets (N,), of
  /// which all but 0 are positive. Throws shape_error for another number of targets, value_error for other scores and
  /// fewer than 2 thresholds.
  void pr_curve(std::string_view tag, std::int64_t step, std::span<float const> scores,
                std::span<std::uint8_t const> targets, std::size_t thresholds = 127, double wall_time = wall_clock()) {
    check_text("a tag", tag);
    require_shape(who, "targets", {scores.size()}, std::vector<std::size_t>{targets.size()});
    require_value(thresholds >= 2, who, "thresholds must be at least 2, got " + std::to_string(thresholds));
    for (std::size_t i = 0; i < scores.size(); ++i)
      require_value(scores[i] >= 0 && scores[i] <= 1, who,
                    "scores must be in [0, 1], got " + number_text(scores[i]) + " in row " + std::to_string(i));
    auto const curve = detail::curve_of(scores, targets, thresholds);
    auto const about = detail::message_of([&](auto& to) { to.add_uint32(2, static_cast<std::uint32_t>(thresholds)); });
    append(detail::value_event(wall_time, step, tag, [&](auto& to) {
      detail::add_tensor(to, {6, thresholds}, curve);
      detail::add_plugin(to, "pr_curves", about);
    }));
  }

  /// A text, which TensorBoard shows as Markdown.
  void text(std::string_view tag, std::int64_t step, std::string_view text, double wall_time = wall_clock()) {
    check_text("a tag", tag);
    check_text("a text", text);
    append(detail::value_event(wall_time, step, tag, [&](auto& to) {
      detail::add_tensor(to, text);
      detail::add_plugin(to, "text", {});
    }));
  }

  /// Hands all events to the system.
  void flush() {
    std::size_t done = 0;
    while (done < buffer_.size()) {
      auto const n = io::detail::retry([&] { return ::write(file_.number(), &buffer_[done], buffer_.size() - done); });
      if (n <= 0) {
        int const code = n < 0 ? errno : EIO;
        take_back();
        io::detail::fail_system(who, "write", path_, code);
      }
      done += static_cast<std::size_t>(n);
    }
    size_ += buffer_.size();
    buffer_.clear();
  }

 private:
  static constexpr std::string_view who = "event_writer";
  static constexpr std::size_t most_kept = 1 << 20;

  static std::string seconds_text(double wall_time) {
    auto const digits = std::to_string(static_cast<long long>(wall_time));
    return std::string(digits.size() < 10 ? 10 - digits.size() : 0, '0') + digits;
  }

  static std::string host_name() {
    char name[256] = {};
    bool const known = ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0';
    return known ? name : "localhost";
  }

  void create(std::string const& path) {
    path_ = path;
    for (int number = 1;; ++number) {
      file_ = io::detail::file_descriptor(io::detail::retry(
          [&] { return ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }));
      if (file_) return;
      if (errno != EEXIST) io::detail::fail_system(who, "write", path_, errno);
      path_ = path + "." + std::to_string(number);
    }
  }

  /// A record that was begun and not ended would hide all behind it.
  void take_back() { [[maybe_unused]] int const ended = ::ftruncate(file_.number(), static_cast<::off_t>(size_)); }

  static void check_text(char const* what, std::string_view text) {
    require_value(!text.empty(), who, std::string(what) + " must not be empty");
    for (auto rest = text; !rest.empty(); rest.remove_prefix(detail::character_length(rest)))
      require_value(detail::character_length(rest) > 0, who,
                    std::string(what) + " must be UTF-8 without control characters");
  }

  void append(std::string const& event) {
    io::detail::frame_record(std::as_bytes(std::span(event)), [&](std::span<std::byte const> piece) {
      buffer_.append(reinterpret_cast<char const*>(piece.data()), piece.size());
    });
    if (options_.flush_each || buffer_.size() >= most_kept) flush();
  }

  event_options options_;
  std::string path_;
  io::detail::file_descriptor file_;
  std::string buffer_;    // events that the system does not have yet
  std::size_t size_ = 0;  // bytes that it has
};

}  // namespace softf1::inline SOFTF1_ABI::report

namespace softf1::inline SOFTF1_ABI {
using report::event_writer;
}  // namespace softf1::inline SOFTF1_ABI
