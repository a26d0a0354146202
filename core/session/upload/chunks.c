/* SPDX-License-Identifier: Apache-2.0 */
/* Gathering rows, and sending them. */
#include "session/upload/chunks.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "session/session.h"

#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 4, PAUSE = 500 /* ms, doubled */, TOO_LARGE = 413, ENVELOPE = 512, ROWS_FIRST = 1024 };

/* Octets of rows that a request has room for: base64 makes four of three. */
static size_t room_for_rows(const struct chunks *chunks)
{
    size_t envelope = ENVELOPE + 6 * strlen(chunks->table);
    return chunks->room > envelope ? (chunks->room - envelope) / 4 * 3 : 0;
}

/* The rows from one to another as a body. */
static bool put_body(struct chunks *chunks, size_t from, size_t to)
{
    struct buffer rows = BUFFER_INIT;
    struct buffer *body = &chunks->body;
    size_t start = from > 0 ? chunks->ends[from - 1] : 0;
    size_t end = to > 0 ? chunks->ends[to - 1] : 0;
    buffer_reserve(&rows, end - start + 2);
    buffer_putc(&rows, '[');
    buffer_append(&rows, buffer_text(&chunks->rows) + start, end > start ? end - start - 1 : 0); /* but the comma */
    buffer_putc(&rows, ']');
    buffer_clear(body);
    buffer_puts(body, "{\"tableName\":");
    json_put_string(body, chunks->table, strlen(chunks->table));
    buffer_printf(body, ",\"index\":%lld,\"data\":\"", (long long)chunks->sent + 1);
    base64_encode(body, buffer_text(&rows), rows.length);
    buffer_puts(body, "\"}");
    bool good = !rows.failed && !body->failed;
    buffer_release(&rows);
    return good;
}

struct source {
    const struct buffer *body;
    size_t at;
};

/* It cannot be read anew, so that the session never sends it twice: whether that is right is decided here. */
static int64_t read_body(void *into, size_t capacity, void *data)
{
    struct source *source = data;
    size_t left = source->body->length - source->at;
    size_t length = left < capacity ? left : capacity;
    memcpy(into, buffer_text(source->body) + source->at, length);
    source->at += length;
    return (int64_t)length;
}

static enum mstr_code send_once(struct chunks *chunks, mstr_error *error)
{
    struct source source = {&chunks->body, 0};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    mstr_reader reader = MSTR_READER_INIT;
    mstr_response *answer = NULL;
    call.cancel = chunks->cancel;
    reader.read = read_body;
    reader.data = &source;
    reader.length = (int64_t)chunks->body.length;
    request.method = "PUT";
    request.path = chunks->path;
    request.project = chunks->project;
    request.reader = &reader;
    request.content_type = "application/json";
    request.call = &call;
    enum mstr_code code = mstr_session_send(chunks->session, &request, &answer, error);
    mstr_response_free(answer);
    return code;
}

/* Whether the network failed before there was an answer: only then is it clear that sending again is no other chunk
 * to a server that has it. */
static bool was_lost(const mstr_error *error)
{
    return mstr_error_code(error) == MSTR_E_NETWORK && mstr_error_http_status(error) == 0;
}

/* `error` is never NULL. */
static enum mstr_code send_body(struct chunks *chunks, mstr_error *error)
{
    const struct limits limits = {INT64_MAX, chunks->cancel};
    enum mstr_code code = send_once(chunks, error);
    for (int attempt = 1; code != MSTR_OK && was_lost(error) && attempt < ATTEMPTS; attempt++) {
        log_write(context_log(chunks->session->context), MSTR_LEVEL_INFO, "session", "chunk %lld again: %s",
                  (long long)chunks->sent + 1, mstr_error_message(error));
        code = limits_sleep(&limits, (int64_t)PAUSE << attempt);
        mstr_error_clear(error);
        code = code == MSTR_OK ? send_once(chunks, error)
                               : error_set(error, code, "cancelled while waiting to send a chunk again");
    }
    return code;
}

static enum mstr_code send_rows(struct chunks *chunks, size_t from, size_t to, mstr_error *error)
{
    if (!put_body(chunks, from, to)) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = send_body(chunks, error);
    if (code == MSTR_OK) {
        chunks->sent++;
        return MSTR_OK;
    }
    if (mstr_error_http_status(error) != TOO_LARGE) {
        return code;
    }
    if (to - from < 2) {
        error_set_hint(error, "a row alone is larger than the server takes");
        return code;
    }
    size_t half = from + (to - from) / 2;
    if (chunks->body.length / 2 < chunks->room) {
        chunks->room = chunks->body.length / 2;
    }
    mstr_error_clear(error);
    code = send_rows(chunks, from, half, error);
    return code == MSTR_OK ? send_rows(chunks, half, to, error) : code;
}

static enum mstr_code flush(struct chunks *chunks, mstr_error *error)
{
    enum mstr_code code = send_rows(chunks, 0, chunks->count, error);
    chunks->count = 0;
    buffer_clear(&chunks->rows);
    return code;
}

static bool make_room(struct chunks *chunks)
{
    if (chunks->count < chunks->capacity) {
        return true;
    }
    size_t capacity = chunks->capacity > 0 ? 2 * chunks->capacity : ROWS_FIRST;
    size_t *ends = realloc(chunks->ends, capacity * sizeof(*ends));
    if (ends != NULL) {
        chunks->ends = ends;
        chunks->capacity = capacity;
    }
    return ends != NULL;
}

enum mstr_code chunks_add(struct chunks *chunks, const struct buffer *row, mstr_error *error)
{
    if (chunks->count > 0 && chunks->rows.length + row->length + 1 > room_for_rows(chunks)) {
        enum mstr_code code = flush(chunks, error);
        if (code != MSTR_OK) {
            return code;
        }
    }
    if (row->length + 1 > room_for_rows(chunks)) {
        return error_set(error, MSTR_E_USAGE, "it is larger than a chunk of %zu octets", chunks->room);
    }
    buffer_append(&chunks->rows, buffer_text(row), row->length);
    if (!buffer_putc(&chunks->rows, ',') || !make_room(chunks)) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    chunks->ends[chunks->count++] = chunks->rows.length;
    return MSTR_OK;
}

enum mstr_code chunks_end(struct chunks *chunks, mstr_error *error)
{
    return chunks->count > 0 || chunks->sent == 0 ? flush(chunks, error) : MSTR_OK;
}

void chunks_release(struct chunks *chunks)
{
    buffer_release(&chunks->rows);
    buffer_release(&chunks->body);
    free(chunks->ends);
}
