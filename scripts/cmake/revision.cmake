# Writes HEADER, which defines VELATURA_REVISION: "revision 1a2b3c4, " of the checkout SOURCE, or ""
# where that is none. Left alone where it says so already, so that nothing is compiled anew.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failure)
if(failure)
  set(revision "")
else()
  set(revision "revision ${revision}, ")
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define VELATURA_REVISION \"${revision}\"\n")
