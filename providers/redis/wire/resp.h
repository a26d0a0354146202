/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RESP2, the store's protocol: commands as octets, replies from octets. Replies are read by hiredis, which resp.c
 * alone knows, so that libvalkey can take its place; what it leaves open is closed here: how much a reply may hold,
 * and that texts end as they must. Replies hold sealed records and numbers, no secrets.
 */
#ifndef MSTR_PROVIDERS_REDIS_WIRE_RESP_H
#define MSTR_PROVIDERS_REDIS_WIRE_RESP_H

#include "base/buffer.h"

#include <mstr/store.h>

enum { RESP_REPLY_MAX = 1024 * 1024, RESP_ITEMS_MAX = 1024 };
/* A record with the fence before it. */
#define RESP_TEXT_MAX (MSTR_STORE_RECORD_MAX + 24)

enum resp_type { RESP_NIL, RESP_TEXT, RESP_STATUS, RESP_ERROR, RESP_INTEGER, RESP_ARRAY };

struct resp {
    enum resp_type type;
    int64_t number;
    size_t length;       /* of the text in octets, or of the items */
    char *text;          /* with a NUL behind; NULL unless it is a text, status or error */
    struct resp **items; /* of an array */
};

struct resp_reader;

/* NULL without memory. */
struct resp_reader *resp_reader_new(void);
void resp_reader_free(struct resp_reader *reader);
/* What came. After a failure, which resp_next() tells, the reader is of no use. */
void resp_feed(struct resp_reader *reader, const char *octets, size_t length);
/* The next reply, to be freed with resp_free(); NULL with MSTR_OK: it is not there as a whole. */
enum mstr_code resp_next(struct resp_reader *reader, struct resp **reply, struct mstr_error *error);
/* Whether all that came was given out. */
bool resp_is_empty(const struct resp_reader *reader);
/* NULL is accepted. */
void resp_free(struct resp *reply);
/* Whether it is an array of at least so many items. */
bool resp_has(const struct resp *reply, size_t count);
/* The number at that place of an array; -1 where there is none. */
int64_t resp_number(const struct resp *array, size_t index);
/* The text at that place of an array; NULL where there is none. */
const char *resp_text(const struct resp *array, size_t index);

/* A word of a command. */
struct word {
    const void *octets;
    size_t length;
};
struct word word_of(const char *text);
/* Appends a command; what stands in the buffer is wiped with it. */
bool resp_command(struct buffer *out, const struct word *words, size_t count);

#endif
