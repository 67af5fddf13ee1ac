// Any score of confusion counts as a loss, on soft counts.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <softf1/core/named.hpp>
#include <softf1/losses/absent_labels.hpp>
#include <softf1/losses/axis_wise.hpp>
#include <softf1/losses/links.hpp>
#include <softf1/losses/running_average.hpp>
#include <softf1/scores/confusion.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Options of every loss that is a score of soft counts. Name them in this order.
struct soft_options {
  averaging average = averaging::macro;  ///< macro, micro or samples
  absent_labels absent = absent_labels::zero;
  double smoothing = 1;    ///< s of absent_labels::smooth, finite, > 0
  double decay = 0.9;      ///< of running averages, a step, in [0, 1)
  bool streaming = false;  ///< all labels are scored by running averages, not only absent ones

  /// Whether something is remembered from step to step.
  constexpr bool has_memory() const { return streaming || absent == absent_labels::running; }

  /// Throws value_error where a number is out of its range, and for memory without labels to have it.
  void check(std::string_view who) const {
    require_value(smoothing > 0 && smoothing * 0 == 0, who,
                  "smoothing must be finite and > 0, got " + number_text(smoothing));
    require_value(decay >= 0 && decay < 1, who, "decay must be in [0, 1), got " + number_text(decay));
    require_value(!has_memory() || average != averaging::samples, who,
                  "running averages of counts need average macro or micro, got samples");
  }
};

/// Soft counts of cells by a link: what all scores share.
template <class Link>
struct soft_counter {
  static constexpr bool ignores_place = true;
  Link link = {};

  template <class T>
  struct state {
    T tp, fp, fn, tn;

    SOFTF1_HD static state identity() { return {T(0), T(0), T(0), T(0)}; }
    template <class U>
    SOFTF1_HD void merge(state<U> const& o) {
      tp += static_cast<T>(o.tp);
      fp += static_cast<T>(o.fp);
      fn += static_cast<T>(o.fn);
      tn += static_cast<T>(o.tn);
    }
  };

  /// d(term)/dp for a positive and for a negative cell.
  struct slopes {
    double positive, negative;
  };

  template <class T>
  SOFTF1_HD void add(state<T>& s, cell<T> const& c) const {
    auto const p = link(c.logit);
    T const positive = c.weight * c.target, negative = c.weight * (T(1) - c.target);
    s.tp += positive * p.value;
    s.fp += negative * p.value;
    s.fn += positive * p.complement;
    s.tn += negative * p.complement;
  }

  template <class T>
  SOFTF1_HD T gradient(cell<T> const& c, slopes const& s) const {
    T const up = static_cast<T>(s.positive), down = static_cast<T>(s.negative);
    return c.weight * (link(c.logit).derivative * (c.target * up + (T(1) - c.target) * down));
  }
};

/// What of a soft score runs on a backend.
template <class Score, class Link>
struct soft_functor {
  using counts = typename soft_counter<Link>::template state<double>;
  using slopes = typename soft_counter<Link>::slopes;

  Score score;
  Link link;
  absent_labels absent;
  double smoothing;
  bool streaming;
  running_average<counts> running;

  SOFTF1_HD soft_counter<Link> counter() const { return {link}; }

  SOFTF1_HD axis_term<slopes> finish(counts const& now, std::size_t unit) const {
    using number = math::dual<double, 4>;
    double const total = (now.tp + now.fn) + (now.fp + now.tn);
    bool const is_absent = now.tp + now.fn == 0;
    bool const qualifies = total != 0 && !(is_absent && absent == absent_labels::skip);
    bool const averaged = streaming || (is_absent && absent == absent_labels::running);
    counts const s = averaged && total != 0 ? running.with(now, unit) : now;
    double const extra = absent == absent_labels::smooth ? smoothing / 2 : 0.0;
    confusion<number> const c{number::variable(s.tp + extra, 0), number::variable(s.fp, 1), number::variable(s.fn, 2),
                              number::variable(s.tn, 3)};
    bool const both = is_absent && absent == absent_labels::both_classes;
    number const value = both ? number(0.5) * (defined(score(c)) + defined(score(c.negated()))) : score(c);
    bool const undefined = value.value != value.value && total == total;
    if (undefined) return {has_domain ? value.value : 1.0, qualifies, {0.0, 0.0}};
    auto const& d = value.derivative;
    return {1.0 - value.value, qualifies, {d[2] - d[0], d[3] - d[1]}};
  }

  SOFTF1_HD void advance(counts const& now, std::size_t unit) const {
    double const total = (now.tp + now.fn) + (now.fp + now.tn);
    if (running.numbers && total != 0 && total == total) running.advance(now, unit);
  }

 private:
  static constexpr bool has_domain = requires { Score::has_domain; };

  template <class Number>
  static SOFTF1_HD Number defined(Number const& x) {
    return x.value == x.value ? x : Number(0);
  }
};

/// 1 − score(soft counts): tp = Σ w p y, fp = Σ w p (1−y), fn = Σ w (1−p) y, tn = Σ w (1−p)(1−y), p = link(logit).
/// average: macro (per label, the mean over labels), micro (counts summed over labels first), samples (per row).
/// The gradient is exact: ∂score/∂(tp, fp, fn, tn) by dual numbers through the score, four numbers a label. An
/// undefined score (0/0) counts as 0 with gradient 0. Targets in [0, 1]; soft targets are legal. Range [0, 1] for
/// scores in [0, 1].
/// With running averages (absent_labels::running, streaming) the slopes are those of the averages: what a step of the
/// whole data would have, nearly, where no batch is large enough.
/// Cost: two passes, one exponential a cell each; O(L) scratch. Source: Maiza 2019 (soft F1); design of one functor,
/// here.
template <class Score, class Link = sigmoid_link>
struct soft_score : soft_options {
  static constexpr loss_kind kind = loss_kind::axis_wise;
  static constexpr std::string_view name = "soft_score";

  Score score = {};
  Link link = {};

  static constexpr auto option_names = join_names(option_names_of<Score>(), option_names_of<Link>(),
                                                  std::array<std::string_view, 2>{"smoothing", "decay"});
  static constexpr std::array<std::string_view, 3> word_names{"average", "absent", "streaming"};

  constexpr soft_score(Score s = {}, Link l = {}, soft_options o = {}) : soft_options(o), score(s), link(l) {}

  constexpr double& option(std::size_t k) {
    constexpr std::size_t of_score = option_names_of<Score>().size(), of_link = option_names_of<Link>().size();
    if constexpr (of_score > 0)
      if (k < of_score) return score.option(k);
    if constexpr (of_link > 0)
      if (k < of_score + of_link) return link.option(k - of_score);
    return k == of_score + of_link ? smoothing : decay;
  }
  void set_word(std::string_view key, std::string_view value) {
    constexpr std::array<std::string_view, 2> off_on{"off", "on"};
    if (key == "average")
      average = static_cast<averaging>(place_of_word(value, scores::averaging_names, key));
    else if (key == "absent")
      absent = static_cast<absent_labels>(place_of_word(value, absent_label_names, key));
    else
      streaming = place_of_word(value, off_on, key) == 1;
  }
  /// Throws value_error for options out of their range.
  void check(std::string_view who) const {
    if constexpr (requires { score.check(); }) score.check();
    if constexpr (requires { link.check(who); }) link.check(who);
    soft_options::check(who);
  }

  template <class B>
  struct bound {
    soft_functor<Score, Link> functor;
    buffer<double, B> memory;  // (units, 5), or empty

    soft_functor<Score, Link> get() const { return functor; }
    soft_functor<Score, Link> exact() const {
      auto f = functor;
      f.streaming = false;
      if (f.absent == absent_labels::running) f.absent = absent_labels::zero;
      return f;
    }
    template <class Visit>
    void each_memory(Visit const& visit) {
      if (memory.size() > 0) visit("running_counts", memory.view());
    }
  };

  template <class B>
  bound<B> bind(context<B>& ctx, std::size_t labels) const {
    std::size_t const units = !has_memory() ? 0 : average == averaging::macro ? labels : 1;
    using averages = running_average<typename soft_functor<Score, Link>::counts>;
    buffer<double, B> memory(ctx, units * averages::width);
    fill(ctx, memory.view(), 0.0);
    averages const running{units > 0 ? memory.data() : nullptr, decay};
    return {{score, link, absent, smoothing, streaming, running}, std::move(memory)};
  }
};

/// A score as a loss, counted by another link.
template <class Score, class Link>
constexpr soft_score<Score, Link> soft(Score score, Link link, soft_options options) {
  static_assert(scores::score<Score>, "softf1: soft(x) takes a score: a functor of confusion<T> for any number type T");
  return {score, link, options};
}

/// A score as a loss: `value_and_gradient(soft(f_beta{}), logits, targets)`.
template <class Score>
constexpr soft_score<Score> soft(Score score, soft_options options = {}) {
  return soft(score, sigmoid_link{}, options);
}

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::soft;
using losses::soft_options;
}  // namespace softf1::inline SOFTF1_ABI
