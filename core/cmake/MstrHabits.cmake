# One command for each habit: cmake --build --preset debug --target format | format-check | tidy
file(GLOB_RECURSE MSTR_C_FILES CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/core/*.[ch]" "${PROJECT_SOURCE_DIR}/providers/*.[ch]" "${PROJECT_SOURCE_DIR}/include/*.h"
  "${PROJECT_SOURCE_DIR}/tests/*.[ch]" "${PROJECT_SOURCE_DIR}/docs/*.[ch]")
find_program(MSTR_CLANG_FORMAT clang-format)
find_program(MSTR_CLANG_TIDY clang-tidy)
if(MSTR_CLANG_FORMAT)
  add_custom_target(format COMMAND "${MSTR_CLANG_FORMAT}" -i ${MSTR_C_FILES} VERBATIM)
  add_custom_target(format-check COMMAND "${MSTR_CLANG_FORMAT}" --dry-run -Werror ${MSTR_C_FILES} VERBATIM)
endif()
if(MSTR_CLANG_TIDY)
  set(MSTR_TIDY_FILES ${MSTR_C_FILES})
  list(FILTER MSTR_TIDY_FILES INCLUDE REGEX "/(core|providers)/.*\\.c$")
  add_custom_target(tidy COMMAND "${MSTR_CLANG_TIDY}" -p "${PROJECT_BINARY_DIR}" --quiet ${MSTR_TIDY_FILES} VERBATIM)
endif()
