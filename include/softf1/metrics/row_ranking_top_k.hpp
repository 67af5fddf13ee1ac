// Metrics of the k best labels of each row: precision, recall, nDCG, and their propensity-scored forms.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <softf1/metrics/row_ranking.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// The constants of jain_propensities; typical: 0.5 and 0.4 (Wikipedia), 0.6 and 2.6 (Amazon), else these.
struct propensity_options {
  double a = 0.55, b = 1.5;
};

/// The probability that a relevant label was annotated, from how often it was:
/// p_l = 1 / (1 + C (n_l + b)^−a) with C = (log N − 1) (b + 1)^a.
/// `positives`: n_l, the number of training rows that have label l; `rows`: N >= 3, the number of training rows.
/// Values in (0, 1], small for rare labels. Throws value_error for another N, a negative n_l or b, or a <= 0.
/// Source: Jain, Prabhu and Varma 2016, "Extreme Multi-label Loss Functions for Recommendation, Tagging, Ranking and
/// Other Missing Label Applications".
inline std::vector<double> jain_propensities(std::span<double const> positives, double rows,
                                             propensity_options const& options = {}) {
  constexpr std::string_view who = "jain_propensities";
  require_value(rows >= 3 && std::isfinite(rows), who, "rows must be finite and >= 3, got " + number_text(rows));
  require_value(options.a > 0 && options.b >= 0, who, "a must be > 0 and b >= 0");
  double const c = (std::log(rows) - 1) * std::pow(options.b + 1, options.a);
  std::vector<double> propensities;
  for (double n : positives) {
    require_value(n >= 0, who, "positives must be >= 0, got " + number_text(n));
    propensities.push_back(1 / (1 + c * std::pow(n + options.b, -options.a)));
  }
  return propensities;
}

namespace detail {

/// What is summed for each k; the last four only with propensities.
enum class top_k_column : std::size_t { precision, recall, ndcg, scored, best_scored, scored_ndcg, best_scored_ndcg };

/// What every row is measured by.
struct top_k_plan {
  std::size_t const* ks;
  std::size_t count;
  double const* discounts;  ///< [m] = Σ 1 / log2(place + 1) over the places 1 … m
  double const* gains;      ///< 1 / propensity of each label, or null
  std::size_t columns;      ///< for each k
};

/// The share of tied labels in the places [above, at_least) that come before place k, times their number, and their
/// discounts: what each of them gains on average over all orders of the tied.
struct tied_places {
  std::uint32_t above, at_least;

  SOFTF1_HD double hits(std::size_t k) const {
    return above >= k ? 0.0 : static_cast<double>((at_least < k ? at_least : k) - above) / (at_least - above);
  }
  SOFTF1_HD double discounted(std::size_t k, double const* discounts) const {
    return above >= k ? 0.0 : (discounts[at_least < k ? at_least : k] - discounts[above]) / (at_least - above);
  }
};

/// The places of relevant label j of row i among its relevant labels, sorted by gain.
template <class Cells>
SOFTF1_HD tied_places places_by_gain(Cells const& cells, double const* gains, std::size_t i, std::size_t j) {
  tied_places n{0, 0};
  std::size_t const cols = cells.cols();
  for (std::size_t k = 0; k < cols; ++k) {
    bool const yes = is_relevant(cells, i, k);
    n.above += yes & (gains[k] > gains[j]);
    n.at_least += yes & (gains[k] >= gains[j]);
  }
  return n;
}

/// Sums over the relevant labels of a row, into its values.
template <class Cells>
struct top_k_sums {
  Cells const& cells;
  std::size_t i;
  top_k_plan const& plan;
  double* values;
  bool counts_gains;  ///< else the best ranking is added by `add_best`

  SOFTF1_HD void operator()(std::size_t j, label_rank const& rank) {
    tied_places const places{rank.above, rank.at_least};
    double* out = values;
    for (std::size_t n = 0; n < plan.count; ++n, out += plan.columns) {
      double const hits = places.hits(plan.ks[n]), discounted = places.discounted(plan.ks[n], plan.discounts);
      out[0] += hits;
      out[2] += discounted;
      if (!plan.gains) continue;
      out[3] += plan.gains[j] * hits;
      out[5] += plan.gains[j] * discounted;
    }
    if (counts_gains) add_best(plan.gains[j], places_by_gain(cells, plan.gains, i, j));
  }

  /// A label with these places in the best possible ranking.
  SOFTF1_HD void add_best(double gain, tied_places const& places) {
    double* out = values;
    for (std::size_t n = 0; n < plan.count; ++n, out += plan.columns) {
      out[4] += gain * places.hits(plan.ks[n]);
      out[6] += gain * places.discounted(plan.ks[n], plan.discounts);
    }
  }

  /// All labels in the best possible ranking, sorted.
  SOFTF1_HD void add_best_sorted(keyed_label* scratch) {
    std::uint32_t size = 0;
    for (std::size_t j = 0; j < cells.cols(); ++j)
      if (is_relevant(cells, i, j)) scratch[size++] = {plan.gains[j], static_cast<std::uint32_t>(j)};
    heap_sort_descending(scratch, size, has_lower_key{});
    for (std::uint32_t m = 0; m < size; ++m) add_best(scratch[m].key, {m, m + 1});
  }
};

/// The values of a row, for row_means: plan.columns for each k, and NaN in one more where a cell is bad.
template <class Cells>
struct rank_top_k {
  Cells cells;
  std::size_t first;
  row_values values;
  top_k_plan plan;

  SOFTF1_HD void operator()(std::size_t at) const { rank(at, nullptr); }

  SOFTF1_HD void rank(std::size_t at, keyed_label* scratch) const {
    std::size_t const i = first + at;
    row_labels const labels = count_labels_of(cells, i);
    values.weight(at) = -1;
    if (!scratch && labels.relevant > most_counted<Cells>) return;
    double* const out = values[at];
    double const undefined = quiet_nan<double>();
    for (std::size_t m = 0; m < plan.count * plan.columns; ++m) out[m] = labels.present != 0 ? 0.0 : undefined;
    top_k_sums<Cells> sums{cells, i, plan, out, plan.gains && !scratch};
    visit_relevant(cells, i, labels.relevant, scratch, sums);
    if (plan.gains && scratch) sums.add_best_sorted(scratch);
    for (std::size_t n = 0; n < plan.count; ++n) finish(out + n * plan.columns, plan.ks[n], labels.relevant);
    out[values.columns - 1] = labels.invalid != 0 ? undefined : 0.0;
    values.weight(at) = cells.weight(i);
  }

 private:
  /// From sums over the relevant labels to the row's metrics at k.
  SOFTF1_HD void finish(double* out, std::size_t k, std::uint32_t relevant) const {
    double const places = static_cast<double>(k), hits = out[0];
    double const ideal = relevant != 0 ? plan.discounts[relevant < k ? relevant : k] : 1.0;
    out[0] = hits / places;
    out[1] = relevant != 0 ? hits / relevant : quiet_nan<double>();
    out[2] /= ideal;
    if (!plan.gains) return;
    out[3] /= places;
    out[4] /= places;
    out[5] /= ideal;
    out[6] /= ideal;
  }
};

}  // namespace detail

/// Precision, recall and nDCG of the k best labels of each row, for a list of k in one pass, of a stream of batches;
/// with propensities also their propensity-scored forms. With rank_k the k best labels, y the targets, P the row's
/// relevant labels and D(m) = Σ_{place <= m} 1 / log2(place + 1):
///
///     precision = Σ_{rank_k} y / k        recall = Σ_{rank_k} y / P
///     nDCG = Σ_{rank_k} y / log2(place + 1) / D(min(k, P))
///
/// and the scored ones with y / propensity in place of y. Each is the mean over rows, weighted by row weight; nothing
/// but sums over rows is state.
///
/// *Ties* are averaged: the value is the mean over all orders of labels with equal scores, so theirs does not matter.
/// *Rows* without relevant labels are 0 in precision and nDCG and leave recall; a row masked in full leaves every mean;
/// both are counted. A row with fewer labels than k is still divided by k.
/// Sources: scikit-learn's ndcg_score (its ties and rows); Jain, Prabhu and Varma 2016 (propensities).
class top_k_metrics {
 public:
  static constexpr std::string_view name = "top_k_metrics";  ///< of its state in files

  /// `ks`: one or more k >= 1. `propensities`: none, or one in (0, 1] for each label, see jain_propensities: of the
  /// training rows. Throws value_error for other values.
  explicit top_k_metrics(std::vector<std::size_t> const& ks = {1, 3, 5}, std::span<double const> propensities = {})
      : ks_(ks.begin(), ks.end()), means_(ks.size() * (propensities.empty() ? 3 : 7) + 1) {
    require_value(!ks.empty(), "top_k_metrics", "at least one k must be given");
    for (std::size_t k : ks) require_value(k > 0, "top_k_metrics", "k must be >= 1, got 0");
    for (double p : propensities) {
      require_value(p > 0 && p <= 1, "top_k_metrics", "propensities must be in (0, 1], got " + number_text(p));
      gains_.push_back(1 / p);
    }
  }

  std::size_t rows() const { return static_cast<std::size_t>(rows_[0]); }
  std::vector<std::size_t> ks() const { return {ks_.begin(), ks_.end()}; }
  bool has_propensities() const { return !gains_.empty(); }

  /// Adds a batch: as row_rankings::add, with its errors; shape_error also where there are propensities for another
  /// number of labels. Cost: as row_rankings::add whatever k is, twice that with propensities.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, row_ranking_options<B> const& options = {},
           std::string_view who = "top_k_metrics") {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    if (has_propensities()) require_shape(who, "scores", {s.rows(), gains_.size()}, s.shape());
    auto const ks = on_backend(ctx, this->ks());
    auto const discounts = on_backend(ctx, discount_sums(s.cols()));
    auto const gains = on_backend(ctx, gains_);
    detail::top_k_plan const plan{ks.data(), ks_.size(), discounts.data(), has_propensities() ? gains.data() : nullptr,
                                  columns()};
    with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
      using ranker = detail::rank_top_k<std::decay_t<decltype(cells)>>;
      refuse_bad_weights(ctx, cells, who);
      means_.merge(detail::summed_row_values(
          ctx, cells, means_.columns(), who,
          [&](std::size_t first, detail::row_values const& values) { return ranker{cells, first, values, plan}; }));
    });
    rows_[0] += s.rows();
  }

  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, row_ranking_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }

  /// Adds the rows of another stream. Throws value_error unless it has the same k and propensities.
  void merge(top_k_metrics const& other) {
    require_value(ks_ == other.ks_ && gains_ == other.gains_, "top_k_metrics",
                  "merged metrics must have the same k and propensities");
    means_.merge(other.means_);
    rows_[0] += other.rows_[0];
  }

  /// The share of relevant labels among the k best. In [0, 1]. This and the others: NaN without rows; value_error for a
  /// k that is not in the list.
  double precision(std::size_t k) const { return means_.mean(column(k, detail::top_k_column::precision)); }
  /// The share of the relevant labels that are among the k best, over the rows that have some. In [0, 1].
  double recall(std::size_t k) const { return means_.mean(column(k, detail::top_k_column::recall)); }
  /// Normalised discounted cumulative gain. In [0, 1].
  double ndcg(std::size_t k) const { return means_.mean(column(k, detail::top_k_column::ndcg)); }
  /// Precision with relevant labels counted 1 / propensity; normalised: divided by the same mean of the best possible
  /// ranking, as tables of the field print it. In [0, 1], NaN where no row has a relevant label; not normalised in
  /// [0, ∞). value_error without propensities.
  double propensity_scored_precision(std::size_t k, bool normalised = true) const {
    return scored(k, detail::top_k_column::scored, detail::top_k_column::best_scored, normalised);
  }
  /// nDCG with relevant labels counted 1 / propensity (each row divided by D(min(k, P))). Otherwise as
  /// propensity_scored_precision.
  double propensity_scored_ndcg(std::size_t k, bool normalised = true) const {
    return scored(k, detail::top_k_column::scored_ndcg, detail::top_k_column::best_scored_ndcg, normalised);
  }

  /// The rows with no present cell, which leave every mean; and those with none of their labels relevant, which leave
  /// recall.
  std::size_t masked_rows() const { return means_.left_out(0); }
  std::size_t rows_without_relevant() const { return means_.left_out(1) - masked_rows(); }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    visit("ks", self.ks_);
    visit("gains", self.gains_);
    visit("rows", self.rows_);
    detail::row_means::each_field(self.means_, visit);
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    bool fits = rows_.size() == 1 && !ks_.empty() && means_.fits(ks_.size() * columns() + 1);
    for (auto k : ks_) fits = fits && k > 0;
    for (double gain : gains_) fits = fits && gain >= 1;
    require_value(fits, name, "the state must hold sums for each k, finite and >= 0");
  }

 private:
  std::size_t columns() const { return has_propensities() ? 7 : 3; }

  std::size_t column(std::size_t k, detail::top_k_column which) const {
    auto const at = std::find(ks_.begin(), ks_.end(), k);
    require_value(at != ks_.end(), "top_k_metrics", "k must be in the list given, got " + std::to_string(k));
    return static_cast<std::size_t>(at - ks_.begin()) * columns() + static_cast<std::size_t>(which);
  }

  double scored(std::size_t k, detail::top_k_column which, detail::top_k_column best, bool normalised) const {
    require_value(has_propensities(), "top_k_metrics", "propensities were not given");
    if (!normalised) return means_.mean(column(k, which));
    double const most = means_.sum(column(k, best));
    return most > 0 ? means_.sum(column(k, which)) / most : quiet_nan<double>();
  }

  /// [m] = the discounts of the first m places, as far as `labels` labels and the largest k reach.
  std::vector<double> discount_sums(std::size_t labels) const {
    std::size_t const reach = std::min<std::size_t>(labels, *std::max_element(ks_.begin(), ks_.end()));
    std::vector<double> sums{0};
    for (std::size_t m = 0; m < reach; ++m) sums.push_back(sums[m] + 1 / std::log2(static_cast<double>(m) + 2));
    return sums;
  }

  template <class B, class T>
  static buffer<T, B> on_backend(context<B>& ctx, std::vector<T> const& host) {
    buffer<T, B> there(ctx, host.size());
    if (!host.empty()) copy(ctx, vector_view<const T>(host.data(), host.size()), there.view());
    return there;
  }

  std::vector<std::uint64_t> ks_;
  std::vector<double> gains_;
  std::vector<std::uint64_t> rows_{0};
  detail::row_means means_;
};

namespace detail {
template <class B, class X, class Y>
top_k_metrics at_k(context<B>& ctx, X const& scores, Y const& targets, std::size_t k,
                   row_ranking_options<B> const& options, std::string_view who) {
  require_value(k > 0, who, "k must be >= 1, got 0");
  top_k_metrics metrics({k});
  metrics.add(ctx, scores, targets, options, who);
  return metrics;
}
}  // namespace detail

/// The mean over rows of the share of relevant labels among the k best; ties are averaged over. scores (N, L) in any
/// monotone domain, targets (N, L) of 0 and 1, k >= 1. In [0, 1]; NaN without rows. Errors and cost as
/// top_k_metrics::add; value_error for k = 0.
template <class B, class X, class Y>
double precision_at_k(context<B>& ctx, X const& scores, Y const& targets, std::size_t k,
                      row_ranking_options<B> const& options = {}) {
  return detail::at_k(ctx, scores, targets, k, options, "precision_at_k").precision(k);
}

/// The mean over rows that have relevant labels of the share of them among the k best. Otherwise as precision_at_k.
template <class B, class X, class Y>
double recall_at_k(context<B>& ctx, X const& scores, Y const& targets, std::size_t k,
                   row_ranking_options<B> const& options = {}) {
  return detail::at_k(ctx, scores, targets, k, options, "recall_at_k").recall(k);
}

/// The mean over rows of normalised discounted cumulative gain; rows without relevant labels are 0. Otherwise as
/// precision_at_k. k = L ranks all labels. Source: scikit-learn's ndcg_score.
template <class B, class X, class Y>
double ndcg_at_k(context<B>& ctx, X const& scores, Y const& targets, std::size_t k,
                 row_ranking_options<B> const& options = {}) {
  return detail::at_k(ctx, scores, targets, k, options, "ndcg_at_k").ndcg(k);
}

/// The three with a context of their own.
template <class X, class Y>
double precision_at_k(X const& scores, Y const& targets, std::size_t k,
                      row_ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return precision_at_k(ctx, scores, targets, k, options);
}
template <class X, class Y>
double recall_at_k(X const& scores, Y const& targets, std::size_t k,
                   row_ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return recall_at_k(ctx, scores, targets, k, options);
}
template <class X, class Y>
double ndcg_at_k(X const& scores, Y const& targets, std::size_t k,
                 row_ranking_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return ndcg_at_k(ctx, scores, targets, k, options);
}

static_assert(accumulator<top_k_metrics>);

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::jain_propensities;
using metrics::ndcg_at_k;
using metrics::precision_at_k;
using metrics::propensity_options;
using metrics::recall_at_k;
using metrics::top_k_metrics;
}  // namespace softf1::inline SOFTF1_ABI
