# Headers, the CMake package (one export set per component) and a pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(softf1_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/softf1")

foreach(component IN LISTS softf1_components)
  set(targets softf1_${component})
  if(component STREQUAL "cpu")
    list(APPEND targets softf1_softf1)
  endif()
  install(TARGETS ${targets} EXPORT softf1-${component}-targets
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(EXPORT softf1-${component}-targets NAMESPACE softf1:: DESTINATION "${softf1_package_dir}")
endforeach()

configure_package_config_file(cmake/softf1-config.cmake.in "${PROJECT_BINARY_DIR}/softf1-config.cmake"
  INSTALL_DESTINATION "${softf1_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/softf1-config-version.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
    "${PROJECT_BINARY_DIR}/softf1-config.cmake"
    "${PROJECT_BINARY_DIR}/softf1-config-version.cmake"
    cmake/softf1-dependencies.cmake
    cmake/FindSOFTF1CBLAS.cmake
    cmake/FindSOFTF1Protozero.cmake
    cmake/FindSOFTF1STB.cmake
    cmake/FindSOFTF1Thrust.cmake
    cmake/FindSOFTF1TurboJPEG.cmake
  DESTINATION "${softf1_package_dir}")

# pkg-config knows no targets: the flags are those of this build, for all of its components but the device backend, whose
# users' compilers need more than flags.
set(softf1_pc_cflags "")
set(softf1_pc_libs "")
if(softf1_openmp)
  list(APPEND softf1_pc_cflags -DSOFTF1_OPENMP=1 ${OpenMP_CXX_FLAGS})
  list(APPEND softf1_pc_libs ${OpenMP_CXX_FLAGS})
endif()
if(TARGET softf1_cpu)
  set(include_dirs "")
  foreach(target IN ITEMS xtensor xtl softf1::cblas nlohmann_json::nlohmann_json softf1::protozero)
    if(TARGET ${target})
      get_target_property(dirs ${target} INTERFACE_INCLUDE_DIRECTORIES)
      list(APPEND include_dirs ${dirs})
    endif()
  endforeach()
  list(FILTER include_dirs INCLUDE REGEX "^/")
  list(REMOVE_DUPLICATES include_dirs)
  list(REMOVE_ITEM include_dirs ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
  list(TRANSFORM include_dirs PREPEND "-I")
  list(APPEND softf1_pc_cflags ${include_dirs})
  if(softf1_blas STREQUAL "cblas")
    list(APPEND softf1_pc_cflags -DSOFTF1_BLAS_CBLAS=1)
    list(APPEND softf1_pc_libs "${SOFTF1CBLAS_LIBRARY}")
  endif()
endif()
if(TARGET softf1_io AND softf1_pugixml)
  list(APPEND softf1_pc_cflags -DSOFTF1_PUGIXML=1)
  list(APPEND softf1_pc_libs -lpugixml)
endif()
if(TARGET softf1_image)
  foreach(target IN ITEMS softf1::stb softf1::turbojpeg)
    if(TARGET ${target})
      get_target_property(dirs ${target} INTERFACE_INCLUDE_DIRECTORIES)
      list(REMOVE_ITEM dirs ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
      list(TRANSFORM dirs PREPEND "-I")
      list(APPEND softf1_pc_cflags ${dirs})
    endif()
  endforeach()
  list(APPEND softf1_pc_libs ${SOFTF1STB_LIBRARY} ${CMAKE_THREAD_LIBS_INIT})
  if(softf1_turbojpeg)
    list(APPEND softf1_pc_cflags -DSOFTF1_TURBOJPEG=1)
    list(APPEND softf1_pc_libs "${SOFTF1TurboJPEG_LIBRARY}")
  endif()
endif()
if(TARGET softf1_download)
  list(APPEND softf1_pc_libs -lcurl)
endif()
list(JOIN softf1_pc_cflags " " softf1_pc_cflags)
list(JOIN softf1_pc_libs " " softf1_pc_libs)
configure_file(cmake/softf1.pc.in "${PROJECT_BINARY_DIR}/softf1.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/softf1.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")
