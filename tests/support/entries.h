/* SPDX-License-Identifier: Apache-2.0 */
/* How many entries a folder has, such as those of /proc/self: descriptors, threads. */
#ifndef MSTR_TESTS_SUPPORT_ENTRIES_H
#define MSTR_TESTS_SUPPORT_ENTRIES_H

#include <dirent.h>
#include <stddef.h>

/* "." and ".." among them, and of descriptors the one that looks; -1 where the system does not tell. */
static inline int count_entries(const char *path)
{
    int count = 0;
    DIR *folder = opendir(path);
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    return folder != NULL ? closedir(folder) + count : -1;
}

/* Of this process. */
static inline int count_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

#endif
