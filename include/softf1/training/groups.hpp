// Groups of a network's parameters that are trained in their own way.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/core/wildcard.hpp>
#include <softf1/layers/network.hpp>
#include <softf1/optimizers/optimizer.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// Parameters whose full names ("hidden.weight") a pattern matches: `*` stands for any characters.
struct parameter_group {
  std::string pattern;
  double rate = 1;   ///< on the learning rate
  double decay = 1;  ///< on the optimizer's weight_decay
};

/// "features.*:rate=0.1+*.bias:decay=0" as groups. Throws value_error for other options than rate and decay.
inline std::vector<parameter_group> groups_named(std::string_view text) {
  std::vector<parameter_group> groups;
  if (text.empty()) return groups;
  for (auto const& spec : parse_specs(text)) {
    parameter_group group{spec.name};
    for (auto const& [key, value] : spec.parameters) {
      require_value(key == "rate" || key == "decay", spec.name,
                    "there is no option '" + key + "', there are rate, decay");
      double const number = parse_number(value, spec.name + ": " + key);
      require_value(number >= 0 && number * 0 == 0, spec.name, key + " must be finite and >= 0, got " + value);
      (key == "rate" ? group.rate : group.decay) = number;
    }
    groups.push_back(group);
  }
  return groups;
}

/// Freezes the arrays of a network that a group with rate 0 matches, so that nothing is computed for them; what is frozen
/// stays so.
template <class T, class B>
void freeze_still(layers::network<T, B>& net, std::vector<parameter_group> const& groups) {
  bool any = false;
  for (auto const& g : groups) any = any || g.rate == 0;
  if (!any) return;
  std::set<std::string> still;
  for (auto const& p : net.named())
    if (!p.trained) still.insert(p.name);
  net.freeze([&](std::string const& name) {
    for (auto const& g : groups)
      if (g.rate == 0 && matches_wildcard(g.pattern, name)) return true;
    return still.contains(name);
  });
}

/// The trained parameters of a network as segments for its optimizer: rates and decays of all groups that match a name
/// are multiplied. Throws value_error for a group that matches no name.
template <class T, class B>
std::vector<parameter_segment> segments_of(layers::network<T, B> const& net,
                                           std::vector<parameter_group> const& groups) {
  std::vector<parameter_segment> segments;
  std::vector<bool> used(groups.size(), false);
  std::size_t first = 0;
  for (auto const& p : net.named()) {
    if (p.role != layers::parameter_role::trained) continue;
    parameter_segment mine{first, p.size()};
    first += p.size();
    for (std::size_t k = 0; k < groups.size(); ++k) {
      if (!matches_wildcard(groups[k].pattern, p.name)) continue;
      used[k] = true;
      mine.rate *= groups[k].rate;
      mine.decay *= groups[k].decay;
    }
    if (mine.rate == 0 || !p.trained) continue;
    bool const goes_on = !segments.empty() && segments.back().first + segments.back().count == mine.first &&
                         segments.back().rate == mine.rate && segments.back().decay == mine.decay;
    if (goes_on)
      segments.back().count += mine.count;
    else
      segments.push_back(mine);
  }
  for (std::size_t k = 0; k < groups.size(); ++k)
    require_value(used[k], "parameter groups", "no parameter's name matches '" + groups[k].pattern + "'");
  return segments;
}

}  // namespace softf1::inline SOFTF1_ABI::training
