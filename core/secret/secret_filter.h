/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text without the secrets of a set. Whoever sends secrets somewhere adds them; what comes back from there to be
 * told to people goes through secret_filter_hide() first.
 *
 * A secret is found as it is; percent-encoded, JSON- and HTML-escaped, in any mixture up to three times over; in
 * hexadecimal; and in base64 of either alphabet, alone or within something longer, such as the "user:password" of
 * HTTP's basic scheme. Of twelve octets or more without white space it is also found where white space was put in or
 * taken out, and where its end was cut off, if twelve octets are left.
 *
 * Not found are shorter pieces, an end without its beginning, other cases of letters, other characters put in between
 * (zero-width ones too), and ways of a server's own, such as backwards. Secrets of fewer than four octets are not
 * looked for: such a run stands in any text by chance, and hiding each would tell what it is. A text that is made to
 * be searched for long is hidden whole. Copies are wiped. Not thread-safe.
 */
#ifndef MSTR_SECRET_SECRET_FILTER_H
#define MSTR_SECRET_SECRET_FILTER_H

#include "base/buffer.h"
#include "base/error.h"

/* What stands in place of a secret. */
#define SECRET_FILTER_HIDDEN "(hidden)"

struct json_object;

struct secret_filter {
    struct buffer records;        /* of each secret its length and its octets */
    struct secret_search *search; /* made of them for the first text; NULL = not yet */
    bool no_memory;               /* a text was hidden whole because memory ran out */
};

/* Bounded, so that a long call cannot grow without end. A filter that could not take all hides whole texts. */
#define SECRET_FILTER_INIT                                                                                           \
    {                                                                                                                \
        {NULL, 0, 0, (size_t)64 * 1024 * 1024, false}, NULL, false                                                   \
    }

/* Adds a copy, unless it is there already. */
void secret_filter_add(struct secret_filter *filter, const void *octets, size_t length);
/* Replaces every secret in the text; true if there was one. */
bool secret_filter_hide(struct secret_filter *filter, struct buffer *text);
/* The same for what an error quotes: message, hint, the service's code and its request's id. NULL is accepted. */
void secret_filter_hide_in_error(struct secret_filter *filter, mstr_error *error);
/* And for every text of a tree of JSON, or of NULL. */
void secret_filter_hide_in_json(struct secret_filter *filter, struct json_object *value);
void secret_filter_release(struct secret_filter *filter);

#endif
