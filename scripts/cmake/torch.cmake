# libtorch as it comes in PyPI's wheel (scripts/requirements.txt pins it, scripts/setup.sh installs
# it into .venv). Only libtorch_cpu and libc10 are linked; the CUDA half is opened when a GPU is
# asked for, so that a start on the CPU does not pay for it.
file(STRINGS ${PROJECT_SOURCE_DIR}/scripts/requirements.txt torch_pin REGEX "^torch==")
string(REGEX REPLACE "^torch==" "" torch_pin "${torch_pin}")

if(NOT VELATURA_TORCH_DIR)
  file(GLOB torch_found ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
  set(VELATURA_TORCH_DIR "${torch_found}" CACHE PATH "Folder of the torch package (with include/ and lib/)" FORCE)
endif()
if(NOT EXISTS ${VELATURA_TORCH_DIR}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "libtorch is not at '${VELATURA_TORCH_DIR}': run scripts/setup.sh, or set VELATURA_TORCH_DIR")
endif()
file(STRINGS ${VELATURA_TORCH_DIR}/version.py torch_version REGEX "^__version__ = ")
if(NOT torch_version MATCHES "'${torch_pin}[+']")
  message(FATAL_ERROR "libtorch at ${VELATURA_TORCH_DIR} is ${torch_version}, wanted ${torch_pin}")
endif()

add_library(torch::cpu INTERFACE IMPORTED)
target_include_directories(torch::cpu SYSTEM INTERFACE
  ${VELATURA_TORCH_DIR}/include ${VELATURA_TORCH_DIR}/include/torch/csrc/api/include)
target_link_libraries(torch::cpu INTERFACE
  ${VELATURA_TORCH_DIR}/lib/libtorch_cpu.so ${VELATURA_TORCH_DIR}/lib/libc10.so)
# What one file needs of libtorch, not every operator there is.
target_compile_definitions(torch::cpu INTERFACE AT_PER_OPERATOR_HEADERS)
target_link_options(torch::cpu INTERFACE -Wl,--allow-shlib-undefined -Wl,-rpath,${VELATURA_TORCH_DIR}/lib)

find_package(nlohmann_json 3.11 REQUIRED)

# GCC instantiates what templates a precompiled header uses in every unit of compilation again, which takes
# each two seconds; torch/nn/module.h would take two more.
velatura_precompile(torch_pch LIBRARIES torch::cpu HEADERS <ATen/ATen.h>)
