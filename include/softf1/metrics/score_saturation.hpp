// Labels whose scores say nothing: all alike, or stuck at the ends.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/limits.hpp>
#include <softf1/metrics/baselines.hpp>
#include <softf1/metrics/probability_quality.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What is known of the scores of a label: of its present cells that weigh something.
struct saturation_sums {
  double weight = 0, at_zero = 0, at_one = 0;  ///< of all cells; of those at a probability of 0; at 1
  double lowest = infinity<double>(), highest = -infinity<double>();  ///< score; the other way round without cells
  double invalid = 0;

  SOFTF1_HD void merge(saturation_sums const& o) {
    weight += o.weight;
    at_zero += o.at_zero;
    at_one += o.at_one;
    lowest = o.lowest < lowest ? o.lowest : lowest;
    highest = o.highest > highest ? o.highest : highest;
    invalid += o.invalid;
  }

  /// The share at 0 or 1; NaN without cells.
  double share() const { return weight > 0 ? (at_zero + at_one) / weight : quiet_nan<double>(); }
  bool is_constant() const { return lowest == highest; }
};

namespace detail {

/// The reduction that finds saturation_sums.
template <class Cells>
struct sum_saturation {
  using scalar = double;
  using partial = saturation_sums;
  using total = saturation_sums;
  Cells cells;
  bool is_logit;

  SOFTF1_HD static partial identity() { return {}; }
  SOFTF1_HD void add(partial& s, std::size_t i, std::size_t j) const {
    if (!cells.present(i, j)) return;
    auto const score = cells.logit(i, j);
    auto const y = cells.target(i, j);
    bool one = !is_logit && score == 1, zero = !is_logit && score == 0;
    if (is_logit && (score > 16 || score < -16)) {  // below, no type rounds: the exponential is saved
      auto const parts = math::sigmoid_with_parts(score);
      one = parts.value == 1;
      zero = parts.complement == 1;
    }
    bool const bad = is_logit ? score != score : !(score >= 0 && score <= 1);
    double const w = cells.weight(i), value = static_cast<double>(score);
    s.invalid += (bad | is_bad_cell<Cells>(score, y)) ? 1.0 : 0.0;
    s.weight += w;
    s.at_zero += zero ? w : 0.0;
    s.at_one += one ? w : 0.0;
    s.lowest = w > 0 && value < s.lowest ? value : s.lowest;
    s.highest = w > 0 && value > s.highest ? value : s.highest;
  }
  SOFTF1_HD static total neutral() { return {}; }
  SOFTF1_HD static void merge(total& to, partial const& from) { to.merge(from); }
};

}  // namespace detail

/// How many scores of each label are at the ends, and whether all are the same, of a stream of batches: add batches, merge
/// others, read. A probability is at an end where it is exactly 0 or 1; a logit z at 1 where sigmoid(z) rounds to 1 in
/// the type of the scores (half: float), at 0 where sigmoid(−z) does. Memory: 48 bytes a label.
class score_saturation {
 public:
  static constexpr std::string_view name = "score_saturation";  ///< of its state in files

  std::size_t labels() const { return sums_.size(); }
  std::size_t rows() const { return rows_; }
  saturation_sums const& label(std::size_t j) const { return sums_[j]; }

  /// Adds a batch: scores (n, L) of options.domain, targets (n, L) of 0 and 1. Errors as probability_quality::add; then
  /// the sums are as before. Cost: one pass; the same bits for any number of threads.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, probability_options<B> const& options = {},
           std::string_view who = "score_saturation") {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    if (!sums_.empty()) require_shape(who, "scores", {s.rows(), labels()}, s.shape());
    std::vector<saturation_sums> host(s.cols());
    auto const domain = decisions::domain_of<value_of<X>>(options.domain);
    with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
      using cell_source = std::decay_t<decltype(cells)>;
      refuse_bad_weights(ctx, cells, who);
      buffer<saturation_sums, B> batch(ctx, host.size());
      fill(ctx, batch.view(), saturation_sums{});
      reduce_columns(ctx, cells.rows(), cells.cols(),
                     detail::sum_saturation<cell_source>{cells, domain == score_domain::logit}, batch.view());
      copy(ctx, std::as_const(batch).view(), vector_view<saturation_sums>(host.data(), host.size()));
      for (auto const& sums : host)
        if (sums.invalid != 0) detail::refuse_bad_probabilities(ctx, cells, domain, who);
    });
    merge_sums(host);
    rows_ += s.rows();
  }

  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, probability_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }

  /// Adds what is known of other rows of the same labels. Throws shape_error for another number of labels.
  void merge(score_saturation const& other) {
    if (other.sums_.empty()) return;
    if (!sums_.empty()) require_shape(name, "merged sums", {labels()}, std::vector<std::size_t>{other.labels()});
    merge_sums(other.sums_);
    rows_ += other.rows_;
  }

  /// Of all labels together.
  saturation_sums pooled() const {
    saturation_sums all;
    for (auto const& s : sums_) all.merge(s);
    return all;
  }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    std::vector<std::uint64_t> rows{self.rows_};
    std::vector<double> sums;
    for (auto const& s : self.sums_) sums.insert(sums.end(), {s.weight, s.at_zero, s.at_one, s.lowest, s.highest});
    visit("rows", rows);
    visit("sums", sums);
    if constexpr (!std::is_const_v<Self>) {
      require_value(rows.size() == 1 && sums.size() % 5 == 0, name, "the state must hold 5 numbers a label");
      self.rows_ = static_cast<std::size_t>(rows[0]);
      self.sums_.clear();
      for (std::size_t k = 0; k < sums.size(); k += 5)
        self.sums_.push_back({sums[k], sums[k + 1], sums[k + 2], sums[k + 3], sums[k + 4], 0});
    }
  }

  /// Throws value_error unless the state, as read from a file, can be one.
  void check() const {
    for (auto const& s : sums_)
      require_value(s.weight >= 0 && s.weight * 0 == 0 && s.at_zero >= 0 && s.at_one >= 0 &&
                        s.at_zero + s.at_one <= s.weight * (1 + 1e-9) && (s.lowest <= s.highest) == (s.weight > 0),
                    name, "the state must hold weights of scores, and their extremes");
  }

 private:
  void merge_sums(std::vector<saturation_sums> const& from) {
    if (sums_.empty()) sums_.resize(from.size());
    for (std::size_t j = 0; j < from.size(); ++j) sums_[j].merge(from[j]);
  }

  std::size_t rows_ = 0;
  std::vector<saturation_sums> sums_;
};

/// The labels whose scores are all the same, or of whose scores at least this share (by weight) are at 0 or 1: at most one
/// remark a label, the first that holds. Throws value_error for a share outside (0, 1]. Cost: O(L).
inline std::vector<label_remark> find_saturated(score_saturation const& scores, double share = 0.999) {
  require_value(share > 0 && share <= 1, "find_saturated", "share must be in (0, 1], got " + number_text(share));
  std::vector<label_remark> remarks;
  for (std::size_t j = 0; j < scores.labels(); ++j)
    if (scores.label(j).is_constant())
      remarks.push_back({j, label_condition::constant_scores});
    else if (scores.label(j).share() >= share)
      remarks.push_back({j, label_condition::saturated});
  return remarks;
}

static_assert(accumulator<score_saturation>);

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::find_saturated;
using metrics::score_saturation;
}  // namespace softf1::inline SOFTF1_ABI
