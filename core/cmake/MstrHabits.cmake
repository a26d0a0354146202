# SPDX-License-Identifier: Apache-2.0
# One command for each habit: cmake --build --preset debug --target format | format-check | spelling | style | tidy | tidy-short | dist
file(GLOB_RECURSE MSTR_C_FILES CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/core/*.[ch]" "${PROJECT_SOURCE_DIR}/providers/*.[ch]" "${PROJECT_SOURCE_DIR}/include/*.h"
  "${PROJECT_SOURCE_DIR}/tests/*.[ch]" "${PROJECT_SOURCE_DIR}/docs/*.[ch]" "${PROJECT_SOURCE_DIR}/docs/*.cpp")
find_program(MSTR_CLANG_FORMAT clang-format)
find_program(MSTR_RUN_CLANG_TIDY NAMES run-clang-tidy run-clang-tidy-14)
if(MSTR_CLANG_FORMAT)
  add_custom_target(format COMMAND "${MSTR_CLANG_FORMAT}" -i ${MSTR_C_FILES} VERBATIM)
  add_custom_target(format-check COMMAND "${MSTR_CLANG_FORMAT}" --dry-run -Werror ${MSTR_C_FILES} VERBATIM)
endif()
find_program(MSTR_CODESPELL codespell)
if(MSTR_CODESPELL)
  # Words that are right are in words.txt; what stands in quotes in a test is data.
  set(spelling "${MSTR_CODESPELL}" --ignore-words "${PROJECT_SOURCE_DIR}/tests/plan/words.txt"
    --skip "*.svg,*.tsv,*.abi,*/corpus,*/__pycache__,*/package-lock.json")
  add_custom_target(spelling
    COMMAND ${spelling} core providers include docs .ci CMakeLists.txt README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md NOTICE
    COMMAND ${spelling} --ignore-regex [["(\\.|[^"\\])*"|'[^']*']] tests
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" VERBATIM)
endif()
if(TARGET format-check AND TARGET spelling)
  add_custom_target(style DEPENDS format-check spelling)
endif()
if(MSTR_RUN_CLANG_TIDY)
  # tidy-short gives a function a fifth of the steps before it is given up, which takes a fifth of the time.
  set(few_steps -extra-arg=-Xclang -extra-arg=-analyzer-config -extra-arg=-Xclang -extra-arg=max-nodes=45000)
  foreach(form tidy tidy-short)
    add_custom_target(${form}
      COMMAND "${MSTR_RUN_CLANG_TIDY}" -quiet -p "${PROJECT_BINARY_DIR}" "$<$<STREQUAL:${form},tidy-short>:${few_steps}>"
        "${PROJECT_SOURCE_DIR}/(core|providers)/.*[.]c$" COMMAND_EXPAND_LISTS VERBATIM)
    add_dependencies(${form} mstr_iserver_table) # which is generated
  endforeach()
endif()
add_custom_target(dist
  COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${PROJECT_SOURCE_DIR}" "-DOUT=${PROJECT_BINARY_DIR}/dist" "-DVERSION=${PROJECT_VERSION}"
    -P "${PROJECT_SOURCE_DIR}/core/cmake/dist.cmake" USES_TERMINAL VERBATIM)
