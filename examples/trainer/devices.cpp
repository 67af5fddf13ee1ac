// softf1 devices: what --device can name.
#include <fmt/format.h>

#include <softf1/io/json_value.hpp>

#include "devices.hpp"
#include "inputs.hpp"
#include "output.hpp"

namespace program {

namespace {

std::string gibibytes(std::size_t bytes) { return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1u << 30)); }

std::string to_text(softf1::context<softf1::cpu> const& ctx, found_devices const& found) {
  auto text = fmt::format("cpu: instruction set {}, {} thread{}\n", softf1::name_of(ctx.set()), ctx.threads(),
                          ctx.threads() == 1 ? "" : "s");
  for (auto const& d : found.devices) {
    text += fmt::format("cuda:{}: {} ({})", d.number, d.name, d.architecture);
    if (d.memory > 0) text += fmt::format(", {}, {} of it free", gibibytes(d.memory), gibibytes(d.free));
    text += '\n';
  }
  return found.devices.empty() ? text + fmt::format("cuda: {}\n", found.why_none) : text;
}

softf1::io::json_value to_json(softf1::context<softf1::cpu> const& ctx, found_devices const& found) {
  softf1::io::json_value form{{"backends", {"cpu"}},
                              {"cpu", {{"instruction_set", softf1::name_of(ctx.set())}, {"threads", ctx.threads()}}}};
  if (!device_backend().empty()) form["backends"].push_back(device_backend());
  auto& devices = form["devices"] = softf1::io::json_value::array();
  for (auto const& d : found.devices)
    devices.push_back({{"device", fmt::format("cuda:{}", d.number)},
                       {"name", d.name},
                       {"architecture", d.architecture},
                       {"memory_bytes", d.memory},
                       {"free_bytes", d.free}});
  if (found.devices.empty()) form["why_none"] = found.why_none;
  return form;
}

}  // namespace

void run(devices_options const& options) {
  auto const ctx = make_context(options);
  auto const found = find_devices();
  output_files files({});
  if (!options.json.empty()) files.add("--json", options.json, softf1::io::json_text(to_json(ctx, found)));
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(to_text(ctx, found));
}

}  // namespace program
