// All calibrators: the list that programs and tests iterate.
#pragma once

#include <softf1/calibration/beta.hpp>
#include <softf1/calibration/calibrated_search.hpp>
#include <softf1/calibration/find_calibration.hpp>
#include <softf1/calibration/histogram.hpp>
#include <softf1/calibration/isotonic.hpp>
#include <softf1/calibration/platt.hpp>
#include <softf1/calibration/temperature.hpp>
#include <softf1/calibration/temperature_label.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// A calibrator has `name`, `option_names` and, for the curves of rows, gives a calibration_map: see find_calibration.
using all = type_list<platt, temperature, temperature_label, isotonic, beta, histogram>;

}  // namespace softf1::inline SOFTF1_ABI::calibration
