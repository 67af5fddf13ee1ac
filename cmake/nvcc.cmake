# The CUDA language, for a build that has the device backend on CUDA.

# Ampere, Ada and Hopper; of the newest also PTX, which later devices compile for themselves.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES AND NOT DEFINED ENV{CUDAARCHS})
  set(CMAKE_CUDA_ARCHITECTURES "80-real;86-real;89-real;90" CACHE STRING "Devices to compile for")
endif()

include(CheckLanguage)
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(FATAL_ERROR
    "softf1: SOFTF1_BACKEND=cuda, but nvcc was not found: name it with CMAKE_CUDA_COMPILER or put it on PATH")
endif()
enable_language(CUDA)
