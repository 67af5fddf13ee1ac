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
/// `max_alarms` false alarms a day; of equals the highest. A day has rows of the weight `rows_a_day`. Where that is 0 the
/// rows that are searched are a day, however many: name it where rows are divided into folds. A label that none satisfies
/// rejects all (+inf), marked "infeasible".
///
/// With `confidence` (such as 0.95), precision and recall must be promised of new rows: a threshold counts where the
/// hypothesis "it is less" is rejected by the exact binomial test. Thresholds are tested in a fixed order until one fails,
/// so that the promise holds for the one that is chosen, for each label by itself and for either promise: for recall from
/// the threshold that accepts all upward, at level 1 − confidence; for precision downward from those that accept 1/2, 1/4 …
/// 1/256 of the cells, each at an eighth of that level. This is for rows of weight 1.
/// Cost: O(points) a label. Throws value_error for shares outside [0, 1] and confidence outside [0, 1).
/// Sources: Clopper and Pearson, Biometrika 26, 1934; Angelopoulos, Bates, Candès, Jordan and Lei, "Learn then test",
/// 2021 (fixed sequence testing with several starts).
struct constraint {
  static constexpr std::string_view name = "constraint";
  static constexpr std::array<std::string_view, 6> option_names{"min_precision", "min_recall", "max_rate",
                                                                "max_alarms",    "rows_a_day", "confidence"};

  double min_precision = 0, min_recall = 0, max_rate = 1, max_alarms = infinity<double>(), rows_a_day = 0,
         confidence = 0;

  constexpr double& option(std::size_t k) {
    return k == 0   ? min_precision
           : k == 1 ? min_recall
           : k == 2 ? max_rate
           : k == 3 ? max_alarms
           : k == 4 ? rows_a_day
                    : confidence;
  }
  void check() const {
    for (double share : {min_precision, min_recall, max_rate})
      require_value(share >= 0 && share <= 1, name,
                    "precision, recall and rate must lie in [0, 1], got " + number_text(share));
    require_value(max_alarms >= 0, name, "max_alarms must be >= 0, got " + number_text(max_alarms));
    require_value(rows_a_day >= 0 && rows_a_day * 0 == 0, name,
                  "rows_a_day must be finite and >= 0, got " + number_text(rows_a_day));
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
      auto const precise = precise_points(curve), complete = complete_points(curve);
      auto const best = best_point(curve, [&](std::size_t k) {
        return precise[k] && complete[k] && is_allowed(curve, k) ? source.defined(score(curve.counts(k)))
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
  static constexpr std::size_t chains = 8;

  bool is_allowed(count_curve const& curve, std::size_t k) const {
    auto const& at = curve.points[k];
    double const all = curve.positives + curve.negatives;
    if (!((at.tp + at.fp) / all <= max_rate)) return false;
    return rows_a_day > 0 ? at.fp * rows_a_day <= max_alarms * all
                          : at.fp <= max_alarms;  // products of counts are exact
  }

  // Whether hits of all are a share of at least `least`: as they are, or of new rows, at a level.
  bool is_at_least(double hits, double all, double least, double level) const {
    if (!(confidence > 0)) return all > 0 && hits / all >= least;
    return math::binomial_at_least(hits, all, least) <= level;
  }

  // Chains begin at 1/2, 1/4 … of the cells, and go on to points that accept more.
  std::vector<bool> precise_points(count_curve const& curve) const {
    std::size_t const n = curve.points.size();
    std::vector<bool> precise(n, !(min_precision > 0));
    auto const keeps = [&](std::size_t k) {
      auto const& at = curve.points[k];
      return is_at_least(at.tp, at.tp + at.fp, min_precision, (1 - confidence) / static_cast<double>(chains));
    };
    if (!(confidence > 0))
      for (std::size_t k = 0; k < n; ++k) precise[k] = precise[k] || keeps(k);
    double share = 0.5 * (curve.positives + curve.negatives);
    for (std::size_t chain = 0; confidence > 0 && chain < chains; ++chain, share *= 0.5) {
      std::size_t k = 0;
      while (k < n && curve.points[k].tp + curve.points[k].fp < share) ++k;
      for (; k < n && !precise[k] && keeps(k); ++k) precise[k] = true;
    }
    return precise;
  }

  // The one chain begins where all are accepted, and goes on to points that accept less.
  std::vector<bool> complete_points(count_curve const& curve) const {
    std::vector<bool> complete(curve.points.size(), !(min_recall > 0));
    if (!(min_recall > 0)) return complete;
    for (std::size_t k = curve.points.size(); k-- > 0;) {
      complete[k] = is_at_least(curve.points[k].tp, curve.positives, min_recall, 1 - confidence);
      if (!complete[k]) break;
    }
    return complete;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
