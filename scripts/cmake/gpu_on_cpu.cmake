# The emulated GPU (tests/support/gpu_on_cpu) and what is compiled for it, as gpu_on_cpu_NAME:
#   velatura_gpu_on_cpu(NAME OPTION…)  with these options
function(velatura_gpu_on_cpu name)
  set(target gpu_on_cpu_${name})
  add_library(${target} OBJECT ${PROJECT_SOURCE_DIR}/tests/support/gpu_on_cpu/gpu_on_cpu.cpp)
  target_link_libraries(${target} PUBLIC velatura_options)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/tests)
  target_include_directories(${target} SYSTEM PUBLIC ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  target_compile_options(${target} PUBLIC -g1 -U_FORTIFY_SOURCE ${ARGN})
endfunction()

# velatura_emulated(TARGET NAME FILE.cu …): .cu files as C++ for it, an object library.
function(velatura_emulated target name)
  add_library(${target} OBJECT)
  target_link_libraries(${target} PRIVATE gpu_on_cpu_${name})
  foreach(source ${ARGN})
    cmake_path(GET source FILENAME file)
    set(translated ${CMAKE_CURRENT_BINARY_DIR}/${target}/${file}.cpp)
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${target})
    add_custom_command(OUTPUT ${translated}
      COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/support/gpu_on_cpu/cuda_to_cpp.py
              ${source} ${translated}
      DEPENDS ${source} ${PROJECT_SOURCE_DIR}/tests/support/gpu_on_cpu/cuda_to_cpp.py)
    target_sources(${target} PRIVATE ${translated})
  endforeach()
  # CUDA's headers and pragmas mean nothing to a C++ compiler.
  target_compile_options(${target} PRIVATE -Wno-unknown-pragmas -Wno-unused-parameter -Wno-attributes)
endfunction()
