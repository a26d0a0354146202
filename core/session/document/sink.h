/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an export goes: a file, which it replaces as a whole or not at all, or a program's writer. What is no regular
 * file is written to as it is. Used by one thread.
 */
#ifndef MSTR_SESSION_DOCUMENT_SINK_H
#define MSTR_SESSION_DOCUMENT_SINK_H

#include "base/error.h"
#include "base/whole_file.h"

#include <mstr/document.h>

struct sink {
    const mstr_writer *writer; /* NULL = a file */
    const char *name;          /* of the file, as the program gave it */
    char *path;                /* where links lead to */
    struct whole_file to;      /* beside it; without a name of its own, the file is written to as it is */
    int failure;               /* errno of a write that failed */
};

/* MSTR_E_UNEXPECTED with the reason where nothing can be written; MSTR_E_MEMORY. To be closed in each case. */
enum mstr_code sink_open(struct sink *sink, const char *file, const mstr_writer *writer, mstr_error *error);
/* Takes a piece; false ends the export. As content_fn. */
bool sink_write(const void *octets, size_t length, void *data);
/* Puts the file into its place if `code` is MSTR_OK, removes it else. Returns `code`, or why that failed. */
enum mstr_code sink_close(struct sink *sink, enum mstr_code code, mstr_error *error);

#endif
