// Scores of rows: each row's predicted set of labels against its true set.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/metrics/average.hpp>
#include <softf1/metrics/counts.hpp>
#include <softf1/metrics/detail/state.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// Counts of one row over its present labels.
using row_counts = hard_counts<std::uint32_t>;

/// The reduction along rows that counts, and leaves each row's counts in `out`.
template <class Cells, class Decide>
struct count_row_cells {
  using partial = row_counts;
  Cells cells;
  Decide decide;
  row_counts* out;

  SOFTF1_HD static partial identity() { return {}; }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const {
    auto const score = cells.logit(i, j);
    auto const target = cells.target(i, j);
    bool const yes = decide(score, i, j), positive = target == 1, here = cells.present(i, j);
    state.tp += yes & positive & here;
    state.fp += yes & !positive & here;
    state.fn += !yes & positive & here;
    state.tn += !yes & !positive & here;
    state.invalid += here & is_bad_cell<Cells>(score, target);
  }
  SOFTF1_HD static void merge(partial& to, partial const& from) { to.merge(from); }
  SOFTF1_HD void finish(std::size_t i, partial const& state) const { out[i] = state; }
};

/// The counts and the weight of each row of a batch, on the backend: what samples-averaged scores are computed from.
template <class B = cpu>
struct row_confusions {
  buffer<row_counts, B> counts;
  buffer<double, B> weights;
};

/// weights[i] = the weight of row i.
template <class Cells>
struct write_weights {
  Cells cells;
  double* weights;
  SOFTF1_HD void operator()(std::size_t i) const { weights[i] = cells.weight(i); }
};

/// Whether row i had a cell that no count can take.
struct row_is_invalid {
  row_counts const* counts;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t) const { return counts[i].invalid != 0; }
};

/// Counts each row: scores (N, L), targets (N, L) of 0 and 1. Errors as confusion_counts::add.
/// Cost: one pass, 28 bytes a row.
template <class S, class Y, class B>
row_confusions<B> count_rows(context<B>& ctx, matrix_view<const S, B> scores, matrix_view<const Y, B> targets,
                             metric_options<B> const& options = {}, std::string_view who = "count_rows") {
  decisions::decider<compute_type<S>, B> const decide(ctx, options.decision, scores, options.domain, who,
                                                      options.mask.view());
  std::size_t const rows = scores.rows();
  row_confusions<B> result{buffer<row_counts, B>(ctx, rows), buffer<double, B>(ctx, rows)};
  with_cells(ctx, who, scores, targets, options.mask, options.row_weights, [&](auto const& cells) {
    using cell_source = std::decay_t<decltype(cells)>;
    refuse_bad_weights(ctx, cells, who);
    reduce_rows(ctx, rows, cells.cols(),
                count_row_cells<cell_source, decltype(decide.get())>{cells, decide.get(), result.counts.data()});
    for_each(ctx, rows, write_weights<cell_source>{cells, result.weights.data()});
    if (find_first(ctx, rows, 1, row_is_invalid{result.counts.data()}) != rows)
      refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
  });
  return result;
}

/// Sums of a score over rows: a monoid.
struct row_score_sums {
  double sum, defined, undefined;  ///< Σ weight · score, and the weight of the rows where it is defined or not

  SOFTF1_HD void merge(row_score_sums const& o) {
    sum += o.sum;
    defined += o.defined;
    undefined += o.undefined;
  }
};

/// The reduction that sums a score over rows; one column. A row without present cells is left out.
template <class Score>
struct sum_row_scores {
  using scalar = double;
  using partial = row_score_sums;
  using total = row_score_sums;
  row_counts const* counts;
  double const* weights;
  Score score;

  SOFTF1_HD static partial identity() { return {0, 0, 0}; }
  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t) const {
    confusion<double> const c = counts[i].to_confusion();
    double const value = score(c), w = c.total() > 0 ? weights[i] : 0.0;
    bool const undefined = value != value;
    state.sum += (undefined | !(w > 0)) ? 0.0 : w * value;  // the score may be infinite
    state.defined += undefined ? 0.0 : w;
    state.undefined += undefined ? w : 0.0;
  }
  SOFTF1_HD static total neutral() { return identity(); }
  SOFTF1_HD static void merge(total& to, partial const& from) { to.merge(from); }
};

/// A samples-averaged score of a stream of batches: add rows, merge others, read. The mean over rows of the score of
/// each row's counts, weighted by row weight. Memory O(1).
template <class Score>
class samples_average {
 public:
  static constexpr std::string_view name = "samples_average";  ///< of its state in files

  explicit samples_average(Score score = {}) : score_(score) {}

  /// Adds the rows of a batch. Cost: one pass over their counts; the same bits for any number of threads.
  template <class B>
  void add(context<B>& ctx, row_confusions<B> const& rows) {
    buffer<row_score_sums, B> batch(ctx, 1);
    fill(ctx, batch.view(), row_score_sums{0, 0, 0});
    reduce_columns(ctx, rows.counts.size(), 1, sum_row_scores<Score>{rows.counts.data(), rows.weights.data(), score_},
                   batch.view());
    row_score_sums host{};
    copy(ctx, std::as_const(batch).view(), vector_view<row_score_sums>(&host, 1));
    sums_.merge(host);
  }

  /// Adds the rows of another stream.
  void merge(samples_average const& other) { sums_.merge(other.sums_); }

  /// The mean; rows with an undefined score count as zero_division, or not at all where that is NaN; NaN without rows.
  double value(double zero_division = 0) const {
    bool const keep = !std::isnan(zero_division);
    double const weight = sums_.defined + (keep ? sums_.undefined : 0);
    if (!(weight > 0)) return std::numeric_limits<double>::quiet_NaN();
    return (sums_.sum + (keep ? sums_.undefined * zero_division : 0)) / weight;
  }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    std::string const score = detail::name_of_score(self.score_);
    auto names = detail::bytes_of_names({score});
    std::vector<double> sums{self.sums_.sum, self.sums_.defined, self.sums_.undefined}, probe{self.probe()};
    visit("score", names);
    visit("probe", probe);
    visit("sums", sums);
    if constexpr (!std::is_const_v<Self>) {
      detail::require_names(names, {score}, name);
      require_value(probe.size() == 1 && self.is_probe(probe[0]), name,
                    "the state must hold sums of '" + score + "' with the same options");
      require_value(sums.size() == 3, name, "the state must hold 3 sums");
      self.sums_ = {sums[0], sums[1], sums[2]};
    }
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    bool const fits = sums_.sum == sums_.sum && detail::is_sum(sums_.defined) && detail::is_sum(sums_.undefined);
    require_value(fits, name, "the state must hold a sum, and weights that are finite and >= 0");
  }

  /// What is summed; and sums of other rows into it.
  row_score_sums const& sums() const { return sums_; }
  void merge(row_score_sums const& other) { sums_.merge(other); }

 private:
  /// The score of some counts: other options, another number.
  double probe() const { return score_(confusion<double>{5, 3, 2, 7}); }
  bool is_probe(double x) const {
    double const mine = probe();
    return (x != x && mine != mine) || std::fabs(x - mine) <= 1e-12 * std::fabs(mine);
  }

  Score score_;
  row_score_sums sums_{0, 0, 0};
};

/// The score of a row that is 1 where predicted and true set are the same, else 0; its samples average is subset
/// accuracy.
struct exact_match {
  static constexpr std::string_view name = "exact_match";
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return c.fp + c.fn == T(0) ? T(1) : T(0);
  }
};

/// A score of the predictor that says "yes" everywhere.
template <class Score>
struct trivial {
  Score score;
  std::string name() const { return "trivial " + detail::name_of_score(score); }
  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    return score(c.all_positive());
  }
};

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::count_rows;
using metrics::exact_match;
using metrics::row_confusions;
using metrics::samples_average;
}  // namespace softf1::inline SOFTF1_ABI
