# What each component needs. Read by the build of softf1 itself and, installed, by find_package(softf1):
# so the two cannot disagree.
#
# softf1_find_dependencies(<component>) looks for the packages of one component and sets softf1_missing to the
# names of those that were not found. It reads softf1_openmp (ON or OFF) and softf1_blas (cblas or builtin).

# The components that a component stands on: all of them, each before those that need it.
set(softf1_requires_core "")
set(softf1_requires_cpu core)
set(softf1_requires_io core)

macro(softf1_find_dependencies component)
  set(softf1_missing "")
  if("${component}" STREQUAL "core")
    if(softf1_openmp)
      find_package(OpenMP QUIET COMPONENTS CXX)
      if(NOT OpenMP_CXX_FOUND)
        list(APPEND softf1_missing OpenMP)
      endif()
    endif()
  elseif("${component}" STREQUAL "cpu")
    find_package(xtensor QUIET)
    if(NOT xtensor_FOUND)
      list(APPEND softf1_missing xtensor)
    endif()
    if(softf1_blas STREQUAL "cblas")
      find_package(SOFTF1CBLAS QUIET)
      if(NOT SOFTF1CBLAS_FOUND)
        list(APPEND softf1_missing "CBLAS with xtensor-blas")
      endif()
    endif()
  elseif("${component}" STREQUAL "io")
    find_package(nlohmann_json QUIET)
    if(NOT nlohmann_json_FOUND)
      list(APPEND softf1_missing nlohmann_json)
    endif()
  endif()
endmacro()
