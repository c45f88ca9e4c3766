set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
set(CMAKE_BUILD_RPATH "$ORIGIN")  # libvelatura_cuda lies next to the program that opens it
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_INODECACHE=1 CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# What every velatura target is compiled with. One with the property VELATURA_QUICK is compiled once and
# runs for seconds: it is not optimised, which fortified headers do not allow. GCC's collecting garbage
# below a GiB would take a tenth of the time.
add_library(velatura_options INTERFACE)
set(quick $<BOOL:$<TARGET_PROPERTY:VELATURA_QUICK>>)
target_compile_options(velatura_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wformat=2;-Wconversion;-Wno-sign-conversion>
  $<$<COMPILE_LANGUAGE:CXX>:-fstack-clash-protection;-fstack-protector-strong;-D_GLIBCXX_ASSERTIONS>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>,$<NOT:${quick}>>:-D_FORTIFY_SOURCE=3>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,${quick}>:-O0>
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:--param=ggc-min-heapsize=1048576>)
target_link_options(velatura_options INTERFACE
  -Wl,-z,relro,-z,now,-z,noexecstack)
target_include_directories(velatura_options INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
if(VELATURA_SANITIZE)
  target_compile_options(velatura_options INTERFACE -fsanitize=${VELATURA_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(velatura_options INTERFACE -fsanitize=${VELATURA_SANITIZE})
endif()
