/* SPDX-License-Identifier: Apache-2.0 */
/* Options that several commands share. */
#include "job.h"

#include "failure.h"

#include <stddef.h>

bool job_take(struct job *job, int found, const char *value)
{
    switch (found) {
    case OPTION_JOB_PROJECT:
        job->project = value;
        return true;
    case OPTION_JOB_SESSION:
        job->session.saved = true;
        return true;
    case OPTION_JOB_SESSION_FILE:
        job->session.file = value;
        return true;
    case OPTION_JOB_QUIET:
        job->quiet = true;
        return true;
    default:
        return false;
    }
}

int job_take_operand(struct tool *tool, const char **operand, const char *value)
{
    if (*operand != NULL) {
        return tool_usage(tool, "unexpected argument \"%.80s\"", value);
    }
    *operand = value;
    return STATUS_DONE;
}
