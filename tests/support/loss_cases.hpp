// The losses under test: every type of losses::all, and variants of them. One row here buys all properties.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include <softf1/losses/all.hpp>
#include <softf1/scores/mcc.hpp>

#include "support/own_score.hpp"
#include "support/problem.hpp"

namespace softf1_test {

/// Value and gradient (row-major) of a loss.
struct graded {
  double value;
  std::vector<double> gradient;
};

/// What the terms of a loss are; several: a sum of losses, each with terms of its own.
enum class loss_terms { cells, labels, rows, all, several };

/// How batches come together: added to one union, added to one each and merged, or each on a rank that sees the others.
enum class union_of { added, merged, ranks };

struct grade_options {
  softf1::loss_reduction reduction = softf1::loss_reduction::mean;
  layout input = layout::dense;
  layout output = layout::dense;
  std::vector<double> cell_weights = {};
  std::vector<double> label_weights = {};
};

/// A loss on backend B with its number types hidden, so that a property is compiled once for all losses.
template <class B>
struct loss_case {
  using grader = std::function<graded(softf1::context<B>&, problem const&, grade_options const&)>;
  using parts = std::vector<problem>;

  std::string name;
  loss_terms terms = loss_terms::cells;
  bool binary = false;     ///< takes targets 0 and 1 only
  bool bounded = false;    ///< takes logits near [0, 1] only
  bool finite = false;     ///< takes finite logits only, as its `domain` says; others all but NaN
  bool steep = false;      ///< its gradient grows without end with its value
  bool surrogate = false;  ///< its gradient is not that of its value
  bool of_pairs = false;   ///< costs the square of the rows
  double float_error = 1;  ///< how much more than others it rounds
  grader grade;            ///< all in double
  grader grade_float;      ///< float logits and gradients, uint8 targets
  grader grade_half;       ///< half logits, bfloat16 gradients, bool targets
  std::function<double(softf1::context<B>&, problem const&, softf1::loss_reduction)> value;
  /// The loss of the union of batches, gradients one after the other.
  std::function<graded(softf1::context<B>&, parts const&, union_of)> grade_union;

  /// The problem, made such that the loss can take it: what `grade` and its like see. Fitting twice changes nothing more.
  problem fitted(problem p) const {
    if (binary)
      for (double& y : p.targets) y = y > 0.5 ? 1 : y <= 0.5 ? 0 : y;
    if (bounded)
      for (double& z : p.scores) z = z < 0 || z > 1 ? 0.0625 + 0.875 * (z - std::floor(z)) : z;
    return p;
  }
};

namespace detail {

template <class S, class Y, class G, class B, class Make>
graded grade(softf1::context<B>& ctx, Make const& make, problem const& p, grade_options const& o) {
  problem_on<B, S, Y> const data(ctx, p, o.input);
  matrix_on<G, B> gradient(ctx, std::vector<double>(p.rows * p.cols, 55), p.rows, p.cols, o.output);
  softf1::buffer<double, B> value(ctx, 1);
  auto const cell_weights = upload(ctx, o.cell_weights), label_weights = upload(ctx, o.label_weights);
  softf1::loss_options<B> options{.mask = data.mask(), .row_weights = data.weights(), .reduction = o.reduction};
  if (!o.cell_weights.empty()) options.cell_weights = cell_weights.matrix(p.rows, p.cols);
  if (!o.label_weights.empty()) options.label_weights = label_weights.view();
  softf1::value_and_gradient(ctx, make(p.labels), data.scores(), data.targets(), value.view(), gradient.view(),
                             options);
  graded result{download(ctx, value)[0], gradient.numbers(ctx)};
  if (!gradient.is_untouched_between(ctx)) result.value = -1e300;  // seen by every comparison
  return result;
}

template <class B, class Make>
graded grade_union(softf1::context<B>& ctx, Make const& make, std::vector<problem> const& parts, union_of how) {
  using softf1::loss_union;
  auto const loss = make(parts.front().labels);
  std::size_t const labels = parts.front().cols;
  using loss_type = std::remove_cvref_t<decltype(loss)>;
  loss_union<loss_type, B> all(ctx, loss, labels);
  std::vector<std::vector<double>> sent;  // by exchange, of each rank; a sum of losses exchanges for each of its terms
  for (auto const& p : parts) {
    problem_on<B> const data(ctx, p);
    if (how == union_of::added) {
      all.add(ctx, data.scores(), data.targets(), {data.mask(), data.weights()});
      continue;
    }
    loss_union<loss_type, B> one(ctx, loss, labels);
    one.add(ctx, data.scores(), data.targets(), {data.mask(), data.weights()});
    if (how == union_of::merged) all.merge(ctx, one);
    std::size_t k = 0;
    if (how == union_of::ranks)
      one.exchange(ctx, [&](std::vector<double> const& mine) {
        if (sent.size() == k) sent.emplace_back();
        sent[k].insert(sent[k].end(), mine.begin(), mine.end());
        ++k;
        return mine;
      });
  }
  std::size_t k = 0;
  if (how == union_of::ranks) all.exchange(ctx, [&](std::vector<double> const&) { return sent[k++]; });
  softf1::buffer<double, B> value(ctx, 1);
  all.value(ctx, value.view());
  graded result{download(ctx, value)[0], {}};
  for (auto const& p : parts) {
    problem_on<B> const data(ctx, p);
    matrix_on<double, B> gradient(ctx, p.rows, p.cols);
    all.gradient(ctx, data.scores(), data.targets(), gradient.view(), {data.mask(), data.weights()});
    for (double g : gradient.numbers(ctx)) result.gradient.push_back(g);
  }
  return result;
}

template <class Loss>
loss_terms terms_of(Loss const& loss) {
  if constexpr (softf1::losses::composite_loss<Loss>)
    return loss_terms::several;
  else if constexpr (Loss::kind == softf1::losses::loss_kind::element_wise)
    return loss_terms::cells;
  else if constexpr (Loss::kind == softf1::losses::loss_kind::row_wise)
    return std::is_same_v<Loss, softf1::losses::distribution_balanced> ? loss_terms::cells : loss_terms::rows;
  else if constexpr (Loss::kind == softf1::losses::loss_kind::column_wise)
    return loss_terms::labels;
  else
    return loss.average == softf1::averaging::samples ? loss_terms::rows
           : loss.average == softf1::averaging::micro ? loss_terms::all
                                                      : loss_terms::labels;
}

// Storage types are the cells' business: tests compile for minutes where each loss is tried with each of them.
template <class Loss>
constexpr bool is_one_of_its_kind() {
  using namespace softf1;
  return std::is_same_v<Loss, binary_cross_entropy> || std::is_same_v<Loss, soft_f1> ||
         std::is_same_v<Loss, softmax_cross_entropy> || std::is_same_v<Loss, two_way> ||
         std::is_same_v<Loss, pairwise_hinge> || std::is_same_v<Loss, soap>;
}
template <class Loss>
constexpr bool counts_like_soft_f1() {
  return requires(Loss const& loss) {
    [](auto const& score, softf1::sigmoid_link) { return score; }(loss.score, loss.link);
  }
  &&!std::is_same_v<Loss, softf1::soft_f1>;
}

// What quick builds try where each loss costs the compiler seconds: a loss of each kind, and those with the most to go wrong.
template <class Loss>
constexpr bool is_in_quick_tests() {
#if defined(SOFTF1_QUICK_TESTS)
  using namespace softf1;
  return is_one_of_its_kind<Loss>() || std::is_same_v<Loss, asymmetric> || std::is_same_v<Loss, squared_dice> ||
         std::is_same_v<Loss, zlpr> || std::is_same_v<Loss, distribution_balanced>;
#else
  return true;
#endif
}

// `make(labels)` gives the loss for columns that are these labels.
template <class B, class Make>
loss_case<B> case_of(std::string name, Make make) {
  using context = softf1::context<B>;
  loss_case<B> c;
  c.name = std::move(name);
  using loss = std::remove_cvref_t<decltype(make(std::vector<std::size_t>{0}))>;
  c.terms = terms_of(make(std::vector<std::size_t>{0}));
  c.binary = softf1::losses::detail::targets_of<loss>() == softf1::targets_rule::zero_or_one;
  c.finite = requires { loss::domain; };
  c.bounded = std::is_same_v<loss, softf1::unbounded_f1>;
  if constexpr (requires { loss::kind; }) c.of_pairs = loss::kind == softf1::losses::loss_kind::column_wise;
  auto const fit = [binary = c.binary, bounded = c.bounded](problem const& p) {
    loss_case<B> of;
    of.binary = binary;
    of.bounded = bounded;
    return of.fitted(p);
  };
  c.grade = [=](context& ctx, problem const& p, grade_options const& o) {
    return grade<double, double, double>(ctx, make, fit(p), o);
  };
  if constexpr (!counts_like_soft_f1<loss>() && is_in_quick_tests<loss>())
    c.grade_float = [=](context& ctx, problem const& p, grade_options const& o) {
      return grade<float, std::uint8_t, float>(ctx, make, fit(p), o);
    };
  if constexpr (is_one_of_its_kind<loss>())
    c.grade_half = [=](context& ctx, problem const& p, grade_options const& o) {
      return grade<softf1::half, bool, softf1::bfloat16>(ctx, make, fit(p), o);
    };
  c.value = [=](context& ctx, problem const& given, softf1::loss_reduction reduction) {
    problem const p = fit(given);
    problem_on<B> const data(ctx, p);
    softf1::buffer<double, B> value(ctx, 1);
    softf1::loss_value(ctx, make(p.labels), data.scores(), data.targets(), value.view(),
                       {.mask = data.mask(), .row_weights = data.weights(), .reduction = reduction});
    return download(ctx, value)[0];
  };
  c.grade_union = [=](context& ctx, std::vector<problem> parts, union_of how) {
    for (auto& p : parts) p = fit(p);
    return grade_union(ctx, make, parts, how);
  };
  return c;
}

}  // namespace detail

/// Whether a loss is under test on backend B. Quick builds leave out most on the device.
template <class Loss, class B>
constexpr bool is_tested_on() {
  return std::is_same_v<B, softf1::cpu> || detail::is_in_quick_tests<Loss>();
}

/// All losses under test on backend Like, for backend B.
template <class B, class Like = B>
std::vector<loss_case<B>> loss_cases() {
  using namespace softf1;
  using labels = std::vector<std::size_t>;
  std::vector<loss_case<B>> cases;
  loss_case<B> ignored;
  // `make` gives the loss for columns that are these labels.
  auto const row_of = [&](std::string name, auto make) -> loss_case<B>& {
    using loss = std::remove_cvref_t<decltype(make(labels{}))>;
    if constexpr (is_tested_on<loss, Like>())
      return cases.emplace_back(detail::case_of<B>(std::move(name), make));
    else
      return ignored;
  };
  auto const row = [&](std::string name, auto loss) -> loss_case<B>& {
    return row_of(std::move(name), [=](labels const&) { return loss; });
  };
  losses::all::for_each([&]<class Loss>() {
    auto& one = row(std::string(Loss::name), Loss{});
    one.surrogate = std::is_same_v<Loss, straight_through_f1>;
    one.steep = std::is_same_v<Loss, squared_hinge>;
    if (std::is_same_v<Loss, any_loss>) one.float_error = 40;
  });
  auto const counts = [](labels const& of) {
    std::vector<double> numbers;
    for (std::size_t label : of) numbers.push_back(1 + 3 * static_cast<double>(label * label));
    return numbers;
  };
  row_of("bce with pos_weight", [](labels const& of) {
    binary_cross_entropy loss;
    loss.label_smoothing = 0.1;
    for (std::size_t label : of) loss.pos_weight.push_back(0.5 + 0.75 * static_cast<double>(label));
    return loss;
  });
  row_of("class_balanced with counts", [=](labels const& of) {
    class_balanced loss;
    loss.label_counts = counts(of);
    loss.beta = 0.9;
    loss.gamma = 1.5;
    return loss;
  });
  row_of("distribution_balanced with counts", [=](labels const& of) {
    distribution_balanced loss;
    loss.label_counts = counts(of);
    loss.rows = 400;
    return loss;
  });
  row_of("label_correlation with similarities", [](labels const& of) {
    label_correlation loss;
    for (std::size_t j : of)
      for (std::size_t k : of) loss.similarities.push_back((j + k) % 3 == 0 ? 0 : 1 / (1.0 + static_cast<double>(j * k)));
    return loss;
  });
  row("soft_f1, micro", soft_f1({.average = averaging::micro}));
  row("soft_f1, samples", soft_f1({.average = averaging::samples}));
  row("soft_f1, absent labels skipped", soft_f1({.absent = absent_labels::skip}));
  row("soft_f1, absent labels smoothed", soft_f1({.absent = absent_labels::smooth, .smoothing = 0.5}));
  row("soft_f1, absent labels by both classes", soft_f1({.absent = absent_labels::both_classes}));
  row("soft_f1, absent labels by running averages", soft_f1({.absent = absent_labels::running}));
  row("soft_f1, streaming, micro", soft_f1({.average = averaging::micro, .streaming = true}));
  row("double_soft_f1, micro", double_soft_f1({.average = averaging::micro}));
  row("soft_f_beta, beta 2", soft_f_beta({.beta = 2}));
  row("soft_f_beta, beta 2, samples", soft_f_beta({.beta = 2}, {.average = averaging::samples}));
  row("squared_dice, samples, unsmoothed", squared_dice({.average = averaging::samples, .absent = absent_labels::zero}));
  row("sigmoid_f1, slope 3", sigmoid_f1({.slope = 3, .offset = 0.5}));
  row("power_dice, alpha 0.5, micro", power_dice({0.5}, {.average = averaging::micro}));
  row("any_loss of the geometric mean", any_loss(scores::g_mean{})).float_error = 40;
  row("one_way of labels", losses::one_way{.average = averaging::macro});
  row("focal without alpha, gamma 0.5", focal{.alpha = -1, .gamma = 0.5});
  row("asymmetric without margin", asymmetric{.gamma_negative = 2, .gamma_positive = 0.5, .margin = 0});
  row("asymmetric, detached", asymmetric{.detach = true}).surrogate = true;
  row("focal of negatives alone", focal{.alpha = 0});
  row("focal of positives alone", focal{.alpha = 1});
  aucm streaming;
  streaming.streaming = true;
  row("aucm, streaming", streaming);
  maximum_f_beta pooled;
  pooled.average = averaging::micro;
  row("maximum_f_beta, micro", pooled);
  row("soap, margin 0.3", soap{.margin = 0.3});
  row("soft(mcc)", soft(scores::mcc{}));
  row("soft(a user's score)", soft(g_mean{}));
  return cases;
}

}  // namespace softf1_test
