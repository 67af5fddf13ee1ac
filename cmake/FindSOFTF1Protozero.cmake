# Finds the headers of protozero, which reads and writes protocol buffers; makes the target softf1::protozero.
#
# Set SOFTF1Protozero_INCLUDE_DIR, the folder that has protozero/pbf_reader.hpp, to choose by hand.

include(FindPackageHandleStandardArgs)

find_path(SOFTF1Protozero_INCLUDE_DIR NAMES protozero/pbf_reader.hpp)
mark_as_advanced(SOFTF1Protozero_INCLUDE_DIR)

find_package_handle_standard_args(SOFTF1Protozero REQUIRED_VARS SOFTF1Protozero_INCLUDE_DIR)

if(SOFTF1Protozero_FOUND AND NOT TARGET softf1::protozero)
  add_library(softf1::protozero INTERFACE IMPORTED)
  target_include_directories(softf1::protozero INTERFACE "${SOFTF1Protozero_INCLUDE_DIR}")
endif()
