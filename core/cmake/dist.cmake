# SPDX-License-Identifier: Apache-2.0
# Makes what a release consists of, see docs/internals/releasing.md: the tarball, its bill of materials, and their digests. A
# script of the target `dist`: cmake -DSOURCE=FOLDER -DOUT=FOLDER -DVERSION=VERSION -P dist.cmake
include("${CMAKE_CURRENT_LIST_DIR}/MstrDate.cmake")
set(name "libmstr-${VERSION}")
set(ENV{LC_ALL} C)
file(REMOVE_RECURSE "${OUT}")
file(MAKE_DIRECTORY "${OUT}/${name}")
mstr_date("${SOURCE}" date)
set(ENV{SOURCE_DATE_EPOCH} ${date})

# The files: those of the last commit, or else of the folder, without what was built there.
if(EXISTS "${SOURCE}/.git")
  execute_process(COMMAND "${MSTR_GIT}" -C "${SOURCE}" status --porcelain OUTPUT_VARIABLE changed COMMAND_ERROR_IS_FATAL ANY)
  if(changed)
    message(NOTICE "The tarball is that of the last commit, without what has changed since.")
  endif()
  execute_process(COMMAND "${MSTR_GIT}" -C "${SOURCE}" -c core.autocrlf=false archive HEAD
    COMMAND tar -x -C "${OUT}/${name}" COMMAND_ERROR_IS_FATAL ANY)
else()
  file(GLOB built RELATIVE "${SOURCE}" "${SOURCE}/*/CMakeCache.txt")
  list(TRANSFORM built REPLACE "/CMakeCache.txt$" "")
  list(APPEND built .build .cache)
  list(TRANSFORM built PREPEND "--exclude=./")
  execute_process(COMMAND tar -c -C "${SOURCE}" --anchored ${built} --no-anchored --exclude=__pycache__ --exclude=node_modules
      --exclude=*.o .
    COMMAND tar -x -C "${OUT}/${name}" COMMAND_ERROR_IS_FATAL ANY)
endif()

# Nothing of the place, its owner, its umask or the time goes into it.
execute_process(COMMAND tar -c -C "${OUT}" --format=ustar --sort=name --mtime=@${date} --owner=0 --group=0 --numeric-owner
    --mode=a+rX,u+w,go-w "${name}"
  COMMAND gzip -9n OUTPUT_FILE "${OUT}/${name}.tar.gz" COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE "${OUT}/${name}")

file(SHA256 "${OUT}/${name}.tar.gz" digest)
string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC) # SOURCE_DATE_EPOCH
configure_file("${CMAKE_CURRENT_LIST_DIR}/sbom.spdx.json.in" "${OUT}/${name}.spdx.json" @ONLY)
foreach(file ${name}.tar.gz ${name}.spdx.json)
  file(SHA256 "${OUT}/${file}" digest)
  file(APPEND "${OUT}/SHA256SUMS" "${digest}  ${file}\n")
endforeach()
message(NOTICE "${OUT}/${name}.tar.gz")
