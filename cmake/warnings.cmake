# Warnings for what is built here. Private: never part of a target that others link.
function(softf1_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  # g++ 12 takes "text" + std::string for an overlapping copy: https://gcc.gnu.org/PR105651
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(SOFTF1_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
