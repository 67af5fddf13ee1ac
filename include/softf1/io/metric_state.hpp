// The state of streaming metrics as files, so that parts of a data set can be counted anywhere and added up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/io/make_array.hpp>
#include <softf1/io/safetensors.hpp>

namespace softf1::inline SOFTF1_ABI::io {

inline constexpr std::string_view metric_state_format = "softf1.metric_state";

inline constexpr std::string_view metric_state_version = "1";  ///< grows where states mean something else

/// Writes the whole state of an accumulator (confusion_counts, row_rankings, score_sketch …) as .safetensors to a file
/// that is committed later. `path` begins the sentences of errors.
template <class Accumulator>
void write_metric_state(atomic_writer& to, std::string const& path, Accumulator const& metric) {
  std::vector<named_array> arrays;
  Accumulator::each_field(metric, [&](std::string_view name, auto const& values) {
    arrays.push_back({std::string(name), make_array(values, {values.size()})});
  });
  write_safetensors(to, path, arrays,
                    {{"format", std::string(metric_state_format)},
                     {"version", std::string(metric_state_version)},
                     {"metric", std::string(Accumulator::name)}});
}

/// The same as a file, whole or not at all. Throws io_error where the system cannot store the file.
template <class Accumulator>
void write_metric_state(std::string const& path, Accumulator const& metric) {
  write_atomically(path, [&](atomic_writer& to) { write_metric_state(to, path, metric); }, "write_metric_state");
}

namespace detail {
[[noreturn]] inline void refuse_metric_state(std::string const& path, std::string const& why) {
  throw io_error("read_metric_state: " + path + ": " + why);
}

/// The name of the accumulator whose state an open file holds. Throws io_error for a file that is none, or of another
/// version.
inline std::string metric_in(safetensors_file const& file, std::string const& path) {
  auto const said = [&](std::string const& key) {
    auto const found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  if (said("format") != metric_state_format) refuse_metric_state(path, "it holds no state of a metric");
  if (said("version") != metric_state_version)
    refuse_metric_state(
        path, "expected version " + std::string(metric_state_version) + " of the state, got '" + said("version") + "'");
  return said("metric");
}
}  // namespace detail

/// The name of the accumulator whose state a file holds. Throws io_error for a file that is none, or of another version.
inline std::string metric_of_state(std::string const& path) { return detail::metric_in(safetensors_file(path), path); }

/// Reads it back, options included: what is read equals what was written to the bit, and merges with others. `like` is
/// read into, for accumulators that hold what no file does: the score of a samples_average. Throws io_error for a file
/// that is none, of another version or metric, or whose arrays do not fit.
template <class Accumulator>
Accumulator read_metric_state(std::string const& path, Accumulator like = Accumulator()) {
  safetensors_file const file(path);
  auto const fail = [&](std::string const& why) { detail::refuse_metric_state(path, why); };
  auto const metric = detail::metric_in(file, path);
  if (metric != Accumulator::name)
    fail("expected the state of " + std::string(Accumulator::name) + ", got that of '" + metric + "'");
  try {
    Accumulator::each_field(like, [&](std::string_view name, auto& values) {
      using T = typename std::remove_reference_t<decltype(values)>::value_type;
      bool there = false;
      for (auto const& e : file.entries())
        there = there || (e.name == name && e.type == dtype_of<T> && e.shape.size() == 1);
      if (!there) fail("'" + std::string(name) + "' must be a list of " + std::string(name_of(dtype_of<T>)));
      auto const array = file.tensor(std::string(name));
      auto const view = array.template view<T>();
      values.assign(view.data(), view.data() + view.size());
    });
    like.check();
  } catch (value_error const& e) {
    fail(e.what());
  }
  return like;
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::metric_of_state;
using io::read_metric_state;
using io::write_metric_state;
}  // namespace softf1::inline SOFTF1_ABI
