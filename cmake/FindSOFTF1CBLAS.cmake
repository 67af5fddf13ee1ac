# Finds a CBLAS and the headers of xtensor-blas that call it; makes the target softf1::cblas.
#
# xtensor-blas's own CMake package is not used: distributions patch it to link their default BLAS and LAPACK beside
# the CBLAS chosen here. Set SOFTF1CBLAS_LIBRARY and SOFTF1CBLAS_INCLUDE_DIR to choose one by hand.

include(FindPackageHandleStandardArgs)

if(NOT SOFTF1CBLAS_LIBRARY OR NOT SOFTF1CBLAS_INCLUDE_DIR)
  find_package(OpenBLAS CONFIG QUIET)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_search_module(SOFTF1CBLAS_PC QUIET openblas cblas)
  endif()
  set(softf1_blas_hints "")
  foreach(library IN LISTS OpenBLAS_LIBRARIES)
    if(IS_ABSOLUTE "${library}" AND EXISTS "${library}")
      get_filename_component(directory "${library}" DIRECTORY)
      list(APPEND softf1_blas_hints "${directory}")
    endif()
  endforeach()
  find_library(SOFTF1CBLAS_LIBRARY
    NAMES openblas cblas blas blis mkl_rt
    HINTS ${softf1_blas_hints} ${SOFTF1CBLAS_PC_LIBRARY_DIRS}
    PATH_SUFFIXES openblas-openmp openblas-serial openblas-pthread openblas)
  find_path(SOFTF1CBLAS_INCLUDE_DIR
    NAMES cblas.h
    HINTS ${OpenBLAS_INCLUDE_DIRS} ${SOFTF1CBLAS_PC_INCLUDE_DIRS}
    PATH_SUFFIXES openblas-openmp openblas-serial openblas-pthread openblas cblas blis mkl)
  unset(softf1_blas_hints)
endif()
find_path(SOFTF1CBLAS_XTENSOR_BLAS_INCLUDE_DIR NAMES xtensor-blas/xblas.hpp HINTS ${xtensor_INCLUDE_DIRS})
mark_as_advanced(SOFTF1CBLAS_LIBRARY SOFTF1CBLAS_INCLUDE_DIR SOFTF1CBLAS_XTENSOR_BLAS_INCLUDE_DIR)

# A library called "blas" need not carry the C interface. The result is cached under the library's name, so that
# another choice is checked again.
string(MAKE_C_IDENTIFIER "SOFTF1CBLAS_LINKS_${SOFTF1CBLAS_LIBRARY}" softf1_cblas_links)
if(SOFTF1CBLAS_LIBRARY AND SOFTF1CBLAS_INCLUDE_DIR)
  include(CheckCXXSourceCompiles)
  include(CMakePushCheckState)
  cmake_push_check_state(RESET)
  set(CMAKE_REQUIRED_INCLUDES "${SOFTF1CBLAS_INCLUDE_DIR}")
  set(CMAKE_REQUIRED_LIBRARIES "${SOFTF1CBLAS_LIBRARY}")
  set(CMAKE_REQUIRED_QUIET ON)
  check_cxx_source_compiles(
    "#include <cblas.h>
     int main() { double x = 1; return cblas_ddot(1, &x, 1, &x, 1) == 1 ? 0 : 1; }" ${softf1_cblas_links})
  cmake_pop_check_state()
endif()

find_package_handle_standard_args(SOFTF1CBLAS REQUIRED_VARS
  SOFTF1CBLAS_LIBRARY SOFTF1CBLAS_INCLUDE_DIR SOFTF1CBLAS_XTENSOR_BLAS_INCLUDE_DIR ${softf1_cblas_links})

if(SOFTF1CBLAS_FOUND AND NOT TARGET softf1::cblas)
  add_library(softf1::cblas INTERFACE IMPORTED)
  target_include_directories(softf1::cblas INTERFACE
    "${SOFTF1CBLAS_INCLUDE_DIR}" "${SOFTF1CBLAS_XTENSOR_BLAS_INCLUDE_DIR}")
  target_link_libraries(softf1::cblas INTERFACE "${SOFTF1CBLAS_LIBRARY}")
endif()
