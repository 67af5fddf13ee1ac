# Configures, builds and runs the project SOURCE in the empty folder BUILD.
#   STAGE           where softf1 is installed
#   SOFTF1          the checkout
#   OPTIONS         options for the project, separated by spaces
#   EXPECT_OUTPUT   a regular expression that the program's output must match; without it the program is not run
#   FORBID_LIBRARY  text that must not stand in the names of the shared libraries that the program needs
#   EXPECT_ERROR    the configuration must fail and print this text (nothing is built then)
separate_arguments(OPTIONS UNIX_COMMAND "${OPTIONS}")
file(REMOVE_RECURSE "${BUILD}")

# What the calling environment says about other installations must not help.
set(ENV{CMAKE_PREFIX_PATH} "")
execute_process(
  COMMAND ${CMAKE_COMMAND} -S "${SOURCE}" -B "${BUILD}" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_CXX_FLAGS=${CXX_FLAGS}"
    "-DCMAKE_PREFIX_PATH=${STAGE}" "-DSOFTF1_CHECKOUT=${SOFTF1}" ${OPTIONS}
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(DEFINED EXPECT_ERROR)
  if(status EQUAL 0)
    message(FATAL_ERROR "the configuration must fail, but it did not")
  endif()
  # CMake breaks long messages into lines.
  string(REGEX REPLACE "[ \n]+" " " output_in_one_line "${output}")
  string(FIND "${output_in_one_line}" "${EXPECT_ERROR}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "the configuration failed, but did not say '${EXPECT_ERROR}':\n${output}")
  endif()
  return()
endif()
if(NOT status EQUAL 0)
  message(FATAL_ERROR "configuration failed:\n${output}")
endif()

execute_process(COMMAND ${CMAKE_COMMAND} --build "${BUILD}"
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "build failed:\n${output}")
endif()

if(NOT DEFINED EXPECT_OUTPUT)
  return()
endif()
execute_process(COMMAND "${BUILD}/consumer" RESULT_VARIABLE status OUTPUT_VARIABLE output)
if(NOT status EQUAL 0 OR NOT output MATCHES "${EXPECT_OUTPUT}")
  message(FATAL_ERROR "status ${status}, expected 0; output '${output}', expected '${EXPECT_OUTPUT}'")
endif()

if(DEFINED FORBID_LIBRARY)
  find_program(READELF readelf REQUIRED)
  execute_process(COMMAND "${READELF}" -d "${BUILD}/consumer" OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
  if(output MATCHES "NEEDED[^\n]*${FORBID_LIBRARY}")
    message(FATAL_ERROR "the program needs a library that it should not:\n${output}")
  endif()
endif()
