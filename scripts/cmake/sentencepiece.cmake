# The imported target sentencepiece::sentencepiece. Debian has it as a shared library only, which stands
# beside the program then, in the build as in packages, so that it runs on machines without it.
include_guard(GLOBAL)

find_path(sentencepiece_INCLUDE_DIR sentencepiece_processor.h REQUIRED)
find_library(sentencepiece_LIBRARY NAMES libsentencepiece.a sentencepiece REQUIRED)
velatura_notice(sentencepiece ${sentencepiece_LIBRARY})

if(sentencepiece_LIBRARY MATCHES "\\.a$")
  add_library(sentencepiece::sentencepiece STATIC IMPORTED GLOBAL)
  set(sentencepiece_file ${sentencepiece_LIBRARY})
else()
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${sentencepiece_LIBRARY} OUTPUT_VARIABLE header COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "SONAME +([^\n ]+)" found "${header}")
  set(sentencepiece_file ${PROJECT_BINARY_DIR}/${CMAKE_MATCH_1})
  file(COPY_FILE ${sentencepiece_LIBRARY} ${sentencepiece_file} ONLY_IF_DIFFERENT)
  add_library(sentencepiece::sentencepiece SHARED IMPORTED GLOBAL)
  set_target_properties(sentencepiece::sentencepiece PROPERTIES IMPORTED_SONAME ${CMAKE_MATCH_1})
  set_property(GLOBAL PROPERTY VELATURA_SHARED_LIBRARIES ${sentencepiece_file})
endif()
set_target_properties(sentencepiece::sentencepiece PROPERTIES IMPORTED_LOCATION ${sentencepiece_file})
target_include_directories(sentencepiece::sentencepiece SYSTEM INTERFACE ${sentencepiece_INCLUDE_DIR})
