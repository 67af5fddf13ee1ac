// Losses of the area under the ROC curve that need the first two moments of scores only.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include <softf1/core/named.hpp>
#include <softf1/losses/axis_wise.hpp>
#include <softf1/losses/running_average.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Weights, sums and sums of squares of the probabilities of a label's positives and negatives.
struct moment_counter {
  static constexpr bool ignores_place = true;
  template <class T>
  struct state {
    T positives, positive_sum, positive_squares, negatives, negative_sum, negative_squares;

    SOFTF1_HD static state identity() { return {T(0), T(0), T(0), T(0), T(0), T(0)}; }
    template <class U>
    SOFTF1_HD void merge(state<U> const& o) {
      positives += static_cast<T>(o.positives);
      positive_sum += static_cast<T>(o.positive_sum);
      positive_squares += static_cast<T>(o.positive_squares);
      negatives += static_cast<T>(o.negatives);
      negative_sum += static_cast<T>(o.negative_sum);
      negative_squares += static_cast<T>(o.negative_squares);
    }
  };

  /// d(term)/dp = constant + linear · p, of a positive and of a negative.
  struct slopes {
    double positive, positive_linear, negative, negative_linear;
  };

  template <class T>
  SOFTF1_HD void add(state<T>& s, cell<T> const& c) const {
    T const p = math::sigmoid_with_parts(c.logit).value;
    T const yes = c.weight * c.target, no = c.weight * (T(1) - c.target);
    s.positives += yes;
    s.positive_sum += yes * p;
    s.positive_squares += yes * p * p;
    s.negatives += no;
    s.negative_sum += no * p;
    s.negative_squares += no * p * p;
  }

  template <class T>
  SOFTF1_HD T gradient(cell<T> const& c, slopes const& s) const {
    auto const p = math::sigmoid_with_parts(c.logit);
    T const up = static_cast<T>(s.positive) + static_cast<T>(s.positive_linear) * p.value;
    T const down = static_cast<T>(s.negative) + static_cast<T>(s.negative_linear) * p.value;
    return c.weight * (p.derivative * (c.target * up + (T(1) - c.target) * down));
  }
};

/// What of these losses runs on a backend.
struct moment_functor {
  using moments = moment_counter::state<double>;
  using slopes = moment_counter::slopes;

  double margin;
  bool clipped;  // whether a gap beyond the margin costs nothing
  running_average<moments> averages;
  bool streaming;

  SOFTF1_HD moment_counter counter() const { return {}; }

  SOFTF1_HD axis_term<slopes> finish(moments const& now, std::size_t unit) const {
    double const total = now.positives + now.negatives;
    moments const s = streaming && total != 0 ? averages.with(now, unit) : now;
    bool const qualifies = total != 0 && s.positives != 0 && s.negatives != 0;
    if (!qualifies) return {0.0, false, {0.0, 0.0, 0.0, 0.0}};
    double const a = s.positive_sum / s.positives, b = s.negative_sum / s.negatives;
    double const variances = variance(s.positives, a, s.positive_squares) + variance(s.negatives, b, s.negative_squares);
    double const lacking = margin + b - a, gap = clipped && lacking < 0 ? 0.0 : lacking;
    double const p = 2 / s.positives, n = 2 / s.negatives;
    return {variances + gap * gap, true, {-p * (a + gap), p, -n * (b - gap), n}};
  }

  SOFTF1_HD void advance(moments const& now, std::size_t unit) const {
    double const total = now.positives + now.negatives, sum = now.positive_squares + now.negative_squares;
    if (averages.numbers && total > 0 && sum == sum) averages.advance(now, unit);
  }

 private:
  // Not below 0, where sums were rounded.
  static SOFTF1_HD double variance(double weight, double mean, double squares) {
    double const v = squares / weight - mean * mean;
    return v < 0 ? 0.0 : v;
  }
};

/// What both losses share.
struct moment_options {
  static constexpr loss_kind kind = loss_kind::axis_wise;
  static constexpr std::array<std::string_view, 2> option_names{"margin", "decay"};
  static constexpr std::array<std::string_view, 1> word_names{"streaming"};
  static constexpr averaging average = averaging::macro;

  double margin = 1;       ///< of probabilities, finite, > 0
  double decay = 0.9;      ///< of running averages, a step, in [0, 1)
  bool streaming = false;  ///< whether moments are running averages over steps

  constexpr double& option(std::size_t k) { return k == 0 ? margin : decay; }
  void set_word(std::string_view key, std::string_view value) {
    streaming = place_of_word(value, std::array<std::string_view, 2>{"off", "on"}, key) == 1;
  }
  void check(std::string_view who) const {
    require_value(margin > 0 && margin * 0 == 0, who, "margin must be finite and > 0, got " + number_text(margin));
    require_value(decay >= 0 && decay < 1, who, "decay must be in [0, 1), got " + number_text(decay));
  }

 protected:
  template <class B>
  struct bound {
    moment_functor functor;
    buffer<double, B> memory;

    moment_functor get() const { return functor; }
    moment_functor exact() const {
      auto f = functor;
      f.streaming = false;
      return f;
    }
    template <class Visit>
    void each_memory(Visit const& visit) {
      if (memory.size() > 0) visit("running_moments", memory.view());
    }
  };

  template <class B>
  bound<B> bind_moments(context<B>& ctx, bool clipped, std::size_t labels) const {
    using averages = running_average<moment_functor::moments>;
    buffer<double, B> memory(ctx, streaming ? labels * averages::width : 0);
    fill(ctx, memory.view(), 0.0);
    averages const running{streaming ? memory.data() : nullptr, decay};
    return {{margin, clipped, running, streaming}, std::move(memory)};
  }
};

/// var+ p + var− p + max(0, margin + b − a)², a label, with a and b the means of p = σ(z) over its positives and negatives: the
/// AUC margin loss at the saddle point that its a, b and α = max(0, margin + b − a) have in closed form. The mean over
/// labels that have both. Range [0, (1 + margin)² + ½]; margin² at equal logits. Targets in [0, 1]. The gradient is
/// exact, over any union of batches; with `streaming` its slopes are those of running averages of the six sums, kept
/// in checkpoints, in place of the authors' steps of a, b and α. The authors multiply by the share of positives times that of
/// negatives. Cost: two passes, one exponential a cell each.
/// Source: Yuan et al., "Large-scale robust deep AUC maximization", ICCV, 2021 (LibAUC's AUCMLoss).
struct aucm : moment_options {
  static constexpr std::string_view name = "aucm";

  template <class B>
  auto bind(context<B>& ctx, std::size_t labels) const {
    return bind_moments(ctx, true, labels);
  }
};

/// The mean of (margin − (p_i − p_j))² over the pairs of a positive i and a negative j of a label, p = σ(z): the same without
/// the maximum. Range [0, (1 + margin)²]. Otherwise as aucm.
/// Source: Gao et al., "One-pass AUC optimization", ICML, 2013.
struct auc_square : moment_options {
  static constexpr std::string_view name = "auc_square";

  template <class B>
  auto bind(context<B>& ctx, std::size_t labels) const {
    return bind_moments(ctx, false, labels);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::auc_square;
using losses::aucm;
}  // namespace softf1::inline SOFTF1_ABI
