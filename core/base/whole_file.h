/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is whole or not at all: written under a name of its own beside its place, which it takes when all went
 * well and the disk has it, so that also a power failure leaves the old one or the new one. What a killed process
 * left beside a place is taken away by the next who writes there; what somebody is writing is his, as long as he
 * holds its lock. Used by one thread; libc alone, so that the tool compiles it in.
 */
#ifndef MSTR_BASE_WHOLE_FILE_H
#define MSTR_BASE_WHOLE_FILE_H

#include <stddef.h>

struct whole_file {
    int descriptor;  /* to write to; -1 = none */
    char *temporary; /* its name meanwhile */
};
#define WHOLE_FILE_NONE                                                                                              \
    {                                                                                                                \
        -1, NULL                                                                                                     \
    }

enum whole_file_end {
    WHOLE_FILE_DROP,
    WHOLE_FILE_REPLACE, /* what is at its place */
    WHOLE_FILE_NEW      /* take the place only if there is nothing: EEXIST otherwise */
};

/* Begins a file that only its owner can read. 0, or an errno; to be ended in each case. */
int whole_file_begin(struct whole_file *file, const char *place);
/* 0, or an errno. */
int whole_file_write(struct whole_file *file, const void *octets, size_t length);
/* Puts it into its place, or drops it, also where that fails. 0, or an errno. */
int whole_file_end(struct whole_file *file, const char *place, enum whole_file_end how);

#endif
