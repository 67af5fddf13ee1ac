// A full report of data larger than memory, or of data in parts: counted, added up, read.
#pragma once

#include <cmath>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/decisions/decision_rule.hpp>
#include <softf1/metrics/full_report.hpp>
#include <softf1/metrics/score_sketch.hpp>
#include <softf1/scores/f_beta.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What a streaming report is fixed to: parts add up where all of it is the same. Name them in this order.
struct streaming_report_options {
  score_domain domain = score_domain::logit;  ///< of the scores
  decision_rule decision = {};                ///< as in metric_options
  double zero_division = 0;                   ///< as in metric_options
  double beta = 1;                            ///< of the F-beta whose best thresholds are looked for
  std::size_t sketch_bins = 4096;             ///< as in sketch_options: 16 bytes each for each label
  std::size_t probability_bins = 15;          ///< as in full_report_options
  std::vector<std::size_t> at_k = {1, 3, 5};  ///< as in full_report_options
  std::vector<std::string> label_names = {};  ///< none, or one a label
};

namespace detail {

/// What a rule consists of, beside its kind.
struct rule_numbers {
  std::uint64_t whole = 0;
  double number = 0;
  std::vector<double> numbers = {};
};

inline rule_numbers numbers_of(decision_rule const& rule) {
  if (auto const* fixed = std::get_if<probability_threshold>(&rule)) return {0, fixed->value};
  if (auto const* set = std::get_if<threshold_set>(&rule)) return {0, 0, set->thresholds};
  if (auto const* top = std::get_if<decisions::top_k>(&rule)) return {top->k};
  if (auto const* expected = std::get_if<decisions::expected_f>(&rule))
    return {0, expected->beta, expected->size_weights};
  if (auto const* predicted = std::get_if<decisions::predicted_size>(&rule))
    return {predicted->least, static_cast<double>(predicted->most), predicted->weights};
  if (auto const* top = std::get_if<decisions::weighted_top_k>(&rule)) {
    rule_numbers all{top->k, 0, top->slopes};
    all.numbers.insert(all.numbers.end(), top->offsets.begin(), top->offsets.end());
    return all;
  }
  return {};
}

/// The rule of a kind (its index) that consists of these.
inline decision_rule rule_of_numbers(std::size_t kind, rule_numbers const& n, score_domain domain) {
  auto const whole = static_cast<std::size_t>(n.whole);
  auto const middle = n.numbers.begin() + static_cast<std::ptrdiff_t>(n.numbers.size() / 2);
  bool const is_whole = n.number >= 0 && n.number <= 1e9;
  decision_rule const rules[] = {
      probability_threshold{n.number},
      threshold_set{n.numbers, domain},
      decisions::argmax{},
      decisions::top_k{whole},
      decisions::largest_gap{domain},
      decisions::expected_f{n.number, n.numbers},
      decisions::predicted_size{n.numbers, whole, is_whole ? static_cast<std::size_t>(n.number) : 0},
      decisions::weighted_top_k{whole, {n.numbers.begin(), middle}, {middle, n.numbers.end()}}};
  static_assert(std::size(rules) == std::variant_size_v<decision_rule>);
  require_value(n.numbers.size() % 2 == 0 || !std::holds_alternative<decisions::weighted_top_k>(rules[kind]),
                "streaming_report", "the state must hold its options");
  return rules[kind];
}

inline bool is_same_rule(decision_rule const& a, decision_rule const& b) {
  auto const x = numbers_of(a), y = numbers_of(b);
  return a.index() == b.index() && x.whole == y.whole && x.number == y.number && x.numbers == y.numbers;
}

}  // namespace detail

/// AP and AUROC as a sketch knows them: of a label, or of an average.
struct bounded_ranking {
  bounded average_precision, roc_auc;
};

/// A full report whose AP and AUROC over rows come from a sketch: `average_precision` and `roc_auc` of its labels,
/// averages (but samples, which are exact) and groups are best guesses, with the bounds that stand here. All else is
/// as in a full_report. Made by `streaming_report`.
struct streamed_report : full_report {
  std::size_t sketch_bins;                    ///< of a label
  std::vector<bounded_ranking> label_bounds;  ///< of each label
  bounded_ranking macro_bounds, micro_bounds, weighted_bounds;
  std::vector<bounded_ranking> group_bounds;  ///< of each group
  double beta;
  std::vector<best_edge> best_f_beta;  ///< of each label: the best threshold that the sketch knows; see best_bin_edge
  bounded macro_best_f_beta;           ///< the mean over the labels for which F-beta is defined
};

namespace detail {

/// What a sketch tells about each label: best guesses, as a report takes them, and with their bounds.
struct sketched_ranking {
  std::vector<ranking_scores> guesses;
  std::vector<bounded_ranking> labels;

  void add(binned_scores const& bins, column_totals const& totals) {
    labels.push_back({bounded_average_precision(bins), bounded_roc_auc(bins)});
    guesses.push_back({labels.back().average_precision.value, labels.back().roc_auc.value, totals});
  }

  /// The mean over some labels.
  bounded_ranking mean(label_group const& group, averaging how) const {
    mean_of_bounds precision, area;
    for (std::size_t j : group.labels) {
      double const weight = how == averaging::weighted ? guesses[j].totals.positives : 1.0;
      precision.add(labels[j].average_precision, weight);
      area.add(labels[j].roc_auc, weight);
    }
    return {precision.mean().score, area.mean().score};
  }
};

}  // namespace detail

/// A full report of a stream of batches: add batches, merge others, read. State: confusion counts, a sketch of scores,
/// and the sums of a full report; nothing of it grows with the number of rows. Memory: about labels · (16 · sketch_bins
/// + 48 · probability_bins) bytes. The options are part of the state.
/// Any partition of the rows gives the same counts, and so the same AP, AUROC, thresholds and scores with their bounds,
/// to the bit without row weights; averages over rows and probabilities are double sums: the same to rounding.
/// The sketch counts weights as score_sketch does.
class streaming_report {
 public:
  static constexpr std::string_view name = "streaming_report";  ///< of its state in files

  /// Throws value_error for options that are none: a rule of another domain, a negative beta, too few bins, k = 0, a name
  /// with a zero byte.
  explicit streaming_report(streaming_report_options options = {})
      : options_(std::move(options)),
        sums_(options_.at_k, options_.probability_bins),
        sketch_(sketch_options{options_.domain, options_.sketch_bins}) {
    scores::f_beta{options_.beta}.check();
    if (auto const* set = std::get_if<threshold_set>(&options_.decision))
      options_.decision = threshold_set{set->thresholds, set->domain};  // names and reasons decide nothing
    decisions::thresholds_of(options_.decision, rule_labels(), options_.domain, name);
    for (auto const& label : options_.label_names)
      require_value(label.find('\0') == label.npos, name, "a label name must not have a zero byte");
  }

  streaming_report_options const& options() const { return options_; }
  std::size_t labels() const { return counts_.labels(); }
  std::size_t rows() const { return counts_.rows(); }

  /// Adds a batch: scores (n, L) of the domain, targets (n, L) of 0 and 1, anything with a view on B; the first batch sets
  /// L where no names do. Throws shape_error for shapes, names or a rule that do not fit; value_error for a NaN score, a
  /// probability outside [0, 1], another target (row and label named), a bad weight, one below 2^-10 that is not 0, or weights that add
  /// up to 2^42; then the state is as before. Cost: some passes over the cells, one over its row for each relevant label as row_rankings,
  /// and a copy of the state without the sketch; the same bits for any number of threads.
  template <class B, class X, class Y>
  void add(context<B>& ctx, X const& scores, Y const& targets, row_ranking_options<B> const& options = {},
           std::string_view who = name) {
    auto const s = const_view<2>(scores, who, "scores");
    auto const t = const_view<2>(targets, who, "targets");
    detail::require_label_names(who, options_.label_names, s.cols());
    metric_options<B> const deciding{options_.domain, options_.decision, options.mask, options.row_weights};
    auto counts = counts_;
    auto sums = sums_;
    auto trivial_f1 = trivial_f1_;
    counts.add(ctx, s, t, deciding, who);
    auto const rows = count_rows(ctx, s, t, deciding, who);
    trivial_f1.add(ctx, rows);
    sums.add(ctx, rows, s, t, probability_options<B>{options_.domain, options.mask, options.row_weights}, who);
    sketch_.add(ctx, s, t, ranking_options<B>{averaging::macro, options.mask, options.row_weights}, who);
    counts_ = std::move(counts);
    sums_ = std::move(sums);
    trivial_f1_ = trivial_f1;
  }

  /// The same with a context of its own.
  template <class X, class Y>
  void add(X const& scores, Y const& targets, row_ranking_options<backend_of<X>> const& options = {}) {
    auto ctx = context<backend_of<X>>::for_one_call();
    add(ctx, scores, targets, options);
  }

  /// Adds other rows of the same labels. Throws value_error naming the option that is another one, or for weights that
  /// add up to 2^42, shape_error for another number of labels; then the state is as before. Cost: O(state).
  void merge(streaming_report const& other) {
    require_same_options(other.options_);
    if (other.labels() == 0) return;
    if (labels() != 0) require_shape(name, "merged report", {labels()}, std::vector<std::size_t>{other.labels()});
    sketch_.merge(other.sketch_);
    counts_.merge(other.counts_);
    sums_.merge(other.sums_);
    trivial_f1_.merge(other.trivial_f1_);
  }

  /// The report of all rows so far. `groups`: none: head, medium and tail by support. `saturated_share`: as in
  /// full_report_options. Throws value_error for a group with a label that is none, a share outside (0, 1]. Cost: O(L · sketch_bins), whatever the number of rows.
  streamed_report compute(std::vector<label_group> const& groups = {}, double saturated_share = 0.999) const {
    auto const counts = counts_.per_label();
    double const zero = options_.zero_division;
    detail::sketched_ranking ranked;
    std::vector<best_edge> best;
    for (std::size_t j = 0; j < labels(); ++j) {
      auto const bins = sketch_.label(j);
      ranked.add(bins, totals_of(counts[j]));
      best.push_back(best_of(bins, counts[j]));
    }
    detail::sketched_ranking pooled;
    pooled.add(sketch_.pooled(), {});
    auto base = detail::assemble_report({rows(), counts, ranked.guesses, pooled.guesses[0], thresholds(), samples_row(),
                                         sums_.sets.value().subset_accuracy},
                                        options_.label_names, zero);
    auto full = detail::assemble_full_report(std::move(base), sums_, groups, zero, saturated_share);
    streamed_report report{std::move(full), sketch_.bins(), {}, {}, {}, {}, {}, options_.beta, std::move(best), {}};
    label_group every;
    for (std::size_t j = 0; j < labels(); ++j) every.labels.push_back(j);
    report.label_bounds = ranked.labels;
    report.macro_bounds = ranked.mean(every, averaging::macro);
    report.weighted_bounds = ranked.mean(every, averaging::weighted);
    report.micro_bounds = pooled.labels[0];
    for (auto const& g : report.groups) report.group_bounds.push_back(ranked.mean(g.group, averaging::macro));
    report.macro_best_f_beta = mean_of(report.best_f_beta);
    return report;
  }

  /// The parts, for what else they tell.
  confusion_counts const& counts() const { return counts_; }
  score_sketch const& sketch() const { return sketch_; }

  /// visit(name, vector) for the whole state, options and names included: to be written, or read into.
  template <class Self, class Visit>
  static void each_field(Self& self, Visit const& visit) {
    auto const& o = self.options_;
    auto rule = detail::numbers_of(o.decision);
    std::vector<std::uint64_t> whole{static_cast<std::uint64_t>(o.domain), o.decision.index(), rule.whole,
                                     o.sketch_bins, o.probability_bins},
        at_k(o.at_k.begin(), o.at_k.end());
    std::vector<double> numbers{rule.number, o.zero_division, o.beta};
    auto names = detail::bytes_of_names(o.label_names);
    visit("options.whole", whole);
    visit("options.numbers", numbers);
    visit("options.thresholds", rule.numbers);
    visit("options.at_k", at_k);
    visit("options.label_names", names);
    if constexpr (!std::is_const_v<Self>) {
      require_value(
          whole.size() == 5 && numbers.size() == 3 && whole[0] <= 2 && whole[1] < std::variant_size_v<decision_rule>,
          name, "the state must hold its options");
      auto const domain = static_cast<score_domain>(whole[0]);
      rule = {whole[2], numbers[0], std::move(rule.numbers)};
      streaming_report_options read{domain, detail::rule_of_numbers(whole[1], rule, domain), numbers[1], numbers[2]};
      read.sketch_bins = static_cast<std::size_t>(whole[3]);
      read.probability_bins = static_cast<std::size_t>(whole[4]);
      read.at_k.assign(at_k.begin(), at_k.end());
      read.label_names = detail::names_of_bytes(names, name);
      self = streaming_report(std::move(read));
    }
    auto const part = [&](std::string const& prefix, auto& metric) {
      std::decay_t<decltype(metric)>::each_field(
          metric, [&](std::string_view field, auto& values) { visit(prefix + "." + std::string(field), values); });
    };
    part("counts", self.counts_);
    part("trivial_f1", self.trivial_f1_);
    part("samples", self.sums_.samples);
    part("sets", self.sums_.sets);
    part("rankings", self.sums_.rankings);
    if (self.sums_.top) part("top", *self.sums_.top);
    part("probabilities", self.sums_.probabilities);
    part("saturation", self.sums_.saturation);
    part("sketch", self.sketch_);
  }

  /// Throws value_error unless the state, as read from a file, fits together.
  void check() const {
    auto const check_all = [](auto const&... part) { (part.check(), ...); };
    auto const& [samples, sets, rankings, at_k, top, probabilities, saturation] = sums_;
    check_all(counts_, trivial_f1_, samples, sets, rankings, probabilities, saturation, sketch_);
    std::size_t const n = labels();
    auto const has_rows = [&](auto const&... part) { return ((part.rows() == rows()) && ...); };
    bool same_rows = has_rows(sets, rankings, probabilities, saturation, sketch_);
    bool same_options = probabilities.bins() == options_.probability_bins &&
                        sketch_.has_options({options_.domain, options_.sketch_bins});
    if (top) {
      top->check();
      same_rows = same_rows && has_rows(*top);
      same_options = same_options && top->ks() == options_.at_k && !top->has_propensities();
    }
    bool fits = sketch_.labels() == n && probabilities.labels() == n && saturation.labels() == n;
    if (n != 0) {
      fits = fits && (options_.label_names.empty() || options_.label_names.size() == n);
      fits = fits && decisions::labels_of(options_.decision).value_or(n) == n;
    }
    require_value(fits && same_rows && same_options, name, "the parts of the state do not fit together");
  }

 private:
  /// How many labels the rule is for; 0 where it is for any number.
  std::size_t rule_labels() const { return decisions::labels_of(options_.decision).value_or(0); }

  std::vector<double> thresholds() const {
    if (labels() == 0) return {};
    return decisions::thresholds_of(options_.decision, labels(), options_.domain, name);
  }

  static column_totals totals_of(confusion<double> const& c) {
    column_totals totals{};
    totals.positives = c.support();
    totals.negatives = c.total() - c.support();
    return totals;
  }

  /// Undefined where F-beta is: without cells, or, where zero_division leaves that out, without positives.
  best_edge best_of(binned_scores const& bins, confusion<double> const& c) const {
    double const zero = options_.zero_division;
    auto best = best_bin_edge(bins, scores::f_beta{options_.beta}, std::isnan(zero) ? 0 : zero);
    if (!(c.total() > 0) || (std::isnan(zero) && !(c.support() > 0))) best.score = bounded::undefined();
    return best;
  }

  static bounded mean_of(std::vector<best_edge> const& best) {
    mean_of_bounds mean;
    for (auto const& b : best) mean.add(b.score);
    return mean.mean().score;
  }

  report_row samples_row() const {
    double const zero = options_.zero_division;
    report_row row{0, 0, 0, quiet_nan<double>(), quiet_nan<double>(), trivial_f1_.value(zero)};
    auto const every = scores::every_score();
    for (std::size_t k = 0; k < every.size(); ++k) {
      double const value = sums_.samples.value(k, zero);
      if (every[k].name() == scores::precision::name) row.precision = value;
      if (every[k].name() == scores::recall::name) row.recall = value;
      if (every[k].name() == scores::f1::name) row.f1 = value;
    }
    return row;
  }

  void require_same_options(streaming_report_options const& other) const {
    auto const& o = options_;
    auto const require = [](bool same, std::string const& what) {
      require_value(same, name, "merged reports must have the same " + what);
    };
    auto const numbers = [&](char const* what, double a, double b) {
      require(a == b || (std::isnan(a) && std::isnan(b)),
              std::string(what) + ", got " + number_text(a) + " and " + number_text(b));
    };
    auto const whole = [&](char const* what, std::size_t a, std::size_t b) {
      require(a == b, std::string(what) + ", got " + std::to_string(a) + " and " + std::to_string(b));
    };
    require(o.domain == other.domain, "domain, got " + std::string(decisions::name_of(o.domain)) + " and " +
                                          std::string(decisions::name_of(other.domain)));
    require(detail::is_same_rule(o.decision, other.decision), "decision rule");
    numbers("zero_division", o.zero_division, other.zero_division);
    numbers("beta", o.beta, other.beta);
    whole("sketch_bins", o.sketch_bins, other.sketch_bins);
    whole("probability_bins", o.probability_bins, other.probability_bins);
    require(o.at_k == other.at_k, "at_k");
    whole("number of label names", o.label_names.size(), other.label_names.size());
    for (std::size_t j = 0; j < o.label_names.size(); ++j)
      require(o.label_names[j] == other.label_names[j], "label_names, label " + std::to_string(j) + " is '" +
                                                            o.label_names[j] + "' and '" + other.label_names[j] + "'");
  }

  streaming_report_options options_;
  confusion_counts counts_;
  samples_average<trivial<scores::f1>> trivial_f1_;
  detail::full_report_sums sums_;
  score_sketch sketch_;
};

static_assert(accumulator<streaming_report>);

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::streamed_report;
using metrics::streaming_report;
using metrics::streaming_report_options;
}  // namespace softf1::inline SOFTF1_ABI
