# A precompiled header that others share: HEADERS and what nearly every file includes.
function(velatura_precompile name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;HEADERS" ${ARGN})
  set(empty ${PROJECT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${empty} CONTENT "")
  add_library(velatura_${name} OBJECT ${empty})
  target_link_libraries(velatura_${name} PUBLIC velatura_options nlohmann_json::nlohmann_json ${ARG_LIBRARIES})
  target_precompile_headers(velatura_${name} PRIVATE
    ${ARG_HEADERS} <nlohmann/json.hpp> <filesystem> <functional> <map> <optional> <string> <vector>)
endfunction()

# Shares it, which was compiled as for a shared library.
function(velatura_share_precompiled target name)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fPIC>)
  target_precompile_headers(${target} REUSE_FROM velatura_${name}_pch)
endfunction()

# Links libtorch and shares a precompiled header that has it, `torch` or `test_torch`.
function(velatura_use_torch target pch)
  target_link_libraries(${target} PUBLIC torch::cpu)
  velatura_share_precompiled(${target} ${pch})
endfunction()

# Compiles its files together, `batch` at a time.
function(velatura_unity target batch)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${VELATURA_UNITY} UNITY_BUILD_BATCH_SIZE ${batch})
  # GCC takes a source file that others are compiled with for a header, whose types many files would see.
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endfunction()

# A room is a folder of src/ and a static library of all its .cpp files, but for benchmarks and CUDA.
# DEPENDS names other rooms (public) or imported targets, SOURCES files that were generated. A TORCH room
# includes libtorch. A LIGHT one has no loop over pixels or numbers that would have to be fast: -O1, which takes
# a fifth less time than -O2.
function(velatura_room name)
  cmake_parse_arguments(ARG "LIGHT;TORCH" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  list(FILTER sources EXCLUDE REGEX "_(bench|cuda)\\.cpp$")
  add_library(velatura_${name} STATIC ${sources} ${ARG_SOURCES})
  velatura_unity(velatura_${name} 20)
  target_link_libraries(velatura_${name} PUBLIC velatura_options)
  if(ARG_LIGHT)
    target_compile_options(velatura_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  foreach(dependency ${ARG_DEPENDS})
    if(TARGET velatura_${dependency})
      target_link_libraries(velatura_${name} PUBLIC velatura_${dependency})
    else()
      target_link_libraries(velatura_${name} PUBLIC ${dependency})
    endif()
  endforeach()
  target_link_libraries(velatura_${name} PRIVATE ${ARG_PRIVATE})
  if(ARG_TORCH)
    velatura_use_torch(velatura_${name} torch)
    set_target_properties(velatura_${name} PROPERTIES VELATURA_TORCH ON)
  endif()
endfunction()

# One test program, a process for each of its suites:
#   velatura_tests(samplers LABEL parity SOURCES … DEPENDS samplers)
# Tests find their files through VELATURA_FIXTURES (tests/fixtures).
function(velatura_tests name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;DEPENDS" ${ARGN})
  set(target ${name}_${ARG_LABEL}_tests)
  add_executable(${target} ${ARG_SOURCES})
  set(torch OFF)
  foreach(dependency ${ARG_DEPENDS})
    if(TARGET velatura_${dependency})
      target_link_libraries(${target} PUBLIC velatura_${dependency})
      get_target_property(of_room velatura_${dependency} VELATURA_TORCH)
      if(of_room)
        set(torch ON)
      endif()
    else()
      target_link_libraries(${target} PUBLIC ${dependency})
    endif()
  endforeach()
  velatura_test_program(${target} ${torch})
  # Whole runs on tiny models gain nothing from threads, and CTest already runs one test a core.
  if(ARG_LABEL MATCHES "^(parity|cli)$")
    set(environment ENVIRONMENT OMP_NUM_THREADS=1)
  endif()
  velatura_add_suites(${target} ${name}. LABELS ${ARG_LABEL} TIMEOUT 300 ${environment})
endfunction()

# How every program of tests is compiled: quickly, its files together. TORCH: whether it includes libtorch.
function(velatura_test_program target torch)
  target_link_libraries(${target} PUBLIC velatura_options velatura_test_programs GTest::gmock)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE VELATURA_FIXTURES="${PROJECT_SOURCE_DIR}/tests/fixtures"
                                               VELATURA_MODELS="${PROJECT_SOURCE_DIR}/models")
  set_target_properties(${target} PROPERTIES VELATURA_QUICK ON)
  velatura_unity(${target} 40)
  if(torch)
    velatura_use_torch(${target} test_torch)
  else()
    velatura_share_precompiled(${target} test)
  endif()
endfunction()
