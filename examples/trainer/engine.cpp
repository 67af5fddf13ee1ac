#include "engine.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <softf1/core/errors.hpp>

#include "devices.hpp"

namespace program {

namespace {

/// The number of the device that a text names; nothing for the CPU.
std::optional<int> device_of(std::string const& text) {
  if (text == "cpu") return std::nullopt;
  int number = 0;
  bool is_named = text == "cuda";
  if (text.starts_with("cuda:")) {
    auto const* const end = text.data() + text.size();
    auto const [at, code] = std::from_chars(text.data() + 5, end, number);
    is_named = code == std::errc{} && at == end && number >= 0;
  }
  if (!is_named) throw softf1::value_error("must be cpu, cuda, or cuda: and a number, got '" + text + "'");
  return number;
}

}  // namespace

void check_device(std::string const& text) { device_of(text); }

std::unique_ptr<engine> make_engine(common_options const& options, device_choice const& choice) {
  auto const device = device_of(choice.device);
  std::string const precision = choice.precision == "full" ? "" : choice.precision;
  if (!device) {
    softf1::require_value(precision.empty(), "--precision",
                          "the CPU computes in float: " + choice.precision + " is for --device cuda");
    return make_cpu_engine(options);
  }
  auto const found = find_devices();
  std::string const who = "--device " + choice.device + ": ";
  if (found.devices.empty()) throw softf1::backend_error(who + found.why_none);
  bool const is_there = std::any_of(found.devices.begin(), found.devices.end(),
                                    [&](found_device const& d) { return d.number == *device; });
  if (!is_there)
    throw softf1::backend_error(who + "there is no device " + std::to_string(*device) +
                                " (softf1 devices shows those there are)");
  return make_device_engine(options, *device, precision);
}

}  // namespace program
