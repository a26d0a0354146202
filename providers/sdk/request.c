/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and their attempts. */
#include "sdk/request.h"

#include "sdk/host.h"

enum { SIDE_BY_SIDE = 32 };

static void end(struct request *request, enum mstr_code code)
{
    request->code = code;
    request->done = true;
}

/* What the attempt leaves open is as the service's row says. */
static void complete(const struct request *request, struct mstr_http_request *http)
{
    const struct traffic *traffic = request->traffic;
    http->size = sizeof(*http);
    http->flags |= traffic->flags;
    http->connect_timeout = http->connect_timeout != 0 ? http->connect_timeout : traffic->connect_timeout;
    http->timeout = http->timeout != 0 ? http->timeout : traffic->timeout;
    http->response_limit = http->response_limit != 0 ? http->response_limit : traffic->answer_limit;
    if (http->ca_file == NULL && http->ca_pem == NULL) {
        http->ca_file = request->ca_file;
    }
}

/* Whether it is ready to be sent. */
static bool prepare(struct request *request)
{
    struct attempt next = request->attempt;
    enum mstr_code code = MSTR_OK;
    request->http = request->fixed != NULL ? *request->fixed : (struct mstr_http_request){.size = 0};
    attempt_begin(&next, &request->traffic->retry, request->clock);
    if (request->prepare != NULL) {
        code = request->prepare(request->data, &next, &request->http, request->error);
    }
    complete(request, &request->http);
    request->held = code == MSTR_OK && request->http.url == NULL;
    if (code != MSTR_OK) {
        end(request, code);
    } else if (!request->held) {
        request->attempt = next;
    }
    return code == MSTR_OK && !request->held;
}

static enum mstr_code read(struct request *request, struct mstr_http_response *response)
{
    struct attempt *attempt = &request->attempt;
    if (response == NULL) {
        return attempt->code;
    }
    attempt_observe(attempt, request->clock, response);
    return request->read != NULL ? request->read(request->data, attempt, response, request->error) : MSTR_OK;
}

static void settle(struct request *request, const struct mstr_http_exchange *exchange, const struct mstr_call *call)
{
    struct attempt *attempt = &request->attempt;
    attempt->code = exchange->code;
    attempt->code = read(request, exchange->response);
    int64_t pause = attempt_judge(attempt, request->quota, request->error);
    bool again = pause == 0 || (pause != RETRY_NEVER && pause < host->remaining(call));
    bool succeeded = !again && attempt->code == MSTR_OK;
    if (again) {
        request->due = host->monotonic() + pause;
    } else {
        end(request, attempt->code);
    }
    if (succeeded) {
        attempt_succeeded(attempt, request->quota);
    }
    if (succeeded && request->keeps_answer) {
        request->answer = exchange->response;
    } else {
        host->http_free(exchange->response);
    }
}

static void send_round(struct request *const *ready, size_t count, const struct mstr_call *call)
{
    struct mstr_http_exchange exchanges[SIDE_BY_SIDE];
    for (size_t i = 0; i < count; i++) {
        exchanges[i] = (struct mstr_http_exchange){
            .size = sizeof(exchanges[i]), .request = &ready[i]->http, .error = ready[i]->error};
    }
    if (count == 1) {
        exchanges[0].code = host->http(call, exchanges[0].request, &exchanges[0].response, exchanges[0].error);
    } else {
        host->http_many(call, exchanges, count);
    }
    for (size_t i = 0; i < count; i++) {
        settle(ready[i], &exchanges[i], call);
    }
}

/* Sends those that are due, and holds what waits for them. False when nothing came of it. */
static bool run_round(struct request *requests, size_t count, const struct mstr_call *call)
{
    struct request *ready[SIDE_BY_SIDE];
    size_t found = 0;
    bool ended = false;
    int64_t now = host->monotonic();
    for (size_t i = 0; i < count && found < SIDE_BY_SIDE; i++) {
        if (!requests[i].done && requests[i].due <= now) {
            ready[found] = &requests[i];
            found += prepare(&requests[i]);
            ended = ended || requests[i].done;
        }
    }
    if (found > 0) {
        send_round(ready, found, call);
    }
    return found > 0 || ended;
}

/* When the next attempt is due, monotonic ms; INT64_MAX when all are done. */
static int64_t next_due(const struct request *requests, size_t count)
{
    int64_t due = INT64_MAX;
    bool held = false;
    for (size_t i = 0; i < count; i++) {
        held = held || (!requests[i].done && requests[i].held);
        if (!requests[i].done && !requests[i].held && requests[i].due < due) {
            due = requests[i].due;
        }
    }
    return due == INT64_MAX && held ? 0 : due;
}

/* Those that were waiting when the caller gave up. */
static void give_up(struct request *requests, size_t count, const struct mstr_call *call)
{
    bool cancelled = host->cancelled(call);
    for (size_t i = 0; i < count; i++) {
        if (!requests[i].done) {
            end(&requests[i],
                host->error_set(requests[i].error, cancelled ? MSTR_E_CANCELLED : MSTR_E_TIMEOUT,
                                "%s while a request waited to be sent", cancelled ? "cancelled" : "the time ended"));
        }
    }
}

void request_send_many(struct request *requests, size_t count, const struct mstr_call *call)
{
    bool on = true;
    int64_t due = 0;
    while (on && (due = next_due(requests, count)) != INT64_MAX) {
        int64_t wait = due - host->monotonic();
        on = (wait <= 0 || host->sleep(call, wait) == MSTR_OK) && run_round(requests, count, call);
    }
    give_up(requests, count, call);
}

enum mstr_code request_send(struct request *request, const struct mstr_call *call)
{
    request_send_many(request, 1, call);
    return request->code;
}
