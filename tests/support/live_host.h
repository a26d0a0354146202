/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake host with a clock that runs, for tests of what waits for real sockets: options are those of
 * fake_host_option(), its report and log the fake's, its call has a deadline of the test's own and can be cancelled
 * from another thread.
 */
#ifndef MSTR_TESTS_SUPPORT_LIVE_HOST_H
#define MSTR_TESTS_SUPPORT_LIVE_HOST_H

#include "support/fake_host.h"
#include "support/unit.h"

#include "base/clock.h"
#include "sdk/host.h"

#include <poll.h>
#include <stdatomic.h>

static struct mstr_host live_table;
static struct mstr_call live_one;
static atomic_bool live_cancelled;

static int64_t live_remaining(const struct mstr_call *call)
{
    int64_t left = call->deadline - clock_monotonic();
    return left > 0 ? left : 0;
}

static int live_is_cancelled(const struct mstr_call *call)
{
    (void)call;
    return live_cancelled;
}

static enum mstr_code live_sleep(const struct mstr_call *call, int64_t milliseconds)
{
    if (milliseconds >= live_remaining(call)) {
        return MSTR_E_TIMEOUT;
    }
    poll(NULL, 0, (int)milliseconds);
    return live_cancelled ? MSTR_E_CANCELLED : MSTR_OK;
}

/* The library's own, to which this call is none. */
static enum mstr_code live_read_file(const struct mstr_call *call, const char *path, size_t limit, char **content,
                                     size_t *length, struct mstr_error *error)
{
    (void)call;
    return fake_host_table()->read_file(NULL, path, limit, content, length, error);
}

static inline int live_host_setup(void **state)
{
    fake_host_setup(state);
    live_table = *fake_host_table();
    live_table.monotonic = clock_monotonic;
    live_table.remaining = live_remaining;
    live_table.cancelled = live_is_cancelled;
    live_table.sleep = live_sleep;
    live_table.read_file = live_read_file;
    live_cancelled = false;
    host = &live_table;
    return 0;
}

/* The one call, begun anew with so many ms. */
static inline const struct mstr_call *live_call(int64_t milliseconds)
{
    live_one =
        (struct mstr_call){.size = sizeof(live_one), .deadline = clock_monotonic() + milliseconds, .trace_id = "1"};
    return &live_one;
}

#endif
