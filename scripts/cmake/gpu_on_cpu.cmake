# velatura_emulated(TARGET FILE.cu …): adds .cu files to a target as C++ for the emulated GPU.
function(velatura_emulated target)
  foreach(source ${ARGN})
    cmake_path(GET source FILENAME name)
    set(translated ${CMAKE_CURRENT_BINARY_DIR}/${target}/${name}.cpp)
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${target})
    add_custom_command(OUTPUT ${translated}
      COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/support/gpu_on_cpu/cuda_to_cpp.py
              ${source} ${translated}
      DEPENDS ${source} ${PROJECT_SOURCE_DIR}/tests/support/gpu_on_cpu/cuda_to_cpp.py)
    # CUDA's headers and pragmas mean nothing to a C++ compiler.
    set_source_files_properties(${translated} PROPERTIES COMPILE_OPTIONS
      "-Wno-unknown-pragmas;-Wno-unused-parameter;-Wno-attributes" SKIP_PRECOMPILE_HEADERS ON)
    set(runtime ${PROJECT_SOURCE_DIR}/tests/support/gpu_on_cpu/gpu_on_cpu.cpp)
    set_source_files_properties(${runtime} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    target_sources(${target} PRIVATE ${translated} ${runtime})
  endforeach()
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_include_directories(${target} SYSTEM PRIVATE ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
endfunction()
