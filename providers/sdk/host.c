/* SPDX-License-Identifier: Apache-2.0 */
/* Everyday calls on the host's table. */
#include "sdk/host.h"

#include "base/condition.h"
#include "base/text.h"

const struct mstr_host *host;

void host_take(const struct mstr_host *table)
{
    if (host != table) {
        host = table;
    }
}

enum mstr_code create_nothing(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

const char *first_filled(const char *const texts[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!text_empty(texts[i])) {
            return texts[i];
        }
    }
    return NULL;
}

enum mstr_code error_hint(struct mstr_error *error, enum mstr_code code, const char *hint)
{
    host->error_detail(error, MSTR_DETAIL_HINT, hint);
    return code;
}

enum mstr_code json_done(struct json_object *tree, enum mstr_code parsed, enum mstr_code code,
                         struct mstr_error *error)
{
    json_release(tree);
    return parsed == MSTR_E_MEMORY ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : code;
}

void error_add_details(struct mstr_error *to, const struct mstr_error *from)
{
    static const enum mstr_detail details[] = {MSTR_DETAIL_STEP, MSTR_DETAIL_SERVICE_CODE, MSTR_DETAIL_REQUEST_ID,
                                               MSTR_DETAIL_HINT};
    for (size_t i = 0; i < sizeof(details) / sizeof(*details); i++) {
        host->error_detail(to, details[i], host->error_text(from, details[i]));
    }
}

void request_fail(struct mstr_request *request, enum mstr_code code, const struct mstr_error *error)
{
    host->set_error(request, code, "%s", host->error_message(error));
    error_add_details(request->error, error);
}

static void report_outcome(struct mstr_report *report, enum mstr_step step, const char *name, const char *detail,
                           const struct mstr_error *failure, int64_t start)
{
    host->report_step(report, step, name, failure == NULL ? detail : host->error_message(failure),
                      host->error_text(failure, MSTR_DETAIL_HINT), host->monotonic() - start);
}

void report_done(struct mstr_report *report, const char *name, enum mstr_code code, const char *detail,
                 const struct mstr_error *error, int64_t start)
{
    bool good = code == MSTR_OK;
    report_outcome(report, good ? MSTR_STEP_USED : MSTR_STEP_FAILED, name, detail, good ? NULL : error, start);
}

void report_fact(struct mstr_report *report, const char *name, enum mstr_code code, const char *detail,
                 const struct mstr_error *error, int64_t start)
{
    report_outcome(report, MSTR_STEP_INFO, name, detail, code == MSTR_OK ? NULL : error, start);
}

/* Whether a call can be cancelled is the host's secret. */
static struct patience patience_of(const struct mstr_call *call)
{
    return (struct patience){
        .left = host->remaining(call), .cancellable = true, .cancelled = host->cancelled(call) != 0};
}

enum mstr_code call_check(const struct mstr_call *call)
{
    return patience_check(patience_of(call));
}

enum mstr_code call_tell_end(enum mstr_code code, const char *what, struct mstr_error *error)
{
    return host->error_set(error, code, "%s while waiting for %s",
                           code == MSTR_E_CANCELLED ? "cancelled" : "the deadline ended", what);
}

enum mstr_code call_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct mstr_call *call,
                         const char *what, struct mstr_error *error)
{
    enum mstr_code code = condition_wait(condition, mutex, patience_of(call));
    return code == MSTR_OK ? MSTR_OK : call_tell_end(code, what, error);
}
