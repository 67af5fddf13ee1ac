// What strategies search: for each label, what every threshold accepts.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/decisions/decision_rule.hpp>
#include <softf1/metrics/curve_counts.hpp>
#include <softf1/scores/defined.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

using metrics::count_curve;

/// What is made as great as possible: any score of `scores/`, or a function of one's own.
using objective_function = std::function<double(confusion<double> const&)>;

/// A curve a label, made when it is asked for: exact, of rows that are kept (tuning_rows), or at the edges of the bins of a
/// sketch (sketch_source).
class curve_source {
 public:
  virtual ~curve_source() = default;

  virtual std::size_t rows() const = 0;
  virtual std::size_t labels() const = 0;
  /// The accepted cells of label j at every threshold.
  virtual count_curve label(std::size_t j) const = 0;
  /// The same of all cells together.
  virtual count_curve pooled() const = 0;

  /// Of the scores, and so of the thresholds.
  score_domain domain() const { return domain_; }
  /// What an undefined score counts as.
  double zero_division() const { return zero_division_; }
  /// The threshold of a label about which nothing is known: probability 0.5.
  double neutral() const { return decisions::from_probability(0.5, domain_); }

  double defined(double score) const { return scores::value_or(score, zero_division_); }

 protected:
  curve_source(score_domain domain, double zero_division) : domain_(domain), zero_division_(zero_division) {}
  curve_source(curve_source const&) = default;
  curve_source& operator=(curve_source const&) = default;

 private:
  score_domain domain_;
  double zero_division_;
};

/// Why a label has no threshold of a search: it has no positives, too few, or no threshold where what is searched is
/// defined (such as points of a ROC curve without negatives).
inline constexpr std::string_view no_positives = "no positives", few_positives = "few positives",
                                  undefined = "undefined";

/// The rule of a strategy: thresholds, why, and where they come from. Without rows, probability 0.5 for every label.
class set_maker {
 public:
  set_maker(curve_source const& source, std::string_view strategy) : source_(source) {
    set_.domain = source.domain();
    set_.origin = {{"strategy", std::string(strategy)}, {"rows", std::to_string(source.rows())}};
  }

  void add(double threshold, std::string_view reason) {
    set_.thresholds.push_back(threshold);
    set_.reasons.emplace_back(reason);
  }
  /// A label without positives, of which a search knows nothing.
  void add_neutral(std::string_view reason = no_positives) { add(source_.neutral(), reason); }
  /// The same threshold for every label, where one was found; else none of them has positives.
  void add_to_all(bool found, double threshold, std::string_view reason) {
    for (std::size_t j = 0; j < source_.labels(); ++j)
      if (found)
        add(threshold, reason);
      else
        add_neutral();
  }
  /// One more thing to know about the whole.
  void note(std::string_view name, double value) { set_.origin.emplace_back(name, number_text(value)); }

  threshold_set take() { return std::move(set_); }

 private:
  curve_source const& source_;
  threshold_set set_;
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::curve_source;
}
