/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program that stays prints: octets come in pieces of any size, and go out as answers, one a line. Blank lines
 * are passed over. A line that is no answer, or longer than allowed, is the end of it, since nobody can tell whose
 * answer it was. No input or output here, so that it can be tested and fuzzed by itself. What was read is wiped. Not
 * thread-safe.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_EXEC_STREAM_H
#define MSTR_PROVIDERS_BUILTIN_EXEC_STREAM_H

#include "base/json.h"

struct exec_stream {
    struct buffer octets;
    size_t limit;    /* octets of a line */
    size_t from;     /* where the next line begins */
    size_t searched; /* there is no end of a line between */
};

/* Octets that are read at a time. */
enum { EXEC_STREAM_PIECE = 16 * 1024 };

/* Where the next piece is to be read to, for exec_stream_came(); NULL without memory. */
char *exec_stream_room(struct exec_stream *stream);
void exec_stream_came(struct exec_stream *stream, size_t count);
/* The next answer, for json_release(), and whose it is; NULL where more has to come, and where something is wrong:
 * then *broken is set, and *fault tells what, NULL = memory ran out. */
struct json_object *exec_stream_next(struct exec_stream *stream, int64_t *id, bool *broken, const char **fault);
/* Whether a line has begun that did not end. */
bool exec_stream_is_within_line(const struct exec_stream *stream);
/* Wipes what came and did not go out, for another program's; the memory is kept. */
void exec_stream_clear(struct exec_stream *stream);
void exec_stream_release(struct exec_stream *stream);

#endif
