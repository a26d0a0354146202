/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An access token, in memory that is wiped; and what one must be to be taken from those who give them.
 */
#ifndef MSTR_PROVIDERS_SDK_TOKEN_H
#define MSTR_PROVIDERS_SDK_TOKEN_H

#include "base/json.h"

#include <mstr/provider.h>
#include <stdbool.h>

struct token {
    char *text;      /* in secret memory */
    int64_t expires; /* ms since 1970 */
    int64_t renew;   /* ms since 1970 from which on a new one should be asked for; 0 = whoever keeps it decides */
};

/* One as it was given. */
struct token_given {
    const char *text; /* NULL = none */
    size_t length;
    const char *type; /* NULL = not told, which means Bearer */
    int64_t expires;  /* ms since 1970, as is the next */
    int64_t received; /* it must be good for longer, and for a week at most */
};
/* The type that a member of an answer tells; NULL = none. One that is no text is none of Bearer either. */
const char *token_type(struct json_object *body, const char *member);
/* Takes a copy of what `who` gave; MSTR_E_PROTOCOL tells why it is of no use. */
enum mstr_code token_take(struct token *token, const struct token_given *given, const char *who,
                          struct mstr_error *error);

/* Not empty, and of visible ASCII alone, as tokens and keys in headers are. */
bool token_fits_header(const char *text, size_t length);

/* Copies the text; false without memory. */
bool token_set(struct token *token, const char *text, size_t length, int64_t expires);
/* Wipes; a zeroed token is accepted. */
void token_release(struct token *token);

#endif
