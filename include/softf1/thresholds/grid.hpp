// Equally spaced probabilities as the only thresholds: the search of tutorials, for those who compare with it.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/scores/precision.hpp>
#include <softf1/scores/recall.hpp>
#include <softf1/thresholds/curve_source.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

namespace detail {

// Doubles in their order as whole numbers, and back.
inline std::int64_t rank_of(double x) {
  auto const bits = std::bit_cast<std::int64_t>(x);
  return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
}
inline double of_rank(std::int64_t rank) {
  return std::bit_cast<double>(rank < 0 ? std::numeric_limits<std::int64_t>::min() - rank : rank);
}

// The smallest double whose probability accepted() accepts, +inf where none is: a bisection of all doubles.
template <class Accepted>
double smallest_accepted(Accepted const& accepted) {
  double const infinite = std::numeric_limits<double>::infinity();
  if (accepted(-infinite)) return -infinite;
  std::int64_t low = rank_of(-infinite), high = rank_of(infinite);  // low is rejected
  while (high - 1 > low) {
    std::int64_t const middle = std::midpoint(low, high);
    (accepted(of_rank(middle)) ? high : low) = middle;
  }
  return of_rank(high);
}

}  // namespace detail

/// The threshold of scores of a domain that decides as `probability >= p` does, or with `strict` as `probability > p`,
/// where the probability of a logit z is the double 1 / (1 + e^-z). p in [0, 1]. +inf where nothing is accepted; a
/// logit of +inf then still is, since its probability 1 is above no p.
inline double threshold_of_probability(double p, bool strict, score_domain domain) {
  if (domain != score_domain::logit) return strict ? decisions::strictly_above(p) : p;
  return detail::smallest_accepted([&](double z) {
    double const q = decisions::to_probability(z, domain);
    return strict ? q > p : q >= p;
  });
}

/// A threshold of a grid, and what it gives.
struct grid_point {
  double threshold;              ///< the probability, as `k / (points - 1)`
  double tp, fn, fp;             ///< weights
  double precision, recall, f1;  ///< undefined ones are the source's zero_division
};

/// The strategy `grid`: for each label the probability k / (points − 1), k = 0 … points − 1 (a division of doubles), at
/// which the objective is greatest; of equals the lowest, as an argmax takes it. A score is accepted where its
/// probability is above the threshold (`strict` = 1), or not below it (0). A label without positives keeps probability
/// 0.5, marked. The rule has the thresholds of threshold_of_probability: it decides by `>=` as the grid did by `>`.
/// `best` finds better thresholds; this is for comparisons with tools that search a grid.
/// Throws value_error for less than 2 points, more than a million, or `strict` other than 0 and 1.
/// Cost: O(points log(cells)) a label. Source: Maiza, "The Unknown Benefits of using a Soft-F1 Loss in Classification
/// Systems", 2019 (101 points, strict).
struct grid {
  static constexpr std::string_view name = "grid";
  static constexpr std::array<std::string_view, 2> option_names{"points", "strict"};

  double points = 101, strict = 1;

  constexpr double& option(std::size_t k) { return k == 0 ? points : strict; }
  void check() const {
    require_value(points >= 2 && points <= 1e6 && points == std::floor(points), name,
                  "points must be a whole number from 2 to 1000000, got " + number_text(points));
    require_value(strict == 0 || strict == 1, name, "strict must be 0 or 1, got " + number_text(strict));
  }

  /// The probabilities, and the thresholds that decide as they do.
  std::vector<double> probabilities() const {
    std::vector<double> all;
    for (double k = 0; k < points; ++k) all.push_back(k / (points - 1));
    return all;
  }
  std::vector<double> cuts(score_domain domain) const {
    auto all = probabilities();
    for (double& p : all) p = threshold_of_probability(p, strict == 1, domain);
    return all;
  }

  threshold_set operator()(curve_source const& source, objective_function const& score) const {
    check();
    set_maker made(source, name);
    auto const cut = cuts(source.domain());
    for (std::size_t j = 0; j < source.labels(); ++j) {
      auto const curve = source.label(j);
      std::size_t best = 0;
      double highest = std::numeric_limits<double>::quiet_NaN();
      for (std::size_t k = 0; k < cut.size(); ++k) {
        double const value = source.defined(score(curve.counts_at(cut[k])));
        if (value == value && !(value <= highest)) highest = value, best = k;
      }
      if (curve.positives > 0)
        made.add(cut[best], name);
      else
        made.add_neutral();
    }
    return made.take();
  }

  /// What each threshold gives for label j, from probability 0 to 1.
  std::vector<grid_point> table(curve_source const& source, std::size_t j) const {
    check();
    auto const curve = source.label(j);
    auto const all = probabilities(), cut = cuts(source.domain());
    std::vector<grid_point> rows;
    for (std::size_t k = 0; k < all.size(); ++k) {
      auto const c = curve.counts_at(cut[k]);
      rows.push_back({all[k], c.tp, c.fn, c.fp, source.defined(scores::precision{}(c)),
                      source.defined(scores::recall{}(c)), source.defined(scores::f1{}(c))});
    }
    return rows;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::threshold_of_probability;
}
