# Finds the headers of Thrust for a host compiler; makes the target softf1::thrust.
#
# Taken in this order: those of the distribution (Debian's libthrust-dev), else those of a CUDA toolkit, which are under
# include/cccl from CUDA 13 on. Set SOFTF1Thrust_INCLUDE_DIR, the folder that has thrust/version.h, to choose by hand.

include(FindPackageHandleStandardArgs)

# Without the folders beside those of PATH: nvcc's is among them.
find_path(SOFTF1Thrust_INCLUDE_DIR NAMES thrust/version.h NO_SYSTEM_ENVIRONMENT_PATH)
find_path(SOFTF1Thrust_INCLUDE_DIR NAMES thrust/version.h
  HINTS ENV CUDA_PATH ENV CUDA_HOME
  PATHS /usr/local/cuda
  PATH_SUFFIXES include/cccl cccl include)
mark_as_advanced(SOFTF1Thrust_INCLUDE_DIR)

find_package_handle_standard_args(SOFTF1Thrust REQUIRED_VARS SOFTF1Thrust_INCLUDE_DIR)

if(SOFTF1Thrust_FOUND AND NOT TARGET softf1::thrust)
  add_library(softf1::thrust INTERFACE IMPORTED)
  target_include_directories(softf1::thrust INTERFACE "${SOFTF1Thrust_INCLUDE_DIR}")
endif()
