// Operating points as JSON.
#pragma once

#include <string>
#include <vector>

#include <softf1/io/json_value.hpp>
#include <softf1/metrics/operating_figures.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {
inline void add_operating(json_value& form, metrics::operating_figures const& figures, bool has_threshold) {
  form["partial_roc_auc"] = json_number(figures.partial_roc_auc);
  for (auto const& [name, best] : figures.points) {
    auto& point =
        form[std::string(name)] = {{"value", json_number(best.score)}, {"promise", json_number(best.promise)}};
    if (has_threshold) point["threshold"] = json_number(best.threshold);
  }
}
}  // namespace detail

/// {"max_fpr", "at_least", "macro": {"partial_roc_auc", "precision_at_recall": {"value", "promise"}, …}, "per_label":
/// [{"name", the same with "threshold" of each, "inf" where none keeps the promise}]}. Names as many as labels.
inline json_value operating_json(std::vector<metrics::operating_figures> const& labels,
                                 std::vector<std::string> const& names,
                                 metrics::operating_options const& options = {}) {
  json_value form{{"max_fpr", options.max_fpr}, {"at_least", options.at_least}};
  detail::add_operating(form["macro"], metrics::mean_operating_figures(labels), false);
  auto& per_label = form["per_label"] = json_value::array();
  for (std::size_t j = 0; j < labels.size(); ++j) {
    per_label.push_back({{"name", names[j]}});
    detail::add_operating(per_label.back(), labels[j], true);
  }
  return form;
}

}  // namespace softf1::inline SOFTF1_ABI::io
