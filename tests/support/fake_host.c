/* SPDX-License-Identifier: Apache-2.0 */
/* A host for unit tests of plugins. */
#include "support/fake_host.h"

#include "support/log_level.h"
#include "support/unit.h"

#include "base/buffer.h"
#include "base/text.h"
#include "plugin/host.h"
#include "plugin/host_trust.h"
#include "sdk/host.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { EXCHANGES_MAX = 512, ANSWERS_MAX = 512, PAIRS_MAX = 128 };

struct answer {
    char *method;
    char *url;
    char *headers;
    char *body;
    size_t body_length;
    int status; /* 0 = fails with `code` and the message in `body` */
    enum mstr_code code;
    bool refused; /* the connection */
    bool always;
    bool used;
};

struct pair {
    char *name;
    char *value;
};

struct mstr_http_response {
    struct mstr_http_answer parts;
    struct buffer body;
    char *headers;
    char *found; /* the last header asked for */
};

static struct {
    pthread_mutex_t lock;
    int64_t now, monotonic, slept, latency;
    bool cancelled;
    struct mstr_call call;
    struct mstr_instance instance;
    struct pair environment[PAIRS_MAX], options[PAIRS_MAX];
    struct answer answers[ANSWERS_MAX];
    size_t answer_count;
    struct fake_exchange exchanges[EXCHANGES_MAX];
    size_t exchange_count;
    unsigned char next_random;
    char *header; /* what fake_exchange_header() gave last */
    struct buffer log, report, questions;
    char *person;
    const char *subject;
    struct mstr_report report_object;
} fake = {.lock = PTHREAD_MUTEX_INITIALIZER};

static char *copy_octets(const void *octets, size_t length)
{
    char *copy = calloc(1, length + 1);
    assert_non_null(copy);
    if (length > 0) {
        memcpy(copy, octets, length);
    }
    return copy;
}

static void set_pair(struct pair *pairs, const char *name, const char *value)
{
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        if (pairs[i].name == NULL || strcmp(pairs[i].name, name) == 0) {
            char *old_name = pairs[i].name;
            char *old_value = pairs[i].value;
            pairs[i] = (struct pair){text_copy(name), text_copy(value)};
            free(old_name);
            free(old_value);
            return;
        }
    }
    fail_msg("too many pairs");
}

static const char *get_pair(const struct pair *pairs, const char *name)
{
    for (size_t i = 0; i < PAIRS_MAX && pairs[i].name != NULL; i++) {
        if (strcmp(pairs[i].name, name) == 0) {
            return pairs[i].value;
        }
    }
    return NULL;
}

static void clear_pairs(struct pair *pairs)
{
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        free(pairs[i].name);
        free(pairs[i].value);
        pairs[i] = (struct pair){NULL, NULL};
    }
}

/* The services. */

static int64_t read_clock(const int64_t *clock)
{
    pthread_mutex_lock(&fake.lock);
    int64_t value = *clock;
    pthread_mutex_unlock(&fake.lock);
    return value;
}

static int64_t now(void)
{
    return read_clock(&fake.now);
}

static int64_t monotonic(void)
{
    return read_clock(&fake.monotonic);
}

/* Octets that count upwards: fixed, yet no two draws are equal. */
static int draw(void *octets, size_t length)
{
    pthread_mutex_lock(&fake.lock);
    for (size_t i = 0; i < length; i++) {
        ((unsigned char *)octets)[i] = fake.next_random++;
    }
    pthread_mutex_unlock(&fake.lock);
    return 0;
}

static int is_logged(enum mstr_level level)
{
    (void)level;
    return 1;
}

MSTR_PRINTF(3, 4)
static void write_log(const struct mstr_instance *instance, enum mstr_level level, const char *format, ...)
{
    va_list arguments;
    (void)instance;
    va_start(arguments, format);
    pthread_mutex_lock(&fake.lock);
    buffer_printf(&fake.log, "%s ", log_levels[level]);
    buffer_vprintf(&fake.log, format, arguments);
    buffer_putc(&fake.log, '\n');
    pthread_mutex_unlock(&fake.lock);
    va_end(arguments);
}

static const char *option(const struct mstr_instance *instance, const char *name)
{
    (void)instance;
    return get_pair(fake.options, name);
}

static const char *environment(const char *name)
{
    return get_pair(fake.environment, name);
}

static int64_t remaining(const struct mstr_call *call)
{
    int64_t left = call->deadline - monotonic();
    return left > 0 ? left : 0;
}

static int cancelled(const struct mstr_call *call)
{
    (void)call;
    pthread_mutex_lock(&fake.lock);
    bool is = fake.cancelled;
    pthread_mutex_unlock(&fake.lock);
    return is;
}

static enum mstr_code sleep_for(const struct mstr_call *call, int64_t milliseconds)
{
    if (cancelled(call)) {
        return MSTR_E_CANCELLED;
    }
    if (milliseconds >= remaining(call)) {
        return MSTR_E_TIMEOUT;
    }
    fake_host_advance(milliseconds);
    pthread_mutex_lock(&fake.lock);
    fake.slept += milliseconds;
    pthread_mutex_unlock(&fake.lock);
    return MSTR_OK;
}

static void record(const struct mstr_http_request *request)
{
    assert_in_range(fake.exchange_count, 0, EXCHANGES_MAX - 1);
    struct fake_exchange *exchange = &fake.exchanges[fake.exchange_count++];
    struct buffer headers = BUFFER_INIT;
    for (size_t i = 0; i < request->header_count; i++) {
        buffer_printf(&headers, "%s: %s\n", request->headers[i].name, request->headers[i].value);
    }
    *exchange = (struct fake_exchange){
        .method = text_copy(request->method),
        .url = text_copy(request->url),
        .headers = copy_octets(buffer_text(&headers), headers.length),
        .body = copy_octets(request->body, request->body_length),
        .body_length = request->body_length,
        .request = {.size = request->size,
                    .flags = request->flags,
                    .header_count = request->header_count,
                    .response_limit = request->response_limit,
                    .connect_timeout = request->connect_timeout,
                    .timeout = request->timeout},
        .ca_file = text_copy(request->ca_file),
        .connect_address = text_copy(request->connect_address),
        .tls_server_name = text_copy(request->tls_server_name),
        .leaf_sha1 = text_copy(request->leaf_sha1),
        .ca_pem = text_copy(request->ca_pem),
        .client_cert_file = text_copy(request->client_cert_file),
        .client_key_file = text_copy(request->client_key_file),
        .client_cert_pem = text_copy(request->client_cert_pem),
        .client_key_pem = text_copy(request->client_key_pem),
        .proxy = text_copy(request->proxy),
    };
    buffer_release(&headers);
}

static struct answer *find_answer(const struct mstr_http_request *request)
{
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < fake.answer_count; i++) {
            struct answer *answer = &fake.answers[i];
            if (answer->always == (round == 1) && (answer->always || !answer->used) &&
                (answer->method == NULL || strcmp(answer->method, request->method) == 0) &&
                fnmatch(answer->url, request->url, 0) == 0) {
                answer->used = true;
                return answer;
            }
        }
    }
    return NULL;
}

static struct mstr_http_response *make_response(const struct answer *answer, int64_t sent, int64_t received)
{
    struct mstr_http_response *response = calloc(1, sizeof(*response));
    assert_non_null(response);
    buffer_append(&response->body, answer->body, answer->body_length);
    response->headers = text_copy(answer->headers);
    response->parts = (struct mstr_http_answer){.size = sizeof(response->parts),
                                                .status = answer->status,
                                                .body = buffer_text(&response->body),
                                                .body_length = answer->body_length,
                                                .sent = sent,
                                                .received = received,
                                                .peer = "192.0.2.1"};
    return response;
}

static enum mstr_code http(const struct mstr_call *call, const struct mstr_http_request *request,
                           struct mstr_http_response **response, struct mstr_error *error)
{
    *response = NULL;
    if (cancelled(call)) {
        return host->error_set(error, MSTR_E_CANCELLED, "cancelled");
    }
    if (remaining(call) == 0) {
        return host->error_set(error, MSTR_E_TIMEOUT, "the deadline has passed");
    }
    pthread_mutex_lock(&fake.lock);
    record(request);
    const struct answer *answer = find_answer(request);
    int64_t sent = fake.now;
    fake.now += fake.latency;
    fake.monotonic += fake.latency;
    if (answer != NULL && answer->status != 0) {
        *response = make_response(answer, sent, fake.now);
    }
    pthread_mutex_unlock(&fake.lock);
    if (answer == NULL || answer->refused) {
        host->error_set(error, MSTR_E_NETWORK, "nothing answers %s %s", request->method, request->url);
        host->error_detail(error, MSTR_DETAIL_STEP, "connect");
        return MSTR_E_NETWORK;
    }
    return answer->status != 0 ? MSTR_OK : host->error_set(error, answer->code, "%s", answer->body);
}

static void http_many(const struct mstr_call *call, struct mstr_http_exchange *exchanges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        exchanges[i].code = http(call, exchanges[i].request, &exchanges[i].response, exchanges[i].error);
    }
}

static const struct mstr_http_answer *read_answer(const struct mstr_http_response *response)
{
    return &response->parts;
}

/* The value in "Name: value\n" lines, for free(). */
static char *find_header(const char *lines, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = lines; line != NULL && *line != '\0';) {
        const char *end = line + strcspn(line, "\n");
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1 + strspn(line + length + 1, " ");
            return text_copy_length(value, (size_t)(end - value));
        }
        line = *end == '\n' ? end + 1 : end;
    }
    return NULL;
}

static const char *read_header(const struct mstr_http_response *response, const char *name)
{
    struct mstr_http_response *own = (struct mstr_http_response *)(uintptr_t)response;
    free(own->found);
    return own->found = find_header(own->headers, name);
}

static void http_free(struct mstr_http_response *response)
{
    if (response != NULL) {
        buffer_release(&response->body);
        free(response->headers);
        free(response->found);
        free(response);
    }
}

static enum mstr_code prompt(const struct mstr_call *call, const char *question, char *answer, size_t size,
                             struct mstr_error *error)
{
    (void)call;
    assert_true(size > 0);
    answer[0] = '\0';
    pthread_mutex_lock(&fake.lock);
    buffer_printf(&fake.questions, "%s\n", question);
    bool asked = fake.person != NULL;
    if (asked) {
        snprintf(answer, size, "%s", fake.person);
    }
    pthread_mutex_unlock(&fake.lock);
    return asked ? MSTR_OK
                 : host->error_set(error, MSTR_E_NOT_AVAILABLE, "there is nobody to ask for the %s", question);
}

/* The one call there is, begun anew. */
static const struct mstr_call *call_begin(const struct mstr_instance *instance, int64_t milliseconds)
{
    (void)instance;
    fake_host_deadline(milliseconds);
    return fake_host_call();
}

static void call_end(const struct mstr_call *call)
{
    (void)call;
}

static enum mstr_code subject_token(const struct mstr_call *call, const char *audience, const char *type, char *token,
                                    size_t size, struct mstr_error *error)
{
    (void)call;
    snprintf(token, size, "%s", fake.subject != NULL ? fake.subject : "");
    return fake.subject != NULL ? MSTR_OK
                                : host->error_set(error, MSTR_E_NOT_AVAILABLE, "no %s for %s", type, audience);
}

static int write_step(const mstr_explain_step *step, void *data)
{
    static const char *const names[] = {"used", "skipped", "failed", "info"};
    struct buffer *report = data;
    buffer_printf(report, "%s %s: %s", names[step->outcome], step->name, step->detail != NULL ? step->detail : "");
    if (step->hint != NULL) {
        buffer_printf(report, " (%s)", step->hint);
    }
    buffer_putc(report, '\n');
    return 0;
}

/* The setting alone counts, and the system's roots without one: the test's environment is not asked. */
static enum mstr_code trust(const struct mstr_call *call, const char *ca_file, struct mstr_trust *found,
                            struct mstr_error *error)
{
    static const struct http_client_options options = {.trust_environment = false};
    (void)call;
    return host_trust_find(&options, ca_file, found, error);
}

static struct mstr_host table;

const struct mstr_host *fake_host_table(void)
{
    table = host_table; /* errors, secret memory and requests are the library's own */
    table.now = now;
    table.monotonic = monotonic;
    table.random = draw;
    table.log_enabled = is_logged;
    table.log = write_log;
    table.option = option;
    table.environment = environment;
    table.remaining = remaining;
    table.cancelled = cancelled;
    table.sleep = sleep_for;
    table.http = http;
    table.http_many = http_many;
    table.http_answer = read_answer;
    table.http_header = read_header;
    table.http_free = http_free;
    table.prompt = prompt;
    table.subject_token = subject_token;
    table.call_begin = call_begin;
    table.call_end = call_end;
    table.trust = trust;
    return &table;
}

/* The test's side. */

static void forget(void)
{
    for (size_t i = 0; i < fake.answer_count; i++) {
        free(fake.answers[i].method);
        free(fake.answers[i].url);
        free(fake.answers[i].headers);
        free(fake.answers[i].body);
    }
    for (size_t i = 0; i < fake.exchange_count; i++) {
        free(fake.exchanges[i].method);
        free(fake.exchanges[i].url);
        free(fake.exchanges[i].headers);
        free(fake.exchanges[i].body);
        free(fake.exchanges[i].ca_file);
        free(fake.exchanges[i].connect_address);
        free(fake.exchanges[i].tls_server_name);
        free(fake.exchanges[i].leaf_sha1);
        free(fake.exchanges[i].ca_pem);
        free(fake.exchanges[i].client_cert_file);
        free(fake.exchanges[i].client_key_file);
        free(fake.exchanges[i].client_cert_pem);
        free(fake.exchanges[i].client_key_pem);
        free(fake.exchanges[i].proxy);
    }
    fake.answer_count = 0;
    fake.exchange_count = 0;
    clear_pairs(fake.environment);
    clear_pairs(fake.options);
    buffer_release(&fake.log);
    buffer_release(&fake.report);
    buffer_release(&fake.questions);
    free(fake.person);
    fake.person = NULL;
    fake.subject = NULL;
    free(fake.header);
    fake.header = NULL;
}

void fake_host_reset(void)
{
    forget();
    fake.now = FAKE_HOST_START;
    fake.monotonic = 3600 * 1000;
    fake.slept = 0;
    fake.latency = 0;
    fake.cancelled = false;
    fake.next_random = 0;
    fake.call = (struct mstr_call){.size = sizeof(fake.call), .trace_id = "00000000000000000000000000000001"};
    fake.report_object = (struct mstr_report){.each = write_step, .data = &fake.report};
    fake_host_instance(NULL);
    fake_host_deadline(30000);
    host = fake_host_table();
}

int fake_host_setup(void **state)
{
    (void)state;
    fake_host_reset();
    return 0;
}

void fake_host_subject(const char *token)
{
    fake.subject = token;
}

void fake_host_person(const char *answer)
{
    free(fake.person);
    fake.person = text_copy(answer);
}

const char *fake_host_questions(void)
{
    return buffer_text(&fake.questions);
}

void fake_host_be_old(void)
{
    table.abi_minor = 0;
    table.size = (uint32_t)offsetof(struct mstr_host, prompt);
    table.prompt = NULL;
    table.subject_token = NULL;
    table.call_begin = NULL;
    table.trust = NULL;
}

int fake_host_teardown(void **state)
{
    int left = 0;
    (void)state;
    for (size_t i = 0; i < fake.answer_count; i++) {
        if (!fake.answers[i].always && !fake.answers[i].used) {
            print_error("nobody asked for %s\n", fake.answers[i].url);
            left++;
        }
    }
    forget();
    return left;
}

void fake_host_env(const char *name, const char *value)
{
    set_pair(fake.environment, name, value);
}

void fake_host_option(const char *name, const char *value)
{
    set_pair(fake.options, name, value);
}

void fake_host_set_now(int64_t milliseconds)
{
    pthread_mutex_lock(&fake.lock);
    fake.now = milliseconds;
    pthread_mutex_unlock(&fake.lock);
}

void fake_host_advance(int64_t milliseconds)
{
    pthread_mutex_lock(&fake.lock);
    fake.now += milliseconds;
    fake.monotonic += milliseconds;
    pthread_mutex_unlock(&fake.lock);
}

int64_t fake_host_slept(void)
{
    return read_clock(&fake.slept);
}

const struct mstr_instance *fake_host_instance(const char *service)
{
    fake.instance = (struct mstr_instance){.size = sizeof(fake.instance), .name = "test", .service = service};
    return &fake.instance;
}

const struct mstr_call *fake_host_call(void)
{
    return &fake.call;
}

void fake_host_deadline(int64_t milliseconds)
{
    fake.call.deadline = monotonic() + milliseconds;
}

void fake_host_cancel(void)
{
    pthread_mutex_lock(&fake.lock);
    fake.cancelled = true;
    pthread_mutex_unlock(&fake.lock);
}

static struct answer *add_answer(const char *method, const char *url, int status, const char *headers,
                                 const void *body, size_t length)
{
    assert_in_range(fake.answer_count, 0, ANSWERS_MAX - 1);
    struct answer *answer = &fake.answers[fake.answer_count++];
    *answer = (struct answer){.method = text_copy(method),
                              .url = text_copy(url),
                              .headers = text_copy(headers),
                              .body = copy_octets(body, length),
                              .body_length = length,
                              .status = status};
    return answer;
}

void fake_host_answer_octets(const char *method, const char *url, int status, const char *headers, const void *body,
                             size_t length)
{
    add_answer(method, url, status, headers, body, length);
}

void fake_host_answer(const char *method, const char *url, int status, const char *headers, const char *body)
{
    add_answer(method, url, status, headers, body, body != NULL ? strlen(body) : 0);
}

void fake_host_answer_always(const char *method, const char *url, int status, const char *headers, const char *body)
{
    add_answer(method, url, status, headers, body, body != NULL ? strlen(body) : 0)->always = true;
}

void fake_host_fail(const char *method, const char *url, enum mstr_code code, const char *message)
{
    add_answer(method, url, 0, NULL, message, strlen(message))->code = code;
}

void fake_host_refuse(const char *method, const char *url)
{
    add_answer(method, url, 0, NULL, "", 0)->refused = true;
}

void fake_host_latency(int64_t milliseconds)
{
    fake.latency = milliseconds;
}

size_t fake_host_requests(void)
{
    return fake.exchange_count;
}

const struct fake_exchange *fake_host_request(size_t index)
{
    if (index >= fake.exchange_count) {
        fail_msg("only %zu requests were sent", fake.exchange_count);
    }
    return &fake.exchanges[index];
}

const char *fake_exchange_header(const struct fake_exchange *exchange, const char *name)
{
    free(fake.header);
    return fake.header = find_header(exchange->headers, name);
}

const char *fake_host_log(void)
{
    return buffer_text(&fake.log);
}

const char *fake_host_report(void)
{
    return buffer_text(&fake.report);
}

struct mstr_report *fake_host_report_object(void)
{
    return &fake.report_object;
}

void assert_contains(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL) {
        fail_msg("\"%s\" does not hold \"%s\"", text != NULL ? text : "(null)", part);
    }
}
