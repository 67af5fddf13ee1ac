// Groups of labels, such as frequent and rare ones: any average over each.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/scores/confusion.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// Some labels, by their indices, under a name.
struct label_group {
  std::string name;
  std::vector<std::size_t> labels;
};

/// From how many positives on a label is in the middle, and in the head.
struct support_limits {
  double medium = 20, head = 100;
};

/// "head", "medium" and "tail": the labels with at least `head` positives, with at least `medium`, and the others.
/// Throws value_error unless medium <= head. Cost: O(L). Source: Liu et al., "Large-scale long-tailed recognition in an
/// open world", CVPR 2019 (many, medium and few shots).
inline std::vector<label_group> groups_by_support(std::span<double const> supports, support_limits const& limits = {}) {
  require_value(limits.medium <= limits.head, "groups_by_support", "medium must be at most head");
  std::vector<label_group> groups{{"head", {}}, {"medium", {}}, {"tail", {}}};
  for (std::size_t j = 0; j < supports.size(); ++j)
    groups[supports[j] >= limits.head ? 0 : supports[j] >= limits.medium ? 1 : 2].labels.push_back(j);
  return groups;
}

/// The same by the counts of labels, of the rows that they are measured on.
inline std::vector<label_group> groups_by_support(std::span<confusion<double> const> counts,
                                                  support_limits const& limits = {}) {
  std::vector<double> supports;
  for (auto const& c : counts) supports.push_back(c.support());
  return groups_by_support(std::span<double const>(supports), limits);
}

/// What labels have (counts, ranking scores, names, …), of a group: what averages are then taken of.
/// Throws value_error for a label behind the end.
template <class T>
std::vector<T> of_group(label_group const& group, std::vector<T> const& labels) {
  std::vector<T> some;
  for (std::size_t j : group.labels) {
    require_value(
        j < labels.size(), "of_group",
        "group '" + group.name + "' has label " + std::to_string(j) + ", there are " + std::to_string(labels.size()));
    some.push_back(labels[j]);
  }
  return some;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::groups_by_support;
using metrics::label_group;
using metrics::of_group;
}  // namespace softf1::inline SOFTF1_ABI
