// The picture of a calibration: what each threshold of each label gives, and the one that was chosen.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/decisions/decision_rule.hpp>
#include <softf1/report/detail/threshold_drawing.hpp>
#include <softf1/report/document.hpp>
#include <softf1/scores/precision.hpp>
#include <softf1/scores/recall.hpp>
#include <softf1/thresholds/curve_source.hpp>

namespace softf1::inline SOFTF1_ABI::report {

namespace detail {

// Infinite thresholds stay, for they have no place on the axis: they are told.
inline double shown_threshold(double threshold, score_domain domain) {
  return std::isinf(threshold) ? threshold : decisions::to_probability(threshold, domain);
}

/// Makes the chart of one label.
class chart_maker {
 public:
  chart_maker(curve_source const& source, thresholds::objective_function const& score, std::size_t j)
      : source_(source), curve_(source.label(j)), score_(score) {}

  threshold_chart make() const {
    threshold_chart chart{"", curve_.positives, thinned()};
    for (int tenth = 0; tenth <= 10; ++tenth) {
      double const p = tenth / 10.0;
      chart.read.push_back(reported(p, curve_.counts_at(decisions::from_probability(p, source_.domain()))));
    }
    return chart;
  }

  threshold_values at(double threshold) const {
    return reported(shown_threshold(threshold, source_.domain()), curve_.counts_at(threshold));
  }

 private:
  // Of the plot's width and height: finer than its lines.
  static constexpr double tolerance = 0.01;

  threshold_values values(double shown, confusion<double> const& counts) const {
    return {shown, score_(counts), scores::precision{}(counts), scores::recall{}(counts)};
  }

  // As metrics do, which have no gaps.
  threshold_values reported(double shown, confusion<double> const& counts) const {
    auto const found = values(shown, counts);
    return {shown, source_.defined(found.score), source_.defined(found.precision), source_.defined(found.recall)};
  }

  // By ascending threshold. What is left out differs in nothing by more than the tolerance from what is kept before it.
  std::vector<threshold_values> thinned() const {
    std::vector<threshold_values> kept;
    double size = 1;
    for (std::size_t k = 0; k < curve_.points.size(); ++k)
      if (double const s = std::fabs(score_(curve_.counts(k))); std::isfinite(s)) size = s > size ? s : size;
    auto const close = [](double a, double b, double within) {
      return std::fabs(a - b) <= within || (std::isnan(a) && std::isnan(b)) || a == b;
    };
    for (std::size_t k = curve_.points.size(); k-- > 0;) {
      if (!curve_.reachable(k)) continue;
      auto const point = values(shown_threshold(curve_.points[k].threshold, source_.domain()), curve_.counts(k));
      bool const near = !kept.empty() && close(place_of(point.threshold), place_of(kept.back().threshold), tolerance) &&
                        close(point.score, kept.back().score, tolerance * size) &&
                        close(point.precision, kept.back().precision, tolerance) &&
                        close(point.recall, kept.back().recall, tolerance);
      if (!near || k == 0) kept.push_back(point);
    }
    return kept;
  }

  curve_source const& source_;
  thresholds::count_curve curve_;
  thresholds::objective_function const& score_;
};

}  // namespace detail

/// The charts of all labels: score, precision and recall over the threshold, and where the rule's threshold lies, with
/// its account. What a chart says of a threshold is what the metric reports there, to the bit (`chosen`, `read`); the
/// curve is thinned to what can be seen, some hundred points whatever the number of rows. There an undefined value is
/// NaN, a gap. `score_name` names the score, as in "f1"; `label_names` is empty or one a label, else those of the rule.
/// A rule that looks at whole rows has charts without a threshold. Throws shape_error or value_error for a rule of
/// another number of labels or another domain, or other names. Cost: O(points) a label.
inline threshold_charts charts_of(curve_source const& source, decision_rule const& rule, std::string_view score_name,
                                  thresholds::objective_function const& score,
                                  std::vector<std::string> const& label_names = {}) {
  constexpr std::string_view who = "charts_of";
  auto const chosen = decisions::thresholds_of(rule, source.labels(), source.domain(), who);
  auto const* const set = std::get_if<threshold_set>(&rule);
  auto const& names = label_names.empty() && set ? set->label_names : label_names;
  if (!names.empty()) require_shape(who, "label names", {source.labels()}, std::vector<std::size_t>{names.size()});
  threshold_charts all{std::string(score_name)};
  for (std::size_t j = 0; j < source.labels(); ++j) {
    detail::chart_maker const maker(source, score, j);
    auto& chart = all.labels.emplace_back(maker.make());
    chart.label = names.empty() ? std::to_string(j) : names[j];
    if (!std::isnan(chosen[j])) chart.chosen = maker.at(chosen[j]);
    if (set && !set->reasons.empty()) chart.reason = set->reasons[j];
    if (!set || set->accounts.empty()) continue;
    auto const& account = set->accounts[j];
    chart.low = detail::shown_threshold(account.low, source.domain());
    chart.high = detail::shown_threshold(account.high, source.domain());
    chart.tuned = account.tuned;
    chart.expected = account.expected;
  }
  return all;
}

/// The chosen thresholds of charts as a table: what is drawn, as text. Cost: O(labels).
inline table table_of(threshold_charts const& all) {
  table t{"Thresholds",
          {"label", "positives", "threshold", "from", "to", all.score + " tuned", all.score + " expected", "precision",
           "recall", "reason"},
          {}};
  auto const number = [](double x) { return std::isnan(x) ? std::string() : detail::value_text(x); };
  auto const threshold = [](double x) { return std::isnan(x) ? std::string() : detail::threshold_text(x); };
  for (auto const& chart : all.labels)
    t.rows.push_back({chart.label, std::isnan(chart.positives) ? "" : detail::weight_text(chart.positives),
                      threshold(chart.chosen.threshold), threshold(chart.low), threshold(chart.high),
                      number(detail::tuned_of(chart)), number(chart.expected), number(chart.chosen.precision),
                      number(chart.chosen.recall), chart.reason});
  t.note = "Thresholds are probabilities. '" + all.score +
           " tuned' is that of the rows the thresholds were found on; 'expected' is what new rows will give, as far as "
           "it was estimated.";
  return t;
}

}  // namespace softf1::inline SOFTF1_ABI::report

namespace softf1::inline SOFTF1_ABI {
using report::charts_of;
}
