// Losses of a score that is chosen at run time.
#pragma once

#include <array>
#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/scores/any_score.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − any score of soft counts, chosen at run time: "soft:score=youden_j".
template <class Link>
struct any_score_loss : soft_score<scores::any_score, Link> {
  using base = soft_score<scores::any_score, Link>;
  static constexpr auto word_names = join_names(base::word_names, std::array<std::string_view, 1>{"score"});

  constexpr any_score_loss(scores::any_score s = scores::f1{}, Link l = {}, soft_options o = {}) : base(s, l, o) {}

  void set_word(std::string_view key, std::string_view value) {
    if (key == "score")
      this->score = scores::score_named({std::string(value), {}});
    else
      base::set_word(key, value);
  }
};

/// 1 − score(soft counts) of any score of `scores::all` with its default options. Its range is that of 1 − score.
/// Where the score is known when one compiles, `soft(score)` is the same.
struct soft_any : any_score_loss<sigmoid_link> {
  static constexpr std::string_view name = "soft";
  using any_score_loss::any_score_loss;
};

/// 1 − score of soft counts of A(p) = 1 / (1 + e^{−73 (p − ½)}): accuracy, f_beta, g_mean, balanced_accuracy, or any
/// other: `any_loss(g_mean{})`. In [0, 1] for these. Source: Han et al., "AnyLoss: Transforming classification metrics
/// into loss functions", KDD, 2024.
struct any_loss : any_score_loss<amplified_link> {
  static constexpr std::string_view name = "any_loss";
  using any_score_loss::any_score_loss;
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::any_loss;
using losses::soft_any;
}  // namespace softf1::inline SOFTF1_ABI
