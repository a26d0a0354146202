/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: how they are collected, and how they are read. */
#include "http/response.h"

#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct mstr_http_response *response_new(const char *url, size_t body_limit)
{
    struct mstr_http_response *response = calloc(1, sizeof(*response));
    if (response == NULL || (response->url = text_copy(url)) == NULL) {
        free(response);
        return NULL;
    }
    response->answer.size = (uint32_t)sizeof(response->answer);
    response->body.limit = body_limit;
    response->sent = (struct secret_filter)SECRET_FILTER_INIT;
    return response;
}

void response_complete(struct mstr_http_response *response, int64_t sent, int64_t received)
{
    response->answer.peer = response->peer;
    response->answer.body = buffer_text(&response->body);
    response->answer.body_length = response->body.length;
    response->answer.sent = sent;
    response->answer.received = received;
}

static bool blank(char octet)
{
    return octet == ' ' || octet == '\t';
}

/* "HTTP/1.1 200 OK", "HTTP/2 200": a new section begins. */
static enum response_line begin_section(struct mstr_http_response *response, const char *line, size_t length)
{
    const char *space = memchr(line, ' ', length);
    size_t left = space != NULL ? length - (size_t)(space - line) : 0;
    if (left < 4 || (left > 4 && !blank(space[4]))) {
        return RESPONSE_LINE_MALFORMED;
    }
    int status = 0;
    for (int i = 1; i <= 3; i++) {
        if (space[i] < '0' || space[i] > '9') {
            return RESPONSE_LINE_MALFORMED;
        }
        status = status * 10 + (space[i] - '0');
    }
    buffer_clear(&response->headers);
    response->header_count = 0;
    response->complete = false;
    response->answer.status = status;
    if (++response->section_count > RESPONSE_INTERIM_MOST + 1) {
        return RESPONSE_LINE_TOO_MANY;
    }
    return status >= 100 && status <= 599 ? RESPONSE_LINE_GOOD : RESPONSE_LINE_MALFORMED;
}

/* A line that begins with white space continues the one before it (RFC 9112, 5.2). */
static void continue_value(struct mstr_http_response *response, const char *text, size_t length)
{
    if (response->header_count > 0) {
        buffer_truncate(&response->headers, response->headers.length - 1);
        buffer_putc(&response->headers, ' ');
        buffer_append(&response->headers, text, length);
        buffer_putc(&response->headers, '\0');
    }
}

/* Lengths that differ leave open where the body ends (RFC 9112, 6.3). */
static bool is_other_length(const struct mstr_http_response *response, const char *line, size_t name_length,
                            const char *value, size_t length)
{
    static const char name[] = "Content-Length";
    const char *known = http_header(response, name);
    return known != NULL && name_length == strlen(name) && text_equal_nocase_length(line, name, name_length) &&
           (strlen(known) != length || memcmp(known, value, length) != 0);
}

/* A line of the final section, or of the latest so far. */
static enum response_line add_field(struct mstr_http_response *response, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    const char *value = blank(*line) || colon == NULL ? line : colon + 1;
    const char *end = line + length;
    while (value < end && blank(*value)) {
        value++;
    }
    if (blank(*line)) {
        continue_value(response, value, (size_t)(end - value));
    } else if (colon == NULL || colon == line ||
               is_other_length(response, line, (size_t)(colon - line), value, (size_t)(end - value))) {
        return RESPONSE_LINE_MALFORMED;
    } else {
        response->header_count++;
        buffer_append(&response->headers, line, (size_t)(colon - line));
        buffer_putc(&response->headers, '\0');
        buffer_append(&response->headers, value, (size_t)(end - value));
        buffer_putc(&response->headers, '\0');
    }
    return response->headers.failed ? RESPONSE_LINE_NO_MEMORY : RESPONSE_LINE_GOOD;
}

enum response_line response_add_line(struct mstr_http_response *response, const char *line, size_t length)
{
    response->line_octets += length;
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == '\n' || blank(line[length - 1]))) {
        length--;
    }
    if (response->line_octets > RESPONSE_HEADER_OCTETS) {
        return RESPONSE_LINE_TOO_MANY;
    }
    if (memchr(line, '\0', length) != NULL) {
        return RESPONSE_LINE_MALFORMED;
    }
    if (length > 5 && memcmp(line, "HTTP/", 5) == 0) {
        return begin_section(response, line, length);
    }
    if (length == 0) {
        response->complete = true;
        return RESPONSE_LINE_GOOD;
    }
    if (++response->line_count > RESPONSE_HEADER_LINES) {
        return RESPONSE_LINE_TOO_MANY;
    }
    return response->complete ? RESPONSE_LINE_GOOD : add_field(response, line, length);
}

size_t response_body_limit(const struct mstr_http_response *response)
{
    size_t limit = response->body.limit != 0 ? response->body.limit : SIZE_MAX;
    bool success = response->answer.status / 100 == 2;
    return success || limit < RESPONSE_REFUSAL_OCTETS ? limit : RESPONSE_REFUSAL_OCTETS;
}

enum response_body response_add_body(struct mstr_http_response *response, const void *octets, size_t length)
{
    if (length > response_body_limit(response) - response->body.length) {
        return RESPONSE_BODY_TOO_LARGE;
    }
    return buffer_append(&response->body, octets, length) ? RESPONSE_BODY_GOOD : RESPONSE_BODY_NO_MEMORY;
}

static void hide_in_headers(struct mstr_http_response *response)
{
    struct buffer clean = BUFFER_INIT;
    struct buffer value = BUFFER_INIT;
    const char *name = NULL;
    const char *told = NULL;
    for (size_t i = 0; http_header_at(response, i, &name, &told); i++) {
        buffer_clear(&value);
        buffer_puts(&value, told);
        if (!text_equal_nocase(name, "Set-Cookie")) {
            secret_filter_hide(&response->sent, &value);
        }
        buffer_append(&clean, name, strlen(name) + 1);
        buffer_append(&clean, buffer_text(&value), value.length);
        buffer_putc(&clean, '\0');
    }
    buffer_release(&value);
    buffer_release(&response->headers);
    response->headers = clean;
    response->header_count = clean.failed ? 0 : response->header_count;
}

void response_hide(struct mstr_http_response *response)
{
    hide_in_headers(response);
    secret_filter_hide(&response->sent, &response->body);
    response->answer.body = buffer_text(&response->body);
    response->answer.body_length = response->body.length;
}

const struct mstr_http_answer *http_answer(const struct mstr_http_response *response)
{
    return &response->answer;
}

bool http_header_at(const struct mstr_http_response *response, size_t index, const char **name, const char **value)
{
    const char *at = buffer_text(&response->headers);
    if (index >= response->header_count) {
        return false;
    }
    for (size_t skipped = 0; skipped < index * 2; skipped++) {
        at += strlen(at) + 1;
    }
    *name = at;
    *value = at + strlen(at) + 1;
    return true;
}

const char *http_header(const struct mstr_http_response *response, const char *name)
{
    const char *at = buffer_text(&response->headers);
    for (size_t i = 0; i < response->header_count; i++) {
        const char *value = at + strlen(at) + 1;
        if (text_equal_nocase(at, name)) {
            return value;
        }
        at = value + strlen(value) + 1;
    }
    return NULL;
}

enum mstr_code http_json(const struct mstr_http_response *response, struct json_object **json)
{
    /* What the filter makes of its secrets for searching was made for the body already. */
    struct secret_filter *sent = (struct secret_filter *)(uintptr_t)&response->sent;
    enum mstr_code code = json_read(response->answer.body, response->answer.body_length, json);
    secret_filter_hide_in_json(sent, *json);
    if (code == MSTR_OK && sent->no_memory) {
        json_release(*json);
        *json = NULL;
        code = MSTR_E_MEMORY;
    }
    return code;
}

struct http_phases http_phases(const struct mstr_http_response *response)
{
    return response->phases;
}

const char *http_url(const struct mstr_http_response *response)
{
    return response->url;
}

void http_response_free(struct mstr_http_response *response)
{
    if (response != NULL) {
        free(response->url);
        buffer_release(&response->body);
        buffer_release(&response->headers);
        secret_filter_release(&response->sent);
        free(response);
    }
}
