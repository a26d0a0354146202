/* SPDX-License-Identifier: Apache-2.0 */
/* The request log: each entry is kept as the JSON text it is shown as. */
#include "core.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 200000, BODY_SHOWN_MAX = 1 << 20 };

struct entry {
    const char *service;
    char *text;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct entry *entries;
static size_t entry_count;
static size_t entry_room;
static FILE *file;

bool sim_log_open(const char *path)
{
    file = fopen(path, "ae");
    if (!file)
        perror(path);
    return file != NULL;
}

void sim_log_close(void)
{
    sim_log_clear(NULL);
    free(entries);
    entries = NULL;
    entry_room = 0;
    if (file)
        fclose(file);
    file = NULL;
}

/* What is no UTF-8, which any client may send, is shown as though it were Latin-1. */
static void put_string(struct buffer *out, const char *text)
{
    struct buffer shown = BUFFER_INIT;
    if (text_is_utf8(text, strlen(text))) {
        json_put_string(out, text, strlen(text));
        return;
    }
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at >= 0x80)
            buffer_putc(&shown, (char)(0xc0 | (*at >> 6)));
        buffer_putc(&shown, (char)(*at >= 0x80 ? 0x80 | (*at & 0x3f) : *at));
    }
    json_put_string(out, buffer_text(&shown), shown.length);
    buffer_release(&shown);
}

static void put_text(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, ",\"%s\":", name);
    put_string(out, value);
}

static void put_pairs(struct buffer *out, const char *name, const struct sim_pairs *pairs)
{
    buffer_printf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < pairs->count; i++) {
        buffer_puts(out, i ? ",[" : "[");
        put_string(out, pairs->items[i].name);
        buffer_putc(out, ',');
        put_string(out, pairs->items[i].value);
        buffer_putc(out, ']');
    }
    buffer_putc(out, ']');
}

static void put_body(struct buffer *out, const struct buffer *body)
{
    size_t length = body->length < BODY_SHOWN_MAX ? body->length : BODY_SHOWN_MAX;
    if (length == 0 || text_is_utf8(body->data, length)) {
        buffer_puts(out, ",\"body\":");
        json_put_string(out, buffer_text(body), length);
    } else {
        buffer_puts(out, ",\"body_base64\":\"");
        base64_encode(out, body->data, length);
        buffer_putc(out, '"');
    }
    if (length < body->length)
        buffer_printf(out, ",\"body_length\":%zu", body->length);
}

static char *describe(const struct sim_request *request, const struct sim_reply *reply, const struct sim_fault *fault)
{
    struct buffer out = BUFFER_INIT;
    buffer_printf(&out, "{\"id\":%llu,\"service\":\"%s\",\"connection\":%llu,\"tls\":%s",
                  (unsigned long long)request->id, request->service->name, (unsigned long long)request->connection,
                  request->tls ? "true" : "false");
    put_text(&out, "method", request->method);
    put_text(&out, "path", request->path);
    put_text(&out, "target", request->target);
    put_pairs(&out, "query", &request->query);
    put_pairs(&out, "headers", &request->headers);
    put_body(&out, &request->body);
    buffer_printf(&out, ",\"status\":%d,\"time\":%lld", reply->status, (long long)sim_now());
    if (fault->kind != SIM_FAULT_NONE)
        put_text(&out, "fault", sim_fault_name(fault->kind));
    if (reply->verdict.length > 0)
        put_text(&out, "verdict", buffer_text(&reply->verdict));
    buffer_putc(&out, '}');
    char *text = text_copy(buffer_text(&out));
    buffer_release(&out);
    return text;
}

/* Makes room for one more entry; the oldest half goes when there are too many. */
static bool make_room(void)
{
    if (entry_count == ENTRIES_MAX) {
        for (size_t i = 0; i < ENTRIES_MAX / 2; i++)
            free(entries[i].text);
        memmove(entries, entries + ENTRIES_MAX / 2, ENTRIES_MAX / 2 * sizeof(*entries));
        entry_count = ENTRIES_MAX / 2;
    }
    if (entry_count < entry_room)
        return true;
    size_t room = entry_room ? entry_room * 2 : 256;
    struct entry *grown = realloc(entries, room * sizeof(*grown));
    if (!grown)
        return false;
    entries = grown;
    entry_room = room;
    return true;
}

void sim_log_add(const struct sim_request *request, const struct sim_reply *reply, const struct sim_fault *fault)
{
    char *text = describe(request, reply, fault);
    pthread_mutex_lock(&mutex);
    if (file) {
        fprintf(file, "%s\n", text);
        fflush(file);
    }
    if (make_room())
        entries[entry_count++] = (struct entry){request->service->name, text};
    else
        free(text);
    pthread_mutex_unlock(&mutex);
}

void sim_log_dump(const char *service, struct buffer *out)
{
    buffer_putc(out, '[');
    bool first = true;
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < entry_count; i++) {
        if (service && strcmp(entries[i].service, service) != 0)
            continue;
        buffer_puts(out, first ? "\n" : ",\n");
        buffer_puts(out, entries[i].text);
        first = false;
    }
    pthread_mutex_unlock(&mutex);
    buffer_puts(out, "\n]\n");
}

void sim_log_clear(const char *service)
{
    size_t kept = 0;
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < entry_count; i++) {
        if (service && strcmp(entries[i].service, service) != 0)
            entries[kept++] = entries[i];
        else
            free(entries[i].text);
    }
    entry_count = kept;
    pthread_mutex_unlock(&mutex);
}
