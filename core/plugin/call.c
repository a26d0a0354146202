/* SPDX-License-Identifier: Apache-2.0 */
/* A call on a provider and the requests in it. */
#include "plugin/call.h"

#include "base/base64.h"
#include "base/clock.h"
#include "http/sent_secrets.h"

#include <string.h>

void call_init(struct call *call, const struct services *services, const struct limits *limits)
{
    unsigned char octets[8] = {0};
    struct buffer hex = BUFFER_INIT;
    *call = (struct call){.limits = *limits, .services = services};
    call->public = (struct mstr_call){sizeof(call->public), 0, limits->deadline, call->trace_id};
    if (clock_random(octets, sizeof(octets)) && hex_encode(&hex, octets, sizeof(octets))) {
        memcpy(call->trace_id, buffer_text(&hex), sizeof(call->trace_id));
    }
    buffer_release(&hex);
    call->sent = (struct secret_filter)SECRET_FILTER_INIT;
    pthread_mutex_init(&call->mutex, NULL);
}

void call_release(struct call *call)
{
    secret_filter_release(&call->sent);
    pthread_mutex_destroy(&call->mutex);
}

void call_note_sent(struct call *call, const struct mstr_http_request *request)
{
    pthread_mutex_lock(&call->mutex);
    sent_secrets_add(request, NULL, &call->sent);
    pthread_mutex_unlock(&call->mutex);
}

void call_hide(struct call *call, struct buffer *text)
{
    pthread_mutex_lock(&call->mutex);
    secret_filter_hide(&call->sent, text);
    pthread_mutex_unlock(&call->mutex);
}

void call_hide_in_error(struct call *call, mstr_error *error)
{
    pthread_mutex_lock(&call->mutex);
    secret_filter_hide_in_error(&call->sent, error);
    pthread_mutex_unlock(&call->mutex);
}

enum mstr_code call_take_word(const char *plugin, enum mstr_code code, const char *failure, mstr_error *said,
                              mstr_error *error)
{
    if (code != MSTR_OK && said == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (code != MSTR_OK && mstr_error_code(said) == MSTR_OK) {
        code = error_set(error, MSTR_E_PLUGIN, "plugin %s %s and does not say why", plugin, failure);
    } else if (code != MSTR_OK) {
        error_copy(error, said);
    }
    mstr_error_free(said);
    return code;
}

bool request_init(struct request *request, const struct reference *reference, bool refresh)
{
    *request = (struct request){.keep = true};
    request->public = (struct mstr_request){sizeof(request->public), refresh ? MSTR_REQUEST_REFRESH : 0,
                                            &reference->parts, mstr_error_new()};
    return request->public.error != NULL;
}

void request_release(struct request *request)
{
    mstr_secret_release(request->secret);
    mstr_error_free(request->public.error);
    request->secret = NULL;
    request->public.error = NULL;
}

void report_tell(struct mstr_report *report, const mstr_explain_step *step)
{
    report->trust |= strcmp(step->name, "trust") == 0;
    if (!report->ended) {
        report->ended = report->each(step, report->data) != 0;
    }
}
