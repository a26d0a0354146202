/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a helper program to its end and gathers what it prints. */
#include "sdk/process.h"

#include "sdk/host.h"

#include <poll.h>

/* A cancellation is looked for this often, ms. */
enum { SLICE = 25 };

/* Of standard error so many octets are kept where the caller does not say. */
enum { ERRORS_KEPT = 4096 };

static size_t error_limit(const struct process_spec *spec)
{
    return spec->error_limit > 0 ? spec->error_limit : ERRORS_KEPT;
}

static int64_t time_left(int64_t deadline, const struct mstr_call *call)
{
    int64_t left = deadline - host->monotonic();
    int64_t allowed = host->remaining(call);
    left = left < allowed ? left : allowed;
    return left > 0 ? left : 0;
}

/* Until it has ended and its pipes are read. What a grandchild keeps open after that is not waited for. */
static enum mstr_code watch(struct child *child, const struct process_spec *spec, int64_t deadline,
                            const struct mstr_call *call, struct process_result *result)
{
    for (;;) {
        if (host->cancelled(call)) {
            return MSTR_E_CANCELLED;
        }
        int64_t left = time_left(deadline, call);
        if (left == 0) {
            return MSTR_E_TIMEOUT;
        }
        struct pollfd waited[] = {{child->output, POLLIN, 0}, {child->errors, POLLIN, 0}, {child->ended, POLLIN, 0}};
        poll(waited, 3, left < SLICE ? (int)left : SLICE);
        bool ended = child_reap(child, result);
        if (!child_drain(child->output, &result->output, 0)) {
            child_close(&child->output);
        }
        if (!child_drain(child->errors, &result->errors, error_limit(spec))) {
            child_close(&child->errors);
        }
        if (result->output.failed) {
            return result->output.length + CHILD_PIECE > result->output.limit ? MSTR_E_PROTOCOL : MSTR_E_MEMORY;
        }
        if (ended) {
            return MSTR_OK;
        }
    }
}

static enum mstr_code tell(enum mstr_code code, const struct process_spec *spec, bool left, struct mstr_error *error)
{
    const char *fate = left ? "could not be killed, as it runs as another user" : "was killed";
    switch (code) {
    case MSTR_E_TIMEOUT:
        return host->error_set(error, code, "program %s did not end in time and %s", spec->argv[0], fate);
    case MSTR_E_CANCELLED:
        return host->error_set(error, code, "cancelled; program %s %s", spec->argv[0], fate);
    case MSTR_E_PROTOCOL:
        return host->error_set(error, code, "program %s printed more than %zu octets and %s", spec->argv[0],
                               spec->output_limit, fate);
    case MSTR_E_MEMORY:
        return host->error_set(error, code, "out of memory for what program %s prints", spec->argv[0]);
    default:
        return code;
    }
}

enum mstr_code process_run(const struct mstr_call *call, const struct process_spec *spec,
                           struct process_result *result, struct mstr_error *error)
{
    struct child child = CHILD_NONE;
    const int64_t deadline = spec->timeout > 0 ? host->monotonic() + spec->timeout : INT64_MAX;
    *result = (struct process_result){.exit_status = -1, .output = {.limit = spec->output_limit}};
    enum mstr_code code = child_start(spec, &child, error);
    if (code != MSTR_OK) {
        return code;
    }
    code = watch(&child, spec, deadline, call, result);
    child_finish(&child, result);
    child_begin_whole(&result->errors, error_limit(spec));
    return tell(code, spec, result->left_behind, error);
}
