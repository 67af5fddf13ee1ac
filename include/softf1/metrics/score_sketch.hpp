// A histogram of scores a label, in constant memory, that adds up exactly: ranking metrics of any number of rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/metrics/accumulator.hpp>
#include <softf1/metrics/detail/fill_bins.hpp>
#include <softf1/metrics/ranking.hpp>
#include <softf1/metrics/sketch_bounds.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What a sketch is fixed to: sketches merge where both are the same.
struct sketch_options {
  score_domain domain = score_domain::logit;  ///< where bins lie: logits in ±127, densest at 0; or [0, 1], at both ends
  std::size_t bins = 4096;                    ///< at most this many a label, of 16 bytes each; in [3, 2^20]
};

/// A mean of bounded numbers over the labels for which they are defined, and how many were left out.
struct bounded_mean {
  bounded score;
  std::size_t left_out;
};

namespace detail {

/// The least weight but 0 that is counted: rounding changes it, and all above, by a factor of less than 1 + 2^-11.
inline constexpr double least_weight = 0x1p-10;

template <class Cells>
struct weight_is_too_small {
  Cells cells;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t) const {
    double const w = cells.weight(i);
    return (w > 0) & (w < least_weight);
  }
};

}  // namespace detail

/// A mean of bounded numbers that leaves out those that are undefined: means of bounds bound the mean.
struct mean_of_bounds {
  defined_mean value, lower, upper;

  void add(bounded const& x, double weight = 1) {
    value.add(x.value, weight);
    lower.add(x.lower, weight);
    upper.add(x.upper, weight);
  }
  bounded_mean mean() const { return {{value.value(), lower.value(), upper.value()}, value.left_out}; }
};

/// Scores a label in bins that depend on nothing but the score and the options: add batches, merge others, in any order
/// and on any number of threads to the same bits. Memory: labels · bins · 16 bytes, whatever the number of rows.
/// Weights are counted as whole multiples of 2^-20, each rounded to the nearest (at most 2^-21 off; 1 is exact): what
/// is read, bounds included, holds for the rounded weights. A weight is 0 or at least 2^-10, so it is never rounded
/// away nor changed by more than one part in 2048; the sum over all cells stays below 2^42.
class score_sketch {
 public:
  static constexpr std::string_view name = "score_sketch";  ///< of its state in files

  explicit score_sketch(sketch_options const& options = {})
      : bins_(detail::score_bins::of(options.domain, options.bins)),
        edges_(bins_.edges()),
        header_{0, 0, options.domain == score_domain::logit ? 0u : 1u, bins_.size(), 0, 0} {}

  std::size_t labels() const { return header_[label_count]; }
  std::size_t rows() const { return header_[row_count]; }
  /// Where its bins lie: logit, or probability, for calibrated scores too.
  score_domain domain() const { return header_[bin_domain] == 0 ? score_domain::logit : score_domain::probability; }
  /// Bins of a label.
  std::size_t bins() const { return header_[bin_count]; }
  /// Whether one that is made with these options has the same bins.
  bool has_options(sketch_options const& options) const {
    auto const other = detail::score_bins::of(options.domain, options.bins);
    return other.size() == bins_.size() && other.probability == bins_.probability;
  }

  /// Adds a batch: scores (n, L) of the domain, targets (n, L) of 0 and 1; `options.average` is not used. The first
  /// batch sets L. Throws shape_error for shapes that do not fit; value_error for a NaN score or another target (row
  /// and label named), a bad weight, one below 2^-10 that is not 0, or weights that add up to 2^42; then the sketch is
  /// as before.
  /// Cost: two passes; on the host a thread has labels of its own, on a device O(L · bins) scratch and copies.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, ranking_options<B> const& options = {},
           std::string_view who = "score_sketch") {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    if (labels() != 0 || rows() != 0) require_shape(who, "scores", {s.rows(), labels()}, s.shape());
    with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
      refuse_bad_weights(ctx, cells, who);
      refuse_small_weights(ctx, cells, who);
      refuse_uncountable(ctx, cells, who);
      detail::weight_summary const weights = summary(ctx, cells);
      std::uint64_t const sum = total_with(weights.sum, s.cols(), who);
      counts_.resize(s.cols() * bins() * 2);
      detail::fill_bins(ctx, cells, bins_, counts_);
      header_[weight_sum] = sum;
      header_[quantum] = detail::greatest_common_divisor(header_[quantum], weights.divisor);
    });
    header_[label_count] = s.cols();
    header_[row_count] += s.rows();
  }

  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, ranking_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }

  /// Adds other rows of the same labels. Throws shape_error for another number of labels, value_error for other options
  /// or weights that add up to 2^42.
  void merge(score_sketch const& other) {
    std::string_view const who = "score_sketch";
    require_value(bins() == other.bins() && header_[bin_domain] == other.header_[bin_domain], who,
                  "merged sketches must have the same bins, of the same domain");
    if (other.labels() == 0) return;
    if (labels() == 0) {
      *this = other;
      return;
    }
    require_shape(who, "merged sketch", {labels()}, std::vector<std::size_t>{other.labels()});
    header_[weight_sum] = total_with(other.header_[weight_sum], 1, who);
    header_[quantum] = detail::greatest_common_divisor(header_[quantum], other.header_[quantum]);
    header_[row_count] += other.rows();
    for (std::size_t k = 0; k < counts_.size(); ++k) counts_[k] += other.counts_[k];
  }

  /// The bins of label j. Cost: O(bins).
  binned_scores label(std::size_t j) const { return binned(j, j + 1); }
  /// The bins of all labels, added up.
  binned_scores pooled() const { return binned(0, labels()); }

  /// Average precision or AUROC with bounds: the macro mean over the labels for which it is defined, the mean weighted
  /// by positives, or micro, of all cells. Means of bounds bound the mean. Throws value_error for averaging::samples.
  /// Cost: O(L · bins).
  bounded_mean average_precision(averaging how = averaging::macro) const {
    return averaged(how, [](binned_scores const& b) { return bounded_average_precision(b); });
  }
  bounded_mean roc_auc(averaging how = averaging::macro) const {
    return averaged(how, [](binned_scores const& b) { return bounded_roc_auc(b); });
  }

  /// The best edge of each label for a score; see best_bin_edge.
  template <class Score>
  std::vector<best_edge> best_edges(Score const& score, double zero_division = 0) const {
    std::vector<best_edge> all;
    for (std::size_t j = 0; j < labels(); ++j) all.push_back(best_bin_edge(label(j), score, zero_division));
    return all;
  }

  /// visit(name, values) for all of the state: what a file has to hold, options included. After reading, call `check`.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    visit(std::string_view("header"), self.header_);
    visit(std::string_view("counts"), self.counts_);
    if constexpr (!std::is_const_v<Self>) {
      require_value(self.header_.size() == fields && self.header_[bin_domain] <= 1, name,
                    "the state must hold its options");
      score_sketch const read({self.header_[bin_domain] == 0 ? score_domain::logit : score_domain::probability,
                               static_cast<std::size_t>(self.header_[bin_count])});
      self.bins_ = read.bins_;
      self.edges_ = read.edges_;
    }
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    std::uint64_t const labels = header_[label_count], unit = header_[quantum], most = std::uint64_t{1} << 62;
    std::size_t const of_label = 2 * std::size_t{bins_.size()};
    bool fits = header_.size() == fields && bins() == bins_.size() && counts_.size() % of_label == 0 &&
                labels == counts_.size() / of_label && header_[weight_sum] < most;
    std::uint64_t rest = header_[weight_sum];  // of all cells, those that are masked included
    for (std::uint64_t n : counts_) {
      fits = fits && n <= rest && (unit == 0 ? n == 0 : n % unit == 0);
      rest -= n <= rest ? n : 0;
    }
    require_value(fits, name, "the state must hold counts of its bins, as many and as whole as it says");
  }

 private:
  enum field : std::size_t { label_count, row_count, bin_domain, bin_count, quantum, weight_sum, fields };

  template <class B, class Cells>
  static void refuse_small_weights(context<B>& ctx, Cells const& cells, std::string_view who) {
    if constexpr (Cells::weighted) {
      if (!cells.has_weights() || cells.cols() == 0) return;
      std::size_t const at = find_first(ctx, cells.rows(), 1, detail::weight_is_too_small<Cells>{cells});
      if (at == cells.rows()) return;
      double const w = fetch<softf1::detail::bad_cell>(ctx, softf1::detail::cell_values<Cells>{cells, at, 0}).weight;
      throw value_error(std::string(who) + ": row weights must be 0 or at least " + number_text(detail::least_weight) +
                        " for a sketch, got " + number_text(w) + " at row " + std::to_string(at) +
                        "; multiply all weights by one number");
    }
  }

  template <class B, class Cells>
  static void refuse_uncountable(context<B>& ctx, Cells const& cells, std::string_view who) {
    std::vector<std::uint64_t> host(cells.cols());
    buffer<std::uint64_t, B> bad(ctx, cells.cols());
    fill(ctx, bad.view(), std::uint64_t{0});
    reduce_columns(ctx, cells.rows(), cells.cols(), detail::count_bad_cells<Cells>{cells}, bad.view());
    copy(ctx, std::as_const(bad).view(), vector_view<std::uint64_t>(host.data(), host.size()));
    for (std::uint64_t label : host)
      if (label != 0) refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
  }

  template <class B, class Cells>
  static detail::weight_summary summary(context<B>& ctx, Cells const& cells) {
    if constexpr (Cells::weighted) {
      if (cells.has_weights()) {
        buffer<detail::weight_summary, B> out(ctx, 1);
        fill(ctx, out.view(), detail::weight_summary{0, 0});
        reduce_columns(ctx, cells.rows(), 1, detail::sum_weights<Cells>{cells}, out.view());
        detail::weight_summary host{};
        copy(ctx, std::as_const(out).view(), vector_view<detail::weight_summary>(&host, 1));
        return host;
      }
    }
    return {cells.rows() * detail::units_of_one, cells.rows() == 0 ? 0 : detail::units_of_one};
  }

  // The sum of all weights with more of them, in units.
  std::uint64_t total_with(std::uint64_t sum, std::size_t times, std::string_view who) const {
    std::uint64_t const most = std::uint64_t{1} << 62;
    require_value(times == 0 || sum < (most - header_[weight_sum]) / times, who,
                  "the weights of all cells must add up to less than 2^42");
    return header_[weight_sum] + sum * times;
  }

  binned_scores binned(std::size_t begin, std::size_t end) const {
    std::size_t const n = bins();
    std::vector<std::uint64_t> sum(2 * n);
    for (std::size_t j = begin; j < end; ++j)
      for (std::size_t k = 0; k < 2 * n; ++k) sum[k] += counts_[2 * j * n + k];
    binned_scores all;
    all.edges = edges_;
    all.quantum = header_[quantum] == 0 ? 1 : static_cast<double>(header_[quantum]) * 0x1p-20;
    for (std::size_t b = 0; b < n; ++b) {
      all.negatives.push_back(static_cast<double>(sum[2 * b]) * 0x1p-20);
      all.positives.push_back(static_cast<double>(sum[2 * b + 1]) * 0x1p-20);
    }
    return all;
  }

  template <class Metric>
  bounded_mean averaged(averaging how, Metric const& metric) const {
    require_value(how != averaging::samples, "score_sketch", "average must be macro, micro or weighted, got samples");
    if (how == averaging::micro) {
      bounded const all = metric(pooled());
      return {all, all.value == all.value ? 0u : 1u};
    }
    mean_of_bounds mean;
    for (std::size_t j = 0; j < labels(); ++j) {
      binned_scores const here = label(j);
      mean.add(metric(here), how == averaging::weighted ? here.total_positives() : 1.0);
    }
    return mean.mean();
  }

  detail::score_bins bins_;
  std::vector<double> edges_;
  std::vector<std::uint64_t> header_, counts_;  // counts: (label, bin, negatives before positives)
};

static_assert(accumulator<score_sketch>);

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::score_sketch;
using metrics::sketch_options;
}  // namespace softf1::inline SOFTF1_ABI
