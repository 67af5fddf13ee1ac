// Everything that needs only the standard library, xtensor and a CBLAS. JSON and safetensors (io/), images, models,
// reports and Eigen have headers of their own.
#pragma once

#include <softf1/backend/context.hpp>
#include <softf1/backend/products.hpp>
#include <softf1/calibration/all.hpp>
#include <softf1/core/random.hpp>
#include <softf1/decisions/apply.hpp>
#include <softf1/decisions/probabilities.hpp>
#include <softf1/interop/xtensor.hpp>
#include <softf1/layers/network.hpp>
#include <softf1/losses/all.hpp>
#include <softf1/losses/objective.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/optimizers/all.hpp>
#include <softf1/scores/all.hpp>
#include <softf1/thresholds/account.hpp>
#include <softf1/thresholds/search.hpp>
#include <softf1/version.hpp>
#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/interop/thrust.hpp>
#endif
