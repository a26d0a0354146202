/* SPDX-License-Identifier: Apache-2.0 */
/* Runs exchanges on leased sets of connections. */
#include "http/client.h"

#include "base/clock.h"
#include "base/text.h"
#include "http/connection_pool.h"
#include "http/sent_secrets.h"
#include "http/transfer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

enum {
    IN_FLIGHT = 32, /* at most, of one call */
    IDLE_LANES = 64,
    POLL_MOST = 60 * 1000,
    POLL_LINGERING = 20,
    DEFAULT_RESPONSE_LIMIT = 1024 * 1024,
};

struct http_client {
    struct http_client_options options;
    struct log log;
    struct connection_pool pool;
    char *ca_file;
    char *proxy;
    char *no_proxy;
};

enum mstr_code http_client_new(const struct http_client_options *options, const struct log *log,
                               struct http_client **out, mstr_error *error)
{
    struct http_client *client = calloc(1, sizeof(*client));
    *out = NULL;
    if (client == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    client->ca_file = text_copy(options->ca_file);
    client->proxy = text_copy(options->proxy);
    client->no_proxy = text_copy(options->no_proxy);
    client->options = *options;
    client->options.ca_file = client->ca_file;
    client->options.proxy = client->proxy;
    client->options.no_proxy = client->no_proxy;
    client->options.trust_environment = options->trust_environment && getauxval(AT_SECURE) == 0;
    client->log = log != NULL ? *log : (struct log){0};
    connection_pool_init(&client->pool, options->max_idle_sets != 0 ? options->max_idle_sets : IDLE_LANES);
    if ((options->ca_file != NULL && client->ca_file == NULL) || (options->proxy != NULL && client->proxy == NULL) ||
        (options->no_proxy != NULL && client->no_proxy == NULL)) {
        http_client_free(client);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *out = client;
    return MSTR_OK;
}

void http_client_free(struct http_client *client)
{
    if (client != NULL) {
        connection_pool_release(&client->pool);
        free(client->ca_file);
        text_wipe_free(client->proxy); /* may hold a password */
        free(client->no_proxy);
        free(client);
    }
}

/* FNV-1a over what stands before the path. Two ways to write one origin are two numbers, which costs a connection. */
static uint64_t origin_number(const char *url)
{
    uint64_t number = 14695981039346656037u;
    for (unsigned slashes = 0; url != NULL && *url != '\0'; url++) {
        slashes += *url == '/';
        if (slashes == 3) {
            break;
        }
        number = (number ^ (unsigned char)*url) * 1099511628211u;
    }
    return number;
}

void transfer_release(struct transfer *t)
{
    http_response_free(t->response);
    buffer_release(&t->lines);
    buffer_release(&t->connect_to_text);
    buffer_release(&t->roots);
    buffer_release(&t->proxy_roots);
    free(t->headers);
}

/* Prepares a transfer and hands it to the set of connections. */
static enum mstr_code start(struct transfer *t, struct connection_set *set, const struct limits *limits)
{
    static const struct http_extras none;
    enum mstr_code code = limits_check(limits);
    if (code != MSTR_OK) {
        return error_set(t->error, code, "%s before the request was sent", mstr_code_text(code));
    }
    t->timeout = limits_remaining(limits);
    if (t->request->timeout > 0 && t->request->timeout < t->timeout) {
        t->timeout = t->request->timeout;
    }
    t->extras = t->extras != NULL ? t->extras : &none;
    int64_t longest = INT_MAX - t->extras->linger;
    t->timeout = t->timeout < longest ? t->timeout : longest;
    t->response = response_new(t->request->url != NULL ? t->request->url : "",
                               t->request->response_limit != 0 ? t->request->response_limit : DEFAULT_RESPONSE_LIMIT);
    t->easy = connection_set_take_easy(set);
    if (t->response == NULL || t->easy == NULL) {
        return error_set(t->error, MSTR_E_MEMORY, "out of memory");
    }
    code = transfer_setup(t);
    if (code != MSTR_OK) {
        return code;
    }
    t->started = clock_now();
    t->moved = clock_monotonic();
    if (t->api->multi_add_handle(connection_set_multi(set), t->easy) != CURLM_OK) {
        return error_set(t->error, MSTR_E_MEMORY, "out of memory");
    }
    return MSTR_OK;
}

/* curl counts each from the start, in microseconds; what did not happen is 0. */
static struct http_phases phases_of(const struct transfer *t)
{
    curl_off_t found = 0;
    curl_off_t connected = 0;
    curl_off_t secured = 0;
    t->api->easy_getinfo(t->easy, CURLINFO_NAMELOOKUP_TIME_T, &found);
    t->api->easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connected);
    t->api->easy_getinfo(t->easy, CURLINFO_APPCONNECT_TIME_T, &secured);
    return (struct http_phases){
        .lookup = connected > 0 ? found / 1000 : 0,
        .connect = connected > found ? (connected - found) / 1000 : 0,
        .handshake = secured > connected ? (secured - connected) / 1000 : 0,
    };
}

/* Fills the answer's parts that only curl knows. */
static void complete(struct transfer *t)
{
    struct mstr_http_response *response = t->response;
    curl_off_t before = 0;
    const char *peer = NULL;
    t->api->easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &before);
    t->api->easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &peer);
    response->phases = phases_of(t);
    if (peer != NULL && strlen(peer) < sizeof(response->peer)) {
        memcpy(response->peer, peer, strlen(peer) + 1);
    }
    response_complete(response, t->started + before / 1000, clock_now());
}

/* With a handle curl keeps the buffers of a transfer that never had a connection, also behind a reset, and takes no
 * option that would change it: such a handle is not used again. */
static void put_away(struct transfer *t, struct connection_set *set)
{
    if (t->code == MSTR_OK) {
        connection_set_keep_easy(set, t->easy);
    } else {
        t->api->easy_cleanup(t->easy);
    }
    t->easy = NULL;
}

/* Takes a transfer off the set of connections and settles its outcome. */
static void finish(struct transfer *t, struct connection_set *set, const struct log *log, CURLcode result)
{
    if (result == CURLE_OK && t->stop == STOP_NONE) {
        t->stop = transfer_judge(t);
    }
    if (result == CURLE_OK && t->stop == STOP_NONE) {
        complete(t);
        t->code = MSTR_OK;
    } else {
        t->code = transfer_failure(t, result);
    }
    if (log_enabled(log, MSTR_LEVEL_DEBUG)) {
        log_write(log, MSTR_LEVEL_DEBUG, "http", "%s http%s://%.*s:%u%.*s: %s, status %d, %zu octets, %lld ms",
                  t->request->method, t->uri.https ? "s" : "", TRANSFER_HOST(t), t->uri.port, (int)t->uri.path_length,
                  t->uri.path, mstr_code_name(t->code), t->response->answer.status, t->response->body.length,
                  (long long)(clock_now() - t->started));
    }
    t->api->multi_remove_handle(connection_set_multi(set), t->easy);
    put_away(t, set);
}

/* True if no octet moved for as long as the transfer allows. */
static bool is_stalled(struct transfer *t, int64_t now)
{
    curl_off_t sent = 0;
    curl_off_t received = 0;
    if (t->extras->low_speed_timeout <= 0) {
        return false;
    }
    t->api->easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    t->api->easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    if (sent + received != t->octets) {
        t->octets = sent + received;
        t->moved = now;
    }
    return now - t->moved >= t->extras->low_speed_timeout;
}

/* Several transfers on one set of connections. */
struct flight {
    struct http_client *client;
    struct connection_set *set;
    const struct curl_api *api;
    const struct limits *limits;
    struct transfer *transfers;
    size_t count;
    size_t started;
    struct transfer *running[IN_FLIGHT];
    size_t running_count;
    int64_t cancelled; /* since when, monotonic; 0 = not */
};

static void land(struct flight *flight, struct transfer *t, CURLcode result)
{
    for (size_t i = 0; i < flight->running_count; i++) {
        if (flight->running[i] == t) {
            flight->running[i] = flight->running[--flight->running_count];
        }
    }
    finish(t, flight->set, &flight->client->log, result);
}

static bool may_launch(const struct flight *flight)
{
    return flight->running_count < IN_FLIGHT && flight->started < flight->count;
}

static void launch(struct flight *flight)
{
    while (may_launch(flight)) {
        struct transfer *t = &flight->transfers[flight->started++];
        t->code = start(t, flight->set, flight->limits);
        if (t->code == MSTR_OK) {
            flight->running[flight->running_count++] = t;
        } else if (t->easy != NULL) {
            put_away(t, flight->set);
        }
    }
}

static void collect(struct flight *flight)
{
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = flight->api->multi_info_read(connection_set_multi(flight->set), &left)) != NULL) {
        struct transfer *t = NULL;
        CURLcode result = message->data.result;
        flight->api->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
        if (message->msg == CURLMSG_DONE && t != NULL) {
            land(flight, t, result);
        }
    }
}

static void stop_all(struct flight *flight)
{
    while (flight->running_count > 0) {
        flight->running[0]->stop = STOP_MEMORY;
        land(flight, flight->running[0], CURLE_OK);
    }
}

/* Ends those whose answer nobody waits for after a cancellation; the others look again soon. */
static void end_cancelled(struct flight *flight)
{
    int64_t now = clock_monotonic();
    flight->cancelled = flight->cancelled != 0 ? flight->cancelled : now;
    for (size_t i = flight->running_count; i-- > 0;) {
        struct transfer *t = flight->running[i];
        if (now - flight->cancelled >= t->extras->linger || !transfer_is_sent(t)) {
            t->stop = STOP_CANCELLED;
            land(flight, t, CURLE_OK);
        }
    }
}

/* Ends those that stand still; returns how long to wait for the next one to do so. */
static int64_t end_stalled(struct flight *flight)
{
    int64_t wait = flight->cancelled != 0 ? POLL_LINGERING : POLL_MOST;
    int64_t now = clock_monotonic();
    for (size_t i = flight->running_count; i-- > 0;) {
        struct transfer *t = flight->running[i];
        if (is_stalled(t, now)) {
            t->stop = STOP_STALLED;
            land(flight, t, CURLE_OK);
        } else if (t->extras->low_speed_timeout > 0 && t->moved + t->extras->low_speed_timeout - now < wait) {
            wait = t->moved + t->extras->low_speed_timeout - now;
        }
    }
    return wait;
}

/* Until all have ended. curl's own timers end those whose time is up; the cancellation's descriptor wakes the
 * poll. */
static void fly(struct flight *flight)
{
    CURLM *multi = connection_set_multi(flight->set);
    struct curl_waitfd waker = {.fd = cancel_descriptor(flight->limits->cancel), .events = CURL_WAIT_POLLIN};
    for (launch(flight); flight->running_count > 0; launch(flight)) {
        int active = 0;
        CURLMcode result = flight->api->multi_perform(multi, &active);
        for (size_t i = 0; i < flight->running_count; i++) {
            free_numbers_close_on_exec(&flight->running[i]->before_resolving);
        }
        collect(flight);
        if (result != CURLM_OK) {
            stop_all(flight);
        } else if (limits_cancelled(flight->limits)) {
            end_cancelled(flight);
            waker.fd = -1; /* it would be readable from now on */
        }
        int64_t wait = end_stalled(flight);
        if (flight->running_count > 0 && !may_launch(flight)) {
            flight->api->multi_poll(multi, &waker, waker.fd >= 0 ? 1 : 0, (int)wait, NULL);
        }
    }
}

/* Leases a set of connections for the transfers and runs them; each knows its outcome then. */
static void run(struct http_client *client, struct transfer *transfers, size_t count, const struct limits *limits)
{
    for (size_t i = 0; i < count; i++) {
        transfers[i].client = &client->options;
        transfers[i].code = MSTR_E_MEMORY;
        transfers[i].api = curl_api_get(transfers[i].error);
        if (transfers[i].api == NULL) {
            transfers[i].code = curl_api_failure();
        }
    }
    if (count == 0 || transfers[0].api == NULL) {
        return;
    }
    struct connection_set *set =
        connection_pool_lease(&client->pool, transfers[0].api, origin_number(transfers[0].request->url));
    if (set == NULL) {
        for (size_t i = 0; i < count; i++) {
            error_set(transfers[i].error, MSTR_E_MEMORY, "out of memory");
        }
        return;
    }
    struct flight flight = {.client = client,
                            .set = set,
                            .api = transfers[0].api,
                            .limits = limits,
                            .transfers = transfers,
                            .count = count};
    if (count == 1) { /* of several nobody would know which server it was */
        transfers[0].tls.asked = connection_set_asked(set);
        *transfers[0].tls.asked = false;
    }
    fly(&flight);
    connection_pool_give_back(&client->pool, set);
}

/* Whether there is an answer to hand over, be it a broken one of success. */
static bool has_answer(const struct transfer *t)
{
    bool begun = t->response != NULL && t->response->answer.status / 100 == 2;
    return t->code == MSTR_OK || (begun && t->extras->keep_broken);
}

static struct mstr_http_response *take_response(struct transfer *t)
{
    struct mstr_http_response *response = has_answer(t) ? t->response : NULL;
    if (response != NULL) {
        t->response = NULL;
    }
    if ((response == NULL || response->answer.status >= 400) &&
        !sent_secrets_hide(t->request, t->extras, response, t->error)) {
        http_response_free(response);
        response = NULL;
        t->code = error_set(t->error, MSTR_E_MEMORY, "out of memory");
    }
    transfer_release(t);
    return response;
}

enum mstr_code http_send(struct http_client *client, const struct mstr_http_request *request,
                         const struct http_extras *extras, const struct limits *limits,
                         struct mstr_http_response **out, mstr_error *error)
{
    struct transfer transfer = {.request = request, .extras = extras, .error = error};
    run(client, &transfer, 1, limits);
    *out = take_response(&transfer);
    return transfer.code;
}

void http_send_many(struct http_client *client, struct mstr_http_exchange *exchanges, size_t count,
                    const struct limits *limits)
{
    struct transfer *transfers = calloc(count, sizeof(*transfers));
    for (size_t i = 0; i < count; i++) {
        exchanges[i].response = NULL;
        if (transfers == NULL) {
            exchanges[i].code = error_set(exchanges[i].error, MSTR_E_MEMORY, "out of memory");
        } else {
            transfers[i].request = exchanges[i].request;
            transfers[i].error = exchanges[i].error;
        }
    }
    if (transfers == NULL) {
        return;
    }
    run(client, transfers, count, limits);
    for (size_t i = 0; i < count; i++) {
        exchanges[i].response = take_response(&transfers[i]);
        exchanges[i].code = transfers[i].code;
    }
    free(transfers);
}
