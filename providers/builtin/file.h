/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content of a file as a value: what file: and cred: have in common.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_FILE_H
#define MSTR_PROVIDERS_BUILTIN_FILE_H

#include <mstr/provider.h>
#include <stdbool.h>

/* Answers the request with a file's octets, at most 1 MiB, without one trailing newline where it is to be cut. Not to
 * be kept by a cache: files change at any time, and cost little to read. */
void file_answer(struct mstr_request *request, const struct mstr_call *call, const char *path, bool cut);
/* Whether it can ever: not where a folder is in the file's place, or the name is longer than any. What is not there
 * may come. Reads no file. */
enum mstr_code file_check_path(const char *path, struct mstr_error *error);

#endif
