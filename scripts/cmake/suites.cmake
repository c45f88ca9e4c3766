# A test of CTest for each suite of a program: a start with libtorch takes longer than most of its tests.
#   velatura_add_suites(TARGET PREFIX [PROPERTY VALUE…])    tests are called PREFIX and the suite's name
# The program is asked when CTest starts, and again once it is newer than its answer.
function(velatura_add_suites target prefix)
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}.suites)
  string(REPLACE ";" "\" \"" properties "${ARGN}")
  file(GENERATE OUTPUT ${list}.cmake CONTENT
"set(program \"$<TARGET_FILE:${target}>\")
set(list \"${list}\")
set(prefix \"${prefix}\")
set(properties \"${properties}\")
include(\"${PROJECT_SOURCE_DIR}/scripts/cmake/list_suites.cmake\")
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${list}.cmake)
endfunction()
