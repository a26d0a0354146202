# SPDX-License-Identifier: Apache-2.0
# The libraries that libmstr stands on. libcurl is found for its headers only: core/http opens it on first use, so that
# a program which never speaks HTTP does not pay for loading it.
if(MSTR_BUNDLE)
  include(MstrBundle)
endif()
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
if(NOT MSTR_BUNDLE)
  pkg_check_modules(CURL REQUIRED libcurl>=7.74)
endif()
pkg_check_modules(JSONC REQUIRED IMPORTED_TARGET json-c>=0.15)

find_package(LTDL REQUIRED)

if(MSTR_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka>=1.1)
endif()
if(MSTR_SIMULATOR OR MSTR_AGENT)
  pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd>=0.9.70)
endif()
if(MSTR_SIMULATOR)
  pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls) # which libmicrohttpd speaks TLS with
endif()
