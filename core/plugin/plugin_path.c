/* SPDX-License-Identifier: Apache-2.0 */
/* The folders in which plugins are looked for. */
#define _GNU_SOURCE /* dladdr() */
#include "plugin/plugin_path.h"

#include "base/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Beside the shared library, wherever it was moved. A program that holds this function itself says nothing about
 * where plugins are: then it is the folder into which they were to be installed. A single-file program has none. */
static bool own_folder(struct buffer *folder)
{
    Dl_info info;
    char *real = NULL;
    if (sizeof(PLUGIN_FOLDER) == sizeof("")) {
        return false;
    }
    if (dladdr((void *)(uintptr_t)&plugin_path_at, &info) == 0 || info.dli_fname == NULL ||
        (real = realpath(info.dli_fname, NULL)) == NULL) {
        folder->failed = errno == ENOMEM;
        return false;
    }
    const char *name = strrchr(real, '/') + 1;
    if (text_starts_with(name, "libmstr.so")) {
        buffer_printf(folder, "%.*smstr", (int)(name - real), real);
    } else {
        buffer_puts(folder, PLUGIN_FOLDER);
    }
    free(real);
    return !folder->failed;
}

bool plugin_path_at(const char *list, size_t index, struct buffer *folder)
{
    buffer_clear(folder);
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ":");
        if (list[0] == '/' && index-- == 0) {
            return buffer_append(folder, list, length);
        }
        list += length + (list[length] == ':');
    }
    return index == 0 && own_folder(folder);
}
