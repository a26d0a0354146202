/* SPDX-License-Identifier: Apache-2.0 */
/* The folders in which plugins are looked for. */
#define _GNU_SOURCE /* dladdr() */
#include "plugin/plugin_path.h"

#include "base/environment.h"
#include "base/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Puts a path without links into `out`, which is empty; false where it leads to nothing. */
static bool put_real(struct buffer *out, const char *path)
{
    char *real = realpath(path, NULL);
    out->failed = real == NULL && errno == ENOMEM;
    bool good = real != NULL && buffer_puts(out, real);
    free(real);
    return good;
}

/* Cuts off the last name. */
static void cut_name(struct buffer *path)
{
    buffer_truncate(path, (size_t)(strrchr(buffer_text(path), '/') - buffer_text(path)));
}

/* Beside the shared library, wherever it was moved. */
static bool put_beside_library(struct buffer *folder, const char *file)
{
    if (!put_real(folder, file) || !text_starts_with(strrchr(buffer_text(folder), '/') + 1, "libmstr.so")) {
        return false;
    }
    cut_name(folder);
    return buffer_puts(folder, "/mstr");
}

/* In the installation that the program belongs to, wherever that was moved. The kernel knows the program's file; what
 * it was called by is its caller's word. If it has more rights than its caller, so is the file's place: he may have
 * given it a second name. */
static bool put_beside_program(struct buffer *folder)
{
    struct buffer path = BUFFER_INIT;
    bool found = environment_trusted() && put_real(&path, "/proc/self/exe");
    if (found) {
        cut_name(&path);
        found = text_ends_with(buffer_text(&path), "/" PROGRAM_FOLDER);
    }
    if (found) {
        buffer_truncate(&path, path.length - strlen(PROGRAM_FOLDER));
        found = buffer_puts(&path, LIBRARY_FOLDER) && put_real(folder, buffer_text(&path)) &&
                buffer_puts(folder, "/mstr") && access(buffer_text(folder), F_OK) == 0;
    }
    folder->failed = folder->failed || path.failed;
    buffer_release(&path);
    return found;
}

/* Whoever holds this function: the library, another object, or the program, which has the headers that the kernel
 * tells. What of these says nothing has the folder into which plugins were to be installed. A single-file program has
 * none. */
static bool own_folder(struct buffer *folder)
{
    Dl_info own = {0};
    Dl_info program = {0};
    if (sizeof(PLUGIN_FOLDER) == sizeof("")) {
        return false;
    }
    dladdr((void *)(uintptr_t)&plugin_path_at, &own);
    dladdr((void *)getauxval(AT_PHDR), &program);
    bool found =
        own.dli_fbase == program.dli_fbase ? put_beside_program(folder) : put_beside_library(folder, own.dli_fname);
    if (!found && !folder->failed) {
        buffer_clear(folder);
        buffer_puts(folder, PLUGIN_FOLDER);
    }
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
