// All update rules: the list that programs, tests and benchmarks iterate.
#pragma once

#include <softf1/core/named.hpp>
#include <softf1/optimizers/adam.hpp>
#include <softf1/optimizers/adamw.hpp>
#include <softf1/optimizers/lion.hpp>
#include <softf1/optimizers/rmsprop.hpp>
#include <softf1/optimizers/sgd.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

using all = type_list<sgd, adam, adamw, rmsprop, lion>;

/// Any of the rules, chosen at run time: `with_named<optimizers::all>(spec, "optimizer", [&](auto rule) { … })`.
using update_rule = one_of<all>;

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::update_rule;
}
