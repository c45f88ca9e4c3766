# cmake --install build/release --prefix PREFIX gives
#   bin/velatura                    the program
#   lib/libvelatura.a               what include/velatura promises, with all that it needs but libtorch
#   lib/libsentencepiece.so.*       where it was linked as a shared library
#   lib/libvelatura_cuda*.so        the CUDA kernels and graphs, where they are built
#   lib/cmake/velatura              find_package(velatura): the target velatura::velatura
#   share/velatura/models           bundled models and CLIP's vocabulary
#   share/man, share/bash-completion, …   what the program says of itself
#   share/velatura/manifest.txt     what is there, for scripts/uninstall.sh
# The folder can be moved as a whole. libtorch stays where it was at the build, in its wheel. What is
# only for those who link the library is the component `development`, the rest `program`.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The static libraries that a target is linked from, its own and others'.
function(velatura_archives target result)
  set(archives "")
  get_target_property(imported ${target} IMPORTED)
  if(imported)
    get_target_property(dependencies ${target} INTERFACE_LINK_LIBRARIES)
  else()
    get_target_property(dependencies ${target} LINK_LIBRARIES)
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type MATCHES "^(INTERFACE|SHARED)_LIBRARY$")
    list(APPEND archives "$<TARGET_FILE:${target}>")
  endif()
  foreach(dependency ${dependencies})
    if(TARGET ${dependency})
      velatura_archives(${dependency} more)
      list(APPEND archives ${more})
    elseif(dependency MATCHES "\\.a$")
      list(APPEND archives ${dependency})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES archives)
  set(${result} ${archives} PARENT_SCOPE)
endfunction()

# For programs that have this checkout in their build.
add_library(velatura_library INTERFACE)
add_library(velatura::velatura ALIAS velatura_library)
target_link_libraries(velatura_library INTERFACE velatura_generator velatura_image)

velatura_archives(velatura_generator archives)
list(TRANSFORM archives REPLACE "(.+)" "ADDLIB \\1\n" OUTPUT_VARIABLE members)
string(REPLACE ";" "" members "${members}")
set(library ${PROJECT_BINARY_DIR}/libvelatura.a)
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/libvelatura.mri CONTENT "CREATE ${library}\n${members}SAVE\nEND\n")
add_custom_command(OUTPUT ${library}
  COMMAND ${CMAKE_COMMAND} -E rm -f ${library}
  COMMAND ${CMAKE_AR} -M < ${PROJECT_BINARY_DIR}/libvelatura.mri
  DEPENDS ${archives} ${PROJECT_BINARY_DIR}/libvelatura.mri)
add_custom_target(velatura_archive ALL DEPENDS ${library})

set(torch_libraries ${VELATURA_TORCH_DIR}/lib)
set_target_properties(velatura PROPERTIES
  INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}:${torch_libraries}")
install(TARGETS velatura COMPONENT program)
if(TARGET velatura_cuda)
  set_target_properties(velatura_cuda velatura_cuda_graph PROPERTIES INSTALL_RPATH ${torch_libraries})
  install(TARGETS velatura_cuda velatura_cuda_graph LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT program)
endif()
get_property(shared_libraries GLOBAL PROPERTY VELATURA_SHARED_LIBRARIES)
install(FILES ${shared_libraries} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT program)
install(FILES ${library} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/velatura DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(DIRECTORY models DESTINATION ${CMAKE_INSTALL_DATADIR}/velatura COMPONENT program
        PATTERN configs EXCLUDE)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/velatura)
set(shared_names "")
foreach(shared_library ${shared_libraries})
  get_filename_component(name ${shared_library} NAME)
  list(APPEND shared_names ${name})
endforeach()
configure_package_config_file(scripts/cmake/velaturaConfig.cmake.in ${PROJECT_BINARY_DIR}/velaturaConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/velaturaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/velaturaConfig.cmake ${PROJECT_BINARY_DIR}/velaturaConfigVersion.cmake
  DESTINATION ${package} COMPONENT development)

set(prefix "\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}")
install(CODE "set(installed_program \"${prefix}/${CMAKE_INSTALL_BINDIR}/velatura\")
              set(installed_data \"${prefix}/${CMAKE_INSTALL_DATADIR}\")" COMPONENT program)
install(SCRIPT scripts/cmake/install_documents.cmake COMPONENT program)
