// Metrics of each row's predicted set of labels against its true set.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <softf1/metrics/samples.hpp>
#include <softf1/scores/hamming.hpp>
#include <softf1/scores/jaccard.hpp>
#include <softf1/scores/predicted_rate.hpp>
#include <softf1/scores/prevalence.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// Functors of the counts of a row, as exact_match: their samples averages are shares of rows, or means over rows.
/// The predicted and the true set have a label in common, or are both empty: torcheval's criterion `overlap`.
struct sets_overlap {
  static constexpr std::string_view name = "sets_overlap";
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return c.tp > T(0) || c.fp + c.fn == T(0) ? T(1) : T(0);
  }
};
/// All true labels are predicted: torcheval's `contain`.
struct contains_truth {
  static constexpr std::string_view name = "contains_truth";
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return c.fn == T(0) ? T(1) : T(0);
  }
};
/// All predicted labels are true: torcheval's `belong`.
struct belongs_to_truth {
  static constexpr std::string_view name = "belongs_to_truth";
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return c.fp == T(0) ? T(1) : T(0);
  }
};
/// How many labels are predicted, and how many are true.
struct predicted_size {
  static constexpr std::string_view name = "predicted_size";
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return c.tp + c.fp;
  }
};
struct true_size {
  static constexpr std::string_view name = "true_size";
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return c.tp + c.fn;
  }
};
/// Nothing is predicted; nothing is true.
struct predicts_nothing {
  static constexpr std::string_view name = "predicts_nothing";
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return c.tp + c.fp == T(0) ? T(1) : T(0);
  }
};
struct nothing_is_true {
  static constexpr std::string_view name = "nothing_is_true";
  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return c.tp + c.fn == T(0) ? T(1) : T(0);
  }
};

/// What `set_metrics` has found out. NaN where there are no rows.
struct set_figures {
  double subset_accuracy;        ///< share of rows whose sets are the same; 1 − it is the 0-1 loss
  double hamming_loss;           ///< mean over rows of the share of a row's labels that is wrong
  double overlap;                ///< share of rows whose sets have a label in common, or are both empty
  double contain;                ///< share of rows whose predicted set contains the true one
  double belong;                 ///< share of rows whose predicted set is part of the true one
  double jaccard;                ///< mean over rows of intersection over union; both empty: 1
  double predicted_cardinality;  ///< mean number of predicted labels a row
  double true_cardinality;       ///< mean number of true labels a row
  double predicted_density;      ///< the same as shares of the row's present labels
  double true_density;
  double predicted_empty;  ///< share of rows for which nothing is predicted
  double true_empty;       ///< share of rows for which nothing is true
};

/// Metrics of sets of a stream of batches: add rows, merge others, read. Means by row weight over the rows that have a
/// present label; a row masked in full is left out. Without a mask Hamming loss is the micro average, else rows with few
/// labels weigh as much as others. Memory O(1).
/// Sources: Godbole and Sarawagi, PAKDD 2004; Tsoumakas and Katakis, 2007 (cardinality, density); torcheval's
/// multilabel_accuracy (overlap, contain, belong).
class set_metrics {
 public:
  static constexpr std::string_view name = "set_metrics";  ///< of its state in files

  std::size_t rows() const { return rows_; }

  /// Adds a batch: scores (n, L), targets (n, L) of 0 and 1. Errors as confusion_counts::add.
  /// Cost: one pass over the cells; 28 bytes a row of scratch; the same bits for any number of threads.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, metric_options<B> const& options = {},
           std::string_view who = name) {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    add(ctx, count_rows(ctx, s, t, options, who));
  }
  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }
  /// Adds rows that are counted already.
  template <class B>
  void add(context<B>& ctx, row_confusions<B> const& rows) {
    std::apply([&](auto&... mean) { (mean.add(ctx, rows), ...); }, means_);
    rows_ += rows.counts.size();
  }

  /// Adds the rows of another stream.
  void merge(set_metrics const& other) {
    auto const merge_one = [&]<class Score>(samples_average<Score>& mean) { mean.merge(other.of<Score>()); };
    std::apply([&](auto&... mean) { (merge_one(mean), ...); }, means_);
    rows_ += other.rows_;
  }

  set_figures value() const {
    return {of<exact_match>().value(),        of<scores::hamming>().value(),  of<sets_overlap>().value(),
            of<contains_truth>().value(),     of<belongs_to_truth>().value(), of<scores::jaccard>().value(1),
            of<predicted_size>().value(),     of<true_size>().value(),        of<scores::predicted_rate>().value(),
            of<scores::prevalence>().value(), of<predicts_nothing>().value(), of<nothing_is_true>().value()};
  }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    std::vector<std::uint64_t> rows{self.rows_};
    std::vector<std::string> const scores = score_names(self.means_);
    auto names = detail::bytes_of_names(scores);
    std::vector<double> sums = self.all_sums();
    std::size_t const fields = sums.size();
    visit("rows", rows);
    visit("scores", names);
    visit("sums", sums);
    if constexpr (!std::is_const_v<Self>) {
      detail::require_names(names, scores, name);
      require_value(rows.size() == 1 && sums.size() == fields, name,
                    "the state must hold " + std::to_string(fields) + " sums");
      self = set_metrics();
      self.rows_ = static_cast<std::size_t>(rows[0]);
      auto next = sums.cbegin();
      auto const take = [&](auto& mean) {
        mean.merge(row_score_sums{next[0], next[1], next[2]});
        next += 3;
      };
      std::apply([&](auto&... mean) { (take(mean), ...); }, self.means_);
    }
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    require_value(detail::are_sums(all_sums()), name, "the state must hold sums that are finite and >= 0");
  }

 private:
  template <class... Score>
  using means_of = std::tuple<samples_average<Score>...>;

  template <class... Score>
  static std::vector<std::string> score_names(std::tuple<samples_average<Score>...> const&) {
    return {detail::name_of_score(Score{})...};
  }

  std::vector<double> all_sums() const {
    std::vector<double> all;
    auto const append = [&](row_score_sums const& s) { all.insert(all.end(), {s.sum, s.defined, s.undefined}); };
    std::apply([&](auto const&... mean) { (append(mean.sums()), ...); }, means_);
    return all;
  }

  template <class Score>
  samples_average<Score> const& of() const {
    return std::get<samples_average<Score>>(means_);
  }

  means_of<exact_match, scores::hamming, sets_overlap, contains_truth, belongs_to_truth, scores::jaccard,
           predicted_size, true_size, scores::predicted_rate, scores::prevalence, predicts_nothing, nothing_is_true>
      means_;
  std::size_t rows_ = 0;
};

static_assert(accumulator<set_metrics>);

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::set_metrics;
}
