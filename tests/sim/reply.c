/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at requests and making answers, for every service. */
#include "sim.h"

#include "base/text.h"
#include "base/uri.h"
#include "support/json_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *sim_pairs_get(const struct sim_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (text_equal_nocase(pairs->items[i].name, name))
            return pairs->items[i].value;
    return NULL;
}

void sim_pairs_add(struct sim_pairs *pairs, const char *name, const char *value)
{
    struct sim_pair *grown = realloc(pairs->items, (pairs->count + 1) * sizeof(*grown));
    if (!grown)
        abort();
    pairs->items = grown;
    grown[pairs->count].name = text_copy(name);
    grown[pairs->count].value = text_copy(value);
    pairs->count++;
}

void sim_pairs_release(struct sim_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        free(pairs->items[i].name);
        free(pairs->items[i].value);
    }
    free(pairs->items);
    *pairs = (struct sim_pairs){0};
}

/* Form decoding: '+' is a blank, a bad escape stays as it is. */
static char *decode_form(const char *text, size_t length)
{
    struct buffer decoded = BUFFER_INIT;
    char *spaced = text_copy_length(text, length);
    for (char *c = spaced; c && *c; c++)
        if (*c == '+')
            *c = ' ';
    if (!spaced || !uri_decode(&decoded, spaced, length)) {
        buffer_clear(&decoded);
        buffer_append(&decoded, text, length);
    }
    free(spaced);
    char *result = text_copy(buffer_text(&decoded));
    buffer_release(&decoded);
    return result;
}

void sim_pairs_add_form(struct sim_pairs *pairs, const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        if (!stop)
            stop = end;
        const char *equals = memchr(text, '=', (size_t)(stop - text));
        char *name = decode_form(text, (size_t)((equals ? equals : stop) - text));
        char *value = equals ? decode_form(equals + 1, (size_t)(stop - equals - 1)) : text_copy("");
        if (name && *name)
            sim_pairs_add(pairs, name, value ? value : "");
        free(name);
        free(value);
        text = stop + 1;
    }
}

const char *sim_header(const struct sim_request *request, const char *name)
{
    return sim_pairs_get(&request->headers, name);
}

const char *sim_query(const struct sim_request *request, const char *name)
{
    return sim_pairs_get(&request->query, name);
}

int64_t sim_query_int(const struct sim_request *request, const char *name, int64_t otherwise)
{
    const char *text = sim_query(request, name);
    int64_t value = otherwise;
    return text && text_to_int64(text, &value) ? value : otherwise;
}

bool sim_cookie(const struct sim_request *request, const char *name, char *out, size_t size)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < request->headers.count; i++) {
        if (!text_equal_nocase(request->headers.items[i].name, "Cookie"))
            continue;
        const char *at = request->headers.items[i].value;
        while (*at) {
            at += strspn(at, "; ");
            size_t span = strcspn(at, ";");
            if (span > length && !strncmp(at, name, length) && at[length] == '=') {
                snprintf(out, size, "%.*s", (int)(span - length - 1), at + length + 1);
                return true;
            }
            at += span;
        }
    }
    return false;
}

bool sim_is(const struct sim_request *request, const char *method)
{
    return strcmp(request->method, method) == 0;
}

bool sim_has_type(const struct sim_request *request, const char *type)
{
    const char *value = sim_header(request, "Content-Type");
    if (!value)
        return false;
    size_t length = strcspn(value, "; \t");
    char *bare = text_copy_length(value, length);
    bool result = bare && text_equal_nocase(bare, type);
    free(bare);
    return result;
}

struct json_object *sim_body_json(const struct sim_request *request)
{
    return json_parse(buffer_text(&request->body), request->body.length);
}

void sim_body_form(const struct sim_request *request, struct sim_pairs *form)
{
    sim_pairs_add_form(form, buffer_text(&request->body), request->body.length);
}

const char *sim_path_after(const struct sim_request *request, const char *prefix)
{
    return text_starts_with(request->path, prefix) ? request->path + strlen(prefix) : NULL;
}

void sim_reply_json(struct sim_reply *reply, int status, struct json_object *take)
{
    size_t length = 0;
    const int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
    const char *text = json_object_to_json_string_length(take, flags, &length);
    reply->status = status;
    buffer_clear(&reply->body);
    buffer_append(&reply->body, text, length);
    if (!sim_pairs_get(&reply->headers, "Content-Type"))
        sim_reply_header(reply, "Content-Type", "application/json");
    json_object_put(take);
}

void sim_reply_text(struct sim_reply *reply, int status, const char *type, const char *text)
{
    reply->status = status;
    buffer_clear(&reply->body);
    buffer_puts(&reply->body, text);
    if (type)
        sim_reply_set_header(reply, "Content-Type", type);
}

void sim_reply_header(struct sim_reply *reply, const char *name, const char *value)
{
    sim_pairs_add(&reply->headers, name, value);
}

void sim_reply_set_header(struct sim_reply *reply, const char *name, const char *value)
{
    for (size_t i = 0; i < reply->headers.count; i++) {
        struct sim_pair *header = &reply->headers.items[i];
        if (text_equal_nocase(header->name, name)) {
            free(header->value);
            header->value = text_copy(value);
            return;
        }
    }
    sim_pairs_add(&reply->headers, name, value);
}

void sim_verdict(struct sim_reply *reply, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_clear(&reply->verdict);
    buffer_vprintf(&reply->verdict, format, arguments);
    va_end(arguments);
}

void sim_reply_release(struct sim_reply *reply)
{
    sim_pairs_release(&reply->headers);
    buffer_release(&reply->body);
    buffer_release(&reply->verdict);
}
