# SPDX-License-Identifier: Apache-2.0
# The single-file mstr, cmake --preset bundle && cmake --build --preset bundle: whatever libmstr stands on is linked in from
# Debian's static archives, libcurl from Debian's own source with HTTP and HTTPS alone, and every provider as one relocatable
# object of which nothing but the entry point is seen. What is left to the system is the C library, and dlopen() for plugins
# of others. MstrDependencies includes this first of all.
if(MSTR_TESTS)
  message(FATAL_ERROR "MSTR_TESTS needs plugins as files, which MSTR_BUNDLE has none of; the release preset tests the bundle")
endif()
include(ExternalProject)
set(BUILD_SHARED_LIBS OFF)
set(CMAKE_SKIP_RPATH ON) # not even room for one: the loader would look in each of its places
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(OPENSSL_USE_STATIC_LIBS TRUE)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto SSL)
find_package(ZLIB REQUIRED) # answers of a server come compressed

# What nothing calls is left out, and there are no symbols of one's own to keep.
set(parts -ffunction-sections -fdata-sections)
add_compile_options(${parts})
add_link_options(-Wl,--gc-sections -Wl,-z,pack-relative-relocs -s)

set(MSTR_CURL_SOURCE "" CACHE PATH "curl's source, unpacked; without it Debian's is fetched")
set(curl_source "${MSTR_CURL_SOURCE}")
if(NOT curl_source)
  set(curl_source "${PROJECT_BINARY_DIR}/debian/curl")
  if(NOT EXISTS "${curl_source}")
    message(STATUS "Fetching Debian's source of curl")
    execute_process(COMMAND "${CMAKE_CURRENT_LIST_DIR}/curl_source" "${PROJECT_BINARY_DIR}/debian"
      OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  endif()
endif()

# Lookups have deadlines, so a thread of libcurl's makes them. Which file has the system's roots is looked for at run time
# (core/http/trust.c), as it is another on each distribution.
get_directory_property(options COMPILE_OPTIONS)
list(FILTER options EXCLUDE REGEX "^-(W|Werror)")
list(JOIN options " " options)
set(curl_archive "${PROJECT_BINARY_DIR}/curl/lib/libcurl.a")
ExternalProject_Add(bundled_curl
  SOURCE_DIR "${curl_source}"
  BINARY_DIR "${PROJECT_BINARY_DIR}/curl"
  CMAKE_ARGS --no-warn-unused-cli
    "-DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}" "-DCMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER}"
    -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS_RELEASE=${CMAKE_C_FLAGS_RELEASE}" "-DCMAKE_C_FLAGS=${options} -w -DOPENSSL_NO_FILENAMES"
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DBUILD_SHARED_LIBS=OFF -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DENABLE_MANUAL=OFF -DPICKY_COMPILER=OFF
    -DHTTP_ONLY=ON -DCURL_USE_OPENSSL=ON -DCURL_ZLIB=ON -DENABLE_THREADED_RESOLVER=ON -DENABLE_IPV6=ON
    -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none
    -DUSE_NGHTTP2=OFF -DUSE_LIBIDN2=OFF -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBSSH=OFF
    -DCURL_USE_GSSAPI=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF
    -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_DOH=ON -DCURL_DISABLE_GETOPTIONS=ON
    -DCURL_DISABLE_HSTS=ON -DCURL_DISABLE_LIBCURL_OPTION=ON -DCURL_DISABLE_NETRC=ON -DCURL_DISABLE_NTLM=ON
  BUILD_COMMAND "${CMAKE_COMMAND}" --build . --target libcurl
  BUILD_ALWAYS ON # the source may have been renewed
  INSTALL_COMMAND ""
  BUILD_BYPRODUCTS "${curl_archive}")
set(CURL_INCLUDE_DIRS "${curl_source}/include")
add_library(mstr_bundled_curl STATIC IMPORTED GLOBAL)
set_target_properties(mstr_bundled_curl PROPERTIES IMPORTED_LOCATION "${curl_archive}"
  INTERFACE_COMPILE_DEFINITIONS CURL_STATICLIB INTERFACE_LINK_LIBRARIES "OpenSSL::SSL;OpenSSL::Crypto;ZLIB::ZLIB")
add_dependencies(mstr_bundled_curl bundled_curl)

# mstr_bundle_provider(name lib...): the provider's object, of itself and those of its libraries that are the project's own,
# and its row in the table.
function(mstr_bundle_provider name)
  set(foreign ${ARGN})
  list(FILTER foreign INCLUDE REGEX "::")
  set(own ${ARGN} mstr_base)
  list(FILTER own EXCLUDE REGEX "::")
  list(TRANSFORM own REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE archives)
  set(entry "${name}_provider_entry")
  set(object "${CMAKE_CURRENT_BINARY_DIR}/${name}.o")
  add_custom_command(OUTPUT "${object}"
    COMMAND "${CMAKE_LINKER}" -r -o "${object}" "$<TARGET_OBJECTS:provider_${name}>" --start-group ${archives} --end-group
    COMMAND "${CMAKE_OBJCOPY}" --redefine-sym mstr_provider_entry=${entry} --keep-global-symbol=${entry} "${object}"
    DEPENDS "$<TARGET_OBJECTS:provider_${name}>" ${own} COMMAND_EXPAND_LISTS VERBATIM)
  add_library(bundled_${name} STATIC "${object}")
  set_target_properties(bundled_${name} PROPERTIES LINKER_LANGUAGE C)
  target_link_libraries(bundled_${name} PRIVATE OpenSSL::Crypto PkgConfig::JSONC ${foreign})
  set_property(GLOBAL APPEND PROPERTY MSTR_BUNDLED ${name})

  file(GLOB manifests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.provider")
  foreach(manifest ${manifests})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${manifest}")
    get_filename_component(scheme "${manifest}" NAME_WE)
    file(READ "${manifest}" text)
    string(REGEX REPLACE "([\"\\\\])" "\\\\\\1" text "${text}")
    string(REPLACE "\n" "\\n" text "${text}")
    set_property(GLOBAL APPEND_STRING PROPERTY MSTR_BUNDLED_MANIFESTS "    {\"${scheme}\", \"${text}\"},\n")
  endforeach()
endfunction()
