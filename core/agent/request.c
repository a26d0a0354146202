/* SPDX-License-Identifier: Apache-2.0 */
/* A request as the routes get it, and the reply that they fill in. */
#include "request.h"

#include "base/json.h"
#include "base/text.h"

#include <mstr/context.h>
#include <stdio.h>

const char *request_header(const struct request *request, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < request->header_count; i++) {
        const struct request_header *header = &request->headers[i];
        if (header->name_length == length && text_equal_nocase_length(header->name, name, length)) {
            return header->value;
        }
    }
    return NULL;
}

bool request_timeout(const struct request *request, int64_t *timeout)
{
    const char *text = request_header(request, "X-Mstr-Timeout");
    return text == NULL || (mstr_duration_parse(text, timeout) == MSTR_OK && *timeout > 0);
}

static bool is_plain(const char *value)
{
    for (; *value != '\0'; value++) {
        if ((unsigned char)*value < 0x20 || *value == 0x7f) {
            return false;
        }
    }
    return true;
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
    if (is_plain(value)) {
        buffer_append(&reply->headers, name, strlen(name) + 1);
        buffer_append(&reply->headers, value, strlen(value) + 1);
    }
}

bool reply_header_next(const struct reply *reply, size_t *at, const char **name, const char **value)
{
    if (*at >= reply->headers.length) {
        return false;
    }
    *name = buffer_text(&reply->headers) + *at;
    *value = *name + strlen(*name) + 1;
    *at += strlen(*name) + 1 + strlen(*value) + 1;
    return true;
}

static void begin(struct reply *reply, int status, const char *type)
{
    reply->status = status;
    reply->type = type;
    buffer_clear(&reply->body);
}

void reply_json(struct reply *reply, int status)
{
    begin(reply, status, "application/json");
}

/* Texts quote what clients and servers say, and JSON is UTF-8: of one that is not, the ASCII is told. */
static void put_text(struct buffer *out, const char *name, const char *text)
{
    struct buffer told = BUFFER_INIT;
    if (text == NULL || text_is_utf8(text, strlen(text))) {
        json_put_member(out, name, text);
        return;
    }
    for (; *text != '\0'; text++) {
        buffer_putc(&told, (unsigned char)*text < 0x80 ? *text : '?');
    }
    json_put_member(out, name, buffer_text(&told));
    out->failed |= told.failed;
    buffer_release(&told);
}

/* It is the agent's own word, not a server's; `failed` where that is an error which it met and tells. */
static void sign(struct reply *reply, bool failed)
{
    bool busy = reply->status == 429 || reply->status == 503;
    reply_header(reply, "X-Mstr-Agent", failed ? "failure" : busy ? "busy" : "refusal");
}

static void begin_problem(struct reply *reply, int status, const char *title, const char *detail, bool failed)
{
    begin(reply, status, "application/problem+json");
    sign(reply, failed);
    put_text(&reply->body, "title", title);
    buffer_printf(&reply->body, ",\"status\":%d", status);
    put_text(&reply->body, "detail", detail);
}

void reply_problem(struct reply *reply, int status, const char *title, const char *detail, ...)
{
    struct buffer text = BUFFER_INIT;
    va_list arguments;
    va_start(arguments, detail);
    buffer_vprintf(&text, detail, arguments);
    va_end(arguments);
    begin_problem(reply, status, title, buffer_text(&text), false);
    buffer_puts(&reply->body, "}\n");
    buffer_release(&text);
}

void reply_busy(struct reply *reply, int status, unsigned seconds, const char *detail)
{
    char pause[16];
    snprintf(pause, sizeof(pause), "%u", seconds);
    reply_problem(reply, status, status == 429 ? "throttled" : "unavailable", "%s", detail);
    reply_header(reply, "Retry-After", pause);
}

void reply_difference(struct reply *reply, const char *what, const char *name, const char *setting)
{
    begin_problem(reply, 409, "differs", "the caller's settings are others than the agent's", false);
    put_text(&reply->body, what, name);
    put_text(&reply->body, "key", setting);
    buffer_puts(&reply->body, "}\n");
}

static int status_of(enum mstr_code code)
{
    static const struct {
        enum mstr_code code;
        int status;
    } known[] = {{MSTR_E_USAGE, 400},        {MSTR_E_CONFIG, 400},  {MSTR_E_REQUEST, 400},
                 {MSTR_E_NOT_FOUND, 404},    {MSTR_E_DENIED, 403},  {MSTR_E_AUTHENTICATION, 401},
                 {MSTR_E_SESSION, 401},      {MSTR_E_TIMEOUT, 504}, {MSTR_E_CANCELLED, 503},
                 {MSTR_E_THROTTLED, 429},    {MSTR_E_MEMORY, 503},  {MSTR_E_UNAVAILABLE, 503},
                 {MSTR_E_NOT_AVAILABLE, 503}};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (known[i].code == code) {
            return known[i].status;
        }
    }
    return 502;
}

/* An error for which there was no memory says nothing, and means just that. */
static enum mstr_code code_of(const mstr_error *error)
{
    enum mstr_code code = mstr_error_code(error);
    return code != MSTR_OK ? code : MSTR_E_MEMORY;
}

static const char *message_of(const mstr_error *error)
{
    const char *message = mstr_error_message(error);
    return *message != '\0' ? message : "out of memory";
}

/* `reference` is NULL for those who have named it themselves. */
static void put_error(struct buffer *out, const mstr_error *error, const char *reference)
{
    const struct {
        const char *name;
        const char *value;
    } members[] = {{"message", message_of(error)},
                   {"hint", mstr_error_hint(error)},
                   {"provider", mstr_error_provider(error)},
                   {"step", mstr_error_step(error)},
                   {"service_code", mstr_error_service_code(error)},
                   {"request_id", mstr_error_request_id(error)},
                   {"reference", reference}};
    buffer_printf(out, "{\"class\":\"%s\"", mstr_code_name(code_of(error)));
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        put_text(out, members[i].name, members[i].value);
    }
    if (mstr_error_http_status(error) != 0) {
        buffer_printf(out, ",\"http_status\":%d", mstr_error_http_status(error));
    }
    buffer_putc(out, '}');
}

void reply_put_error(struct buffer *out, const mstr_error *error)
{
    put_error(out, error, NULL);
}

void reply_error(struct reply *reply, const mstr_error *error)
{
    enum mstr_code code = code_of(error);
    begin_problem(reply, status_of(code), mstr_code_name(code), message_of(error), true);
    buffer_puts(&reply->body, ",\"error\":");
    put_error(&reply->body, error, NULL);
    buffer_puts(&reply->body, "}\n");
    if (reply->status == 429 || reply->status == 503) {
        reply_header(reply, "Retry-After", "1");
    }
}

/* `error` may be NULL. */
static void refuse(struct reply *reply, int status, const char *code, const char *message, const mstr_error *error)
{
    reply_json(reply, status);
    sign(reply, error != NULL);
    put_text(&reply->body, "code", code);
    put_text(&reply->body, "message", message);
    put_text(&reply->body, "ticketId", "");
    if (error != NULL) {
        buffer_puts(&reply->body, ",\"error\":");
        put_error(&reply->body, error, mstr_error_reference(error));
    }
    buffer_puts(&reply->body, "}\n");
    if (status == 429 || status == 503) {
        reply_header(reply, "Retry-After", "1");
    }
}

void reply_rest(struct reply *reply, int status, const char *code, const char *message)
{
    refuse(reply, status, code, message, NULL);
}

void reply_rest_error(struct reply *reply, const mstr_error *error)
{
    static const struct {
        enum mstr_code code;
        const char *name;
    } known[] = {{MSTR_E_AUTHENTICATION, "ERR003"}, {MSTR_E_NOT_FOUND, "ERR004"}, {MSTR_E_USAGE, "ERR005"},
                 {MSTR_E_SESSION, "ERR009"},        {MSTR_E_DENIED, "ERR017"},    {MSTR_OK, "ERR001"}};
    enum mstr_code code = code_of(error);
    size_t i = 0;
    while (known[i].code != MSTR_OK && known[i].code != code) {
        i++;
    }
    refuse(reply, status_of(code), known[i].name, message_of(error), error);
}

void reply_release(struct reply *reply)
{
    buffer_release(&reply->headers);
    buffer_release(&reply->body);
}
