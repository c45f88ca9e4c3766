# What CTest reads for a program of suites.cmake, which sets program, list, prefix and properties.
if(NOT EXISTS ${program})
  add_test(${prefix}not_built ${program})
  return()
endif()
if(${program} IS_NEWER_THAN ${list})
  execute_process(COMMAND ${program} --gtest_list_tests OUTPUT_VARIABLE answer COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE ${list} "${answer}")
endif()
file(STRINGS ${list} suites REGEX "^[A-Za-z0-9_/]+\\.( |$)")  # tests are indented
foreach(suite IN LISTS suites)
  string(REGEX REPLACE "\\..*" "" suite "${suite}")
  add_test("${prefix}${suite}" ${program} "--gtest_filter=${suite}.*")
  # Skipped is a suite of which no test ran; what failed would be listed behind what was skipped.
  set_tests_properties("${prefix}${suite}" PROPERTIES ${properties}
    SKIP_REGULAR_EXPRESSION "\\[  PASSED  \\] 0 tests\\.\n(\\[  SKIPPED \\] [^\n]*\n)+\n*$")
endforeach()
