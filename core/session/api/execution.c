/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a report or a cube: an instance is made, waited for, read page by page, and deleted however that ends. An
 * instance lives in the session's working set and ends with the session; one that is lost before a row was handed
 * over is made anew, once. Later that would mix the rows of two runs.
 */
#include "session/session.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/given.h"
#include "base/json.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "session/api/grid.h"
#include "session/api/read_ahead.h"
#include "session/parts/response.h"

#include <mstr/execution.h>
#include <mstr/json-c.h>
#include <stdio.h>
#include <string.h>

enum {
    PAGE_SIZE = 1000,
    PAGE_MIN = 50,
    PAUSE_FIRST = 250, /* ms; grows by half up to PAUSE_MAX where the server names none */
    PAUSE_MAX = 5000,
    DELETE_TIMEOUT = 5000,
    ID_MAX = 128,
    I_SERVER_TIMEOUT = -2147206497,
    I_SERVER_INSTANCE_GONE = -2147468986
};

/* Statuses of an instance; every other one means that it still runs. */
enum { STATUS_READY = 1, STATUS_PROMPTED = 2, STATUS_FAILED = 3, STATUS_REQUEST_FAILED = 18 };

struct run {
    mstr_session *session;
    const mstr_execution *execution;
    const char *kind; /* segment of the path */
    struct limits limits;
    char instance[ID_MAX];
    int64_t status;
    int64_t page_size;
    int64_t read;             /* rows handed over */
    mstr_response *answer;    /* the latest */
    struct read_ahead *ahead; /* NULL = no pages are being fetched ahead */
};

static bool is_id(const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    return length > 0 && length < ID_MAX && strspn(text, "0123456789ABCDEFabcdef-") == length;
}

/* Sends within what is left of the run's limits; may be called by several threads. */
static enum mstr_code send(const struct run *run, const mstr_session_request *request, mstr_cancel *cancel,
                           mstr_response **out, mstr_error *error)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    mstr_session_request own = *request;
    call.timeout = limits_remaining(&run->limits);
    call.cancel = cancel;
    if (call.timeout <= 0) {
        return error_set(error, MSTR_E_TIMEOUT, "the run of %s took too long", run->execution->id);
    }
    own.project = run->execution->project;
    own.call = &call;
    enum mstr_code code = mstr_session_send(run->session, &own, out, error);
    if (code != MSTR_OK && mstr_error_iserver_code(error) == I_SERVER_INSTANCE_GONE) {
        error_set_hint(error, "the session was renewed meanwhile, or its working set is too small; run it again");
    }
    return code;
}

/* Keeps an answer in place of the one before. */
static void keep(struct run *run, mstr_response *answer)
{
    mstr_response_free(run->answer);
    run->answer = answer;
}

static enum mstr_code ask(struct run *run, const mstr_session_request *request, mstr_error *error)
{
    mstr_response *answer = NULL;
    enum mstr_code code = send(run, request, run->limits.cancel, &answer, error);
    if (code == MSTR_OK) {
        keep(run, answer);
    }
    return code;
}

/* The instance and its status from an answer. Without a status, one that holds data is ready. */
static enum mstr_code take_status(struct run *run, mstr_error *error)
{
    const char *instance = mstr_response_text(run->answer, "/instanceId");
    int64_t status = 0;
    if (instance == NULL && run->instance[0] == '\0') {
        return response_tell_absent(error, MSTR_E_PROTOCOL, "the answer to running %s names no instance",
                                    run->execution->id);
    }
    if (!mstr_response_number(run->answer, "/status", &status)) {
        status = mstr_response_status(run->answer) == 200 ? STATUS_READY : 0;
    }
    if (instance != NULL && is_id(instance)) {
        snprintf(run->instance, sizeof(run->instance), "%s", instance);
    }
    if (run->instance[0] == '\0') {
        return error_set(error, MSTR_E_PROTOCOL, "the answer to running %s names no instance", run->execution->id);
    }
    if (status == STATUS_FAILED || status == STATUS_REQUEST_FAILED) {
        return error_set(error, MSTR_E_SERVER, "running %s failed at the server, with status %d", run->execution->id,
                         (int)status);
    }
    run->status = status;
    return MSTR_OK;
}

static bool is_running(const struct run *run)
{
    return run->status != STATUS_READY && run->status != STATUS_PROMPTED;
}

static enum mstr_code create(struct run *run, mstr_error *error)
{
    static const struct mstr_header prefer = {"Prefer", "respond-async"};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    const char *body = run->execution->body != NULL ? run->execution->body : "{}";
    char path[2 * ID_MAX];
    char limit[24];
    const struct mstr_header query[] = {{"offset", "0"}, {"limit", limit}};
    snprintf(path, sizeof(path), "v2/%s/%s/instances", run->kind, run->execution->id);
    snprintf(limit, sizeof(limit), "%lld", (long long)run->page_size);
    request.method = "POST";
    request.path = path;
    request.headers = &prefer;
    request.header_count = 1;
    request.query = query;
    request.query_count = 2;
    request.body = body;
    request.body_length = strlen(body);
    enum mstr_code code = ask(run, &request, error);
    return code == MSTR_OK ? take_status(run, error) : code;
}

/* Waits as long as the server wishes, else a little longer each time. */
static enum mstr_code pause_for(struct run *run, int64_t *pause, mstr_error *error)
{
    const char *header = mstr_response_header(run->answer, "Retry-After");
    int64_t asked = 0;
    if (header == NULL || !timestamp_parse_retry_after(header, clock_now(), &asked)) {
        asked = *pause;
        *pause = *pause + *pause / 2 < PAUSE_MAX ? *pause + *pause / 2 : PAUSE_MAX;
    }
    enum mstr_code code = limits_sleep(&run->limits, asked);
    return code == MSTR_OK
               ? MSTR_OK
               : error_set(error, code, "%s while %s was running", mstr_code_text(code), run->execution->id);
}

static enum mstr_code wait_for(struct run *run, mstr_error *error)
{
    int64_t pause = PAUSE_FIRST;
    char path[3 * ID_MAX];
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    snprintf(path, sizeof(path), "%s/%s/instances/%s/status", run->kind, run->execution->id, run->instance);
    request.path = path;
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK && is_running(run)) {
        code = pause_for(run, &pause, error);
        code = code == MSTR_OK ? ask(run, &request, error) : code;
        code = code == MSTR_OK ? take_status(run, error) : code;
    }
    return code;
}

static enum mstr_code answer_prompts(struct run *run, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    char path[3 * ID_MAX];
    if (run->execution->answers == NULL) {
        error_set(error, MSTR_E_USAGE, "%s asks prompts, and no answers were given", run->execution->id);
        error_set_hint(error, "GET %s/%s/instances/{id}/prompts lists them", run->kind, run->execution->id);
        return MSTR_E_USAGE;
    }
    snprintf(path, sizeof(path), "%s/%s/instances/%s/prompts/answers", run->kind, run->execution->id, run->instance);
    request.method = "PUT";
    request.path = path;
    request.body = run->execution->answers;
    request.body_length = strlen(run->execution->answers);
    run->status = 0;
    return ask(run, &request, error);
}

static enum mstr_code fetch(void *data, int64_t offset, int64_t limit, mstr_cancel *cancel, mstr_response **out,
                            mstr_error *error)
{
    const struct run *run = data;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    char path[3 * ID_MAX];
    char start[24];
    char length[24];
    const struct mstr_header query[] = {{"offset", start}, {"limit", length}};
    snprintf(path, sizeof(path), "v2/%s/%s/instances/%s", run->kind, run->execution->id, run->instance);
    snprintf(start, sizeof(start), "%lld", (long long)offset);
    snprintf(length, sizeof(length), "%lld", (long long)limit);
    request.path = path;
    request.query = query;
    request.query_count = 2;
    return send(run, &request, cancel, out, error);
}

static bool is_too_slow(const struct run *run, const mstr_error *error)
{
    return mstr_error_iserver_code(error) == I_SERVER_TIMEOUT && run->page_size > PAGE_MIN;
}

static void stop_ahead(struct run *run)
{
    read_ahead_free(run->ahead);
    run->ahead = NULL;
}

/* The page at `offset`, of those fetched ahead if there are any; in halves for as long as it takes the server too
 * long. `told` is never NULL. */
static enum mstr_code fetch_page(struct run *run, int64_t offset, int64_t total, mstr_error *told)
{
    size_t pages = MSTR_HAS(run->execution, mstr_execution, ahead) ? run->execution->ahead : 0;
    mstr_response *answer = NULL;
    enum mstr_code code = MSTR_OK;
    if (pages > 0 && run->ahead == NULL && total - offset > run->page_size) {
        const struct read_ahead_range range = {offset, run->page_size, total};
        run->ahead = read_ahead_new(range, pages, fetch, run);
    }
    bool came = run->ahead != NULL && read_ahead_next(run->ahead, &run->limits, &answer, &code, told);
    if (!came || code != MSTR_OK) {
        stop_ahead(run);
    }
    if (!came) {
        code = fetch(run, offset, run->page_size, run->limits.cancel, &answer, told);
    }
    while (code != MSTR_OK && is_too_slow(run, told)) {
        run->page_size = run->page_size / 2 > PAGE_MIN ? run->page_size / 2 : PAGE_MIN;
        mstr_error_clear(told);
        code = fetch(run, offset, run->page_size, run->limits.cancel, &answer, told);
    }
    if (code == MSTR_OK) {
        keep(run, answer);
    }
    return code;
}

/* Hands over the rows of the page at hand. A server may give fewer rows than it was asked for, and the next page then
 * begins where these end. */
static enum mstr_code read_page(struct run *run, int64_t *total, mstr_row_fn each, void *data, mstr_error *error)
{
    int64_t before = run->read;
    size_t length = 0;
    const char *body = mstr_response_body(run->answer, &length);
    struct json_object *page = mstr_response_json(run->answer);
    enum mstr_code code = MSTR_OK;
    if (page == NULL) {
        code = response_tell_absent(error, MSTR_E_PROTOCOL, "the answer is no page of a grid");
    } else if (!json_show_nuls(page, body, length)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    } else {
        code = grid_read(page, &run->read, total, each, data, error);
    }
    int64_t got = run->read - before;
    if (code == MSTR_OK && run->read < *total && got != run->page_size) {
        stop_ahead(run);
        run->page_size = got > 0 && got < run->page_size ? got : run->page_size;
        if (got == 0) {
            code = error_set(error, MSTR_E_PROTOCOL, "%s has %lld rows, but the server stopped after %lld",
                             run->execution->id, (long long)*total, (long long)run->read);
        }
    }
    return code;
}

/* The pages one after another; `run->answer` is the first where creating the instance brought it along. */
static enum mstr_code read_pages(struct run *run, bool at_hand, mstr_row_fn each, void *data, mstr_error *error)
{
    int64_t total = -1;
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK && (total < 0 || run->read < total)) {
        code = at_hand ? MSTR_OK : fetch_page(run, run->read, total, error);
        at_hand = false;
        code = code == MSTR_OK ? read_page(run, &total, each, data, error) : code;
    }
    stop_ahead(run);
    return code;
}

/* Makes room in the session's working set, also after a cancellation. */
static void delete_instance(struct run *run)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_error *own = mstr_error_new();
    char path[3 * ID_MAX];
    snprintf(path, sizeof(path), "v2/%s/%s/instances/%s", run->kind, run->execution->id, run->instance);
    request.method = "DELETE";
    request.path = path;
    run->limits = (struct limits){clock_monotonic() + DELETE_TIMEOUT, NULL};
    if (ask(run, &request, own) != MSTR_OK) {
        log_write(context_log(run->session->context), MSTR_LEVEL_DEBUG, "session", "the instance was not deleted: %s",
                  mstr_error_message(own));
    }
    mstr_error_free(own);
}

/* From the instance's making to its last row. `error` is never NULL. */
static enum mstr_code run_once(struct run *run, mstr_row_fn each, void *data, mstr_error *error)
{
    enum mstr_code code = create(run, error);
    bool at_hand = code == MSTR_OK && run->status == STATUS_READY;
    code = code == MSTR_OK ? wait_for(run, error) : code;
    if (code == MSTR_OK && run->status == STATUS_PROMPTED) {
        code = answer_prompts(run, error);
        code = code == MSTR_OK ? wait_for(run, error) : code;
    }
    if (code == MSTR_OK && run->status == STATUS_PROMPTED) {
        code = error_set(error, MSTR_E_REQUEST, "%s still asks prompts after the answers", run->execution->id);
    }
    return code == MSTR_OK ? read_pages(run, at_hand, each, data, error) : code;
}

/* The same, once more if the instance was lost before a row of it was handed over. `error` is never NULL. */
static enum mstr_code run_whole(struct run *run, mstr_row_fn each, void *data, mstr_error *error)
{
    enum mstr_code code = run_once(run, each, data, error);
    if (mstr_error_iserver_code(error) == I_SERVER_INSTANCE_GONE && run->instance[0] != '\0' && run->read == 0) {
        log_write(context_log(run->session->context), MSTR_LEVEL_INFO, "session",
                  "the instance of %s was lost; making another one", run->execution->id);
        run->instance[0] = '\0';
        mstr_error_clear(error);
        code = run_once(run, each, data, error);
    }
    if (run->instance[0] != '\0' && mstr_error_iserver_code(error) != I_SERVER_INSTANCE_GONE) {
        delete_instance(run);
    }
    return code;
}

static enum mstr_code check(const mstr_execution *execution, mstr_error *error)
{
    static const char what[] = "the execution was";
    if (given_check(what, MSTR_HAS(execution, mstr_execution, call), 0, 0, error) != MSTR_OK ||
        given_call(execution->call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (!is_id(execution->id)) {
        return error_set(error, MSTR_E_USAGE, "running a report or a cube needs its id");
    }
    const struct given_number numbers[] = {
        {"kind", (int64_t)execution->kind, MSTR_EXECUTION_REPORT, MSTR_EXECUTION_CUBE},
        GIVEN_COUNT(execution, mstr_execution, page_size)};
    return given_numbers(what, numbers, sizeof(numbers) / sizeof(*numbers), error);
}

enum mstr_code mstr_session_execute(mstr_session *session, const mstr_execution *execution, mstr_row_fn each,
                                    void *data, mstr_error *error)
{
    if (check(execution, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    mstr_error *own = mstr_error_new();
    if (own == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    struct run run = {
        .session = session,
        .execution = execution,
        .kind = execution->kind == MSTR_EXECUTION_CUBE ? "cubes" : "reports",
        .limits = session_limits(session, execution->call),
        .page_size = execution->page_size > 0 ? execution->page_size : PAGE_SIZE,
    };
    enum mstr_code code = run_whole(&run, each, data, own);
    if (code != MSTR_OK) {
        error_copy(error, own);
    }
    mstr_response_free(run.answer);
    mstr_error_free(own);
    return code;
}
