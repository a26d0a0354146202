# SPDX-License-Identifier: Apache-2.0
# mstr_date(source out): the time that made files carry, in seconds: SOURCE_DATE_EPOCH, that of the last commit, or, where there is
# no git or it does not trust the checkout's owner, that of the changelog, which in an unpacked tarball is the commit's again.
find_program(MSTR_GIT git)
mark_as_advanced(MSTR_GIT)
function(mstr_date source out)
  set(date "$ENV{SOURCE_DATE_EPOCH}")
  if(date STREQUAL "" AND MSTR_GIT AND EXISTS "${source}/.git")
    execute_process(COMMAND "${MSTR_GIT}" -C "${source}" log -1 --format=%ct OUTPUT_VARIABLE date
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  if(date STREQUAL "")
    file(TIMESTAMP "${source}/CHANGELOG.md" date "%s")
  endif()
  set(${out} "${date}" PARENT_SCOPE)
endfunction()
