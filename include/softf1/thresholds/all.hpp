// All strategies: the list that umbrella, programs, tests and benchmarks iterate.
#pragma once

#include <softf1/thresholds/best.hpp>
#include <softf1/thresholds/budget.hpp>
#include <softf1/thresholds/conformal.hpp>
#include <softf1/thresholds/constraint.hpp>
#include <softf1/thresholds/cost.hpp>
#include <softf1/thresholds/equal_error.hpp>
#include <softf1/thresholds/expected_f.hpp>
#include <softf1/thresholds/f_star.hpp>
#include <softf1/thresholds/find_rule.hpp>
#include <softf1/thresholds/fixed.hpp>
#include <softf1/thresholds/gfm.hpp>
#include <softf1/thresholds/global.hpp>
#include <softf1/thresholds/grid.hpp>
#include <softf1/thresholds/label_free.hpp>
#include <softf1/thresholds/mcut.hpp>
#include <softf1/thresholds/metalabeler.hpp>
#include <softf1/thresholds/micro.hpp>
#include <softf1/thresholds/ofo.hpp>
#include <softf1/thresholds/pcut.hpp>
#include <softf1/thresholds/pcut_label.hpp>
#include <softf1/thresholds/prior_shift.hpp>
#include <softf1/thresholds/rcut.hpp>
#include <softf1/thresholds/roc_corner.hpp>
#include <softf1/thresholds/samples.hpp>
#include <softf1/thresholds/scutfbr0.hpp>
#include <softf1/thresholds/scutfbr1.hpp>
#include <softf1/thresholds/sketch_source.hpp>
#include <softf1/thresholds/youden.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// A strategy has `name`, `option_names` and, for rows (or just their curves) and a score, gives a rule: see find_rule.
using all = type_list<fixed, best, global, micro, samples, cost, scutfbr0, scutfbr1, pcut, pcut_label, f_star,
                      label_free, ofo, prior_shift, constraint, roc_corner, youden, equal_error, conformal, rcut, mcut,
                      metalabeler, budget, expected_f, gfm, grid>;

}  // namespace softf1::inline SOFTF1_ABI::thresholds
