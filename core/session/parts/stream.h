/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies that pass through piece by piece: an upload that can begin anew, and a download that knows whether anything
 * was handed over, which is what decides whether a request may be sent again. Used by one thread at a time.
 */
#ifndef MSTR_SESSION_PARTS_STREAM_H
#define MSTR_SESSION_PARTS_STREAM_H

#include "base/error.h"

#include <mstr/request.h>
#include <stdbool.h>

struct mstr_http_response;

struct upload {
    mstr_reader reader; /* its length is that of the body; -1 = unknown */
    int64_t start;      /* of a descriptor that can seek; -1 = it cannot */
    bool touched;       /* something was read */
};

/* Looks at where a descriptor stands and how much it holds. MSTR_E_USAGE for a reader that was not initialised. */
enum mstr_code upload_init(struct upload *upload, const mstr_reader *reader, mstr_error *error);
/* Up to `capacity` octets, 0 at the end, -1 on failure. `upload` is a struct upload, as for http_extras. */
int64_t upload_read(void *into, size_t capacity, void *upload);
/* Goes back to the begin; true at once if nothing was read. */
bool upload_rewind(void *upload);

struct download {
    mstr_writer writer;
    bool touched; /* something was handed over */
};

enum mstr_code download_init(struct download *download, const mstr_writer *writer, mstr_error *error);
/* Shows the writer the head of the answer, before the first octets of it; false if it is refused. `download` is a
 * struct download, as for http_extras. */
bool download_begin(const struct mstr_http_response *answer, void *download);
/* Hands octets over; false if they are refused. */
bool download_write(const void *octets, size_t length, void *download);

#endif
