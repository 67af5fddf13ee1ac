// From scores to probabilities: a monotone function a label.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/half.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/core/view_traits.hpp>
#include <softf1/decisions/domain.hpp>
#include <softf1/math/log.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// sigmoid: σ(b softplus(z) − a softplus(−z) + c) of the logit z; for a = b that is σ(a z + c). linear: a line from
/// each knot to the next. steps: the probability of the last knot that a score reaches.
enum class map_kind { sigmoid, linear, steps };

/// "sigmoid", "linear", "steps": the names of the file form.
constexpr std::string_view name_of(map_kind kind) {
  return kind == map_kind::sigmoid ? "sigmoid" : kind == map_kind::linear ? "linear" : "steps";
}

/// A score as maps take it: a logit is bounded to ±10^4; NaN for NaN, and for a probability outside [0, 1].
SOFTF1_HD double bounded_score(double score, bool is_probability) {
  if (is_probability) return score >= 0 && score <= 1 ? score : quiet_nan<double>();
  double const most = 1e4;
  return score > most ? most : score < -most ? -most : score;
}

/// The logit of a bounded score: itself, or log(p / (1 − p)) of a probability, which is taken 2^-53 from 0 and 1 at
/// least, so that logits of probabilities lie in ±36.8. Not for NaN.
SOFTF1_HD double logit_of(double score, bool is_probability) {
  if (!is_probability) return score;
  double const least = 0x1p-53, most = 1 - least;
  double const p = score < least ? least : score > most ? most : score;
  return math::log(p / (1 - p));
}

/// The function of one label.
struct label_map {
  map_kind kind = map_kind::sigmoid;
  double a = 1, b = 1, c = 0;              ///< of a sigmoid: a, b >= 0; the identity as they stand here
  std::vector<double> scores = {};         ///< of knots, ascending, in the map's domain
  std::vector<double> probabilities = {};  ///< of knots: in [0, 1], not descending
  std::string reason = {};                 ///< how it was found: the method, or why another was taken

  bool is_identity() const { return kind == map_kind::sigmoid && a == 1 && b == 1 && c == 0; }
};

namespace detail {

/// A label's map on a backend: its knots are some of all knots.
struct flat_label {
  map_kind kind;
  double a, b, c;
  std::size_t first, knots;
};

struct flat_maps {
  flat_label const* labels;
  double const *scores, *probabilities;
  bool is_probability;

  SOFTF1_HD double operator()(double score, std::size_t j) const {
    flat_label const& map = labels[j];
    double const x = bounded_score(score, is_probability);
    if (x != x) return x;
    return map.kind == map_kind::sigmoid ? of_sigmoid(map, x) : of_knots(map, x);
  }

 private:
  SOFTF1_HD double of_sigmoid(flat_label const& map, double x) const {
    double const z = logit_of(x, is_probability);
    if (map.a == map.b) return math::sigmoid(map.a * z + map.c);
    auto const parts = math::softplus_with_sigmoid(z);
    return math::sigmoid(map.b * parts.of_logit - map.a * parts.of_minus_logit + map.c);
  }

  SOFTF1_HD double of_knots(flat_label const& map, double x) const {
    double const* const at = scores + map.first;
    double const* const p = probabilities + map.first;
    std::size_t above = 0, last = map.knots;  // the first knot of a higher score
    while (above < last) {
      std::size_t const middle = above + (last - above) / 2;
      if (at[middle] <= x)
        above = middle + 1;
      else
        last = middle;
    }
    if (above == 0) return p[0];
    if (above == map.knots || map.kind == map_kind::steps) return p[above - 1];
    double const part = (x - at[above - 1]) / (at[above] - at[above - 1]);
    return p[above - 1] + part * (p[above] - p[above - 1]);
  }
};

template <class S, class T, class B>
struct write_calibrated {
  matrix_view<const S, B> scores;
  flat_maps maps;
  matrix_view<T, B> out;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    out(i, j) = static_cast<T>(static_cast<compute_type<T>>(maps(static_cast<double>(compute(i, j)), j)));
  }

 private:
  SOFTF1_HD compute_type<S> compute(std::size_t i, std::size_t j) const {
    return static_cast<compute_type<S>>(scores(i, j));
  }
};

}  // namespace detail

/// A calibration: what the scores of each label say as a probability. Made by the calibrators of this folder, or by
/// hand.
struct calibration_map {
  std::vector<label_map> maps;                ///< one a label
  score_domain domain = score_domain::logit;  ///< of the scores that it takes: logit or probability
  std::string method = {};                    ///< the calibrator
  std::vector<std::string> label_names = {};  ///< empty, or one a label
  /// Where it came from, as name and value.
  std::vector<std::pair<std::string, std::string>> origin = {};

  std::size_t labels() const { return maps.size(); }

  /// Throws shape_error where names are not one a label, or knots not in pairs; value_error where it takes calibrated
  /// scores, a sigmoid is not finite or falls, there is no knot, knots do not ascend, or a probability falls or lies
  /// outside [0, 1].
  void check(std::string_view who) const {
    require_value(domain != score_domain::calibrated, who, "a calibration takes logits or probabilities");
    if (!label_names.empty())
      require_shape(who, "label names of the calibration", {labels()}, std::vector<std::size_t>{label_names.size()});
    for (std::size_t j = 0; j < labels(); ++j) check_label(maps[j], who, "the map of label " + std::to_string(j));
  }

  /// Writes the probability of each cell: scores (N, L) in `domain`, out (N, L) of float or double types; both may be
  /// the same memory. Computed in double. Infinite logits, and probabilities of 0 and 1, are bounded first
  /// (bounded_score, logit_of), so that they give finite numbers; NaN, and what is no probability, gives NaN, which
  /// `decide` and metrics refuse where it is not masked.
  /// Throws shape_error for shapes that do not fit, and as `check`.
  /// Cost: one pass, O(log knots) a cell of a table; the maps are copied to the backend; deterministic.
  template <class S, class T, class B>
  void apply(context<B>& ctx, matrix_view<const S, B> scores, matrix_view<T, B> out) const {
    std::string_view const who = "calibration_map";
    check(who);
    require_shape(who, "scores", {scores.rows(), labels()}, scores.shape());
    require_shape(who, "out", {scores.rows(), labels()}, out.shape());
    std::vector<detail::flat_label> flat;
    std::vector<double> at, to;
    for (auto const& map : maps) {
      flat.push_back({map.kind, map.a, map.b, map.c, at.size(), map.scores.size()});
      at.insert(at.end(), map.scores.begin(), map.scores.end());
      to.insert(to.end(), map.probabilities.begin(), map.probabilities.end());
    }
    auto const flat_there = placed(ctx, flat);
    auto const at_there = placed(ctx, at), to_there = placed(ctx, to);
    for_each_cell(
        ctx, scores.rows(), scores.cols(),
        detail::write_calibrated<S, T, B>{
            scores, {flat_there.data(), at_there.data(), to_there.data(), domain == score_domain::probability}, out});
  }

  /// The same, as an owning matrix of the input's own kind.
  template <class X>
  matrix_of<X, value_of<X>> apply(X const& scores) const {
    using B = backend_of<X>;
    auto ctx = context<B>::for_one_call();
    auto const in = const_view<2>(scores, "calibration_map", "scores");
    auto out = view_traits<X>::template make_matrix<value_of<X>>(ctx, in.rows(), in.cols());
    apply(ctx, in, matrix_view<value_of<X>, B>(out.data(), in.rows(), in.cols()));
    return out;
  }

 private:
  template <class T, class B>
  static buffer<T, B> placed(context<B>& ctx, std::vector<T> const& host) {
    buffer<T, B> there(ctx, host.size());
    copy(ctx, vector_view<const T>(host.data(), host.size()), there.view());
    return there;
  }

  static void check_label(label_map const& map, std::string_view who, std::string const& what) {
    if (map.kind == map_kind::sigmoid) {
      bool const fits =
          map.a >= 0 && map.b >= 0 && std::isfinite(map.a) && std::isfinite(map.b) && std::isfinite(map.c);
      return require_value(fits, who,
                           what + " must have finite a >= 0, b >= 0 and c, got " + number_text(map.a) + ", " +
                               number_text(map.b) + ", " + number_text(map.c));
    }
    require_shape(who, what + ": probabilities of its knots", {map.scores.size()},
                  std::vector<std::size_t>{map.probabilities.size()});
    require_value(!map.scores.empty(), who, what + " has no knots");
    for (std::size_t k = 0; k < map.scores.size(); ++k) {
      double const p = map.probabilities[k];
      bool const is_first = k == 0;
      require_value(std::isfinite(map.scores[k]) && (is_first || map.scores[k] > map.scores[k - 1]), who,
                    what + ": scores of knots must be finite and ascend, got " + number_text(map.scores[k]));
      require_value(p >= 0 && p <= 1 && (is_first || p >= map.probabilities[k - 1]), who,
                    what + ": probabilities of knots must lie in [0, 1] and not fall, got " + number_text(p));
    }
  }
};

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::calibration_map;
}
