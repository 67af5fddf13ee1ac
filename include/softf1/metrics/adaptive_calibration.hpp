// The calibration error in bins that hold the same number of cells.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/core/limits.hpp>
#include <softf1/metrics/probability_quality.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// The adaptive calibration error of one label, or of all cells.
struct adaptive_error {
  double value;  ///< NaN without cells
  column_totals totals;
  double improper;  ///< tie groups of a probability outside [0, 1]
};

/// The walk that sums |Σ w p − Σ w y| over bins of equal mass. A state knows its first and its last bin apart from those
/// between, since more may come to them.
struct equal_mass_walk {
  struct state {
    bool any;
    double first_bin, last_bin;
    double first, last;  ///< Σ w p − Σ w y of the first bin, where it is another than the last; of the last
    double closed;       ///< the sum of |Σ w p − Σ w y| of those between
    double improper;
  };
  using result = adaptive_error;

  double bins;
  bool is_logit;

  SOFTF1_HD state identity() const { return {false, 0, 0, 0, 0, 0, 0}; }

  template <class T>
  SOFTF1_HD void add(state& s, tie_group<T> const& g, column_totals const& totals) const {
    double const value = static_cast<double>(g.value), p = is_logit ? math::sigmoid(value) : value;
    double const positives = g.tp - g.tp_before, mass = positives + (g.fp - g.fp_before);
    s.improper += p >= 0 && p <= 1 ? 0.0 : 1.0;
    if (!(mass > 0)) return;
    double const middle = g.tp_before + g.fp_before + 0.5 * mass;
    double const bin = std::floor(bins * middle / (totals.positives + totals.negatives));
    append(s, bin < bins ? bin : bins - 1, mass * p - positives);
  }

  SOFTF1_HD static void merge(state& earlier, state const& later) {
    earlier.improper += later.improper;
    if (!later.any) return;
    bool const one = later.first_bin == later.last_bin;
    append(earlier, later.first_bin, one ? later.last : later.first);
    if (one) return;
    append(earlier, later.last_bin, later.last);
    earlier.closed += later.closed;
  }

  SOFTF1_HD result finish(std::size_t, state const& s, column_totals const& totals) const {
    double const mass = totals.positives + totals.negatives;
    double const sum = s.closed + magnitude(s.first) + magnitude(s.last);
    return {mass > 0 ? sum / mass : quiet_nan<double>(), totals, s.improper};
  }

 private:
  SOFTF1_HD static double magnitude(double x) { return x < 0 ? -x : x; }

  SOFTF1_HD static void append(state& s, double bin, double gap) {
    if (s.any && bin == s.last_bin) {
      s.last += gap;
      return;
    }
    if (!s.any)
      s.first_bin = bin;
    else if (s.first_bin == s.last_bin)
      s.first = s.last;
    else
      s.closed += magnitude(s.last);
    s.any = true;
    s.last_bin = bin;
    s.last = gap;
  }
};

namespace detail {

template <class Cells, class B>
std::vector<adaptive_error> walk_equal_mass(context<B>& ctx, Cells const& columns, score_domain domain,
                                            std::size_t bins) {
  std::vector<adaptive_error> host(columns.cols());
  buffer<adaptive_error, B> out(ctx, host.size());
  reduce_tie_groups(ctx, columns, equal_mass_walk{static_cast<double>(bins), domain == score_domain::logit},
                    out.view());
  copy(ctx, std::as_const(out).view(), vector_view<adaptive_error>(host.data(), host.size()));
  return host;
}

/// Those of labels, or that of all cells, alone.
template <bool Pooled, class B, class X, class Y>
std::vector<adaptive_error> adaptive_errors(context<B>& ctx, X const& scores, Y const& targets,
                                            probability_options<B> const& options, std::size_t bins) {
  std::string_view const who = "adaptive_calibration_error";
  require_value(bins >= 1 && bins <= std::size_t{1} << 31, who,
                "bins must be from 1 to 2^31, got " + std::to_string(bins));
  auto const s = const_view<2>(scores, who, "scores");
  auto const t = const_view<2>(targets, who, "targets");
  auto const domain = decisions::domain_of<value_of<X>>(options.domain);
  std::vector<adaptive_error> found;
  with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
    refuse_bad_weights(ctx, cells, who);
    if constexpr (Pooled)
      found = walk_equal_mass(ctx, pooled_cells(cells), domain, bins);
    else
      found = walk_equal_mass(ctx, cells, domain, bins);
    for (auto const& label : found)
      if (label.totals.invalid != 0 || label.improper != 0) refuse_bad_probabilities(ctx, cells, domain, who);
  });
  return found;
}

}  // namespace detail

/// Σ_b w_b |mean p − frequency| / Σ w over bins of equal mass, in [0, 1], of each label and averaged: scores (N, L),
/// logits or probabilities, targets (N, L) of 0 and 1. NaN for a label without cells.
/// The cells of a label are sorted by score; of M bins, bin b takes the share b / M to (b + 1) / M of their weight. Equal
/// scores are never parted: all lie in the bin in which the middle of their weight lies. So any order of rows gives the
/// same bins, a weight of 2 is a row twice, and where all scores differ and M divides N, each bin has N / M cells.
/// Errors as probability_quality::add; value_error for no bins. Cost: one sort a label, as rank_labels; all rows at once:
/// it cannot stream. Sources: Nguyen and O'Connor, EMNLP 2015 (bins of equal mass); Nixon et al., "Measuring calibration
/// in deep learning", 2019 (ACE: where bins have the same mass, their mean of a label's bins is this).
template <class B, class X, class Y>
label_figures adaptive_calibration_error(context<B>& ctx, X const& scores, Y const& targets,
                                         probability_options<B> const& options = {}, std::size_t bins = 15) {
  label_figures result{};
  defined_mean mean;
  for (auto const& label : detail::adaptive_errors<false>(ctx, scores, targets, options, bins)) {
    result.labels.push_back(label.value);
    mean.add(label.value);
  }
  result.mean = mean.value();
  result.left_out = mean.left_out;
  return result;
}

/// The same of all present cells as one label. Cost: one sort of N·L cells.
template <class B, class X, class Y>
double pooled_adaptive_calibration_error(context<B>& ctx, X const& scores, Y const& targets,
                                         probability_options<B> const& options = {}, std::size_t bins = 15) {
  return detail::adaptive_errors<true>(ctx, scores, targets, options, bins)[0].value;
}

/// Both with a context of their own.
template <class X, class Y>
label_figures adaptive_calibration_error(X const& scores, Y const& targets,
                                         probability_options<backend_of<X>> const& options = {},
                                         std::size_t bins = 15) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return adaptive_calibration_error(ctx, scores, targets, options, bins);
}
template <class X, class Y>
double pooled_adaptive_calibration_error(X const& scores, Y const& targets,
                                         probability_options<backend_of<X>> const& options = {},
                                         std::size_t bins = 15) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return pooled_adaptive_calibration_error(ctx, scores, targets, options, bins);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::adaptive_calibration_error;
using metrics::pooled_adaptive_calibration_error;
}  // namespace softf1::inline SOFTF1_ABI
