// As many labels for every row, chosen for the sake of macro F1.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `budget`: the rule weighted_top_k with `k` labels a row, found so that macro F1 (the mean over labels
/// that have positives) is great on these rows. Two searches, the second from where the first ends:
///
/// Frank–Wolfe on the slopes and offsets. With n_j predictions, m_j positives and t_j hits, F_j = 2 t_j / (n_j + m_j);
/// predicting label j for a small share more of rows where it is true with probability p gains
/// (2 p − F_j) / (n_j + m_j) a row. So slope_j = 2 / (n_j + m_j) and offset_j = −F_j / (n_j + m_j), 0 for labels
/// without positives. Of that rule n and t are counted, and the point between them and those before where macro F1 is
/// greatest (of 1, ½ … 2⁻⁹ of the way) is where the next gains are taken; from the k highest probabilities on, and
/// again from the k highest p / m_j, at most 50 times.
///
/// Coordinate ascent on the offsets, from the best of those rules: each label in turn gets the offset that is best
/// beside the others'. For row i that is where label j goes before the last label that it can displace, so all distinct
/// ones are tried in order; at most 20 sweeps.
///
/// The best rule met is kept, so it is never worse here than the k highest probabilities; it is not always the best of
/// all. Looks at no objective. Rows have fewer labels where fewer are present. Throws value_error for a k that is no
/// whole number >= 1.
/// Cost: 8 bytes a cell, k a row; O(k cells) a step of the first search, a sort of all cells a sweep of the second.
/// Source: Schultheis, Wydmuch, Babbar and Dembczyński, "Generalized test utilities for long-tail performance in
/// extreme multi-label classification", NeurIPS 2023 (block coordinate ascent, of rows there); Schultheis, Kotłowski,
/// Wydmuch, Babbar, Borman and Dembczyński, "Consistent algorithms for multi-label classification with macro-at-k
/// metrics", ICLR 2024 (Frank–Wolfe).
struct budget {
  static constexpr std::string_view name = "budget";
  static constexpr std::array<std::string_view, 1> option_names{"k"};
  static constexpr int most_steps = 50, most_sweeps = 20;

  double k = 5;

  constexpr double& option(std::size_t) { return k; }
  void check() const {
    require_value(k >= 1 && k == std::floor(k) && k <= 1e9, name,
                  "k must be a whole number >= 1, got " + number_text(k));
  }

  decision_rule operator()(tuning_rows const& rows, objective_function const&) const {
    check();
    search all(rows, static_cast<std::size_t>(k));
    all.climb(std::vector<double>(rows.labels(), 1));
    std::vector<double> shares;
    for (double m : all.positives) shares.push_back(m > 0 ? 1 / m : 0);
    all.climb(shares);
    all.refine();
    return all.best;
  }

 private:
  struct tally {
    std::vector<double> predicted, hits;
  };

  struct search {
    tuning_rows const& rows;
    std::vector<double> probabilities, positives;
    decisions::weighted_top_k best;
    double best_value = -1;

    search(tuning_rows const& all, std::size_t k) : rows(all), positives(all.labels()), best{k, {}, {}} {
      bool const is_logit = rows.domain() == score_domain::logit;
      for (std::size_t i = 0; i < rows.rows(); ++i)
        for (std::size_t j = 0; j < rows.labels(); ++j) {
          bool const here = rows.present(i, j);
          probabilities.push_back(here ? decisions::detail::probability_of(rows.score(i, j), is_logit) : 0);
          if (here && rows.positive(i, j)) positives[j] += rows.weight(i);
        }
    }

    // What weighted_top_k compares.
    struct gains {
      search const& all;
      decisions::weighted_top_k const& rule;
      std::size_t labels() const { return all.rows.labels(); }
      bool present(std::size_t i, std::size_t j) const { return all.rows.present(i, j); }
      double operator()(std::size_t i, std::size_t j) const {
        return rule.slopes[j] * all.probabilities[i * labels() + j] + rule.offsets[j];
      }
    };

    tally no_predictions() const { return {std::vector<double>(rows.labels()), std::vector<double>(rows.labels())}; }

    void count(tally& counts, std::size_t i, std::size_t j, double times) const {
      counts.predicted[j] += times * rows.weight(i);
      if (rows.positive(i, j)) counts.hits[j] += times * rows.weight(i);
    }

    void keep_if_best(decisions::weighted_top_k const& rule, tally const& counts) {
      double const value = macro_f1(counts);
      if (!(value > best_value)) return;
      best_value = value;
      best = rule;
    }

    // What a rule predicts; it is kept if it is the best.
    tally met(decisions::weighted_top_k const& rule) {
      tally counts = no_predictions();
      for (std::size_t i = 0; i < rows.rows(); ++i)
        if (rows.weight(i) > 0)
          for (std::size_t j : highest(gains{*this, rule}, i, rule.k)) count(counts, i, j, 1);
      keep_if_best(rule, counts);
      return counts;
    }

    double f1(tally const& at, std::size_t j) const {
      return positives[j] > 0 ? 2 * at.hits[j] / (at.predicted[j] + positives[j]) : 0;
    }

    double macro_f1(tally const& at) const {
      double sum = 0, labels = 0;
      for (std::size_t j = 0; j < positives.size(); ++j) {
        sum += f1(at, j);
        labels += positives[j] > 0;
      }
      return labels > 0 ? sum / labels : 0;
    }

    decisions::weighted_top_k greatest_gains(tally const& at) const {
      decisions::weighted_top_k rule{best.k, {}, {}};
      for (std::size_t j = 0; j < positives.size(); ++j) {
        double const marks = at.predicted[j] + positives[j];
        rule.slopes.push_back(positives[j] > 0 ? 2 / marks : 0);
        rule.offsets.push_back(positives[j] > 0 ? -f1(at, j) / marks : 0);
      }
      return rule;
    }

    static tally between(tally const& from, tally const& to, double share) {
      tally all = from;
      for (std::size_t j = 0; j < all.hits.size(); ++j) {
        all.predicted[j] += share * (to.predicted[j] - from.predicted[j]);
        all.hits[j] += share * (to.hits[j] - from.hits[j]);
      }
      return all;
    }

    void climb(std::vector<double> const& slopes) {
      tally at = met({best.k, slopes, std::vector<double>(slopes.size())});
      for (int step = 0; step < most_steps; ++step) {
        tally const to = met(greatest_gains(at));
        double share = 0, value = macro_f1(at) + 1e-12;
        for (double some = 1; some >= 0x1p-9; some /= 2) {
          double const there = macro_f1(between(at, to, some));
          if (!(there > value)) continue;
          value = there;
          share = some;
        }
        if (share == 0) return;
        at = between(at, to, share);
      }
    }

    // The labels of row i with the highest keys, `most` of them, of equals the first; all where there are fewer. It must
    // agree with choose_highest, which is for backends and writes a whole row.
    static std::vector<std::size_t> highest(gains const& keys, std::size_t i, std::size_t most) {
      std::vector<std::size_t> row;
      for (std::size_t j = 0; j < keys.labels(); ++j) {
        if (!keys.present(i, j)) continue;
        double const key = keys(i, j);
        std::size_t at = row.size();
        while (at > 0 && key > keys(i, row[at - 1])) --at;
        if (at >= most) continue;
        row.insert(row.begin() + static_cast<std::ptrdiff_t>(at), j);
        if (row.size() > most) row.pop_back();
      }
      return row;
    }

    // Of each row one label more than are chosen.
    using leaders = std::vector<std::vector<std::size_t>>;

    tally counted(leaders const& first) const {
      tally counts = no_predictions();
      for (std::size_t i = 0; i < rows.rows(); ++i)
        for (std::size_t r = 0; r < first[i].size() && r < best.k; ++r) count(counts, i, first[i][r], 1);
      return counts;
    }

    void refine() {
      decisions::weighted_top_k rule = best;
      leaders first(rows.rows());
      for (std::size_t i = 0; i < rows.rows(); ++i)
        if (rows.weight(i) > 0) first[i] = highest(gains{*this, rule}, i, rule.k + 1);
      bool moved = true;
      for (int sweep = 0; moved && sweep < most_sweeps; ++sweep) {
        moved = false;
        for (std::size_t j = 0; j < rows.labels(); ++j)
          if (positives[j] > 0) moved = improve(rule, first, j) || moved;
      }
    }

    // Where label j takes the place of another one, as its offset grows.
    struct entry {
      double offset;
      std::size_t row, other;
    };

    // Gives label j its best offset beside the others'; whether that is better than what it had.
    bool improve(decisions::weighted_top_k& rule, leaders& first, std::size_t j) {
      gains const keys{*this, rule};
      tally counts = counted(first);
      double const now = macro_f1(counts);
      std::vector<entry> entries;
      for (std::size_t i = 0; i < rows.rows(); ++i) {
        auto const& row = first[i];
        if (row.size() <= rule.k || !rows.present(i, j)) continue;  // chosen in any case, or never
        bool const is_in = std::find(row.begin(), row.end() - 1, j) != row.end() - 1;
        std::size_t const other = is_in ? row[rule.k] : row[rule.k - 1];
        entries.push_back({keys(i, other) - rule.slopes[j] * probabilities[i * rows.labels() + j], i, other});
        if (!is_in) continue;
        count(counts, i, j, -1);
        count(counts, i, other, 1);
      }
      if (entries.empty()) return false;
      std::sort(entries.begin(), entries.end(), [](entry const& a, entry const& b) { return a.offset < b.offset; });
      double const beyond = 1e-3 * (entries.back().offset - entries.front().offset) + 1e-9;
      double value = macro_f1(counts), most = value, offset = entries.front().offset - beyond, labels = 0;
      for (double m : positives) labels += m > 0;
      for (std::size_t n = 0; n < entries.size(); ++n) {
        auto const& [at, i, other] = entries[n];
        value -= (f1(counts, j) + f1(counts, other)) / labels;
        count(counts, i, j, 1);
        count(counts, i, other, -1);
        value += (f1(counts, j) + f1(counts, other)) / labels;
        bool const is_last = n + 1 == entries.size();
        double const next = is_last ? at + 2 * beyond : entries[n + 1].offset, middle = 0.5 * at + 0.5 * next;
        if (!(middle > at && middle < next && value > most)) continue;
        most = value;
        offset = middle;
      }
      if (!(most > now + 1e-9)) return false;
      rule.offsets[j] = offset;
      for (auto const& e : entries) first[e.row] = highest(keys, e.row, rule.k + 1);
      keep_if_best(rule, counted(first));
      return true;
    }
  };
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
