# Trains a model with the program SOFTF1 in the empty folder WORK; PROGRAM must print of an image what `predict` says.
file(REMOVE_RECURSE "${WORK}")
execute_process(COMMAND "${SOFTF1}" synthesize --quiet --rows 60 --labels 2 --out "${WORK}/posters"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${SOFTF1}" train --quiet --csv "${WORK}/posters/posters.csv" --images "${WORK}/posters/images"
  --image-size 32 --hidden 0 --epochs 2 --out "${WORK}/run" COMMAND_ERROR_IS_FATAL ANY)

set(compared 0)
foreach(row RANGE 1 3)
  set(image "${WORK}/posters/images/900000${row}.jpg")
  execute_process(COMMAND "${SOFTF1}" predict --quiet --model "${WORK}/run/model.safetensors" "${image}"
    OUTPUT_VARIABLE line COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[A-Za-z]+ \\([0-9.]+\\)" expected "${line}")
  list(TRANSFORM expected REPLACE "[()]" "")
  list(JOIN expected "\n" expected)
  execute_process(COMMAND "${PROGRAM}" "${WORK}/run/model.safetensors" "${image}"
    OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT output STREQUAL expected)
    message(FATAL_ERROR "${image}: expected '${expected}', got '${output}'")
  endif()
  if(output)
    math(EXPR compared "${compared} + 1")
  endif()
endforeach()
if(compared EQUAL 0)
  message(FATAL_ERROR "no image was given a label: nothing was compared")
endif()

execute_process(COMMAND "${PROGRAM}" "${WORK}/none.safetensors" "${image}" RESULT_VARIABLE status ERROR_VARIABLE error)
if(NOT status EQUAL 1 OR NOT error MATCHES "^error: .*none\\.safetensors")
  message(FATAL_ERROR "a model that is not there: status ${status}, '${error}'")
endif()
