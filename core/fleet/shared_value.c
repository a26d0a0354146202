/* SPDX-License-Identifier: Apache-2.0 */
/* A secret with its facts as octets. */
#include "fleet/shared_value.h"

#include "base/text.h"
#include "secret/secret.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 3, TEXT_MAX = 4096 };

/* LENGTH:TEXT, or a sign that there is none. */
static void put_text(struct buffer *out, const char *text)
{
    if (text == NULL) {
        buffer_putc(out, '-');
    } else {
        buffer_printf(out, "%zu:", strlen(text));
        buffer_puts(out, text);
    }
}

bool shared_value_pack(const mstr_secret *secret, int64_t until, struct buffer *out)
{
    buffer_printf(out, "%" PRId64 ",%" PRId64 ",%" PRId64 ",", until, mstr_secret_expires(secret),
                  mstr_secret_fetched(secret));
    put_text(out, mstr_secret_version(secret));
    put_text(out, secret_content_type(secret));
    put_text(out, secret_null_hint(secret));
    return buffer_append(out, mstr_secret_octets(secret), mstr_secret_length(secret));
}

/* What is left to be read. */
struct cursor {
    const char *at, *end;
};

/* A number that ends with a sign of its own. */
static bool take_number(struct cursor *cursor, char sign, int64_t *number)
{
    const char *stop = memchr(cursor->at, sign, (size_t)(cursor->end - cursor->at));
    char *text = stop != NULL ? text_copy_length(cursor->at, (size_t)(stop - cursor->at)) : NULL;
    bool good = text != NULL && text_to_int64(text, number) && *number >= 0;
    free(text);
    cursor->at = good ? stop + 1 : cursor->at;
    return good;
}

/* *text is for free(), NULL where there is none. */
static bool take_text(struct cursor *cursor, char **text)
{
    int64_t length = 0;
    if (cursor->at < cursor->end && *cursor->at == '-') {
        cursor->at++;
        return true;
    }
    if (!take_number(cursor, ':', &length) || length > TEXT_MAX || length > cursor->end - cursor->at ||
        memchr(cursor->at, '\0', (size_t)length) != NULL) {
        return false;
    }
    *text = text_copy_length(cursor->at, (size_t)length);
    cursor->at += length;
    return *text != NULL;
}

mstr_secret *shared_value_unpack(const char *octets, size_t length, const char *identity, int64_t *until)
{
    struct cursor cursor = {octets, octets + length};
    struct secret_facts facts = {.identity = identity, .source = SECRET_FROM_CACHE};
    char *texts[TEXTS] = {NULL};
    bool good = take_number(&cursor, ',', until) && take_number(&cursor, ',', &facts.expires) &&
                take_number(&cursor, ',', &facts.fetched);
    for (size_t i = 0; good && i < TEXTS; i++) {
        good = take_text(&cursor, &texts[i]);
    }
    facts.version = texts[0];
    facts.content_type = texts[1];
    facts.null_hint = texts[2];
    mstr_secret *secret = good ? secret_make(cursor.at, (size_t)(cursor.end - cursor.at), &facts) : NULL;
    for (size_t i = 0; i < TEXTS; i++) {
        free(texts[i]);
    }
    return secret;
}
