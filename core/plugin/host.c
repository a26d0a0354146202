/* SPDX-License-Identifier: Apache-2.0 */
/* The services that plugins get. */
#include "plugin/host.h"

#include "base/clock.h"
#include "base/environment.h"
#include "base/log.h"
#include "base/uri.h"
#include "plugin/host_file.h"
#include "plugin/host_trust.h"
#include "secret/field.h"
#include "secret/memory.h"
#include "secret/secret.h"

#include <mstr/version.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Plugins hand back the public part, which comes first in what the host knows. */
static const struct host_instance *instance_of(const struct mstr_instance *public)
{
    return (const struct host_instance *)(const void *)public;
}

static struct call *call_of(const struct mstr_call *public)
{
    return (struct call *)(uintptr_t) public;
}

static struct request *request_of(struct mstr_request *public)
{
    return (struct request *)(void *)public;
}

static int64_t now(void)
{
    return clock_now();
}

static int64_t monotonic(void)
{
    return clock_monotonic();
}

static int random_octets(void *buffer, size_t length)
{
    return clock_random(buffer, length) ? 0 : -1;
}

static int is_logged(enum mstr_level level)
{
    return log_wanted(level);
}

MSTR_PRINTF(3, 4)
static void write_log(const struct mstr_instance *instance, enum mstr_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_vwrite(instance_of(instance)->services->log, level, instance->name, format, arguments);
    va_end(arguments);
}

static const char *option(const struct mstr_instance *instance, const char *name)
{
    return options_get(instance_of(instance)->options, name);
}

static int64_t remaining(const struct mstr_call *call)
{
    return limits_remaining(&call_of(call)->limits);
}

static int cancelled(const struct mstr_call *call)
{
    return limits_cancelled(&call_of(call)->limits);
}

static enum mstr_code sleep_for(const struct mstr_call *call, int64_t milliseconds)
{
    return limits_sleep(&call_of(call)->limits, milliseconds);
}

static enum mstr_code http(const struct mstr_call *call, const struct mstr_http_request *request,
                           struct mstr_http_response **response, struct mstr_error *error)
{
    *response = NULL;
    call_note_sent(call_of(call), request);
    struct http_client *client = shared_client_get(call_of(call)->services->http, error);
    return client != NULL ? http_send(client, request, NULL, &call_of(call)->limits, response, error) : MSTR_E_MEMORY;
}

static void http_many(const struct mstr_call *call, struct mstr_http_exchange *exchanges, size_t count)
{
    struct http_client *client = shared_client_get(call_of(call)->services->http, NULL);
    for (size_t i = 0; i < count; i++) {
        call_note_sent(call_of(call), exchanges[i].request);
    }
    if (client != NULL) {
        http_send_many(client, exchanges, count, &call_of(call)->limits);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        exchanges[i].code = error_set(exchanges[i].error, MSTR_E_MEMORY, "out of memory");
        exchanges[i].response = NULL;
    }
}

/* A request must be answered once; what comes later is the plugin's fault, and the first answer stands. */
static bool take_answer(struct request *request)
{
    if (request->answered) {
        return false;
    }
    request->answered = true;
    return true;
}

static int set_value(struct mstr_request *public, const void *value, size_t length, const struct mstr_meta *meta)
{
    struct request *request = request_of(public);
    if (!take_answer(request)) {
        return -1;
    }
    struct secret_facts facts = {.fetched = clock_now(), .source = SECRET_FROM_STORE};
    if (meta != NULL && MSTR_HAS(meta, struct mstr_meta, identity)) {
        facts.identity = meta->identity;
    }
    if (meta != NULL && MSTR_HAS(meta, struct mstr_meta, null_hint)) {
        facts.null_hint = meta->null_hint;
    }
    if (meta != NULL && MSTR_HAS(meta, struct mstr_meta, content_type)) {
        facts.version = meta->version;
        facts.content_type = meta->content_type;
        facts.expires = meta->expires > 0 ? meta->expires : 0;
        request->keep = (meta->flags & MSTR_META_NO_CACHE) == 0;
    }
    if (length > VALUE_MAX || (value == NULL && length > 0)) {
        request->code = error_set(public->error, MSTR_E_PLUGIN, "the provider gave a value of impossible length");
        return -1;
    }
    if (facts.identity != NULL && strnlen(facts.identity, IDENTITY_MAX + 1) > IDENTITY_MAX) {
        request->code = error_set(public->error, MSTR_E_PLUGIN, "the provider gave an identity of impossible length");
        return -1;
    }
    if (facts.null_hint != NULL && strnlen(facts.null_hint, NULL_HINT_MAX + 1) > NULL_HINT_MAX) {
        facts.null_hint = NULL;
    }
    request->secret = secret_make(value, length, &facts);
    if (request->secret == NULL) {
        request->code = error_set(public->error, MSTR_E_MEMORY, "out of memory");
        return -1;
    }
    return 0;
}

MSTR_PRINTF(3, 4) static void set_error(struct mstr_request *public, enum mstr_code code, const char *format, ...)
{
    struct request *request = request_of(public);
    if (!take_answer(request)) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    request->code = code != MSTR_OK ? code : MSTR_E_PLUGIN;
    error_vset(public->error, request->code, format, arguments);
    va_end(arguments);
}

MSTR_PRINTF(3, 4)
static enum mstr_code set_plain_error(struct mstr_error *error, enum mstr_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_vset(error, code, format, arguments);
    va_end(arguments);
    return code;
}

static void error_detail(struct mstr_error *error, enum mstr_detail detail, const char *text)
{
    if (text == NULL || *text == '\0') {
        return;
    }
    switch (detail) {
    case MSTR_DETAIL_STEP:
        error_set_step(error, text);
        break;
    case MSTR_DETAIL_SERVICE_CODE:
        error_set_service_code(error, text);
        break;
    case MSTR_DETAIL_REQUEST_ID:
        error_set_request_id(error, text);
        break;
    case MSTR_DETAIL_HINT:
        error_set_hint(error, "%s", text);
        break;
    }
}

static const char *error_text(const struct mstr_error *error, enum mstr_detail detail)
{
    switch (detail) {
    case MSTR_DETAIL_STEP:
        return mstr_error_step(error);
    case MSTR_DETAIL_SERVICE_CODE:
        return mstr_error_service_code(error);
    case MSTR_DETAIL_REQUEST_ID:
        return mstr_error_request_id(error);
    case MSTR_DETAIL_HINT:
        return mstr_error_hint(error);
    }
    return NULL;
}

static void report_step(struct mstr_report *report, enum mstr_step outcome, const char *name, const char *detail,
                        const char *hint, int64_t milliseconds)
{
    const char *const told[2] = {detail, hint};
    struct buffer clean[2] = {BUFFER_INIT, BUFFER_INIT};
    for (size_t i = 0; i < 2; i++) {
        buffer_puts(&clean[i], told[i] != NULL ? told[i] : "");
        if (report->call != NULL) {
            call_hide(report->call, &clean[i]);
        }
    }
    const mstr_explain_step step = {sizeof(step),
                                    outcome,
                                    name,
                                    detail != NULL ? buffer_text(&clean[0]) : NULL,
                                    hint != NULL ? buffer_text(&clean[1]) : NULL,
                                    milliseconds};
    report_tell(report, &step);
    buffer_release(&clean[0]);
    buffer_release(&clean[1]);
}

static enum mstr_code ask(const struct mstr_call *call, const char *question, char *answer, size_t size,
                          struct mstr_error *error)
{
    return prompt_ask(call_of(call)->services->prompt, question, &call_of(call)->limits, answer, size, error);
}

static enum mstr_code get_subject_token(const struct mstr_call *call, const char *audience, const char *type,
                                        char *token, size_t size, struct mstr_error *error)
{
    return subject_token_get(&call_of(call)->services->subject, audience, type, &call_of(call)->limits, token, size,
                             error);
}

/* Whether "." or ".." stands by itself between slashes: many servers decode a path before they take its steps. */
static bool has_step(const char *segment, size_t length)
{
    size_t start = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i == length || segment[i] == '/' || segment[i] == '\\') {
            size_t dots = i - start;
            if ((dots == 1 || dots == 2) && memcmp(segment + start, "..", dots) == 0) {
                return true;
            }
            start = i + 1;
        }
    }
    return false;
}

static enum mstr_code encode(const char *segment, size_t length, char *out, size_t size, struct mstr_error *error)
{
    struct buffer encoded = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (size > 0) {
        out[0] = '\0';
    }
    if (length == 0 || has_step(segment, length)) {
        return error_set(error, MSTR_E_CONFIG, "\"%.*s\" is no name in a URL", (int)length, segment);
    }
    if (!uri_encode(&encoded, segment, length)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (encoded.length >= size) {
        code = error_set(error, MSTR_E_CONFIG, "a name of %zu octets is too long", length);
    } else {
        memcpy(out, buffer_text(&encoded), encoded.length + 1);
    }
    buffer_release(&encoded);
    return code;
}

/* The words of field.h are those for a secret; this may be any text. */
static enum mstr_code json_text(const char *json, size_t length, const char *pointer, char **text,
                                size_t *text_length, struct mstr_error *error)
{
    struct json_span whole;
    size_t octets = 0;
    *text = NULL;
    if (!json_scan_check(json, length, &whole)) {
        return error_set(error, MSTR_E_PROTOCOL, "\"%.100s\" is wanted of a text that is not JSON", pointer);
    }
    enum mstr_code code = field_text(whole, pointer, text, &octets, error);
    if (text_length != NULL) {
        *text_length = octets;
    }
    return code == MSTR_E_NOT_FOUND ? error_set(error, code, "there is no \"%.100s\" in the JSON", pointer) : code;
}

static const struct mstr_call *begin_call(const struct mstr_instance *instance, int64_t milliseconds)
{
    const struct limits limits = {.deadline = clock_monotonic() + milliseconds};
    struct call *call = malloc(sizeof(*call));
    if (call != NULL) {
        call_init(call, instance_of(instance)->services, &limits);
    }
    return call != NULL ? &call->public : NULL;
}

static void end_call(const struct mstr_call *public)
{
    if (public != NULL) {
        call_release(call_of(public));
        free(call_of(public));
    }
}

static void log_plain(const struct mstr_instance *instance, enum mstr_level level, const char *text)
{
    write_log(instance, level, "%s", text);
}

static enum mstr_code error_set_plain(struct mstr_error *error, enum mstr_code code, const char *text)
{
    return error_set(error, code, "%s", text);
}

static void set_error_plain(struct mstr_request *public, enum mstr_code code, const char *text)
{
    set_error(public, code, "%s", text);
}

static const struct limits *limits_in(const struct mstr_call *call)
{
    return call != NULL ? &call_of(call)->limits : NULL;
}

static enum mstr_code read_file(const struct mstr_call *call, const char *path, size_t limit, char **content,
                                size_t *length, struct mstr_error *error)
{
    return host_file_read(limits_in(call), path, limit, content, length, error);
}

static enum mstr_code read_trusted_file(const struct mstr_call *call, const char *path, size_t limit, char **content,
                                        size_t *length, struct mstr_error *error)
{
    return host_file_read_trusted(limits_in(call), path, limit, content, length, error);
}

static enum mstr_code find_trust(const struct mstr_call *call, const char *ca_file, struct mstr_trust *trust,
                                 struct mstr_error *error)
{
    return host_trust_find(&call_of(call)->services->http->options, ca_file, trust, error);
}

const struct mstr_host host_table = {
    .abi_major = MSTR_ABI_MAJOR,
    .abi_minor = MSTR_ABI_MINOR,
    .size = sizeof(struct mstr_host),
    .version = MSTR_VERSION,
    .secret_alloc = secure_alloc,
    .secret_free = secure_free,
    .now = now,
    .monotonic = monotonic,
    .random = random_octets,
    .log_enabled = is_logged,
    .log = write_log,
    .option = option,
    .environment = environment_get,
    .remaining = remaining,
    .cancelled = cancelled,
    .sleep = sleep_for,
    .http = http,
    .http_many = http_many,
    .http_answer = http_answer,
    .http_header = http_header,
    .http_free = http_response_free,
    .set_value = set_value,
    .set_error = set_error,
    .error_set = set_plain_error,
    .error_detail = error_detail,
    .error_code = mstr_error_code,
    .error_message = mstr_error_message,
    .error_text = error_text,
    .error_new = mstr_error_new,
    .error_free = mstr_error_free,
    .error_copy = error_copy,
    .report_step = report_step,
    .prompt = ask,
    .uri_encode = encode,
    .json_text = json_text,
    .log_plain = log_plain,
    .error_set_plain = error_set_plain,
    .set_error_plain = set_error_plain,
    .read_file = read_file,
    .read_trusted_file = read_trusted_file,
    .subject_token = get_subject_token,
    .call_begin = begin_call,
    .call_end = end_call,
    .trust = find_trust,
    .trust_free = host_trust_release,
};
