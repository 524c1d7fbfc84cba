# What `cmake --install` gives other projects, in two components: `tools` (the
# tools and the plugin) and `dev` (headers, TableGen files, libraries, and the
# package that find_package(MoA) reads). CPack makes a Debian package of each.

include(CMakePackageConfigHelpers)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/moa ${PROJECT_BINARY_DIR}/include/moa
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.h.inc"
  PATTERN CMakeFiles EXCLUDE)

set(MOA_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/MoA)
install(EXPORT MoATargets NAMESPACE MoA::
  DESTINATION ${MOA_INSTALL_CMAKEDIR} COMPONENT dev)
configure_package_config_file(
  cmake/MoAConfig.cmake.in ${PROJECT_BINARY_DIR}/MoAConfig.cmake
  INSTALL_DESTINATION ${MOA_INSTALL_CMAKEDIR}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/MoAConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/MoAConfig.cmake
  ${PROJECT_BINARY_DIR}/MoAConfigVersion.cmake
  DESTINATION ${MOA_INSTALL_CMAKEDIR} COMPONENT dev)

foreach(component tools dev)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/moa-${component}
    COMPONENT ${component})
endforeach()

set(CPACK_PACKAGE_NAME moa)
set(CPACK_PACKAGE_CONTACT "The moa authors <moa@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
    "MLIR dialect and compiler for mixture-of-attention layers")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL tools dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME moa-tools)
# The libraries' packages and their versions, from the libraries themselves.
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
# LLVM's is found through a link that has no such information.
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "libllvm${LLVM_VERSION_MAJOR}")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME moa-dev)
# MLIRConfig.cmake checks that the tools it exports are there.
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libmlir-${LLVM_VERSION_MAJOR}-dev, llvm-${LLVM_VERSION_MAJOR}-dev, mlir-${LLVM_VERSION_MAJOR}-tools")
set(CPACK_COMPONENT_TOOLS_DESCRIPTION
    "moa-opt, moa-run, moa-import, moa-translate, moa-reduce, moa-lsp-server and the plugin for mlir-opt")
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "Headers, TableGen files, static libraries and a CMake package")
set(CPACK_COMPONENT_DEV_DEPENDS tools)
include(CPack)
