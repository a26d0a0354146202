/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs, from their making to what they came to. */
#include "queue/job.h"

#include "base/clock.h"
#include "base/error.h"

#include <stdlib.h>

struct job *job_new(enum mstr_queue_kind kind, void *user)
{
    static const mstr_completion blank = MSTR_COMPLETION_INIT;
    struct job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return NULL;
    }
    job->result = blank;
    job->result.kind = kind;
    job->result.user = user;
    job->result.error = mstr_error_new();
    job->submitted = clock_monotonic();
    if (job->result.error == NULL) {
        free(job);
        return NULL;
    }
    return job;
}

void job_free(struct job *job)
{
    if (job != NULL) {
        mstr_completion_clear(&job->result);
        copies_release(&job->copies);
        free(job);
    }
}

void job_limit(struct job *job, struct limits limits, const mstr_call_options *call)
{
    job->limits = limits;
    job->flags = call != NULL ? call->flags : 0;
}

enum mstr_code job_check(const struct job *job)
{
    return job->cancelled ? MSTR_E_CANCELLED : limits_check(&job->limits);
}

static void end(struct job *job, enum mstr_code code)
{
    job->result.code = code;
    job->result.elapsed = clock_monotonic() - job->submitted;
    if (code == MSTR_OK) {
        mstr_error_free(job->result.error);
        job->result.error = NULL;
    } else if (mstr_error_code(job->result.error) == MSTR_OK) { /* of a callback that told no story */
        error_set(job->result.error, code, "%s", mstr_code_text(code));
    }
}

void job_run(struct job *job, mstr_cancel *cancel)
{
    const struct limits limits = {job->limits.deadline, cancel};
    mstr_call_options call = limits_call(&limits);
    call.flags = job->flags;
    end(job, job->run(job, &call));
}

void job_give_up(struct job *job, enum mstr_code code)
{
    end(job, error_set(job->result.error, code, "%s before the job began", mstr_code_text(code)));
}
