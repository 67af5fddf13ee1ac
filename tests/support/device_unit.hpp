// Included by each unit of tests that nvcc compiles: without a device their program is skipped.
#pragma once

#include <string>

#include <softf1/backend/context.hpp>

#include "support/catch.hpp"

namespace softf1_test {

inline std::string ask_for_device() { return softf1::find_devices().why_none; }
inline bool const needs_device = (why_no_device = ask_for_device) != nullptr;

}  // namespace softf1_test
