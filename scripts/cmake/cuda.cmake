# VELATURA_CUDA: ON, OFF, or AUTO, which builds the CUDA kernels if there is an nvcc for the CUDA that
# libtorch was built with. Looks at $CUDACXX, $PATH, $CUDA_HOME, /usr/local/cuda and PyPI's nvcc in
# .venv (scripts/setup.sh installs that where there is none). Below, VELATURA_CUDA is ON or OFF.
set(VELATURA_CUDA AUTO CACHE STRING "Build the CUDA kernels: ON, OFF or AUTO")
set_property(CACHE VELATURA_CUDA PROPERTY STRINGS AUTO ON OFF)

function(velatura_find_nvcc)
  get_filename_component(site_packages ${VELATURA_TORCH_DIR} DIRECTORY)
  file(STRINGS ${VELATURA_TORCH_DIR}/version.py torch_cuda REGEX "^cuda: .*'")
  string(REGEX REPLACE ".*'([0-9]+)\\..*" "\\1" wanted "${torch_cuda}")
  set(why_not "" PARENT_SCOPE)
  if(NOT wanted)
    set(why_not "this libtorch is without CUDA" PARENT_SCOPE)
    return()
  endif()
  set(torch_cudart ${site_packages}/nvidia/cu${wanted}/lib/libcudart.so.${wanted} PARENT_SCOPE)
  find_program(VELATURA_NVCC NAMES $ENV{CUDACXX} nvcc HINTS $ENV{CUDA_HOME}/bin
               PATHS /usr/local/cuda/bin ${site_packages}/nvidia/cu${wanted}/bin)
  if(NOT VELATURA_NVCC)
    set(why_not "there is no nvcc" PARENT_SCOPE)
    return()
  endif()
  execute_process(COMMAND ${VELATURA_NVCC} --version OUTPUT_VARIABLE nvcc_version ERROR_QUIET)
  if(NOT nvcc_version MATCHES "release ${wanted}\\.")
    set(why_not "${VELATURA_NVCC} is not of CUDA ${wanted}" PARENT_SCOPE)
  endif()
endfunction()

if(VELATURA_CUDA STREQUAL "AUTO" OR VELATURA_CUDA)
  velatura_find_nvcc()
  if(why_not AND NOT VELATURA_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "VELATURA_CUDA is ${VELATURA_CUDA}, but ${why_not}")
  elseif(why_not)
    message(STATUS "CUDA kernels: not built, ${why_not}")
    set(VELATURA_CUDA OFF)
  else()
    message(STATUS "CUDA kernels: built with ${VELATURA_NVCC}")
    set(VELATURA_CUDA ON)
  endif()
endif()

if(VELATURA_CUDA)
  # The wheel's libtorch and libcudart are used, so that one runtime serves both.
  set(CMAKE_CUDA_COMPILER ${VELATURA_NVCC})
  set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
  # One of each generation since Turing, which its later members run as well (8.0: also 8.6 and 8.9);
  # what is newer than all takes the last one's PTX.
  set(VELATURA_CUDA_ARCHITECTURES 75-real 80-real 90-real 100-real 120
      CACHE STRING "GPU architectures; the last also as PTX")
  set(CMAKE_CUDA_ARCHITECTURES ${VELATURA_CUDA_ARCHITECTURES})
  set(CMAKE_CUDA_STANDARD 17)  # the newest that CMake 3.25 knows of nvcc 13
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_RUNTIME_LIBRARY None)
  set(CMAKE_CUDA_FLAGS_INIT "-Xcompiler=-Wall,-Wextra")
  enable_language(CUDA)
  if(CCACHE)
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
  endif()

  add_library(torch::cuda_runtime INTERFACE IMPORTED)
  target_include_directories(torch::cuda_runtime SYSTEM INTERFACE ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  target_link_libraries(torch::cuda_runtime INTERFACE torch::cpu ${torch_cudart})
endif()
