// How well probabilities say what comes: log-loss, Brier score, and calibration errors by bins of probability.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/decisions/domain.hpp>
#include <softf1/math/log.hpp>
#include <softf1/math/sigmoid.hpp>
#include <softf1/metrics/accumulator.hpp>
#include <softf1/metrics/average.hpp>
#include <softf1/metrics/detail/state.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What metrics of probabilities take beside scores and targets.
template <class B = cpu>
struct probability_options {
  score_domain domain = score_domain::logit;  ///< of the scores: logits unless told otherwise
  mask_view<B> mask = {};                     ///< (N, L), != 0 is present
  weights_view<B> row_weights = {};           ///< (N,)
};

/// What is known of some cells whose probabilities lie in one bin, or in several.
struct probability_sums {
  double weight = 0;
  double probability = 0;  ///< Σ w p
  double positives = 0;    ///< Σ w y
  double square = 0;       ///< Σ w (p − y)²
  double log_loss = 0;     ///< Σ w (−y log p − (1 − y) log(1 − p))
  double invalid = 0;      ///< cells with a NaN score, a probability outside [0, 1] or a target that is neither 0 nor 1

  SOFTF1_HD void merge(probability_sums const& o) {
    weight += o.weight;
    probability += o.probability;
    positives += o.positives;
    square += o.square;
    log_loss += o.log_loss;
    invalid += o.invalid;
  }

  double mean_probability() const {
    return weight > 0 ? probability / weight : std::numeric_limits<double>::quiet_NaN();
  }
  double frequency() const { return weight > 0 ? positives / weight : std::numeric_limits<double>::quiet_NaN(); }
  /// |Σ w p − Σ w y|: how far the bin is from what it promises.
  double gap() const { return std::fabs(probability - positives); }
};

namespace detail {

/// Rows that are summed by one call: sums of chunks are merged in their order.
inline constexpr std::size_t probability_chunk = 1024;

/// The sums of one label over a chunk of rows, by bins of probability: [b / M, (b + 1) / M), the last one with 1. Call k
/// is of label k mod L and chunk k / L, and writes the M sums from k M on.
template <class Cells>
struct sum_probability_bins {
  Cells cells;
  bool is_logit;
  std::size_t bins, first_row;
  double least;  // log(0) is taken as the log of this
  probability_sums* out;

  SOFTF1_HD void operator()(std::size_t k) const {
    std::size_t const j = k % cells.cols(), begin = first_row + k / cells.cols() * probability_chunk;
    std::size_t const end = begin + probability_chunk < cells.rows() ? begin + probability_chunk : cells.rows();
    probability_sums* const own = out + k * bins;
    for (std::size_t b = 0; b < bins; ++b) own[b] = probability_sums{};
    for (std::size_t i = begin; i < end; ++i)
      if (cells.present(i, j)) add(own, i, j);
  }

 private:
  SOFTF1_HD void add(probability_sums* own, std::size_t i, std::size_t j) const {
    double const score = static_cast<double>(cells.logit(i, j)), y = static_cast<double>(cells.target(i, j));
    double p = score, loss = 0;
    if (is_logit) {
      auto const parts = math::softplus_with_sigmoid(score);
      p = parts.sigmoid;
      loss = y == 1 ? parts.of_minus_logit : parts.of_logit;
    }
    if (!(p >= 0 && p <= 1) || (y != 0 && y != 1)) {
      own[0].invalid += 1;
      return;
    }
    if (!is_logit) {
      double const likely = y == 1 ? p : 1 - p;
      loss = -math::log(likely > least ? likely : least);
    }
    auto const place = static_cast<std::size_t>(p * static_cast<double>(bins));
    double const w = cells.weight(i);
    probability_sums& bin = own[place < bins ? place : bins - 1];
    bin.weight += w;
    bin.probability += w * p;
    bin.positives += w * y;
    bin.square += w * (p - y) * (p - y);
    bin.log_loss += w > 0 ? w * loss : 0.0;
  }
};

/// Adds the sums of some chunks, in their order. Call k is of label and bin k.
struct merge_probability_chunks {
  probability_sums const* from;
  std::size_t chunks, stride;
  probability_sums* to;
  SOFTF1_HD void operator()(std::size_t k) const {
    for (std::size_t c = 0; c < chunks; ++c) to[k].merge(from[c * stride + k]);
  }
};

template <class Cells>
struct probability_is_bad {
  Cells cells;
  SOFTF1_HD bool operator()(std::size_t i, std::size_t j) const {
    auto const p = cells.logit(i, j);
    return cells.present(i, j) && !(p >= 0 && p <= 1);
  }
};

/// Throws value_error for the first bad cell: a NaN score, a target other than 0 and 1, a probability outside [0, 1].
template <class B, class Cells>
void refuse_bad_probabilities(context<B>& ctx, Cells const& cells, score_domain domain, std::string_view who) {
  refuse_bad_cells(ctx, cells, targets_rule::zero_or_one, who);
  if (domain == score_domain::logit) return;
  std::size_t const cols = cells.cols(), found = find_first(ctx, cells.rows(), cols, probability_is_bad<Cells>{cells});
  if (found == cells.rows() * cols) return;
  auto const bad =
      fetch<softf1::detail::bad_cell>(ctx, softf1::detail::cell_values<Cells>{cells, found / cols, found % cols});
  throw_bad_cell(who, "probabilities must lie in [0, 1]", bad.score, found / cols, found % cols);
}

}  // namespace detail

/// A number for each label, and its mean over the labels that have any cell.
struct label_figures {
  std::vector<double> labels;  ///< NaN where the label has no cell
  double mean;                 ///< NaN where none has
  std::size_t left_out;        ///< labels without cells
};

/// The Brier score in parts: reliability − resolution + uncertainty + within_bins, which add up exactly.
struct brier_parts {
  double brier;
  double reliability;  ///< Σ_b w_b (mean p − frequency)² / Σ w: 0 where every bin keeps its promise
  double resolution;   ///< Σ_b w_b (frequency of the bin − frequency)² / Σ w: how far bins are told apart
  double uncertainty;  ///< frequency · (1 − frequency): of the label, whatever is predicted
  double within_bins;  ///< what is left: probabilities of a bin differ
};

/// Log-loss, Brier score and calibration errors of a stream of batches: add batches, merge others, read. The state is
/// sums a label and bin of probability: 48 M bytes a label, on the host; bin b of M is [b / M, (b + 1) / M).
/// Weighted sums are double in a fixed chunk order: the same bits for any number of threads, and any partition of the
/// rows the same to rounding. A label masked in full is NaN, left out of means and counted.
class probability_quality {
 public:
  static constexpr std::string_view name = "probability_quality";  ///< of its state in files

  /// Throws value_error for no bins, or more than 10,000.
  explicit probability_quality(std::size_t bins = 15) : bins_(bins) {
    require_value(bins >= 1 && bins <= 10000, "probability_quality",
                  "bins must be from 1 to 10000, got " + std::to_string(bins));
  }

  std::size_t bins() const { return bins_; }
  std::size_t labels() const { return sums_.size() / bins_; }
  std::size_t rows() const { return rows_; }

  /// Adds a batch: scores (n, L), logits or probabilities, targets (n, L) of 0 and 1. The log of a probability of 0 is
  /// taken of the scores' epsilon, as scikit-learn's log_loss does; logits need no such thing.
  /// Throws shape_error for shapes that do not fit; value_error for a NaN score, a probability outside [0, 1], another
  /// target (row and label named) or a bad weight; then the sums are as before. Cost: one pass; scratch of 24 MB, or 48
  /// bytes a label and bin where that is more.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, probability_options<B> const& options = {},
           std::string_view who = "probability_quality") {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    std::size_t const cols = s.cols();
    if (!sums_.empty()) require_shape(who, "scores", {s.rows(), labels()}, s.shape());
    std::vector<probability_sums> host(cols * bins_);
    auto const domain = decisions::domain_of<value_of<X>>(options.domain);
    with_cells(ctx, who, s, t, options.mask, options.row_weights, [&](auto const& cells) {
      refuse_bad_weights(ctx, cells, who);
      buffer<probability_sums, B> batch(ctx, host.size());
      fill(ctx, batch.view(), probability_sums{});
      sum_bins(ctx, cells, domain, batch.view());
      copy(ctx, std::as_const(batch).view(), vector_view<probability_sums>(host.data(), host.size()));
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

  /// Adds the sums of other rows of the same labels. Throws shape_error for other numbers of labels or bins.
  void merge(probability_quality const& other) {
    require_shape("probability_quality", "bins", {bins_}, std::vector<std::size_t>{other.bins_});
    if (other.sums_.empty()) return;
    if (!sums_.empty())
      require_shape("probability_quality", "merged sums", {labels()}, std::vector<std::size_t>{other.labels()});
    merge_sums(other.sums_);
    rows_ += other.rows_;
  }

  /// visit(name, vector) for the whole state: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    std::vector<std::uint64_t> header{self.bins_, self.rows_};
    std::vector<double> sums;
    for (auto const& s : self.sums_)
      sums.insert(sums.end(), {s.weight, s.probability, s.positives, s.square, s.log_loss});
    visit("header", header);
    visit("sums", sums);
    if constexpr (!std::is_const_v<Self>) {
      require_value(header.size() == 2, name, "the state must hold numbers of bins and rows");
      self = probability_quality(static_cast<std::size_t>(header[0]));
      self.rows_ = static_cast<std::size_t>(header[1]);
      require_value(sums.size() % (5 * self.bins_) == 0, name, "the state must hold 5 sums a label and bin");
      for (std::size_t k = 0; k < sums.size(); k += 5)
        self.sums_.push_back({sums[k], sums[k + 1], sums[k + 2], sums[k + 3], sums[k + 4], 0});
    }
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    bool fits = true;
    for (auto const& s : sums_) {
      for (double x : {s.weight, s.probability, s.positives, s.square}) fits = fits && detail::is_sum(x);
      fits = fits && s.log_loss >= 0;  // it may be infinite
    }
    require_value(fits, name, "the state must hold sums that are finite and >= 0");
  }

  /// The points of a reliability diagram: the bins of label j, from the lowest probabilities on.
  std::vector<probability_sums> diagram(std::size_t label) const {
    return {at(label, 0), at(label, 0) + static_cast<std::ptrdiff_t>(bins_)};
  }
  /// The same of all labels together.
  std::vector<probability_sums> pooled_diagram() const {
    std::vector<probability_sums> pooled(bins_);
    for (std::size_t k = 0; k < sums_.size(); ++k) pooled[k % bins_].merge(sums_[k]);
    return pooled;
  }

  /// −mean(y log p + (1 − y) log(1 − p)): in [0, ∞]. Source: Good, "Rational decisions", 1952.
  label_figures log_loss() const { return each(&log_loss_of); }
  /// mean (p − y)²: in [0, 1]. Source: Brier, "Verification of forecasts", 1950.
  label_figures brier() const { return each(&brier_of); }
  /// Σ_b w_b |mean p − frequency| / Σ w, in [0, 1]: ECE. Source: Naeini et al., AAAI 2015; equal bins as in Guo et al., 2017.
  label_figures expected_calibration_error() const { return each(&expected_error_of); }
  /// max_b |mean p − frequency|, in [0, 1]: MCE. Source: as ECE.
  label_figures maximum_calibration_error() const { return each(&maximum_error_of); }
  /// √(Σ_b w_b (mean p − frequency)² / Σ w), in [0, 1]: RMSCE. Source: Hendrycks et al., 2019.
  label_figures rms_calibration_error() const { return each(&rms_error_of); }

  /// Murphy's parts of the Brier score of label j. Source: Murphy, "A new vector partition of the probability score",
  /// 1973; the last part: Stephenson et al., 2008.
  brier_parts brier_parts_of(std::size_t label) const { return parts(diagram(label)); }

  /// Figures of all cells together, in the same order as the five above.
  double pooled_log_loss() const { return log_loss_of(pooled_diagram()); }
  double pooled_brier() const { return brier_of(pooled_diagram()); }
  double pooled_expected_calibration_error() const { return expected_error_of(pooled_diagram()); }
  double pooled_maximum_calibration_error() const { return maximum_error_of(pooled_diagram()); }
  double pooled_rms_calibration_error() const { return rms_error_of(pooled_diagram()); }
  brier_parts pooled_brier_parts() const { return parts(pooled_diagram()); }

 private:
  using diagram_type = std::vector<probability_sums>;

  diagram_type::const_iterator at(std::size_t label, std::size_t bin) const {
    return sums_.begin() + static_cast<std::ptrdiff_t>(label * bins_ + bin);
  }

  template <class B, class Cells>
  void sum_bins(context<B>& ctx, Cells const& cells, score_domain domain, vector_view<probability_sums, B> out) const {
    using score = typename Cells::score;
    constexpr std::size_t chunk = detail::probability_chunk, most_sums = std::size_t{1} << 19;
    std::size_t const chunks = (cells.rows() + chunk - 1) / chunk, sums = out.size();
    if (sums == 0 || chunks == 0) return;
    // As many chunks at once as take some megabytes; their number changes nothing.
    std::size_t const wave = std::min(chunks, std::max<std::size_t>(1, most_sums / sums));
    buffer<probability_sums, B> partial(ctx, wave * sums);
    for (std::size_t first = 0; first < chunks; first += wave) {
      std::size_t const count = std::min(wave, chunks - first);
      for_each(ctx, count * cells.cols(),
               detail::sum_probability_bins<Cells>{cells, domain == score_domain::logit, bins_, first * chunk,
                                                   static_cast<double>(std::numeric_limits<score>::epsilon()),
                                                   partial.data()});
      for_each(ctx, sums, detail::merge_probability_chunks{partial.data(), count, sums, out.data()});
    }
  }

  void merge_sums(std::vector<probability_sums> const& from) {
    if (sums_.empty()) sums_.resize(from.size());
    for (std::size_t k = 0; k < from.size(); ++k) sums_[k].merge(from[k]);
  }

  static probability_sums all_of(diagram_type const& bins) {
    probability_sums all;
    for (auto const& b : bins) all.merge(b);
    return all;
  }
  static double over(double sum, double weight) {
    return weight > 0 ? sum / weight : std::numeric_limits<double>::quiet_NaN();
  }
  static double log_loss_of(diagram_type const& bins) {
    auto const all = all_of(bins);
    return over(all.log_loss, all.weight);
  }
  static double brier_of(diagram_type const& bins) {
    auto const all = all_of(bins);
    return over(all.square, all.weight);
  }
  static double expected_error_of(diagram_type const& bins) {
    double sum = 0, weight = 0;
    for (auto const& b : bins) {
      sum += b.gap();
      weight += b.weight;
    }
    return over(sum, weight);
  }
  static double maximum_error_of(diagram_type const& bins) {
    double most = std::numeric_limits<double>::quiet_NaN();
    for (auto const& b : bins)
      if (b.weight > 0 && !(b.gap() / b.weight <= most)) most = b.gap() / b.weight;
    return most;
  }
  static double rms_error_of(diagram_type const& bins) {
    double sum = 0, weight = 0;
    for (auto const& b : bins) {
      sum += b.weight > 0 ? b.gap() * b.gap() / b.weight : 0;
      weight += b.weight;
    }
    return std::sqrt(over(sum, weight));
  }
  static brier_parts parts(diagram_type const& bins) {
    auto const all = all_of(bins);
    double const frequency = all.frequency();
    brier_parts p{over(all.square, all.weight), 0, 0, frequency * (1 - frequency), 0};
    for (auto const& b : bins) {
      if (!(b.weight > 0)) continue;
      double const off = b.frequency() - frequency;
      p.reliability += b.gap() * b.gap() / b.weight;
      p.resolution += b.weight * off * off;
    }
    p.reliability = over(p.reliability, all.weight);
    p.resolution = over(p.resolution, all.weight);
    p.within_bins = p.brier - (p.reliability - p.resolution + p.uncertainty);
    return p;
  }

  label_figures each(double (*figure)(diagram_type const&)) const {
    label_figures result{};
    defined_mean mean;
    for (std::size_t j = 0; j < labels(); ++j) {
      result.labels.push_back(figure(diagram(j)));
      mean.add(result.labels.back());
    }
    result.mean = mean.value();
    result.left_out = mean.left_out;
    return result;
  }

  std::size_t bins_, rows_ = 0;
  std::vector<probability_sums> sums_;  // (L, bins)
};

static_assert(accumulator<probability_quality>);

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::probability_options;
using metrics::probability_quality;
}  // namespace softf1::inline SOFTF1_ABI
