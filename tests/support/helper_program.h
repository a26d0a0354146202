/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of a helper program by a provider's own means, with time enough unless the test says otherwise.
 */
#ifndef MSTR_TESTS_SUPPORT_HELPER_PROGRAM_H
#define MSTR_TESTS_SUPPORT_HELPER_PROGRAM_H

#include "support/host.h"
#include "support/unit.h"

#include "sdk/process.h"

enum { PLENTY = 60000 };

struct run {
    struct call call;
    struct process_spec spec;
    struct process_result result;
    mstr_error *error;
};

static inline void prepare(struct run *run, const char *const *argv)
{
    *run = (struct run){.spec = {.argv = argv, .output_limit = 65536}, .error = mstr_error_new()};
    test_call_init(&run->call, PLENTY, NULL);
}

static inline enum mstr_code go(struct run *run)
{
    return process_run(&run->call.public, &run->spec, &run->result, run->error);
}

static inline void clean(struct run *run)
{
    process_release(&run->result);
    mstr_error_free(run->error);
}

#endif
