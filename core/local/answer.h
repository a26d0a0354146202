/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer of HTTP/1.1 while it arrives, read strictly: the peer is a program of ours, so whatever can be understood
 * in two ways is a fault, and what has no length is one too, since its end could not be told from a break. Bounded in
 * lines and octets; memory is wiped. Pure; used by one thread at a time.
 */
#ifndef MSTR_LOCAL_ANSWER_H
#define MSTR_LOCAL_ANSWER_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the head, with interim answers before it and trailers behind it. */
enum { ANSWER_HEAD_OCTETS = 64 * 1024, ANSWER_LINES = 256, ANSWER_INTERIM = 8 };

/* Takes octets of the body in their order; false to end the reading. */
typedef bool (*answer_body_fn)(const char *octets, size_t length, void *data);

struct local_answer {
    int status;            /* 0 until that of the final answer is known */
    bool continued;        /* "100 Continue" has come */
    bool complete;         /* nothing more belongs to it */
    bool keep;             /* the connection can be used again once it is complete */
    struct buffer headers; /* name NUL value NUL, and so on */
    struct buffer body;    /* where no answer_body_fn takes it; bounded by its limit */
    const char *fault;     /* why reading ended, NULL while nothing is wrong */
    bool no_memory;        /* that is it, or */
    bool not_taken;        /* that answer_body_fn gave up */

    /* The reading's own. */
    enum answer_state {
        ANSWER_STATUS,
        ANSWER_HEADER,
        ANSWER_BODY,
        ANSWER_CHUNK_SIZE,
        ANSWER_CHUNK,
        ANSWER_CHUNK_END,
        ANSWER_TRAILER,
        ANSWER_COMPLETE
    } state;
    bool bodiless; /* it answers HEAD */
    answer_body_fn each;
    void *data;
    struct buffer line;
    size_t head_octets;
    size_t lines;
    size_t interim;
    uint64_t left;
};

/* `body_limit` is of what is kept in `body`. `bodiless` for the answer to HEAD. */
void local_answer_init(struct local_answer *answer, bool bodiless, size_t body_limit);
/* Hands the body of a success to `each` in place of keeping it. */
void local_answer_hand_on(struct local_answer *answer, answer_body_fn each, void *data);
/* Takes what has arrived. False at a fault, which stays; octets behind the end are one. */
bool local_answer_feed(struct local_answer *answer, const char *octets, size_t length);
/* Wipes and frees. */
void local_answer_release(struct local_answer *answer);

/* First header of that name, without regard to case, or NULL. */
const char *local_answer_header(const struct local_answer *answer, const char *name);
/* All in order of arrival; false past the last. */
bool local_answer_header_at(const struct local_answer *answer, size_t index, const char **name, const char **value);

#endif
