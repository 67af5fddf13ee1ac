// All losses: the list that umbrella, programs, tests and benchmarks iterate.
#pragma once

#include <softf1/losses/any_score_loss.hpp>
#include <softf1/losses/asymmetric.hpp>
#include <softf1/losses/auc.hpp>
#include <softf1/losses/aucm.hpp>
#include <softf1/losses/binary_cross_entropy.hpp>
#include <softf1/losses/class_balanced.hpp>
#include <softf1/losses/constrained.hpp>
#include <softf1/losses/distribution_balanced.hpp>
#include <softf1/losses/focal.hpp>
#include <softf1/losses/hinge.hpp>
#include <softf1/losses/label_correlation.hpp>
#include <softf1/losses/list_net.hpp>
#include <softf1/losses/one_hot.hpp>
#include <softf1/losses/pairwise.hpp>
#include <softf1/losses/poly1.hpp>
#include <softf1/losses/self_adjusting_dice.hpp>
#include <softf1/losses/sigmoid_f1.hpp>
#include <softf1/losses/soap.hpp>
#include <softf1/losses/soft_dice.hpp>
#include <softf1/losses/soft_f1.hpp>
#include <softf1/losses/soft_f_beta.hpp>
#include <softf1/losses/soft_g_mean.hpp>
#include <softf1/losses/soft_jaccard.hpp>
#include <softf1/losses/soft_mcc.hpp>
#include <softf1/losses/soft_tversky.hpp>
#include <softf1/losses/softmax_cross_entropy.hpp>
#include <softf1/losses/straight_through_f1.hpp>
#include <softf1/losses/two_way.hpp>
#include <softf1/losses/unbounded_f1.hpp>
#include <softf1/losses/value_and_gradient.hpp>
#include <softf1/losses/zlpr.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Losses of cells.
using of_cells = type_list<binary_cross_entropy, focal, asymmetric, class_balanced, poly1, hinge, squared_hinge,
                           self_adjusting_dice>;

/// Losses of soft counts, a term a label.
using of_counts =
    type_list<soft_f1, double_soft_f1, soft_f_beta, soft_jaccard, soft_dice, squared_dice, power_dice, soft_tversky,
              focal_tversky, soft_mcc, soft_g_mean, sigmoid_f1, any_loss, soft_any, unbounded_f1, straight_through_f1>;

/// Losses of other sums a label: areas under the ROC curve, and rates under constraints.
using of_sums = type_list<aucm, auc_square, constrained_recall, constrained_precision, maximum_f_beta>;

/// Losses of rows, a term a row (distribution_balanced: a term a cell).
using of_rows = type_list<softmax_cross_entropy, zlpr, two_way, list_net, pairwise_hinge, pairwise_logistic,
                          multilabel_margin, distribution_balanced, label_correlation>;

/// Losses of pairs of rows, a term a label.
using of_row_pairs = type_list<auc_hinge, auc_logistic, soap>;

using all = joined_lists<of_cells, of_counts, of_sums, of_rows, of_row_pairs>;

}  // namespace softf1::inline SOFTF1_ABI::losses
