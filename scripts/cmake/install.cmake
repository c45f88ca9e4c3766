# cmake --install build/release --prefix PREFIX gives
#   bin/velatura                      the program
#   lib/libvelatura.so                the library behind include/velatura, all that it needs but libtorch in it
#   lib/libvelatura_cuda.so           the CUDA kernels, where they are built
#   lib/cmake/velatura                find_package(velatura): the target velatura::velatura
#   share/velatura/models             bundled models and CLIP's vocabulary
#   share/man, share/bash-completion, …   made by the program itself
#   share/velatura/manifest.txt       what is there, for scripts/uninstall.sh
# The folder can be moved as a whole. libtorch stays where it was at the build, in its wheel.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Static libraries become a shared one: all of the rooms that the public headers are about.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/velatura_library.cpp CONTENT "")
add_library(velatura_library SHARED ${PROJECT_BINARY_DIR}/velatura_library.cpp)
add_library(velatura::velatura ALIAS velatura_library)
set_target_properties(velatura_library PROPERTIES
  OUTPUT_NAME velatura EXPORT_NAME velatura
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_compile_features(velatura_library INTERFACE cxx_std_20)
target_include_directories(velatura_library INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(velatura_library PRIVATE
  $<LINK_LIBRARY:WHOLE_ARCHIVE,velatura_core,velatura_image,velatura_pipelines>)
target_link_options(velatura_library PRIVATE -Wl,--exclude-libs,ALL -Wl,--no-undefined)

set(torch_rpath ${VELATURA_TORCH_DIR}/lib)
set_target_properties(velatura PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}:${torch_rpath}")
set(libraries velatura_library)
if(TARGET velatura_cuda)
  list(APPEND libraries velatura_cuda)
endif()
set_target_properties(${libraries} PROPERTIES INSTALL_RPATH "$ORIGIN:${torch_rpath}")

install(TARGETS velatura)
install(TARGETS velatura_library EXPORT velatura LIBRARY)
if(TARGET velatura_cuda)
  install(TARGETS velatura_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY include/velatura DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY models DESTINATION ${CMAKE_INSTALL_DATADIR}/velatura PATTERN configs EXCLUDE)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/velatura)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/velatura)
install(EXPORT velatura NAMESPACE velatura:: FILE velaturaConfig.cmake DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/velaturaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/velaturaConfigVersion.cmake DESTINATION ${package})

install(CODE "set(data \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}\")
              set(program \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/velatura\")")
install(SCRIPT scripts/cmake/install_documents.cmake)
