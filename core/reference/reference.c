/* SPDX-License-Identifier: Apache-2.0 */
/* References in parts. */
#include "reference/reference.h"

#include "base/buffer.h"
#include "base/text.h"
#include "base/uri.h"

#include <stdlib.h>
#include <string.h>

enum { QUERY_MAX = 16 };

/* In the place of a text that must not be quoted. */
static const char unquoted[] = "${…}";

bool reference_is_scheme(const char *text, size_t length)
{
    if (length == 0 || text[0] < 'a' || text[0] > 'z') {
        return false;
    }
    for (size_t i = 1; i < length; i++) {
        bool good = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9') || text[i] == '-';
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Whose body is the value itself, so that it must not be told. */
static bool is_text(const char *reference)
{
    return text_starts_with(reference, "text:");
}

/* The decoded text, for free(). */
static enum mstr_code decode(const char *text, size_t length, const char *what, const char **out, mstr_error *error)
{
    struct buffer decoded = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    bool good = uri_decode(&decoded, text, length);
    if (!good && !decoded.failed) {
        code = error_set(error, MSTR_E_CONFIG, "reference has a malformed percent escape in its %s", what);
        error_set_hint(error, "write #, ? and %% inside a reference as %%23, %%3F and %%25");
    } else if (!good || (*out = text_copy(buffer_text(&decoded))) == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&decoded);
    return code;
}

/* One key=value between `at` and `end`. */
static enum mstr_code add_query(struct reference *reference, struct mstr_query *query, const char *at,
                                const char *end, mstr_error *error)
{
    const char *equals = memchr(at, '=', (size_t)(end - at));
    if (equals == NULL || equals == at) {
        return error_set(error, MSTR_E_CONFIG, "reference has a query part that is not key=value");
    }
    struct mstr_query *slot = &query[reference->parts.query_count];
    slot->key = text_copy_length(at, (size_t)(equals - at));
    if (slot->key == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    reference->parts.query_count++;
    return decode(equals + 1, (size_t)(end - equals - 1), "query", &slot->value, error);
}

static enum mstr_code parse_query(struct reference *reference, const char *at, const char *end, const char *shown,
                                  mstr_error *error)
{
    struct mstr_query *query = calloc(QUERY_MAX, sizeof(*query));
    if (query == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    reference->parts.query = query;
    while (at <= end) {
        const char *ampersand = at < end ? memchr(at, '&', (size_t)(end - at)) : NULL;
        const char *stop = ampersand != NULL ? ampersand : end;
        if (reference->parts.query_count == QUERY_MAX) {
            return error_set(error, MSTR_E_CONFIG, "reference has more than %d query parts", QUERY_MAX);
        }
        enum mstr_code code = add_query(reference, query, at, stop, error);
        if (code != MSTR_OK) {
            return code;
        }
        at = stop + 1;
    }
    for (uint32_t i = 0; i < reference->parts.query_count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(query[i].key, query[j].key) == 0) {
                return error_set(error, MSTR_E_CONFIG, "reference has the query key \"%s\" twice",
                                 shown == unquoted ? unquoted : query[i].key);
            }
        }
    }
    return MSTR_OK;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct mstr_query *)a)->key, ((const struct mstr_query *)b)->key);
}

/* Scheme, body and sorted query, encoded anew, so that escapes and order do not matter. */
static enum mstr_code make_key(struct reference *reference, mstr_error *error)
{
    struct mstr_query sorted[QUERY_MAX];
    struct buffer key = BUFFER_INIT;
    size_t count = reference->parts.query_count;
    if (count > 0) {
        memcpy(sorted, reference->parts.query, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), by_key);
    }
    buffer_printf(&key, "%s:", reference->parts.scheme);
    uri_encode(&key, reference->parts.body, strlen(reference->parts.body));
    for (size_t i = 0; i < count; i++) {
        buffer_printf(&key, "%c%s=", i == 0 ? '?' : '&', sorted[i].key);
        uri_encode(&key, sorted[i].value, strlen(sorted[i].value));
    }
    reference->key = text_copy(buffer_text(&key));
    bool failed = key.failed || reference->key == NULL;
    buffer_release(&key);
    return failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

/* `shown` is the text, or what stands for it in messages. */
static enum mstr_code parse_into(struct reference *reference, const char *text, const char *shown, mstr_error *error)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL || !reference_is_scheme(text, (size_t)(colon - text))) {
        error_set(error, MSTR_E_CONFIG, "\"%.80s\" is not a reference", shown);
        error_set_hint(error, "a reference begins with a scheme, e.g. env:NAME or file:/PATH#FIELD%s",
                       shown == unquoted ? "; a literal ${ is written $${" : "");
        return MSTR_E_CONFIG;
    }
    const char *hash = strchr(colon, '#');
    const char *end = hash != NULL ? hash : colon + strlen(colon);
    const char *mark = memchr(colon, '?', (size_t)(end - colon));
    const char *body_end = mark != NULL ? mark : end;
    if (is_text(text) && body_end[0] != '\0') {
        error_set(error, MSTR_E_CONFIG, "a reference of text: takes neither query nor field");
        error_set_hint(error, "write #, ? and %% inside a reference as %%23, %%3F and %%25");
        return MSTR_E_CONFIG;
    }
    if (body_end == colon + 1 && !is_text(text)) {
        return error_set(error, MSTR_E_CONFIG, "reference \"%.80s\" names no secret after its scheme", shown);
    }
    if (hash != NULL && hash[1] == '\0') {
        return error_set(error, MSTR_E_CONFIG, "reference has nothing after its #");
    }
    reference->parts.text = is_text(text) ? text_copy("text:(hidden)") : text_copy_length(text, (size_t)(end - text));
    reference->parts.scheme = text_copy_length(text, (size_t)(colon - text));
    reference->field = hash != NULL ? text_copy(hash + 1) : NULL;
    if (reference->parts.text == NULL || reference->parts.scheme == NULL || (hash != NULL && !reference->field)) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = decode(colon + 1, (size_t)(body_end - colon - 1), "body", &reference->parts.body, error);
    if (code == MSTR_OK && mark != NULL) {
        code = parse_query(reference, mark + 1, end, shown, error);
    }
    return code == MSTR_OK ? make_key(reference, error) : code;
}

static enum mstr_code parse(const char *text, const char *shown, struct reference **out, mstr_error *error)
{
    *out = NULL;
    if (text == NULL || strnlen(text, REFERENCE_MAX + 1) > REFERENCE_MAX || has_control(text)) {
        return error_set(error, MSTR_E_CONFIG, "reference is empty, too long, or has control characters");
    }
    struct reference *reference = calloc(1, sizeof(*reference));
    if (reference == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    reference->parts.size = sizeof(reference->parts);
    reference->unquoted = shown == unquoted;
    enum mstr_code code = parse_into(reference, text, shown, error);
    if (code != MSTR_OK) {
        reference_free(reference);
        return code;
    }
    *out = reference;
    return MSTR_OK;
}

enum mstr_code reference_parse(const char *text, struct reference **out, mstr_error *error)
{
    return parse(text, text, out, error);
}

enum mstr_code reference_parse_unquoted(const char *text, struct reference **out, mstr_error *error)
{
    return parse(text, unquoted, out, error);
}

void reference_tell(const struct reference *reference, mstr_error *error)
{
    if (!reference->unquoted || mstr_error_reference(error) == NULL) {
        error_set_reference(error, reference->parts.text);
    }
}

void reference_free(struct reference *reference)
{
    if (reference == NULL) {
        return;
    }
    struct mstr_query *query = (struct mstr_query *)(uintptr_t)reference->parts.query;
    for (uint32_t i = 0; i < reference->parts.query_count; i++) {
        free((char *)(uintptr_t)query[i].key);
        free((char *)(uintptr_t)query[i].value);
    }
    free(query);
    free((char *)(uintptr_t)reference->parts.text);
    free((char *)(uintptr_t)reference->parts.scheme);
    text_wipe_free((char *)(uintptr_t)reference->parts.body); /* of text:, a secret, as in the key */
    free(reference->field);
    text_wipe_free(reference->key);
    free(reference);
}
