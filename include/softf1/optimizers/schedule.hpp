// Learning rates that change while a network is trained.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/optimizers/schedules.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// All schedules.
using schedules = type_list<warmup, staircase, exponential, linear, cosine, one_cycle, plateau>;

/// The factor on the learning rate at a place of a run: the product of its parts; 1 without any. A pure function of the
/// place, so that a run that is resumed goes on as it would have.
class schedule {
 public:
  using part = one_of<schedules>;

  schedule() = default;
  /// Throws value_error where an option is out of range.
  schedule(std::vector<part> parts) : parts_(std::move(parts)) {
    for (auto const& p : parts_) std::visit([](auto const& s) { s.check(); }, p);
  }

  double factor(schedule_place const& at) const {
    double product = 1;
    for (auto const& p : parts_) product *= std::visit([&](auto const& s) { return s.factor(at); }, p);
    return product;
  }

 private:
  std::vector<part> parts_;
};

/// "cosine", "warmup:steps=500+staircase:decay=0.9,steps=1000"; "constant" or an empty text: no change.
/// Throws value_error for a text that names no schedules, listing those there are.
inline schedule schedule_named(std::string_view text) {
  if (text.empty() || text == "constant") return {};
  std::vector<schedule::part> parts;
  for (auto const& spec : parse_specs(text))
    with_named<schedules>(spec, "schedule", [&](auto const& s) { parts.push_back(s); });
  return parts;
}

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::schedule;
using optimizers::schedule_named;
}  // namespace softf1::inline SOFTF1_ABI
