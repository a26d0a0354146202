/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders of MSTR_TRUSTED_FOLDERS, in which owners and writers are trusted: a volume that one pod shares, a CI's
 * checkout. Read and resolved once for the process; of a set-user-id program they are none. Thread-safe.
 */
#ifndef MSTR_BASE_TRUSTED_FOLDERS_H
#define MSTR_BASE_TRUSTED_FOLDERS_H

#include <stdbool.h>

/* Whether a real path is one of them or below one. */
bool trusted_folders_hold(const char *path);
/* Why a real path may not be one of them; NULL if it may. */
const char *trusted_folder_fault(const char *path);
/* The variable as it stands, "" when it is unset, NULL where it does not count. */
const char *trusted_folders_setting(void);
/* Tells each folder as it is written; `fault` is why it does not count, or NULL. */
void trusted_folders_visit(void (*each)(const char *folder, const char *fault, void *data), void *data);

#endif
