/* SPDX-License-Identifier: Apache-2.0 */
/* Making an instance, waiting for it, and asking it for pages. */
#include "session/table/report.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "session/session.h"
#include "session/table/page.h"

#include <stdio.h>
#include <string.h>

enum {
    PAUSE_FIRST = 250, /* ms; grows by half up to PAUSE_MAX where the server names none */
    PAUSE_MAX = 5000,
    DELETE_TIMEOUT = 5000,
    I_SERVER_TIMEOUT = -2147206497,
    I_SERVER_INSTANCE_GONE = -2147468986
};

/* Statuses of an instance; every other one means that it still runs. */
enum { STATUS_READY = 1, STATUS_PROMPTED = 2, STATUS_FAILED = 3, STATUS_REQUEST_FAILED = 18 };

bool report_is_id(const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    return length > 0 && length < REPORT_ID_MAX && strspn(text, "0123456789ABCDEFabcdef-") == length;
}

bool report_is_gone(const mstr_error *error)
{
    return mstr_error_iserver_code(error) == I_SERVER_INSTANCE_GONE;
}

bool report_is_too_slow(const mstr_error *error)
{
    return mstr_error_iserver_code(error) == I_SERVER_TIMEOUT;
}

/* Who fetches ahead has a cancel of its own; that of the limits may be another with each call on the table. */
static mstr_call_options call_with(const struct report *instance, mstr_cancel *cancel)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    bool endless = instance->limits.deadline == INT64_MAX;
    call.timeout = endless ? 0 : limits_remaining(&instance->limits);
    call.cancel = cancel;
    return call;
}

mstr_call_options report_call(const struct report *instance)
{
    return call_with(instance, instance->limits.cancel);
}

static const char *kind_of(const struct report *instance)
{
    return instance->document ? "documents" : instance->kind == MSTR_EXECUTION_CUBE ? "cubes" : "reports";
}

static const char *version_of(const struct report *instance)
{
    return instance->document ? "" : "v2/";
}

/* Sends within what is left of the limits; may be called by several threads. */
static enum mstr_code send(const struct report *instance, const mstr_session_request *request, mstr_cancel *cancel,
                           mstr_response **out, mstr_error *error)
{
    const mstr_call_options call = call_with(instance, cancel);
    mstr_session_request own = *request;
    bool endless = instance->limits.deadline == INT64_MAX;
    if (!endless && call.timeout <= 0) {
        return error_set(error, MSTR_E_TIMEOUT, "the run of %s took too long", instance->object);
    }
    own.project = instance->project;
    own.call = &call;
    enum mstr_code code = mstr_session_send(instance->session, &own, out, error);
    if (code != MSTR_OK && report_is_gone(error)) {
        error_set_hint(error, "the session was renewed meanwhile, or its working set is too small; run it again");
    }
    return code;
}

enum mstr_code report_send(const struct report *instance, const mstr_session_request *request, mstr_response **out,
                           mstr_error *error)
{
    return send(instance, request, instance->limits.cancel, out, error);
}

/* Sends, and keeps the answer in place of the one before. */
static enum mstr_code ask(struct report *instance, const mstr_session_request *request, mstr_error *error)
{
    mstr_response *answer = NULL;
    enum mstr_code code = send(instance, request, instance->limits.cancel, &answer, error);
    if (code == MSTR_OK) {
        mstr_response_free(instance->answer);
        instance->answer = answer;
        instance->has_page = false;
    }
    return code;
}

/* The instance's id and status from an answer. Without a status, one that holds data is ready. */
static enum mstr_code take_status(struct report *instance, mstr_error *error)
{
    struct page_status status;
    char id[REPORT_ID_MAX];
    size_t length = 0;
    const char *body = mstr_response_body(instance->answer, &length);
    bool good = page_status(body, length, &status);
    size_t id_length =
        good && status.instance.at != NULL ? (size_t)(status.instance.end - status.instance.at) - 2 : 0;
    if (id_length > 0 && id_length < sizeof(id)) {
        memcpy(id, status.instance.at + 1, id_length);
        id[id_length] = '\0';
        if (report_is_id(id)) {
            memcpy(instance->id, id, id_length + 1);
        }
    }
    if (instance->id[0] == '\0') {
        return error_set(error, MSTR_E_PROTOCOL, "the answer to running %s names no instance", instance->object);
    }
    if (!status.has_status) {
        status.status = mstr_response_status(instance->answer) == 200 ? STATUS_READY : 0;
    }
    if (status.status == STATUS_FAILED || status.status == STATUS_REQUEST_FAILED) {
        return error_set(error, MSTR_E_SERVER, "running %s failed at the server, with status %d", instance->object,
                         (int)status.status);
    }
    instance->prompted = status.status == STATUS_PROMPTED;
    instance->running = status.status != STATUS_READY && !instance->prompted;
    instance->has_page = status.status == STATUS_READY && status.has_data;
    return MSTR_OK;
}

/* Waits as long as the server wishes, else a little longer each time. */
static enum mstr_code pause_for(struct report *instance, int64_t *pause, mstr_error *error)
{
    const char *header = mstr_response_header(instance->answer, "Retry-After");
    int64_t asked = 0;
    if (header == NULL || !timestamp_parse_retry_after(header, clock_now(), &asked)) {
        asked = *pause;
        *pause = *pause + *pause / 2 < PAUSE_MAX ? *pause + *pause / 2 : PAUSE_MAX;
    }
    enum mstr_code code = limits_sleep(&instance->limits, asked);
    return code == MSTR_OK
               ? MSTR_OK
               : error_set(error, code, "%s while %s was running", mstr_code_text(code), instance->object);
}

enum mstr_code report_wait(struct report *instance, mstr_error *error)
{
    int64_t pause = PAUSE_FIRST;
    char path[3 * REPORT_ID_MAX];
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK && instance->running) {
        snprintf(path, sizeof(path), "%s/%s/instances/%s/status", kind_of(instance), instance->object, instance->id);
        request.path = path;
        code = pause_for(instance, &pause, error);
        code = code == MSTR_OK ? ask(instance, &request, error) : code;
        code = code == MSTR_OK ? take_status(instance, error) : code;
    }
    return code;
}

/* The query of what may answer with rows. */
enum { PAGE_QUERY = 5 };
struct page_query {
    char offset[24];
    char limit[24];
    struct mstr_header items[PAGE_QUERY];
    size_t count;
};

static void add_query(struct page_query *query, const char *name, const char *value)
{
    query->items[query->count++] = (struct mstr_header){name, value};
}

static void make_query(const struct report *instance, int64_t offset, int64_t limit, struct page_query *query)
{
    query->count = 0;
    if (instance->document) {
        return;
    }
    snprintf(query->offset, sizeof(query->offset), "%lld", (long long)offset);
    snprintf(query->limit, sizeof(query->limit), "%lld", (long long)limit);
    add_query(query, "offset", query->offset);
    add_query(query, "limit", query->limit);
    if (instance->standard_dates) {
        add_query(query, "standardDateFormat", "true");
        add_query(query, "standardRawDateFormat", "true");
    }
    if (instance->fields != NULL) {
        add_query(query, "fields", instance->fields);
    }
}

/* A request with a body, whose answer may be a page. */
static enum mstr_code put(struct report *instance, const char *method, const char *path, const char *body,
                          int64_t limit, mstr_error *error)
{
    static const struct mstr_header prefer = {"Prefer", "respond-async"};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    struct page_query query;
    make_query(instance, 0, limit, &query);
    request.flags = instance->document && instance->id[0] == '\0' ? MSTR_REQUEST_AWAIT_ANSWER : 0; /* to delete it */
    request.method = method;
    request.path = path;
    request.headers = &prefer;
    request.header_count = 1;
    request.query = query.items;
    request.query_count = query.count;
    request.body = body;
    request.body_length = strlen(body);
    enum mstr_code code = ask(instance, &request, error);
    code = code == MSTR_OK ? take_status(instance, error) : code;
    return code == MSTR_OK ? report_wait(instance, error) : code;
}

enum mstr_code report_make(struct report *instance, const char *body, int64_t limit, mstr_error *error)
{
    char path[2 * REPORT_ID_MAX];
    instance->id[0] = '\0';
    snprintf(path, sizeof(path), "%s%s/%s/instances", version_of(instance), kind_of(instance), instance->object);
    return put(instance, "POST", path, body, limit, error);
}

enum mstr_code report_turn(struct report *instance, const char *body, int64_t limit, mstr_error *error)
{
    char path[3 * REPORT_ID_MAX];
    snprintf(path, sizeof(path), "%s%s/%s/instances/%s", version_of(instance), kind_of(instance), instance->object,
             instance->id);
    return put(instance, "PUT", path, body, limit, error);
}

enum mstr_code report_answer(struct report *instance, const char *answers, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    char path[3 * REPORT_ID_MAX];
    snprintf(path, sizeof(path), "%s/%s/instances/%s/prompts/answers", kind_of(instance), instance->object,
             instance->id);
    request.method = "PUT";
    request.path = path;
    request.body = answers;
    request.body_length = strlen(answers);
    enum mstr_code code = ask(instance, &request, error);
    instance->running = true;
    return code == MSTR_OK ? report_wait(instance, error) : code;
}

enum mstr_code report_get(struct report *instance, const char *version, const char *below, mstr_response **out,
                          mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    char path[4 * REPORT_ID_MAX];
    bool of_object = *below == '/' || *below == '\0';
    snprintf(path, sizeof(path), "%s%s/%s%s%s%s%s", version, kind_of(instance), instance->object,
             of_object ? "" : "/instances/", of_object ? "" : instance->id, of_object ? "" : "/", below);
    request.path = path;
    return send(instance, &request, instance->limits.cancel, out, error);
}

enum mstr_code report_fetch(const struct report *instance, int64_t offset, int64_t limit, mstr_cancel *cancel,
                            mstr_response **out, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    char path[3 * REPORT_ID_MAX];
    struct page_query query;
    snprintf(path, sizeof(path), "%s%s/%s/instances/%s", version_of(instance), kind_of(instance), instance->object,
             instance->id);
    make_query(instance, offset, limit, &query);
    request.path = path;
    request.query = query.items;
    request.query_count = query.count;
    return send(instance, &request, cancel, out, error);
}

void report_delete(struct report *instance)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_error *own = mstr_error_new();
    char path[3 * REPORT_ID_MAX];
    snprintf(path, sizeof(path), "%s%s/%s/instances/%s", version_of(instance), kind_of(instance), instance->object,
             instance->id);
    request.method = "DELETE";
    request.path = path;
    instance->limits = (struct limits){clock_monotonic() + DELETE_TIMEOUT, NULL};
    if (ask(instance, &request, own) != MSTR_OK) {
        log_write(context_log(instance->session->context), MSTR_LEVEL_DEBUG, "session",
                  "the instance was not deleted: %s", mstr_error_message(own));
    }
    mstr_error_free(own);
}

void report_release(struct report *instance)
{
    mstr_response_free(instance->answer);
    instance->answer = NULL;
}
