// The best threshold among those that keep a promise, with confidence where it is asked for.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/math/beta.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/on_curve.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `constraint`: for each label the threshold with the greatest objective among those with precision of at
/// least `min_precision`, recall of at least `min_recall`, a share of predicted rows of at most `max_rate`, and at most
/// `max_alarms` false alarms among these rows; of equals the highest. A label that none satisfies rejects all (+inf),
/// marked "infeasible".
///
/// With `confidence` (such as 0.95), precision and recall must be promised of new rows: a threshold counts where the
/// hypothesis "it is less" is rejected by the exact binomial test, at level (1 − confidence) / m. m = 64 thresholds of a
/// label are tried (all, where it has fewer), evenly spaced by what they accept, so that the promise holds for the one
/// that is chosen (Bonferroni), for each label by itself and for either promise. This is for rows of weight 1.
/// Cost: O(points) a label. Throws value_error for shares outside [0, 1] and confidence outside [0, 1).
/// Sources: Clopper and Pearson, Biometrika 26, 1934; Angelopoulos, Bates, Candès, Jordan and Lei, "Learn then test",
/// 2021.
struct constraint {
  static constexpr std::string_view name = "constraint";
  static constexpr std::array<std::string_view, 5> option_names{"min_precision", "min_recall", "max_rate", "max_alarms",
                                                                "confidence"};
  static constexpr std::size_t tried = 64;

  double min_precision = 0, min_recall = 0, max_rate = 1, max_alarms = infinity<double>(), confidence = 0;

  constexpr double& option(std::size_t k) {
    return k == 0 ? min_precision : k == 1 ? min_recall : k == 2 ? max_rate : k == 3 ? max_alarms : confidence;
  }
  void check() const {
    for (double share : {min_precision, min_recall, max_rate})
      require_value(share >= 0 && share <= 1, name,
                    "precision, recall and rate must lie in [0, 1], got " + number_text(share));
    require_value(max_alarms >= 0, name, "max_alarms must be >= 0, got " + number_text(max_alarms));
    require_value(confidence >= 0 && confidence < 1, name,
                  "confidence must lie in [0, 1), got " + number_text(confidence));
  }

  threshold_set operator()(curve_source const& source, objective_function const& score) const {
    check();
    set_maker made(source, name);
    for (std::size_t j = 0; j < source.labels(); ++j) {
      auto const curve = source.label(j);
      if (!(curve.positives > 0)) {
        made.add_neutral();
        continue;
      }
      candidates const some(curve, confidence > 0);
      auto const best = best_point(curve, [&](std::size_t k) {
        return some.has(k) && keeps(curve, k, some.count) ? source.defined(score(curve.counts(k)))
                                                          : quiet_nan<double>();
      });
      if (best.at == curve_point::none)
        made.add(infinity<double>(), "infeasible");
      else
        made.add(threshold_at(curve, best.at), name);
    }
    return made.take();
  }

 private:
  // The points that are tried: every one, or those nearest below evenly spaced shares of the cells.
  struct candidates {
    std::vector<bool> chosen;
    std::size_t count = 0;

    candidates(count_curve const& curve, bool few) : chosen(curve.points.size(), !few || curve.points.size() <= tried) {
      double const cells = curve.positives + curve.negatives;
      double next = 0;
      for (std::size_t k = 0; k < curve.points.size(); ++k) {
        double const accepted = curve.points[k].tp + curve.points[k].fp;
        if (!chosen[k] && accepted >= next) {
          chosen[k] = true;
          next = accepted + cells / static_cast<double>(tried - 1);
        }
        count += chosen[k];
      }
    }
    bool has(std::size_t k) const { return chosen[k]; }
  };

  // Whether hits of all are a share of at least `least`: as they are, or of new rows with confidence.
  bool is_at_least(double hits, double all, double least, std::size_t tests) const {
    if (!(least > 0)) return true;
    if (!(confidence > 0)) return all > 0 && hits / all >= least;
    return math::binomial_at_least(hits, all, least) <= (1 - confidence) / static_cast<double>(tests);
  }

  bool keeps(count_curve const& curve, std::size_t k, std::size_t tests) const {
    auto const& at = curve.points[k];
    double const accepted = at.tp + at.fp, cells = curve.positives + curve.negatives;
    return accepted <= max_rate * cells && at.fp <= max_alarms && is_at_least(at.tp, accepted, min_precision, tests) &&
           is_at_least(at.tp, curve.positives, min_recall, tests);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
