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
