// The names of all losses, as the umbrella lifts them into softf1: none is hidden by another name.
#include <softf1/softf1.hpp>

#include <type_traits>

#include "support/catch.hpp"

namespace {

using lifted = softf1::type_list<
    softf1::binary_cross_entropy, softf1::focal, softf1::asymmetric, softf1::class_balanced, softf1::poly1, softf1::hinge,
    softf1::squared_hinge, softf1::self_adjusting_dice, softf1::soft_f1, softf1::double_soft_f1, softf1::soft_f_beta,
    softf1::soft_jaccard, softf1::soft_dice, softf1::squared_dice, softf1::power_dice, softf1::soft_tversky,
    softf1::focal_tversky, softf1::soft_mcc, softf1::soft_g_mean, softf1::sigmoid_f1, softf1::any_loss,
    softf1::losses::soft_any, softf1::unbounded_f1, softf1::straight_through_f1, softf1::aucm, softf1::auc_square,
    softf1::constrained_recall, softf1::constrained_precision, softf1::maximum_f_beta, softf1::softmax_cross_entropy,
    softf1::zlpr, softf1::two_way, softf1::list_net, softf1::pairwise_hinge, softf1::pairwise_logistic,
    softf1::multilabel_margin, softf1::distribution_balanced, softf1::label_correlation, softf1::auc_hinge,
    softf1::auc_logistic, softf1::soap>;

}  // namespace

TEST_CASE("every loss has its name in softf1", "[losses]") {
  STATIC_REQUIRE(std::is_same_v<lifted, softf1::losses::all>);
}
