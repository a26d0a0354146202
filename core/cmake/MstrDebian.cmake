# SPDX-License-Identifier: Apache-2.0
# Debian packages, one for each part of libmstr: cmake --preset package && cmake --build --preset package --target package.
# What CPack of CMake 3.25 does not make by itself, control files and documents that Debian's policy asks for, is made here.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libmstr)
set(CPACK_PACKAGE_CONTACT "libmstr maintainers <maintainers@libmstr.invalid>") # the owner's address goes here
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/core/cmake/debian/folder_modes.cmake")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_COMPONENTS_ALL)

set(made "${PROJECT_BINARY_DIR}/debian")
file(MAKE_DIRECTORY "${made}")

# mstr_gzip(file out): as Debian wants its documents, the same octets at any time.
function(mstr_gzip file out)
  execute_process(COMMAND gzip -9nc "${file}" OUTPUT_FILE "${out}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# The changelogs: the project's, and one of the package.
mstr_gzip("${PROJECT_SOURCE_DIR}/CHANGELOG.md" "${made}/changelog.gz")
include(MstrDate)
mstr_date("${PROJECT_SOURCE_DIR}" date)
execute_process(COMMAND date -uR "--date=@${date}" OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)
file(WRITE "${made}/changelog.Debian" "libmstr (${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Release ${PROJECT_VERSION}; what changed stands in changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
mstr_gzip("${made}/changelog.Debian" "${made}/changelog.Debian.gz")

# mstr_package(component name section synopsis description [depends]): one package, with its documents, and what lintian
# is to pass over: the file `overrides` of core/cmake/debian, and COMPONENT.overrides if there is one.
function(mstr_package component name section synopsis description)
  string(TOUPPER "${component}" key)
  set(CPACK_COMPONENTS_ALL ${CPACK_COMPONENTS_ALL} ${component} PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${name} PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  set(CPACK_COMPONENT_${key}_DESCRIPTION "${synopsis}\n${description}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_DEPENDS "${ARGN}" PARENT_SCOPE)
  set(documents "${CMAKE_INSTALL_DATADIR}/doc/${name}")
  install(FILES "${PROJECT_SOURCE_DIR}/core/cmake/debian/copyright" "${PROJECT_SOURCE_DIR}/NOTICE" "${made}/changelog.gz"
    "${made}/changelog.Debian.gz" DESTINATION "${documents}" COMPONENT ${component})
  file(WRITE "${made}/${name}.overrides" "")
  foreach(file overrides ${component}.overrides)
    if(EXISTS "${PROJECT_SOURCE_DIR}/core/cmake/debian/${file}")
      file(READ "${PROJECT_SOURCE_DIR}/core/cmake/debian/${file}" text)
      file(APPEND "${made}/${name}.overrides" "${text}")
    endif()
  endforeach()
  install(FILES "${made}/${name}.overrides" DESTINATION "${CMAKE_INSTALL_DATADIR}/lintian/overrides" RENAME ${name}
    COMPONENT ${component})
endfunction()

set(what "libmstr opens authenticated sessions to the MicroStrategy REST API while their
credentials stay in a secret store until the moment they are needed.")
mstr_package(runtime libmstr${PROJECT_VERSION_MAJOR} libs "sessions to MicroStrategy with credentials from secret stores"
  "${what}\n.\nThis package has the shared library, with the providers env, file, exec, cred\nand text built in."
  "libcurl4 | libcurl4t64, libssl3 | libssl3t64") # opened at run time
mstr_package(development libmstr-dev libdevel "sessions to MicroStrategy, for development"
  "${what}\n.\nThis package has the headers, the static library, the conformance run for\nproviders, guides and examples."
  "libjson-c-dev, libltdl-dev, libssl-dev") # which libmstr.pc and the CMake package look for
mstr_package(tool mstr utils "requests to MicroStrategy and secrets from stores, on the command line"
  "${what}\n.\nThis package has the command-line tool, which also gives secrets to other\nprograms.")
set(CPACK_COMPONENT_DEVELOPMENT_DEPENDS runtime)
set(CPACK_COMPONENT_TOOL_DEPENDS runtime)
foreach(name IN LISTS MSTR_PROVIDERS)
  mstr_package(provider-${name} libmstr-provider-${name} libs "sessions to MicroStrategy, provider of secrets: ${name}"
    "${what}\n.\nThis package has the plugin for references to the store of ${name}.")
  string(TOUPPER "provider-${name}" key)
  set(CPACK_COMPONENT_${key}_DEPENDS runtime)
endforeach()
foreach(name IN LISTS MSTR_STORES)
  mstr_package(store-${name} libmstr-store-${name} libs "sessions to MicroStrategy, shared by a fleet through ${name}"
    "${what}\n.\nThis package has the module by which workers on many machines share sessions\nthrough ${name}.")
  string(TOUPPER "store-${name}" key)
  set(CPACK_COMPONENT_${key}_DEPENDS runtime)
endforeach()
if(MSTR_AGENT)
  mstr_package(agent mstr-agent utils "secrets and sessions of MicroStrategy for all processes of a user"
    "${what}\n.\nThis package has the agent, which fetches and keeps secrets for all others,\nover a Unix socket."
    "libcurl4 | libcurl4t64, libssl3 | libssl3t64")
endif()
if(MSTR_SIMULATOR)
  mstr_package(simulator mstr-sim utils "strict simulator of MicroStrategy and of secret stores"
    "${what}\n.\nThis package has a server for trying all of it on one machine, without an\naccount.")
endif()

# What TLS trusts in most places, and where a user of the tool finds the stores.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS ca-certificates)
list(TRANSFORM MSTR_PROVIDERS PREPEND libmstr-provider- OUTPUT_VARIABLE plugins)
list(JOIN plugins ", " CPACK_DEBIAN_TOOL_PACKAGE_SUGGESTS)

# The control files of the library: its symbols, each with the version that brought it, which its node of the map tells, and no
# script but ldconfig's trigger.
set(symbols "")
file(STRINGS "${PROJECT_SOURCE_DIR}/core/libmstr.map" map)
foreach(line IN LISTS map)
  if(line MATCHES "^(LIBMSTR_([0-9.]+)) ")
    set(node "${CMAKE_MATCH_1}")
    set(since "${CMAKE_MATCH_2}.0")
    string(APPEND symbols " ${node}@${node} ${since}\n")
  elseif(line MATCHES "^    (mstr_[a-z0-9_]+)")
    string(APPEND symbols " ${CMAKE_MATCH_1}@${node} ${since}\n")
  endif()
endforeach()
set(library libmstr${PROJECT_VERSION_MAJOR})
file(WRITE "${made}/symbols" "libmstr.so.${PROJECT_VERSION_MAJOR} ${library} #MINVER#\n* Build-Depends-Package: libmstr-dev\n${symbols}")
file(WRITE "${made}/shlibs" "libmstr ${PROJECT_VERSION_MAJOR} ${library} (>= ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})\n")
file(WRITE "${made}/triggers" "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${made}/symbols" "${made}/shlibs" "${made}/triggers")

include(CPack)
