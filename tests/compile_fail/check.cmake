# Compiles SOURCE as it is, which must work, and with SOFTF1_BAD defined, which must fail with the sentence in its
# first line.
list(TRANSFORM DIRECTORIES PREPEND "-I")
list(TRANSFORM DEFINITIONS PREPEND "-D")
set(compile "${CXX}" -std=c++20 -fsyntax-only ${DIRECTORIES} ${DEFINITIONS})

file(STRINGS "${SOURCE}" sentence REGEX "^// error: " LIMIT_COUNT 1)
string(REPLACE "// error: " "" sentence "${sentence}")
if(NOT sentence)
  message(FATAL_ERROR "${SOURCE} does not begin with '// error: <sentence>'")
endif()

execute_process(COMMAND ${compile} "${SOURCE}" RESULT_VARIABLE status ERROR_VARIABLE errors)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${SOURCE} must compile as it is, but:\n${errors}")
endif()

execute_process(COMMAND ${compile} -DSOFTF1_BAD "${SOURCE}" RESULT_VARIABLE status ERROR_VARIABLE errors)
if(status EQUAL 0)
  message(FATAL_ERROR "${SOURCE} must not compile with SOFTF1_BAD")
endif()
string(FIND "${errors}" "${sentence}" position)
if(position EQUAL -1)
  message(FATAL_ERROR "the compiler did not say '${sentence}', but:\n${errors}")
endif()
