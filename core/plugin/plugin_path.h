/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders in which plugins and their manifests are looked for, in order: those of a list, then the library's own.
 */
#ifndef MSTR_PLUGIN_PLUGIN_PATH_H
#define MSTR_PLUGIN_PLUGIN_PATH_H

#include "base/buffer.h"

/* Puts the folder at `index` into `folder`; false past the last, and without memory, when folder->failed is set.
 * `list` is separated by colons and may be NULL; relative folders in it are passed over, since nothing is to depend
 * on the working directory. The last folder is "mstr" beside the shared library, so that plugins move with it. For a
 * program that libmstr was linked into it is that of the installation which the program stands in, or else of the one
 * that libmstr was built for; a single-file program, which carries its plugins in itself, has only those of the
 * list. */
bool plugin_path_at(const char *list, size_t index, struct buffer *folder);

#endif
