// Streaming confusion counts: the one state behind every metric of decisions.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <vector>

#include <softf1/core/view_traits.hpp>
#include <softf1/decisions/decider.hpp>
#include <softf1/metrics/accumulator.hpp>
#include <softf1/metrics/detail/state.hpp>
#include <softf1/metrics/options.hpp>
#include <softf1/scores/confusion.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// Hard counts of one label or row. N is std::uint64_t (exact), or double where rows are weighted.
template <class N>
struct hard_counts {
  N tp, fp, fn, tn;
  N invalid;  ///< present cells with a NaN score or a target that is neither 0 nor 1

  /// Takes in the counts of other cells, of the same or a narrower number type.
  template <class M>
  SOFTF1_HD void merge(hard_counts<M> const& other) {
    tp += other.tp;
    fp += other.fp;
    fn += other.fn;
    tn += other.tn;
    invalid += other.invalid;
  }

  SOFTF1_HD confusion<double> to_confusion() const {
    return {static_cast<double>(tp), static_cast<double>(fp), static_cast<double>(fn), static_cast<double>(tn)};
  }
};

/// The reduction that counts. Partial counts are 32-bit integers, or double where rows are weighted.
template <class Cells, class Decide>
struct count_cells {
  using scalar = std::conditional_t<Cells::weighted, double, std::uint32_t>;
  using partial = hard_counts<scalar>;
  using total = hard_counts<std::conditional_t<Cells::weighted, double, std::uint64_t>>;

  Cells cells;
  Decide decide;

  SOFTF1_HD static partial identity() { return {}; }

  SOFTF1_HD void add(partial& state, std::size_t i, std::size_t j) const {
    auto const score = cells.logit(i, j);
    auto const target = cells.target(i, j);
    // Products of 0 and 1 in place of branches, so that the loop over labels vectorises.
    bool const yes = decide(score, i, j), positive = target == 1;
    bool const bad = is_bad_cell<Cells>(score, target);
    bool const here = cells.present(i, j);
    scalar const w = static_cast<scalar>(cells.weight(i));
    state.tp += w * static_cast<scalar>(yes & positive & here);
    state.fp += w * static_cast<scalar>(yes & !positive & here);
    state.fn += w * static_cast<scalar>(!yes & positive & here);
    state.tn += w * static_cast<scalar>(!yes & !positive & here);
    state.invalid += static_cast<scalar>(bad & here);
  }

  SOFTF1_HD static total neutral() { return {}; }
  template <class Part>
  SOFTF1_HD static void merge(total& to, Part const& from) {
    to.merge(from);
  }
};

/// Adds the counts of each label to out (L,): the base form. Reads nothing back; bad cells are counted in `invalid`.
template <class Cells, class Decide>
void count_labels(context<typename Cells::backend>& ctx, Cells const& cells, Decide const& decide,
                  vector_view<typename count_cells<Cells, Decide>::total, typename Cells::backend> out) {
  reduce_columns(ctx, cells.rows(), cells.cols(), count_cells<Cells, Decide>{cells, decide}, out);
}

/// Confusion counts per label of a stream of batches: add batches, merge others, read. Nothing else is state, so any
/// partition of the rows gives the same counts (to the bit without row weights; weighted ones are double sums in a
/// fixed chunk order). Holds 2 × 40 bytes a label, on the host.
class confusion_counts {
 public:
  static constexpr std::string_view name = "confusion_counts";  ///< of its state in files

  explicit confusion_counts(std::size_t labels = 0) : exact_(labels), weighted_(labels) {}

  std::size_t labels() const { return exact_.size(); }
  std::size_t rows() const { return rows_; }

  /// Adds a batch: scores (n, L), targets (n, L) of 0 and 1, anything with a view on B; the first batch sets L where
  /// the constructor was not told. Scores that are integers or packed bits are decisions, 0 and 1, and take no rule.
  /// `options.zero_division` is not used.
  /// Throws shape_error for shapes that do not fit; value_error for a NaN score, another target (row and label named),
  /// a bad weight, or a rule of another domain; then the counts are as before. Cost: one pass; O(L) scratch a chunk.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, metric_options<B> const& options = {},
           std::string_view who = "confusion_counts") {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    std::size_t const cols = s.cols();
    if (labels() != 0 || rows_ != 0) require_shape(who, "scores", {s.rows(), labels()}, s.shape());
    decisions::decider<compute_type<value_of<X>>, B> const decide(ctx, options.decision, s, options.domain, who,
                                                                  options.mask.view());
    with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
      using total = typename count_cells<std::decay_t<decltype(cells)>, decltype(decide.get())>::total;
      refuse_bad_weights(ctx, cells, who);
      buffer<total, B> batch(ctx, cols);
      fill(ctx, batch.view(), total{});
      count_labels(ctx, cells, decide.get(), batch.view());
      std::vector<total> host(cols);
      copy(ctx, std::as_const(batch).view(), vector_view<total>(host.data(), cols));
      for (total const& label : host)
        if (label.invalid != 0) refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
      exact_.resize(cols);
      weighted_.resize(cols);
      for (std::size_t j = 0; j < cols; ++j) add_label(j, host[j], cells.has_weights());
    });
    rows_ += s.rows();
  }

  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }

  /// Adds the counts of other rows of the same labels. Throws shape_error for another number of labels.
  void merge(confusion_counts const& other) {
    if (other.labels() == 0) return;
    if (labels() == 0) {
      *this = other;
      return;
    }
    require_shape("confusion_counts", "merged counts", {labels()}, std::vector<std::size_t>{other.labels()});
    for (std::size_t j = 0; j < labels(); ++j) {
      exact_[j].merge(other.exact_[j]);
      weighted_[j].merge(other.weighted_[j]);
    }
    rows_ += other.rows_;
  }

  /// The counts of label j.
  confusion<double> operator[](std::size_t j) const {
    confusion<double> c = exact_[j].to_confusion();
    return c += weighted_[j].to_confusion();
  }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    std::vector<std::uint64_t> rows{self.rows_}, exact;
    std::vector<double> weighted;
    for (auto const& c : self.exact_) exact.insert(exact.end(), {c.tp, c.fp, c.fn, c.tn});
    for (auto const& c : self.weighted_) weighted.insert(weighted.end(), {c.tp, c.fp, c.fn, c.tn});
    visit("rows", rows);
    visit("exact", exact);
    visit("weighted", weighted);
    if constexpr (!std::is_const_v<Self>) {
      require_value(rows.size() == 1 && exact.size() == weighted.size() && exact.size() % 4 == 0, name,
                    "the state must hold 4 counts a label");
      self = confusion_counts(exact.size() / 4);
      self.rows_ = static_cast<std::size_t>(rows[0]);
      for (std::size_t j = 0; j < self.labels(); ++j) {
        self.exact_[j] = {exact[4 * j], exact[4 * j + 1], exact[4 * j + 2], exact[4 * j + 3], 0};
        self.weighted_[j] = {weighted[4 * j], weighted[4 * j + 1], weighted[4 * j + 2], weighted[4 * j + 3], 0};
      }
    }
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    bool fits = true;
    for (auto const& c : exact_) {
      std::uint64_t rest = rows_;
      for (std::uint64_t n : {c.tp, c.fp, c.fn, c.tn}) {
        fits = fits && n <= rest;
        rest -= n <= rest ? n : 0;
      }
    }
    for (auto const& c : weighted_)
      for (double x : {c.tp, c.fp, c.fn, c.tn}) fits = fits && detail::is_sum(x);
    require_value(fits, name, "the state must hold counts that are finite, >= 0 and of no more than its rows");
  }

  /// The counts of all labels.
  std::vector<confusion<double>> per_label() const {
    std::vector<confusion<double>> all;
    for (std::size_t j = 0; j < labels(); ++j) all.push_back((*this)[j]);
    return all;
  }

 private:
  // Without weights counts are whole numbers, whatever they were summed in.
  template <class N>
  void add_label(std::size_t j, hard_counts<N> const& c, bool has_weights) {
    auto const whole = [](N n) { return static_cast<std::uint64_t>(n); };
    if constexpr (std::is_same_v<N, double>)
      if (has_weights) return weighted_[j].merge(c);
    exact_[j].merge(hard_counts<std::uint64_t>{whole(c.tp), whole(c.fp), whole(c.fn), whole(c.tn), 0});
  }

  std::vector<hard_counts<std::uint64_t>> exact_;
  std::vector<hard_counts<double>> weighted_;
  std::size_t rows_ = 0;
};

static_assert(accumulator<confusion_counts>);

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::confusion_counts;
}
