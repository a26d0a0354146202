/* The folders in which plugins are looked for. */
#define _GNU_SOURCE /* dladdr() */
#include "plugin/plugin_path.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Beside the object that holds this function. */
static bool own_folder(struct buffer *folder)
{
    Dl_info info;
    char *real = NULL;
    if (dladdr((void *)(uintptr_t)&plugin_path_at, &info) == 0 || info.dli_fname == NULL ||
        (real = realpath(info.dli_fname, NULL)) == NULL) {
        folder->failed = errno == ENOMEM;
        return false;
    }
    bool good = buffer_printf(folder, "%.*s/mstr", (int)(strrchr(real, '/') - real), real);
    free(real);
    return good;
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
