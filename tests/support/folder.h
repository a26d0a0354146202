/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of the test's own, where nobody else may write, and files in it.
 */
#ifndef MSTR_TESTS_SUPPORT_FOLDER_H
#define MSTR_TESTS_SUPPORT_FOLDER_H

#include "support/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct folder {
    char path[32];
};

static inline void folder_make(struct folder *folder)
{
    strcpy(folder->path, "/tmp/mstr-folder-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
}

/* FOLDER/NAME */
static inline const char *folder_path(const struct folder *folder, const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", folder->path, name);
    return path;
}

/* Makes or replaces a file. */
static inline void folder_write(const struct folder *folder, const char *name, const char *text)
{
    char path[256];
    FILE *file = fopen(folder_path(folder, name, path), "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* With the files in it; there are no folders below. */
static inline void folder_remove(const struct folder *folder)
{
    char path[512];
    DIR *directory = opendir(folder->path);
    assert_non_null(directory);
    for (struct dirent *entry = NULL; (entry = readdir(directory)) != NULL;) {
        snprintf(path, sizeof(path), "%s/%s", folder->path, entry->d_name);
        unlink(path);
    }
    closedir(directory);
    rmdir(folder->path);
}

#endif
