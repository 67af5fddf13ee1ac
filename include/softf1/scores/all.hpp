// All scores: the list that umbrella, programs, tests and benchmarks iterate.
#pragma once

#include <softf1/scores/accuracy.hpp>
#include <softf1/scores/both_classes.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/scores/f_beta.hpp>
#include <softf1/scores/jaccard.hpp>
#include <softf1/scores/mcc.hpp>
#include <softf1/scores/precision.hpp>
#include <softf1/scores/recall.hpp>
#include <softf1/scores/specificity.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

using all = type_list<precision, recall, f1, f_beta, jaccard, accuracy, specificity, mcc>;

}  // namespace softf1::inline SOFTF1_ABI::scores
