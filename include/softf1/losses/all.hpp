// All losses: the list that umbrella, programs, tests and benchmarks iterate.
#pragma once

#include <softf1/losses/binary_cross_entropy.hpp>
#include <softf1/losses/soft_f_beta.hpp>
#include <softf1/losses/softmax_cross_entropy.hpp>
#include <softf1/losses/value_and_gradient.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

using all = type_list<binary_cross_entropy, soft_f1, double_soft_f1, soft_f_beta, softmax_cross_entropy>;

}  // namespace softf1::inline SOFTF1_ABI::losses
