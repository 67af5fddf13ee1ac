// The xtensor-free primitives of the backends, and what is built on them for all: what decisions, metrics, losses and
// thresholds are written on.
#pragma once

#include <softf1/backend/cpu/elementwise.hpp>
#include <softf1/backend/cpu/reduce.hpp>
#include <softf1/backend/cpu/tie_groups.hpp>

#include <softf1/backend/checks.hpp>
#include <softf1/backend/fetch.hpp>
