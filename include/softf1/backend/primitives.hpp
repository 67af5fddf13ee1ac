// The primitives of the backends that need no library of products, and what is built on them for all: what decisions,
// metrics, losses and thresholds are written on.
#pragma once

#include <softf1/backend/cpu/elementwise.hpp>
#include <softf1/backend/cpu/reduce.hpp>
#include <softf1/backend/cpu/tie_groups.hpp>
#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/elementwise.hpp>
#include <softf1/backend/cuda/reduce.hpp>
#include <softf1/backend/cuda/tensor.hpp>
#include <softf1/backend/cuda/tie_groups.hpp>
#endif

#include <softf1/backend/checks.hpp>
#include <softf1/backend/fetch.hpp>
#include <softf1/backend/histogram.hpp>
#include <softf1/backend/with_cells.hpp>
