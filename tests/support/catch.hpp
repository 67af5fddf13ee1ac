// Catch2, version 2 or 3: the only file that knows which.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#define SOFTF1_TEST_CATCH_VERSION 3
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#define SOFTF1_TEST_CATCH_VERSION 2
#endif

#include <string>

namespace softf1_test {

/// Notes that the running test could not run; the program then ends with status 77, which ctest shows as skipped.
void note_skip(std::string const& reason);

/// Why no device can be used; empty where one can. Set by units of nvcc, whose programs need a device.
extern std::string (*why_no_device)();

}  // namespace softf1_test

/// Leaves a test case that cannot run here: it is reported as skipped, never as passed. For the body of a test case.
#define SOFTF1_SKIP(reason)           \
  do {                                \
    ::softf1_test::note_skip(reason); \
    return;                           \
  } while (false)

/// A test case of the device backend alone. (A plain TEST_CASE is left to the C++ compiler.)
#define DEVICE_TEST_CASE(...) INTERNAL_CATCH_TESTCASE(__VA_ARGS__)

// nvcc compiles the tests that are typed over backends. g++ compiles and runs the others: here they are read only.
#if defined(__CUDACC__)
#undef TEST_CASE
#define TEST_CASE(...) \
  template <class>     \
  [[maybe_unused]] static void INTERNAL_CATCH_UNIQUE_NAME(tested_by_cpp_compiler)()
#endif
