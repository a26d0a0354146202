# SPDX-License-Identifier: Apache-2.0
# Compiler settings that every target of the project shares: language, warnings, visibility, hardening, sanitizers.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
endif()

# One place for everything built, laid out as it is installed, so that the library finds its plugins in both.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wformat=2 -Wvla)
if(MSTR_WERROR)
  add_compile_options(-Werror)
endif()
add_compile_definitions(_POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
add_compile_definitions(OPENSSL_NO_FILENAMES) # its macros would leave the checkout's path in what is installed
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  add_compile_definitions(_FILE_OFFSET_BITS=64 _TIME_BITS=64) # files past 2 GiB, days past 2038
endif()

# What not every C library of Linux has; docs/internals/porting.md tells what is done without it.
include(CheckSymbolExists)
set(CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)
check_symbol_exists(mallinfo2 malloc.h MSTR_HAVE_MALLINFO2)
check_symbol_exists(posix_spawn_file_actions_addclosefrom_np spawn.h MSTR_HAVE_ADDCLOSEFROM)
unset(CMAKE_REQUIRED_DEFINITIONS)

if(MSTR_SANITIZE)
  add_compile_options(-fsanitize=${MSTR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${MSTR_SANITIZE})
else()
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
    add_compile_options(-fcf-protection)
  endif()
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
endif()
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,--as-needed)

if(MSTR_SANITIZE OR MSTR_COVERAGE)
  add_compile_definitions(MSTR_EXIT_HANDLERS) # they look for leaks and write their counts when the process exits
endif()

if(MSTR_SANITIZE OR MSTR_COVERAGE OR MSTR_VALGRIND)
  add_compile_definitions(MSTR_INSTRUMENTED) # they are slower than any program that users have
endif()

if(MSTR_VALGRIND)
  add_compile_definitions(MSTR_VALGRIND)
  find_program(MSTR_VALGRIND_PROGRAM valgrind REQUIRED)
  # add_test() puts the emulator before the tests that are programs of the project; the children they start follow. An
  # allocator of a test's own stays its own.
  set(CMAKE_CROSSCOMPILING_EMULATOR "${MSTR_VALGRIND_PROGRAM};--quiet;--error-exitcode=99;--max-threads=2000;\
--soname-synonyms=somalloc=nouserintercepts;--leak-check=full;\
--errors-for-leak-kinds=definite;--show-leak-kinds=definite;--trace-children=yes;--child-silent-after-fork=yes;\
--trace-children-skip=*/mstr-sim,*/sh,*/bash,*/env,*/localedef,*/python3*,*/cmake,*/gcc,*/cc,*/mandoc")
endif()

if(MSTR_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link) # so that fuzzers see which code of the library they reach
endif()

if(MSTR_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

# Where there is one, and a folder for it, as in the home of a build daemon there is none.
find_program(MSTR_CCACHE ccache)
if(MSTR_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
  file(WRITE "${PROJECT_BINARY_DIR}/CMakeFiles/cached.c" "extern int cached;\n")
  execute_process(COMMAND "${MSTR_CCACHE}" "${CMAKE_C_COMPILER}" -c cached.c -o cached.o
    WORKING_DIRECTORY "${PROJECT_BINARY_DIR}/CMakeFiles" RESULT_VARIABLE refused OUTPUT_QUIET ERROR_QUIET)
  if(NOT refused)
    set(CMAKE_C_COMPILER_LAUNCHER "${MSTR_CCACHE}")
  endif()
endif()
