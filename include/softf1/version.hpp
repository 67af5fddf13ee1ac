// Version of the library. CMake reads the three numbers below.
#pragma once

#define SOFTF1_VERSION_MAJOR 0
#define SOFTF1_VERSION_MINOR 1
#define SOFTF1_VERSION_PATCH 0

#define SOFTF1_DETAIL_STRING_(x) #x
#define SOFTF1_DETAIL_STRING(x) SOFTF1_DETAIL_STRING_(x)

/// "major.minor.patch" as a string literal.
#define SOFTF1_VERSION                       \
  SOFTF1_DETAIL_STRING(SOFTF1_VERSION_MAJOR) \
  "." SOFTF1_DETAIL_STRING(SOFTF1_VERSION_MINOR) "." SOFTF1_DETAIL_STRING(SOFTF1_VERSION_PATCH)
