// What holds for every metric, by one table. A new metric is a line of `every_metric`.
#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <softf1/metrics/all.hpp>
#include <softf1/metrics/decided_rows.hpp>
#include <softf1/metrics/ranked_rows.hpp>
#include <softf1/scores/f1.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace metric_properties {

using namespace softf1_test;
using softf1::averaging;
using softf1::cpu;
using figures = std::vector<double>;
using parts = std::vector<problem>;

/// How scores and targets are stored.
enum class storage { doubles, floats_and_bits, decisions };

struct metric_case {
  std::string name;
  /// Figures of all parts together, each part added alone where the metric streams. Those of labels are sorted.
  std::function<figures(parts const&, storage)> measure;
  bool streams = true;
};

/// Targets packed as bits; whatever is neither 0 nor 1 is 1.
class packed_targets {
 public:
  explicit packed_targets(problem const& p) : rows_(p.rows), cols_(p.cols), words_(p.rows * ((p.cols + 7) / 8)) {
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t j = 0; j < p.cols; ++j)
        if (p.targets[p.at(i, j)] != 0)
          words_[i * ((p.cols + 7) / 8) + j / 8] |= static_cast<std::uint8_t>(1u << (j % 8));
  }
  softf1::bit_matrix_view<> view() const {
    return softf1::as_bits(softf1::as_matrix(words_, rows_, (cols_ + 7) / 8), cols_);
  }

 private:
  std::size_t rows_, cols_;
  std::vector<std::uint8_t> words_;
};

/// use(scores, targets, options) with the problem as stored.
template <class Options, class Use>
void with_problem(problem const& p, storage how, Options options, Use const& use) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  options.mask = data.mask();
  options.row_weights = data.weights();
  if (how == storage::doubles) return use(data.scores(), data.targets(), options);
  if (how == storage::decisions) {
    problem_on<cpu, std::int32_t> const decided(ctx, p);
    return use(decided.scores(), data.targets(), options);
  }
  problem_on<cpu, float> const small(ctx, p);
  use(small.scores(), packed_targets(p).view(), options);
}

void append_sorted(figures& to, figures from) {
  for (double& x : from)
    if (std::isnan(x)) x = HUGE_VAL;
  std::sort(from.begin(), from.end());
  to.insert(to.end(), from.begin(), from.end());
}

/// A metric with add and merge: every second part goes through a metric of its own.
template <class Metric, class Options, class Read>
metric_case streaming(std::string name, Metric const& fresh, Options const& options, Read const& read) {
  return {std::move(name), [=](parts const& all, storage how) {
            Metric total = fresh;
            for (std::size_t k = 0; k < all.size(); ++k)
              with_problem(all[k], how, options, [&](auto const& scores, auto const& targets, auto const& o) {
                softf1::context<cpu> ctx;
                Metric part = fresh;
                Metric& to = k % 2 == 0 ? total : part;
                to.add(ctx, scores, targets, o);
                if (k % 2 == 1) total.merge(part);
              });
            return read(total);
          }};
}

/// A metric of one batch: read(ctx, scores, targets, options).
template <class Options, class Read>
metric_case of_a_batch(std::string name, Options const& options, Read const& read) {
  return {std::move(name),
          [=](parts const& all, storage how) {
            figures found;
            with_problem(all.at(0), how, options, [&](auto const& scores, auto const& targets, auto const& o) {
              softf1::context<cpu> ctx;
              found = read(ctx, scores, targets, o);
            });
            return found;
          },
          false};
}

figures of_counts(softf1::confusion_counts const& counts) {
  auto const labels = counts.per_label();
  figures all, each;
  softf1::confusion<double> pooled{};
  for (auto const& c : labels) {
    pooled += c;
    for (double x : {c.tp, c.fp, c.fn, c.tn}) each.push_back(x);
  }
  all = {pooled.tp, pooled.fp, pooled.fn, pooled.tn};
  append_sorted(all, each);
  // A label masked in full has no counts.
  std::erase(all, 0.0);
  return all;
}

std::vector<metric_case> every_metric(softf1::score_domain domain = softf1::logit) {
  softf1::metric_options<cpu> const decided{.domain = domain};
  softf1::ranking_options<cpu> const ranking;
  softf1::row_ranking_options<cpu> const rows;
  softf1::probability_options<cpu> const probabilities{.domain = domain};
  std::vector<metric_case> all{
      streaming("confusion_counts", softf1::confusion_counts(), decided, of_counts),
      streaming(
          "set_metrics", softf1::set_metrics(), decided,
          [](softf1::set_metrics const& m) {
            auto const v = m.value();
            return figures{
                v.subset_accuracy, v.hamming_loss,     v.overlap,      v.contain,           v.belong,
                v.jaccard,         v.true_cardinality, v.true_density, v.predicted_density, v.predicted_cardinality,
                v.predicted_empty, v.true_empty};
          }),
      streaming("label_pairs", softf1::label_pairs(), decided,
                [](softf1::label_pairs const& m) {
                  figures found;
                  append_sorted(found, m.together());
                  append_sorted(found, m.taken_for());
                  std::erase(found, 0.0);
                  return found;
                }),
      streaming("probability_quality", softf1::probability_quality(5), probabilities,
                [](softf1::probability_quality const& m) {
                  return figures{m.log_loss().mean,
                                 m.brier().mean,
                                 m.expected_calibration_error().mean,
                                 m.maximum_calibration_error().mean,
                                 m.rms_calibration_error().mean,
                                 m.pooled_log_loss(),
                                 m.pooled_brier(),
                                 m.pooled_expected_calibration_error()};
                }),
      streaming("score_saturation", softf1::score_saturation(), probabilities,
                [](softf1::score_saturation const& m) {
                  auto const sums = m.pooled();
                  return figures{sums.weight, sums.at_zero, sums.at_one, sums.lowest, sums.highest};
                }),
      of_a_batch("adaptive_calibration_error", probabilities,
                 [](auto& ctx, auto const& scores, auto const& targets, auto const& o) {
                   return figures{softf1::adaptive_calibration_error(ctx, scores, targets, o, 3).mean,
                                  softf1::pooled_adaptive_calibration_error(ctx, scores, targets, o, 4)};
                 }),
      streaming("row_rankings", softf1::row_rankings(), rows,
                [](softf1::row_rankings const& m) {
                  figures found;
                  for (std::size_t k = 0; k < softf1::metrics::row_metric_count; ++k)
                    found.push_back(m.value(softf1::row_metric{k}));
                  return found;
                }),
      streaming("top_k_metrics", softf1::top_k_metrics({1, 3}), rows,
                [](softf1::top_k_metrics const& m) {
                  return figures{m.precision(1), m.recall(1), m.ndcg(1), m.precision(3), m.recall(3), m.ndcg(3)};
                }),
      streaming("score_sketch", softf1::score_sketch({.bins = 64}), ranking,
                [](softf1::score_sketch const& m) {
                  auto const ap = m.average_precision().score, auc = m.roc_auc(averaging::micro).score;
                  return figures{ap.value, ap.lower, ap.upper, auc.value, auc.lower, auc.upper};
                }),
      of_a_batch("samples_average", decided,
                 [](auto& ctx, auto const& scores, auto const& targets, auto const& o) {
                   return figures{softf1::samples(ctx, softf1::f1{}, scores, targets, o),
                                  softf1::macro(ctx, softf1::f1{}, scores, targets, o)};
                 }),
      of_a_batch("rank_labels", ranking, [](auto& ctx, auto const& scores, auto const& targets, auto o) {
        figures found;
        for (averaging how : {averaging::macro, averaging::weighted, averaging::micro, averaging::samples}) {
          o.average = how;
          found.push_back(softf1::average_precision(ctx, scores, targets, o));
          found.push_back(softf1::roc_auc(ctx, scores, targets, o));
        }
        return found;
      })};
  all.push_back(
      of_a_batch("label_curve", ranking, [](auto& ctx, auto const& scores, auto const& targets, auto const& o) {
        figures found;
        for (std::size_t j = 0; j < scores.cols(); ++j) {
          auto const curve = softf1::label_curve(ctx, scores, targets, j, o);
          if (curve.positives == 0) continue;  // as a label masked in full
          found.push_back(softf1::partial_roc_auc(curve, 0.4));
          found.push_back(softf1::precision_at_recall(curve, 0.6).score);
        }
        figures sorted;
        append_sorted(sorted, found);
        return sorted;
      }));
  all.push_back(streaming("decided_rows", softf1::metrics::decided_rows(), decided, [](auto const& rows_of) {
    return figures{rows_of.statistic(softf1::f1{}, averaging::macro).estimate()[0],
                   rows_of.statistic(softf1::f1{}, averaging::samples).estimate()[0]};
  }));
  all.push_back(streaming("ranked_rows", softf1::metrics::ranked_rows(), ranking, [](auto const& rows_of) {
    using softf1::metrics::rank_score;
    return figures{rows_of.statistic(rank_score::average_precision).estimate()[0],
                   rows_of.statistic(rank_score::roc_auc, averaging::micro).estimate()[0],
                   rows_of.statistic(rank_score::roc_auc, averaging::samples).estimate()[0]};
  }));
  return all;
}

bool same(figures const& a, figures const& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t k = 0; k < a.size(); ++k)
    if (!same_number(a[k], b[k], 1e-11)) return false;
  return true;
}

}  // namespace metric_properties

TEST_CASE("every metric of any partition is that of the whole", "[metrics]") {
  using namespace metric_properties;
  for (auto const& metric : every_metric()) {
    if (!metric.streams) continue;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      INFO(metric.name << ", seed " << seed);
      problem const p =
          random_problem(60, 6, seed, {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .distinct = seed % 4 * 5});
      parts dealt;
      for (auto const& rows : random_partition(p.rows, 4, seed)) dealt.push_back(take_rows(p, rows));
      CHECK(same(metric.measure(dealt, storage::doubles), metric.measure({p}, storage::doubles)));
    }
  }
}

TEST_CASE("every metric is the same for rows and labels in any order, masked or deleted cells, weight 2 or a row twice",
          "[metrics]") {
  using namespace metric_properties;
  for (auto const& metric : every_metric())
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      problem const p = random_problem(12, 5, seed, {.distinct = 7});
      auto const pairs = equal_problems(p, seed);
      for (std::size_t k = 0; k < pairs.size(); ++k) {
        INFO(metric.name << ", seed " << seed << ", pair " << k);
        CHECK(same(metric.measure({pairs[k].first}, storage::doubles),
                   metric.measure({pairs[k].second}, storage::doubles)));
      }
    }
}

TEST_CASE("every metric is the same for floats as for doubles, packed bits as for numbers, and -0 as for 0",
          "[metrics]") {
  using namespace metric_properties;
  for (auto const& metric : every_metric())
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      INFO(metric.name << ", seed " << seed);
      problem p = random_problem(40, 11, seed, {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .distinct = 9});
      for (double& x : p.scores) x = std::round(x);  // exact in either type, and often 0
      problem negative = p;
      for (std::size_t k = 0; k < p.scores.size(); k += 2)
        if (p.scores[k] == 0) p.scores[k] = 0.0, negative.scores[k] = -0.0;
      auto const expected = metric.measure({p}, storage::doubles);
      auto const small = metric.measure({p}, storage::floats_and_bits);
      REQUIRE(small.size() == expected.size());
      for (std::size_t k = 0; k < small.size(); ++k) CHECK(same_number(small[k], expected[k], 1e-6));
      CHECK(same(metric.measure({negative}, storage::doubles), expected));
      CHECK(!same(expected, metric.measure({random_problem(40, 11, seed + 100)}, storage::doubles)));
    }
}

TEST_CASE("every metric takes decisions for probabilities of 0 and 1, whatever the domain, and no other integers",
          "[metrics]") {
  using namespace metric_properties;
  problem p = random_problem(20, 3, 1), wrong = p;
  for (std::size_t k = 0; k < p.scores.size(); ++k) p.scores[k] = wrong.scores[k] = p.scores[k] >= 0 ? 1 : 0;
  wrong.scores[wrong.at(7, 1)] = 2;
  auto const metrics = every_metric(), of_probabilities = every_metric(softf1::probability);
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    INFO(metrics[m].name);
    if (metrics[m].name != "score_sketch")  // its bins lie in the domain that it was made for
      CHECK(same(metrics[m].measure({p}, storage::decisions),
                 of_probabilities[m].measure({p}, storage::floats_and_bits)));
    CHECK(error_text<softf1::value_error>([&] {
            metrics[m].measure({wrong}, storage::decisions);
          }).find("scores that are integers must be 0 or 1, got 2 at row 7, label 1") != std::string::npos);
  }
}

TEST_CASE("every metric refuses NaN scores and soft targets by row and label, and masked ones do no harm",
          "[metrics]") {
  using namespace metric_properties;
  for (auto const& metric : every_metric()) {
    INFO(metric.name);
    problem const p = random_problem(6, 3, 1);
    problem scores = p, targets = p;
    scores.scores[p.at(4, 2)] = nan_value;
    targets.targets[p.at(2, 1)] = 0.5;
    auto const message = [&](problem const& bad) {
      return error_text<softf1::value_error>([&] { metric.measure({bad}, storage::doubles); });
    };
    CHECK(message(scores).find("scores must not be NaN, got nan at row 4, label 2") != std::string::npos);
    CHECK(message(targets).find("targets must be 0 or 1, got 0.5 at row 2, label 1") != std::string::npos);
    for (problem* bad : {&scores, &targets}) {
      bad->mask.assign(18, 1);
      bad->mask[p.at(bad == &scores ? 4 : 2, bad == &scores ? 2 : 1)] = 0;
      CHECK_NOTHROW(metric.measure({*bad}, storage::doubles));
    }
  }
}
