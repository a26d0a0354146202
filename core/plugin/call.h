/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call on a provider and the requests in it, as the host sees them: behind the public part, which plugins hand
 * back, stands what the host needs to serve it.
 */
#ifndef MSTR_PLUGIN_CALL_H
#define MSTR_PLUGIN_CALL_H

#include "base/limits.h"
#include "plugin/services.h"
#include "reference/reference.h"
#include "secret/secret_filter.h"

#include <mstr/context.h>
#include <mstr/provider.h>
#include <pthread.h>
#include <stdbool.h>

struct call {
    struct mstr_call public; /* first: plugins hand back its address */
    struct limits limits;
    const struct services *services;
    char trace_id[17];
    pthread_mutex_t mutex;
    struct secret_filter sent; /* what the plugin sent as secrets in this call; behind the mutex */
};

/* To be released. */
void call_init(struct call *call, const struct services *services, const struct limits *limits);
void call_release(struct call *call);
/* Notes what the request holds as secrets, so that the call's errors and steps do not tell it. */
void call_note_sent(struct call *call, const struct mstr_http_request *request);
/* Takes the secrets of the call out of a text or an error. */
void call_hide(struct call *call, struct buffer *text);
void call_hide_in_error(struct call *call, mstr_error *error);

/* Takes over what the plugin of that name said of a failure, in a blank error of its own, which is freed. It has to
 * say something; `failure` is what it does otherwise: "cannot be set up". */
enum mstr_code call_take_word(const char *plugin, enum mstr_code code, const char *failure, mstr_error *said,
                              mstr_error *error);

/* One reference to be answered. */
struct request {
    struct mstr_request public; /* first, as above */
    bool answered;
    bool keep; /* the value may be cached */
    enum mstr_code code;
    mstr_secret *secret;
};

/* False without memory. To be released in any case. */
bool request_init(struct request *request, const struct reference *reference, bool refresh);
void request_release(struct request *request);

/* Where mstr_host::report_step tells its steps. */
struct mstr_report {
    mstr_explain_fn each;
    void *data;
    struct call *call; /* whose secrets no step tells; NULL = none */
    bool ended;        /* the program wants to hear no more */
    bool trust;        /* a step "trust" was told */
};

/* Tells a step, unless the program has heard enough. */
void report_tell(struct mstr_report *report, const mstr_explain_step *step);

#endif
