# SPDX-License-Identifier: Apache-2.0
# The few kinds of target the project has, so that the CMakeLists.txt of a folder is a list of its files.

# mstr_sources(file...): files of the calling folder that belong to libmstr.
function(mstr_sources)
  list(TRANSFORM ARGN PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  target_sources(mstr_objects PRIVATE ${ARGN})
endfunction()

# mstr_program(target name component): what is installed as NAME. It finds libmstr relative to itself, so that what was
# installed can be moved as a whole; below /usr, where the system finds it, nothing of the kind is left in the program.
function(mstr_program target name component)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} BUILD_RPATH_USE_ORIGIN ON)
  if(NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    file(RELATIVE_PATH library "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
    set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN/${library}")
  endif()
  install(TARGETS ${target} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT ${component})
endfunction()

# mstr_provider(name file... [LIBRARIES lib...]): a plugin NAME.so that exports one symbol, the manifests of its schemes
# (the folder's SCHEME.provider files) beside it, and the static library provider_NAME of the same objects for its unit
# tests. Nothing is built of a provider that MSTR_PROVIDERS does not name. A single-file program
# has it inside instead (MstrBundle).
function(mstr_provider name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  if(NOT name IN_LIST MSTR_PROVIDERS)
    return()
  endif()
  add_library(provider_${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(provider_${name} PUBLIC "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/providers")
  target_link_libraries(provider_${name} PUBLIC ${ARG_LIBRARIES})
  if(MSTR_BUNDLE)
    mstr_bundle_provider(${name} ${ARG_LIBRARIES})
    return()
  endif()
  # As objects, not as an archive: what comes out of archives is hidden below, the entry point must not be.
  mstr_plugin_module(${name} "$<TARGET_OBJECTS:provider_${name}>")
  target_link_libraries(plugin_${name} PRIVATE ${ARG_LIBRARIES})
  set_target_properties(plugin_${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/mstr")
  install(TARGETS plugin_${name} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/mstr" COMPONENT provider-${name})
  file(GLOB manifests CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "*.provider")
  foreach(manifest ${manifests})
    configure_file("${manifest}" "${PROJECT_BINARY_DIR}/lib/mstr/${manifest}" COPYONLY)
  endforeach()
  install(FILES ${manifests} DESTINATION "${CMAKE_INSTALL_LIBDIR}/mstr" COMPONENT provider-${name})
endfunction()

# mstr_store(name file... [LIBRARIES lib...]): a fleet's store, the module mstr_store_NAME.so that exports one symbol, and the
# static library store_NAME of the same objects for its unit tests.
function(mstr_store name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  add_library(store_${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(store_${name} PUBLIC "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/providers")
  target_link_libraries(store_${name} PUBLIC ${ARG_LIBRARIES})
  mstr_plugin_module(mstr_store_${name} "$<TARGET_OBJECTS:store_${name}>")
  target_link_libraries(plugin_mstr_store_${name} PRIVATE ${ARG_LIBRARIES})
  set_target_properties(plugin_mstr_store_${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/mstr")
  install(TARGETS plugin_mstr_store_${name} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/mstr" COMPONENT store-${name})
endfunction()

# mstr_plugin_module(name file...): a module NAME.so with the plugin's symbol map and nothing installed.
function(mstr_plugin_module name)
  add_library(plugin_${name} MODULE ${ARGN})
  set(map "${PROJECT_SOURCE_DIR}/providers/plugin.map")
  target_include_directories(plugin_${name} PRIVATE "${PROJECT_SOURCE_DIR}/include")
  target_link_options(plugin_${name} PRIVATE "-Wl,--version-script=${map}" -Wl,--exclude-libs,ALL -Wl,-z,defs)
  if(MSTR_SANITIZE)
    target_link_options(plugin_${name} PRIVATE -Wl,-z,undefs)
  endif()
  set_target_properties(plugin_${name} PROPERTIES PREFIX "" OUTPUT_NAME "${name}" LINK_DEPENDS "${map}")
endfunction()

# mstr_threads(test name source): labels a test `threads`, for ThreadSanitizer, where its source starts some or MSTR_THREADED, which
# the folder of the tests sets, has its name.
function(mstr_threads test name source)
  file(STRINGS "${source}" starts REGEX "pthread_create")
  if(name IN_LIST MSTR_THREADED OR starts)
    set_property(TEST ${test} APPEND PROPERTY LABELS threads)
  endif()
endfunction()

# mstr_unit_test(path [LIBRARIES lib...]): the CMocka program tests/unit/PATH_test.c, registered as unit/PATH.
function(mstr_unit_test path)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;SOURCES" ${ARGN})
  string(REPLACE "/" "_" target "unit_${path}_test")
  add_executable(${target} "${PROJECT_SOURCE_DIR}/tests/unit/${path}_test.c" ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/core" "${PROJECT_SOURCE_DIR}/tests"
    "${PROJECT_SOURCE_DIR}/providers")
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES} mstr_static PkgConfig::CMOCKA PkgConfig::JSONC)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_test(NAME unit/${path} COMMAND ${target})
  set_tests_properties(unit/${path} PROPERTIES LABELS unit TIMEOUT 120)
  string(REGEX REPLACE "/.*" "" folder "${path}")
  mstr_threads(unit/${path} ${folder} "${PROJECT_SOURCE_DIR}/tests/unit/${path}_test.c")
  set_property(TEST unit/${path} PROPERTY ENVIRONMENT "MSTR_TEST_VECTORS=${MSTR_TEST_VECTORS}")
endfunction()

# mstr_unit_tests(folder [EXCEPT name...] [LIBRARIES lib...]): every NAME_test.c in tests/unit/FOLDER and below.
function(mstr_unit_tests folder)
  cmake_parse_arguments(ARG "" "" "EXCEPT;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests/unit/${folder}"
    "${PROJECT_SOURCE_DIR}/tests/unit/${folder}/*_test.c")
  foreach(test ${tests})
    string(REGEX REPLACE "_test[.]c$" "" name "${test}")
    if(NOT name IN_LIST ARG_EXCEPT)
      mstr_unit_test(${folder}/${name} LIBRARIES ${ARG_LIBRARIES})
    endif()
  endforeach()
endfunction()

# mstr_program_test(path source): a unit test of a program, whose main() it calls as program_main(), see
# tests/unit/cli/program.h.
function(mstr_program_test path source)
  set_source_files_properties("${PROJECT_SOURCE_DIR}/${source}" PROPERTIES
    COMPILE_DEFINITIONS "main=program_main;MSTR_EXIT_HANDLERS")
  mstr_unit_test(${path} LIBRARIES mstr_cli_harness SOURCES "${PROJECT_SOURCE_DIR}/${source}")
endfunction()

# mstr_integration_test(name file... [LIBRARIES lib...] [ENVIRONMENT name=value...]): a CMocka program that runs the real
# binaries against the simulator, registered as integration/NAME. It finds them through the environment: MSTR_SIM,
# MSTR_BIN, MSTR_PLUGINS (folder of the provider plugins), MSTR_TEST_PLUGINS (folder of the test doubles), MSTR_SOURCE.
function(mstr_integration_test name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;ENVIRONMENT" ${ARGN})
  string(REPLACE "/" "_" target "integration_${name}_test")
  add_executable(${target} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  if("mstr_static" IN_LIST ARG_LIBRARIES) # which shows what the shared library hides
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/core")
  endif()
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES} mstr_test_support PkgConfig::CMOCKA PkgConfig::JSONC)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_dependencies(${target} mstr-sim)
  add_test(NAME integration/${name} COMMAND ${target})
  set_tests_properties(integration/${name} PROPERTIES LABELS integration TIMEOUT 300)
  mstr_threads(integration/${name} ${name} "${CMAKE_CURRENT_SOURCE_DIR}/${name}_test.c")
  set_property(TEST integration/${name} PROPERTY ENVIRONMENT ${ARG_ENVIRONMENT}
    "MSTR_SIM=$<TARGET_FILE:mstr-sim>" "MSTR_BIN=${PROJECT_BINARY_DIR}/bin/mstr"
    "MSTR_PLUGINS=${PROJECT_BINARY_DIR}/lib/mstr" "MSTR_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/plugins"
    "MSTR_SOURCE=${PROJECT_SOURCE_DIR}" "MSTR_TEST_VECTORS=${MSTR_TEST_VECTORS}")
endfunction()

# mstr_peer_test(name file): a test in Python that compares other people's clients with ours, those of npm among them.
function(mstr_peer_test name file)
  mstr_python_test(peers/${name} ${file} LABELS peers)
  set_tests_properties(peers/${name} PROPERTIES FIXTURES_REQUIRED node_packages)
  set_property(TEST peers/${name} APPEND PROPERTY ENVIRONMENT "MSTR_NODE_PACKAGES=${MSTR_NODE_PACKAGES}")
endfunction()

# mstr_python_test(name file LABELS label...): a test in Python that drives the real binaries.
function(mstr_python_test name file)
  cmake_parse_arguments(ARG "" "" "LABELS" ${ARGN})
  add_test(NAME ${name} COMMAND /usr/bin/python3 -B "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 300)
  set_property(TEST ${name} PROPERTY ENVIRONMENT
    "MSTR_SIM=$<TARGET_FILE:mstr-sim>" "MSTR_BIN=${PROJECT_BINARY_DIR}/bin/mstr"
    "MSTR_PROVIDER_TEST=${PROJECT_BINARY_DIR}/bin/mstr-provider-test" "MSTR_STORE_TEST=${PROJECT_BINARY_DIR}/bin/mstr-store-test"
    "MSTR_PLUGINS=${PROJECT_BINARY_DIR}/lib/mstr" "MSTR_TEST_PLUGINS=${PROJECT_BINARY_DIR}/tests/plugins")
endfunction()
