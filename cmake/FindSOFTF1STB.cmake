# Finds stb_image.h and stb_image_write.h, and a compiled library of them where there is one (Debian's libstb); makes the
# target softf1::stb.
#
# Without the library, SOFTF1STB_LIBRARY is false, and one translation unit of each program must define
# SOFTF1_STB_IMPLEMENTATION before it includes <softf1/image/detail/stb.hpp>. Set SOFTF1STB_LIBRARY and
# SOFTF1STB_INCLUDE_DIR to choose them by hand.

include(FindPackageHandleStandardArgs)

find_path(SOFTF1STB_INCLUDE_DIR NAMES stb_image.h PATH_SUFFIXES stb)
find_library(SOFTF1STB_LIBRARY NAMES stb)
mark_as_advanced(SOFTF1STB_INCLUDE_DIR SOFTF1STB_LIBRARY)

# A library called "stb" may be another one. The result is cached under its name, so that another choice is checked
# again.
if(SOFTF1STB_INCLUDE_DIR AND SOFTF1STB_LIBRARY)
  include(CheckCXXSourceCompiles)
  include(CMakePushCheckState)
  string(MAKE_C_IDENTIFIER "SOFTF1STB_LINKS_${SOFTF1STB_LIBRARY}" softf1_stb_links)
  cmake_push_check_state(RESET)
  set(CMAKE_REQUIRED_INCLUDES "${SOFTF1STB_INCLUDE_DIR}")
  set(CMAKE_REQUIRED_LIBRARIES "${SOFTF1STB_LIBRARY}")
  set(CMAKE_REQUIRED_QUIET ON)
  check_cxx_source_compiles(
    "#include <stb_image.h>
     #include <stb_image_write.h>
     int main() {
       stbi_image_free(stbi_load_from_memory(nullptr, 0, nullptr, nullptr, nullptr, 3));
       return stbi_write_jpg_to_func(nullptr, nullptr, 0, 0, 3, nullptr, 90);
     }" ${softf1_stb_links})
  cmake_pop_check_state()
  if(NOT ${softf1_stb_links})
    set(SOFTF1STB_LIBRARY "")
  endif()
endif()

find_package_handle_standard_args(SOFTF1STB REQUIRED_VARS SOFTF1STB_INCLUDE_DIR)

if(SOFTF1STB_FOUND AND NOT TARGET softf1::stb)
  add_library(softf1::stb INTERFACE IMPORTED)
  target_include_directories(softf1::stb INTERFACE "${SOFTF1STB_INCLUDE_DIR}")
  if(SOFTF1STB_LIBRARY)
    target_link_libraries(softf1::stb INTERFACE "${SOFTF1STB_LIBRARY}")
  endif()
endif()
