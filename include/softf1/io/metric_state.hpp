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

/// Writes the whole state of an accumulator (confusion_counts, row_rankings, score_sketch …) as .safetensors, whole or not
/// at all. Throws io_error where the system cannot store the file.
template <class Accumulator>
void write_metric_state(std::string const& path, Accumulator const& metric) {
  std::vector<named_array> arrays;
  Accumulator::each_field(metric, [&](std::string_view name, auto const& values) {
    arrays.push_back({std::string(name), make_array(values, {values.size()})});
  });
  write_safetensors(path, arrays,
                    {{"format", std::string(metric_state_format)}, {"metric", std::string(Accumulator::name)}});
}

/// Reads it back; `like` has the options that the state belongs to, such as the bins of a sketch. What is read equals
/// what was written to the bit, and merges with others. Throws io_error for a file that is none, of another metric, or
/// whose arrays do not fit.
template <class Accumulator>
Accumulator read_metric_state(std::string const& path, Accumulator like = Accumulator()) {
  constexpr std::string_view who = "read_metric_state";
  safetensors_file const file(path);
  auto const fail = [&](std::string const& why) { throw io_error(std::string(who) + ": " + path + ": " + why); };
  auto const said = [&](std::string const& key) {
    auto const found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  if (said("format") != metric_state_format) fail("it holds no state of a metric");
  if (said("metric") != Accumulator::name)
    fail("expected the state of " + std::string(Accumulator::name) + ", got that of '" + said("metric") + "'");
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
    if constexpr (requires { like.check(); }) like.check();
  } catch (value_error const& e) {
    fail(e.what());
  }
  return like;
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::read_metric_state;
using io::write_metric_state;
}  // namespace softf1::inline SOFTF1_ABI
