// All update rules: the list that programs, tests and benchmarks iterate.
#pragma once

#include <softf1/optimizers/adam.hpp>
#include <softf1/optimizers/adamw.hpp>
#include <softf1/optimizers/clip_by_norm.hpp>
#include <softf1/optimizers/lbfgs.hpp>
#include <softf1/optimizers/optimizer.hpp>
#include <softf1/optimizers/sgd.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

using all = type_list<sgd, adam, adamw>;

}  // namespace softf1::inline SOFTF1_ABI::optimizers
