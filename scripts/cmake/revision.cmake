# Writes HEADER, which defines of the checkout SOURCE, or as "" where that is none,
#   VELATURA_REVISION  "revision 1a2b3c4, "
#   VELATURA_DATE      of that revision, "2026-11-25"
# Left alone where it says so already, so that nothing is compiled anew.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failure)
if(failure)
  set(revision "")
else()
  set(revision "revision ${revision}, ")
endif()
execute_process(COMMAND git -C ${SOURCE} log -1 --format=%cs
  OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define VELATURA_REVISION \"${revision}\"\n#define VELATURA_DATE \"${date}\"\n")
