# SPDX-License-Identifier: Apache-2.0
# How the project is found by others after installation: pkg-config file and CMake package. Both tell places relative to
# themselves, so that what was installed can be moved as a whole.
include(CMakePackageConfigHelpers)

file(RELATIVE_PATH MSTR_PC_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file(core/cmake/libmstr.pc.in libmstr.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/libmstr.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)

set(MSTR_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/libmstr")
configure_package_config_file(core/cmake/libmstrConfig.cmake.in libmstrConfig.cmake
  INSTALL_DESTINATION "${MSTR_PACKAGE_DIR}" PATH_VARS CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(libmstrConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(EXPORT libmstrTargets NAMESPACE libmstr:: DESTINATION "${MSTR_PACKAGE_DIR}" COMPONENT development)
install(FILES "${PROJECT_BINARY_DIR}/libmstrConfig.cmake" "${PROJECT_BINARY_DIR}/libmstrConfigVersion.cmake"
  core/cmake/FindLTDL.cmake DESTINATION "${MSTR_PACKAGE_DIR}" COMPONENT development)
