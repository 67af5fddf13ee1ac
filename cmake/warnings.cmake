# Warnings for what is built here. Private: never part of a target that others link.
function(softf1_warnings target)
  set(warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  # g++ 12 takes "text" + std::string for an overlapping copy: https://gcc.gnu.org/PR105651
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
    list(APPEND warnings -Wno-restrict)
  endif()
  if(SOFTF1_WERROR)
    list(APPEND warnings -Werror)
    # nvcc's own warnings; what it hands to g++ is full of code of its making. 445: a lambda []<class T>() is meant so.
    target_compile_options(${target} PRIVATE
      "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Werror all-warnings -diag-suppress 445>")
  endif()
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${warnings}>")
endfunction()
