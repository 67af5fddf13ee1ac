# Finds the TurboJPEG interface of libjpeg-turbo (version 2 or later); makes the target softf1::turbojpeg.
#
# libjpeg-turbo's own CMake package is not used: distributions leave it out. Set SOFTF1TurboJPEG_LIBRARY and
# SOFTF1TurboJPEG_INCLUDE_DIR to choose one by hand.

include(FindPackageHandleStandardArgs)

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_search_module(SOFTF1TurboJPEG_PC QUIET libturbojpeg)
endif()
find_path(SOFTF1TurboJPEG_INCLUDE_DIR NAMES turbojpeg.h HINTS ${SOFTF1TurboJPEG_PC_INCLUDE_DIRS})
find_library(SOFTF1TurboJPEG_LIBRARY NAMES turbojpeg HINTS ${SOFTF1TurboJPEG_PC_LIBRARY_DIRS})
mark_as_advanced(SOFTF1TurboJPEG_INCLUDE_DIR SOFTF1TurboJPEG_LIBRARY)

find_package_handle_standard_args(SOFTF1TurboJPEG
  REQUIRED_VARS SOFTF1TurboJPEG_LIBRARY SOFTF1TurboJPEG_INCLUDE_DIR)

if(SOFTF1TurboJPEG_FOUND AND NOT TARGET softf1::turbojpeg)
  add_library(softf1::turbojpeg INTERFACE IMPORTED)
  target_include_directories(softf1::turbojpeg INTERFACE "${SOFTF1TurboJPEG_INCLUDE_DIR}")
  target_link_libraries(softf1::turbojpeg INTERFACE "${SOFTF1TurboJPEG_LIBRARY}")
endif()
