// Which labels occur together, and which is taken for which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/decisions/decider.hpp>
#include <softf1/metrics/counts.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {

/// How many bits of a word are set. Source: Warren, Hacker's Delight, 2002.
SOFTF1_HD unsigned count_bits(std::uint64_t x) {
  x -= (x >> 1) & 0x5555555555555555u;
  x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
  x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<unsigned>((x * 0x0101010101010101u) >> 56);
}

/// Truth and mistakes of 64 rows of a label, a bit a row. Call k is of word k mod W of label k / W.
template <class Cells, class Decide>
struct pack_rows {
  Cells cells;
  Decide decide;
  std::size_t words;
  std::uint64_t *truth, *missed, *alarms, *invalid;

  SOFTF1_HD void operator()(std::size_t k) const {
    std::size_t const j = k / words, first = k % words * 64;
    std::uint64_t is = 0, miss = 0, alarm = 0, bad = 0;
    for (std::size_t i = first; i < first + 64 && i < cells.rows(); ++i) {
      if (!cells.present(i, j)) continue;
      auto const score = cells.logit(i, j);
      auto const target = cells.target(i, j);
      bool const yes = decide(score, i, j), positive = target == 1;
      std::uint64_t const bit = std::uint64_t{1} << (i - first);
      is |= positive ? bit : 0;
      miss |= positive && !yes ? bit : 0;
      alarm |= !positive && yes ? bit : 0;
      bad |= is_bad_cell<Cells>(score, target) ? bit : 0;
    }
    truth[k] = is, missed[k] = miss, alarms[k] = alarm, invalid[k] = bad;
  }
};

/// Σ over rows with both bits of the weight of the row. Call k is of pair (k / L, k mod L).
template <class Cells>
struct sum_pairs {
  Cells cells;
  std::size_t words;
  std::uint64_t const *a, *b;
  double* out;

  SOFTF1_HD void operator()(std::size_t k) const {
    std::size_t const labels = cells.cols();
    std::uint64_t const *const x = a + k / labels * words, *const y = b + k % labels * words;
    double sum = 0;
    for (std::size_t w = 0; w < words; ++w) {
      std::uint64_t both = x[w] & y[w];
      if constexpr (!Cells::weighted) {
        sum += count_bits(both);
      } else {
        for (std::size_t i = w * 64; both != 0; both >>= 1, ++i)
          if (both & 1) sum += cells.weight(i);
      }
    }
    out[k] = sum;
  }
};

struct word_is_set {
  std::uint64_t const* words;
  SOFTF1_HD bool operator()(std::size_t k, std::size_t) const { return words[k] != 0; }
};

}  // namespace detail

/// Pairs of labels of a stream of batches: add batches, merge others, read. Both matrices are (L, L), row-major, sums of
/// row weights (whole counts without weights): 16 L² bytes, on the host.
class label_pairs {
 public:
  static constexpr std::string_view name = "label_pairs";  ///< of its state in files

  std::size_t labels() const { return labels_; }
  std::size_t rows() const { return rows_; }

  /// together[a L + b]: the rows in which both a and b are true; on the diagonal the support of a label.
  std::vector<double> const& together() const { return together_; }
  /// taken_for[a L + b]: the rows in which a is true but not predicted, and b is predicted but not true.
  std::vector<double> const& taken_for() const { return taken_for_; }

  /// Adds a batch: scores (n, L), targets (n, L) of 0 and 1; `options.zero_division` is not used. A cell that is masked
  /// is neither true nor predicted. Errors as confusion_counts::add; then the sums are as before.
  /// Cost: one pass over the cells, n L² / 32 operations on words; n L / 2 + 24 L² bytes of scratch; deterministic.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, metric_options<B> const& options = {},
           std::string_view who = name) {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    if (labels_ != 0) require_shape(who, "scores", {s.rows(), labels_}, s.shape());
    std::size_t const labels = s.cols(), words = (s.rows() + 63) / 64, all = labels * words;
    std::vector<double> both(labels * labels), mistaken(labels * labels);
    decisions::decider<compute_type<value_of<X>>, B> const decide(ctx, options.decision, s, options.domain, who,
                                                                  options.mask.view());
    with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
      using cell_source = std::decay_t<decltype(cells)>;
      refuse_bad_weights(ctx, cells, who);
      buffer<std::uint64_t, B> truth(ctx, all), missed(ctx, all), alarms(ctx, all), invalid(ctx, all);
      for_each(ctx, all,
               detail::pack_rows<cell_source, decltype(decide.get())>{cells, decide.get(), words, truth.data(),
                                                                      missed.data(), alarms.data(), invalid.data()});
      if (find_first(ctx, all, 1, detail::word_is_set{invalid.data()}) != all)
        refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
      buffer<double, B> sums(ctx, both.size());
      auto const sum = [&](buffer<std::uint64_t, B> const& a, buffer<std::uint64_t, B> const& b,
                           std::vector<double>& to) {
        for_each(ctx, to.size(), detail::sum_pairs<cell_source>{cells, words, a.data(), b.data(), sums.data()});
        copy(ctx, std::as_const(sums).view(), vector_view<double>(to.data(), to.size()));
      };
      sum(truth, truth, both);
      sum(missed, alarms, mistaken);
    });
    add_sums(labels, both, mistaken);
    rows_ += s.rows();
  }

  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, metric_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }

  /// Adds the pairs of other rows of the same labels. Throws shape_error for another number of labels.
  void merge(label_pairs const& other) {
    if (other.labels_ == 0) return;
    if (labels_ != 0) require_shape("label_pairs", "merged pairs", {labels_}, std::vector<std::size_t>{other.labels_});
    add_sums(other.labels_, other.together_, other.taken_for_);
    rows_ += other.rows_;
  }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    std::vector<std::uint64_t> header{self.labels_, self.rows_};
    visit("header", header);
    visit("together", self.together_);
    visit("taken_for", self.taken_for_);
    if constexpr (!std::is_const_v<Self>) {
      require_value(header.size() == 2, name, "the state must hold numbers of labels and rows");
      self.labels_ = static_cast<std::size_t>(header[0]);
      self.rows_ = static_cast<std::size_t>(header[1]);
    }
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    bool const fits = labels_ < (std::uint64_t{1} << 31) && together_.size() == labels_ * labels_ &&
                      taken_for_.size() == together_.size() && detail::are_sums(together_) &&
                      detail::are_sums(taken_for_);
    require_value(fits, name, "the state must hold two numbers a pair of labels, finite and >= 0");
  }

 private:
  void add_sums(std::size_t labels, std::vector<double> const& both, std::vector<double> const& mistaken) {
    labels_ = labels;
    together_.resize(labels * labels);
    taken_for_.resize(labels * labels);
    for (std::size_t k = 0; k < both.size(); ++k) {
      together_[k] += both[k];
      taken_for_[k] += mistaken[k];
    }
  }

  std::size_t labels_ = 0, rows_ = 0;
  std::vector<double> together_, taken_for_;
};

static_assert(accumulator<label_pairs>);

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::label_pairs;
}
