/* SPDX-License-Identifier: Apache-2.0 */
/* The folders of MSTR_TRUSTED_FOLDERS. */
#define _GNU_SOURCE /* secure_getenv() */
#include "base/trusted_folders.h"

#include "base/text.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

static struct trusted_folder {
    char *written;
    char *real; /* NULL where it does not count */
    const char *fault;
} * folders;
static size_t folder_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

const char *trusted_folders_setting(void)
{
    const char *setting = secure_getenv("MSTR_TRUSTED_FOLDERS");
    return setting != NULL ? setting : getauxval(AT_SECURE) == 0 ? "" : NULL;
}

const char *trusted_folder_fault(const char *path)
{
    struct stat status;
    const mode_t open_to_all = S_ISVTX | S_IWOTH;
    if (path[0] == '\0' || strcmp(path, "/") == 0) {
        return "it is the whole system";
    }
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return "it is no folder that can be reached";
    }
    return (status.st_mode & open_to_all) == open_to_all ? "everybody may put files into it" : NULL;
}

static void add(char *written)
{
    struct trusted_folder *more = realloc(folders, (folder_count + 1) * sizeof(*more));
    if (more == NULL) { /* trusted less, never more */
        free(written);
        return;
    }
    folders = more;
    char *real = written[0] == '/' ? realpath(written, NULL) : NULL;
    const char *fault =
        written[0] != '/' ? "it is no absolute path" : trusted_folder_fault(real != NULL ? real : written);
    if (fault != NULL) {
        free(real);
        real = NULL;
    }
    folders[folder_count].written = written;
    folders[folder_count].real = real;
    folders[folder_count].fault = fault;
    folder_count++;
}

static void read_setting(void)
{
    const char *at = trusted_folders_setting();
    while (at != NULL && *at != '\0') {
        size_t length = strcspn(at, ":");
        char *written = length > 0 ? text_copy_length(at, length) : NULL;
        if (written != NULL) {
            add(written);
        }
        at += length + (at[length] == ':');
    }
}

bool trusted_folders_hold(const char *path)
{
    pthread_once(&once, read_setting);
    for (size_t i = 0; i < folder_count; i++) {
        const char *real = folders[i].real;
        size_t length = real != NULL ? strlen(real) : 0;
        if (length > 0 && strncmp(path, real, length) == 0 && (path[length] == '/' || path[length] == '\0')) {
            return true;
        }
    }
    return false;
}

void trusted_folders_visit(void (*each)(const char *folder, const char *fault, void *data), void *data)
{
    pthread_once(&once, read_setting);
    for (size_t i = 0; i < folder_count; i++) {
        each(folders[i].written, folders[i].fault, data);
    }
}
