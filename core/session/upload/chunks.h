/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows on their way to an upload session, gathered and sent in numbered chunks. One that the network lost is sent
 * again with its number, one that the server finds too large is halved. Used by one thread.
 */
#ifndef MSTR_SESSION_UPLOAD_CHUNKS_H
#define MSTR_SESSION_UPLOAD_CHUNKS_H

#include "base/buffer.h"
#include "base/limits.h"

#include <mstr/upload.h>

struct chunks {
    mstr_session *session;
    const char *project; /* NULL = the session's */
    const char *path;    /* of the upload session */
    const char *table;
    mstr_cancel *cancel;
    size_t room; /* octets of a request */
    /* Inside. */
    struct buffer rows; /* as JSON, one after another */
    size_t *ends;       /* of each in it */
    size_t count;       /* of rows */
    size_t capacity;
    struct buffer body;
    int64_t sent; /* chunks */
};

/* Takes a row, which is an array of JSON. MSTR_E_USAGE for one that is larger than a chunk. */
enum mstr_code chunks_add(struct chunks *chunks, const struct buffer *row, mstr_error *error);
/* Sends what is gathered; an empty chunk, where there was no row at all. */
enum mstr_code chunks_end(struct chunks *chunks, mstr_error *error);
void chunks_release(struct chunks *chunks);

#endif
