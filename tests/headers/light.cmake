# Asks the compiler (CXX) which files HEADERS pull in; a header of xtensor, a BLAS or nlohmann-json is a failure.
set(heavy "[^ \n]*/(xtensor|xtensor-blas|xtl|xflens|nlohmann|Eigen)/[^ \n]*|[^ \n]*/cblas[^ /\n]*\\.h")

function(pulled_in headers result)
  set(text "")
  foreach(header IN LISTS headers)
    string(APPEND text "#include <softf1/${header}>\n")
  endforeach()
  file(WRITE "${WORK}/light.cpp" "${text}")
  execute_process(
    COMMAND "${CXX}" -std=c++20 -M "-I${INCLUDE_DIR}" "${WORK}/light.cpp"
    OUTPUT_VARIABLE files ERROR_VARIABLE errors RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "the compiler could not list what the headers include:\n${errors}")
  endif()
  string(REGEX MATCH "${heavy}" found "${files}")
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

pulled_in("${HEADERS}" found)
if(found)
  foreach(header IN LISTS HEADERS)
    pulled_in("${header}" found)
    if(found)
      message(SEND_ERROR "softf1/${header} pulls in ${found}")
    endif()
  endforeach()
endif()
