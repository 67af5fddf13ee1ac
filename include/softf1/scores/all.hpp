// All scores: the list that umbrella, programs, tests and benchmarks iterate.
#pragma once

#include <softf1/scores/accuracy.hpp>
#include <softf1/scores/balanced_accuracy.hpp>
#include <softf1/scores/both_classes.hpp>
#include <softf1/scores/cohen_kappa.hpp>
#include <softf1/scores/critical_success_index.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/scores/f_beta.hpp>
#include <softf1/scores/false_discovery_rate.hpp>
#include <softf1/scores/false_negative_rate.hpp>
#include <softf1/scores/false_omission_rate.hpp>
#include <softf1/scores/false_positive_rate.hpp>
#include <softf1/scores/fowlkes_mallows.hpp>
#include <softf1/scores/g_mean.hpp>
#include <softf1/scores/hamming.hpp>
#include <softf1/scores/jaccard.hpp>
#include <softf1/scores/mcc.hpp>
#include <softf1/scores/negative_likelihood_ratio.hpp>
#include <softf1/scores/negative_predictive_value.hpp>
#include <softf1/scores/positive_likelihood_ratio.hpp>
#include <softf1/scores/precision.hpp>
#include <softf1/scores/predicted_rate.hpp>
#include <softf1/scores/prevalence.hpp>
#include <softf1/scores/reaching.hpp>
#include <softf1/scores/recall.hpp>
#include <softf1/scores/specificity.hpp>
#include <softf1/scores/tversky.hpp>
#include <softf1/scores/weighted_sum.hpp>
#include <softf1/scores/youden_j.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

using all =
    type_list<precision, recall, f1, f_beta, jaccard, critical_success_index, tversky, accuracy, balanced_accuracy,
              specificity, negative_predictive_value, g_mean, mcc, cohen_kappa, youden_j, fowlkes_mallows,
              positive_likelihood_ratio, negative_likelihood_ratio, false_positive_rate, false_negative_rate,
              false_discovery_rate, false_omission_rate, hamming, prevalence, predicted_rate>;

}  // namespace softf1::inline SOFTF1_ABI::scores
