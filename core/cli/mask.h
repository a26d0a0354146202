/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command writes, without the values that it was given: against accidents, no boundary, since a program can
 * write a value in more ways than anybody looks for. Each line of a value that has 4 octets or more is looked for as
 * it is, escaped for JSON, encoded for a URL with small and with large digits, and in base64 wherever it stands
 * there.
 */
#ifndef MSTR_CLI_MASK_H
#define MSTR_CLI_MASK_H

#include "octets.h"

/* What stands in a value's place, and the shortest line that is looked for. */
#define MASK_TEXT "(hidden)"
enum { MASK_SHORTEST = 4 };

struct mask;

/* NULL without memory. */
struct mask *mask_new(void);
/* Adds the lines of a value; false without memory. *skipped is set where one of them is too short. */
bool mask_add(struct mask *mask, const char *octets, size_t length, bool *skipped);
/* Wipes; NULL is accepted. */
void mask_free(struct mask *mask);

/* One stream on its way. Begin with the mask, the rest 0. */
struct mask_stream {
    const struct mask *mask;
    struct octets octets; /* from the first on at which a value may begin that is not whole yet */
    struct octets marks;  /* of each a 1 where it belongs to a value */
    size_t shown;         /* how many of them are written already */
    bool hiding;          /* the last that was written stands for a value */
};

/* Takes what was read, and appends to `out` what may be written. False without memory. */
bool mask_stream_put(struct mask_stream *stream, const char *octets, size_t length, struct octets *out);
/* Whether something is held back because a value could go on. */
bool mask_stream_holds(const struct mask_stream *stream);
/* Appends what is held back, as nothing followed in time; a value that goes on after that is hidden from there on. */
bool mask_stream_let_go(struct mask_stream *stream, struct octets *out);
void mask_stream_release(struct mask_stream *stream);

#endif
