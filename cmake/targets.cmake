# One interface target per component. A header belongs to the first component whose pattern matches its path below
# include/softf1, and to core if none does; it is installed only with its component. The umbrella softf1.hpp includes
# headers of core, cpu and training: each build that has cpu has training.
set(softf1_headers_io "^(io/(json|metric_state|safetensors)|data/(arff|coco|example_|feature|label_list|record_)|data/detail/(arff_|example_|feature_|label_xml|record_))")
set(softf1_headers_cpu "^(interop/(xtensor|eigen)|layers/|softf1\\.hpp$|backend/(products|tensor)\\.hpp$|backend/cpu/(xtensor|tensor|gemm)\\.hpp$)")
set(softf1_headers_image "^(image/|data/image_(loader|cache)|data/detail/image_)")
set(softf1_headers_download "^data/(download|detail/download_)")
set(softf1_headers_training "^training/")
set(softf1_headers_models "^models/")
set(softf1_headers_report "^report/")
set(softf1_headers_cuda "^(backend/cuda/|interop/thrust\\.hpp$)")

set(softf1_include_dir "${CMAKE_CURRENT_SOURCE_DIR}/include")
file(GLOB_RECURSE softf1_headers CONFIGURE_DEPENDS
  RELATIVE "${softf1_include_dir}/softf1" "${softf1_include_dir}/softf1/*.hpp" "${softf1_include_dir}/softf1/*.cuh")
list(SORT softf1_headers)

function(softf1_add_component component)
  add_library(softf1_${component} INTERFACE)
  add_library(softf1::${component} ALIAS softf1_${component})
  set_target_properties(softf1_${component} PROPERTIES EXPORT_NAME ${component})

  set(headers ${softf1_headers})
  if(component STREQUAL "core")
    foreach(other IN ITEMS io cpu cuda image download models training report)
      list(FILTER headers EXCLUDE REGEX "${softf1_headers_${other}}")
    endforeach()
  else()
    list(FILTER headers INCLUDE REGEX "${softf1_headers_${component}}")
  endif()
  list(TRANSFORM headers PREPEND "${softf1_include_dir}/softf1/")
  target_sources(softf1_${component} INTERFACE
    FILE_SET HEADERS BASE_DIRS "${softf1_include_dir}" FILES ${headers})
  foreach(required IN LISTS softf1_requires_${component})
    target_link_libraries(softf1_${component} INTERFACE softf1_${required})
  endforeach()
endfunction()

foreach(component IN LISTS softf1_components)
  softf1_add_component(${component})
endforeach()

target_compile_features(softf1_core INTERFACE cxx_std_20)
if(softf1_openmp)
  target_compile_definitions(softf1_core INTERFACE SOFTF1_OPENMP=1)
  target_link_libraries(softf1_core INTERFACE OpenMP::OpenMP_CXX)
  # OpenMP's target speaks to C++ compilers only.
  target_compile_options(softf1_core INTERFACE "$<$<COMPILE_LANG_AND_ID:CUDA,NVIDIA>:SHELL:-Xcompiler=-fopenmp>")
endif()

if(TARGET softf1_cpu)
  target_link_libraries(softf1_cpu INTERFACE xtensor)
  if(softf1_blas STREQUAL "cblas")
    target_compile_definitions(softf1_cpu INTERFACE SOFTF1_BLAS_CBLAS=1)
    target_link_libraries(softf1_cpu INTERFACE softf1::cblas)
  endif()
  # What the umbrella softf1.hpp needs.
  add_library(softf1_softf1 INTERFACE)
  add_library(softf1::softf1 ALIAS softf1_softf1)
  set_target_properties(softf1_softf1 PROPERTIES EXPORT_NAME softf1)
  target_link_libraries(softf1_softf1 INTERFACE softf1_cpu)
endif()

if(TARGET softf1_cuda)
  # One program has one device system. Units that g++ compiles in a CUDA build see the macro, and have no device code.
  string(REPLACE thrust_ "" system "${softf1_backend}")
  string(TOUPPER "${system}" system)
  string(TOUPPER "${softf1_backend}" backend)
  target_compile_definitions(softf1_cuda INTERFACE
    SOFTF1_DEVICE_${backend}=1 THRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_${system})
  if(softf1_backend STREQUAL "cuda")
    target_link_libraries(softf1_cuda INTERFACE CUDA::cudart_static CUDA::cublas)
    # CMake before 3.26 does not know C++20 of nvcc.
    target_compile_options(softf1_cuda INTERFACE
      "$<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<NOT:$<BOOL:$<TARGET_PROPERTY:CUDA_STANDARD>>>>:-std=c++20>")
  else()
    target_link_libraries(softf1_cuda INTERFACE softf1::thrust)
  endif()
endif()

if(TARGET softf1_io)
  target_link_libraries(softf1_io INTERFACE nlohmann_json::nlohmann_json softf1::protozero Threads::Threads)
  if(softf1_pugixml)
    target_compile_definitions(softf1_io INTERFACE SOFTF1_PUGIXML=1)
    target_link_libraries(softf1_io INTERFACE pugixml::pugixml)
  endif()
endif()

if(TARGET softf1_report)
  target_link_libraries(softf1_report INTERFACE softf1::protozero)
endif()

if(TARGET softf1_download)
  target_link_libraries(softf1_download INTERFACE CURL::libcurl)
endif()

if(TARGET softf1_image)
  target_link_libraries(softf1_image INTERFACE softf1::stb Threads::Threads)
  if(softf1_turbojpeg)
    target_compile_definitions(softf1_image INTERFACE SOFTF1_TURBOJPEG=1)
    target_link_libraries(softf1_image INTERFACE softf1::turbojpeg)
  endif()
  # Where only the headers of stb were found, users compile its implementation in a unit of their own; so does this
  # build, for what it links itself.
  if(NOT SOFTF1STB_LIBRARY AND (SOFTF1_BUILD_TESTS OR SOFTF1_BUILD_EXAMPLES OR SOFTF1_BUILD_BENCHMARKS))
    file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/stb.cpp"
      CONTENT "#define SOFTF1_STB_IMPLEMENTATION\n#include <softf1/image/detail/stb.hpp>\n" @ONLY)
    add_library(softf1_stb_implementation STATIC "${CMAKE_CURRENT_BINARY_DIR}/stb.cpp")
    target_link_libraries(softf1_stb_implementation PRIVATE softf1_image)
    target_link_libraries(softf1_image INTERFACE $<BUILD_INTERFACE:softf1_stb_implementation>)
  endif()
endif()
