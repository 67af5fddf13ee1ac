// A surrogate of average precision, with moving averages (SOAP).
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

#include <softf1/core/named.hpp>
#include <softf1/losses/column_wise.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Moving averages of the pairs of each positive: over the positives, and over all rows.
struct pair_averages {
  double* numbers;  ///< (rows, labels, 2), or null; 0 before the first step with the cell
  std::size_t rows, labels;
  double gamma;  ///< how much the step at hand weighs

  struct pair {
    double of_positives, of_all;
  };

  /// Those of a cell with the step at hand taken in; that step's alone where nothing is remembered.
  SOFTF1_HD pair with(pair const& now, cell_place const& of) const {
    if (!remembers(of)) return now;
    double const* const old = at(of);
    if (!(old[1] > 0)) return now;
    return {(1 - gamma) * old[0] + gamma * now.of_positives, (1 - gamma) * old[1] + gamma * now.of_all};
  }

  SOFTF1_HD void set(pair const& to, cell_place const& of) const {
    bool const finite = to.of_all - to.of_all == 0 && to.of_positives - to.of_positives == 0;
    if (!remembers(of) || !finite) return;
    at(of)[0] = to.of_positives;
    at(of)[1] = to.of_all;
  }

 private:
  SOFTF1_HD bool remembers(cell_place const& of) const { return numbers != nullptr && of.row < rows; }
  SOFTF1_HD double* at(cell_place const& of) const {
    return numbers + 2 * (static_cast<std::size_t>(of.row) * labels + of.label);
  }
};

/// What of soap runs on a backend.
struct soap_functor {
  /// u1 = ratio · u2; `factor` is the weight of the positive / (u2 · weight of all rows).
  struct note {
    double sum, weight, own, ratio, u2, factor;
  };

  /// Σ w, Σ w p and Σ w p².
  struct moments {
    double weight = 0, first = 0, second = 0;

    SOFTF1_HD void add(double w, double p) {
      weight += w;
      first += w * p;
      second += w * p * p;
    }
    /// Σ w (gap + p), and Σ w (gap + p)².
    SOFTF1_HD double gaps(double gap) const { return gap * weight + first; }
    SOFTF1_HD double squares(double gap) const { return gap * (gap * weight + 2 * first) + second; }
  };

  /// Of a label: its cells; and what pulls on a cell, linear in its p.
  struct label_sums {
    moments positives, all, on_positives, on_negatives;
  };

  double margin;
  pair_averages averages;
  label_sums* of_labels;

  SOFTF1_HD value_and_slope<double> score(double logit) const {
    auto const p = math::sigmoid_with_parts(logit);
    return {p.value, p.derivative};
  }

  SOFTF1_HD note look(column_cell const& positive, column_of_cells const& all, cell_place const& of) const {
    if (by_sums())
      return noted(positive, of_labels[of.label].positives, of_labels[of.label].all, margin - positive.score, of);
    // The same moments, of shortfalls.
    moments near, far;
    for (std::size_t j = 0; j < all.size(); ++j) {
      double const w = all[j].weight, h = shortfall(positive, all[j]);
      near.add(w * all[j].target, h);
      far.add(w, h);
    }
    return noted(positive, near, far, 0, of);
  }

  SOFTF1_HD double pull(column_cell const& mine, column_cell const& positive, note const& its) const {
    return 2 * its.factor * mine.weight * (its.ratio - mine.target) * shortfall(positive, mine);
  }

  /// From margin 1 on no two probabilities are further apart: no square is cut off, and all are polynomials.
  SOFTF1_HD bool by_sums() const { return margin >= 1; }

  SOFTF1_HD void sum_cells(column_of_cells const& all, std::size_t label) const {
    moments positives, each;
    for (std::size_t j = 0; j < all.size(); ++j) {
      positives.add(all[j].weight * all[j].target, all[j].score);
      each.add(all[j].weight, all[j].score);
    }
    of_labels[label] = {positives, each, {}, {}};
  }

  SOFTF1_HD void sum_pulls(column_of_cells const& all, note const* notes, std::size_t label) const {
    moments on_positives, on_negatives;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (notes[i].weight == 0) continue;
      on_positives.add(notes[i].factor * (notes[i].ratio - 1), margin - all[i].score);
      on_negatives.add(notes[i].factor * notes[i].ratio, margin - all[i].score);
    }
    of_labels[label].on_positives = on_positives;
    of_labels[label].on_negatives = on_negatives;
  }

  SOFTF1_HD double pull(column_cell const& mine, std::size_t label) const {
    auto const& pulls = mine.target == 1 ? of_labels[label].on_positives : of_labels[label].on_negatives;
    return 2 * mine.weight * pulls.gaps(mine.score);
  }

  SOFTF1_HD void advance(note const& n, cell_place const& of) const { averages.set({n.ratio * n.u2, n.u2}, of); }

 private:
  // Of a positive, from what is `gap` short of it.
  SOFTF1_HD note noted(column_cell const& positive, moments const& near, moments const& far, double gap,
                       cell_place const& of) const {
    auto const u = averages.with({near.squares(gap) / far.weight, far.squares(gap) / far.weight}, of);
    double const ratio = u.of_positives / u.of_all, factor = positive.weight / (u.of_all * far.weight);
    double const own = -2 * factor * (ratio * far.gaps(gap) - near.gaps(gap));
    return {positive.weight * (1 - ratio), positive.weight, own, ratio, u.of_all, factor};
  }

  SOFTF1_HD double shortfall(column_cell const& positive, column_cell const& other) const {
    double const gap = margin - (positive.score - other.score);
    return select(gap <= 0, 0.0, gap);
  }
};

/// 1 − u1 / u2, the mean over the positives i of a label, then over labels with positives: a smooth 1 − average precision.
/// l_ij = max(0, margin − (p_i − p_j))² for p = σ(z) and each row j, i among them; u1 = mean_j y_j l_ij and
/// u2 = mean_j l_ij, of rows with the same label present. Range [0, 1). Targets 0 or 1.
/// Weights of rows and cells weigh the means over j and over i.
/// With `rows` training rows and `loss_options::row_ids`, u1 and u2 are moving averages a training row and label,
/// u ← (1 − gamma) u + gamma · (the batch's), beginning with the first batch that has the row; `advance` keeps them. The
/// gradient is then the surrogate Σ_j (u1 − u2 y_j) / u2² dl_ij/dz, the means as above: that of the value / gamma, for rows
/// that were seen before. Without them u1 and u2 are those of the batch, and the gradient is that of the value: as of
/// every ratio, biased where batches are small.
/// Memory: 16 bytes a training row and label, kept in checkpoints. A row twice in a step is remembered as its last
/// cell has it. Rows of id 2⁶⁴ − 1 are not remembered; other ids that are not less than `rows` are refused on the host, and
/// not remembered on the device.
/// Cost: of margins >= 1 some steps a cell, by sums over each label; of others P · N steps a label of P positives in N
/// rows, for the value and again for the gradient: batches, not epochs.
/// Source: Qi, Luo, Xu, Ji and Yang, "Stochastic optimization of areas under precision-recall curves with provable
/// convergence", NeurIPS, 2021; defaults of LibAUC's APLoss, which begins its averages at 0.
struct soap {
  static constexpr loss_kind kind = loss_kind::column_wise;
  static constexpr std::string_view name = "soap";
  static constexpr std::array<std::string_view, 2> option_names{"margin", "gamma"};
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  double margin = 1;   ///< of probabilities, finite, > 0
  double gamma = 0.9;  ///< how much a step weighs in the averages, in (0, 1]
  double rows = 0;     ///< how many training rows there are, a whole number; 0: nothing is remembered

  constexpr double& option(std::size_t k) { return k == 0 ? margin : gamma; }
  void check(std::string_view who) const {
    require_value(margin * margin > 0 && margin > 0 && margin * 0 == 0, who,
                  "margin must be finite and > 0, got " + number_text(margin));
    require_value(gamma > 0 && gamma <= 1, who, "gamma must be in (0, 1], got " + number_text(gamma));
    require_value(rows >= 0 && rows < 9e15 && std::floor(rows) == rows, who,
                  "rows must be a whole number >= 0, got " + number_text(rows));
  }

  template <class B>
  struct bound {
    soap_functor loss;
    buffer<double, B> memory;                       // (rows, labels, 2), or empty
    buffer<soap_functor::label_sums, B> of_labels;  // (labels,)

    soap_functor get() const { return loss; }
    soap_functor exact() const {
      auto f = loss;
      f.averages.numbers = nullptr;
      return f;
    }
    std::size_t training_rows() const { return loss.averages.rows; }
    template <class Visit>
    void each_memory(Visit const& visit) {
      if (memory.size() > 0) visit("pair_averages", memory.view());
    }
  };

  template <class B>
  bound<B> bind(context<B>& ctx, std::size_t labels) const {
    std::size_t const remembered = static_cast<std::size_t>(rows);
    buffer<double, B> memory(ctx, remembered * labels * 2);
    fill(ctx, memory.view(), 0.0);
    double* const numbers = memory.size() > 0 ? memory.data() : nullptr;
    buffer<soap_functor::label_sums, B> of_labels(ctx, labels);
    return {{margin, {numbers, remembered, labels, gamma}, of_labels.data()}, std::move(memory), std::move(of_labels)};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::soap;
}  // namespace softf1::inline SOFTF1_ABI
