// The operating points of labels, and their means.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/text_table.hpp>
#include <softf1/metrics/average.hpp>
#include <softf1/metrics/curve_operating.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What operating figures keep, each in [0, 1] (max_fpr > 0).
struct operating_options {
  double max_fpr = 0.1;   ///< of the partial AUROC
  double at_least = 0.9;  ///< the recall, precision, specificity or sensitivity that is promised
};

/// A promise that a threshold keeps, by its name: "precision_at_recall".
struct named_operating_point {
  std::string_view name;
  operating_point best;
};

/// What can be had from one curve.
struct operating_figures {
  double partial_roc_auc;
  std::vector<named_operating_point> points;
};

/// All of curve_operating.hpp for one curve. Throws value_error for max_fpr outside (0, 1]. Cost: O(points).
inline operating_figures operating_figures_of(count_curve const& curve, operating_options const& options = {}) {
  return {partial_roc_auc(curve, options.max_fpr),
          {{"precision_at_recall", precision_at_recall(curve, options.at_least)},
           {"recall_at_precision", recall_at_precision(curve, options.at_least)},
           {"sensitivity_at_specificity", sensitivity_at_specificity(curve, options.at_least)},
           {"specificity_at_sensitivity", specificity_at_sensitivity(curve, options.at_least)}}};
}

/// The mean over labels, each label at a threshold of its own (so that of the mean is NaN); what is NaN is left out.
inline operating_figures mean_operating_figures(std::vector<operating_figures> const& labels) {
  operating_figures mean = operating_figures_of({{{infinity<double>(), 0, 0}}, 0, 0});
  defined_mean area;
  for (auto const& label : labels) area.add(label.partial_roc_auc);
  mean.partial_roc_auc = area.value();
  for (std::size_t k = 0; k < mean.points.size(); ++k) {
    defined_mean score, promise;
    for (auto const& label : labels) {
      score.add(label.points[k].best.score);
      promise.add(label.points[k].best.promise);
    }
    mean.points[k].best = {quiet_nan<double>(), score.value(), promise.value()};
  }
  return mean;
}

/// A line a label, and one of the means: "-" is undefined. Names as many as labels.
inline std::string operating_text(std::vector<operating_figures> const& labels, std::vector<std::string> const& names,
                                  operating_options const& options = {}) {
  std::vector<std::vector<std::string>> lines{{"label", "partial AUROC", "precision at recall", "recall at precision",
                                               "sensitivity at specificity", "specificity at sensitivity"}};
  auto const add = [&](std::string const& name, operating_figures const& figures) {
    lines.push_back({name, figure_text(figures.partial_roc_auc)});
    for (auto const& point : figures.points) lines.back().push_back(figure_text(point.best.score));
  };
  for (std::size_t j = 0; j < labels.size(); ++j) add(names[j], labels[j]);
  add("macro", mean_operating_figures(labels));
  return text_table(lines) + "partial AUROC: to a false positive rate of " + figure_text(options.max_fpr, "%g") +
         "; at: the best that a threshold gives which keeps at least " + figure_text(options.at_least, "%g") + "\n";
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::mean_operating_figures;
using metrics::operating_figures;
using metrics::operating_figures_of;
using metrics::operating_options;
using metrics::operating_text;
}  // namespace softf1::inline SOFTF1_ABI
