/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library's own host table and a call, for tests that ask a provider's code directly.
 */
#ifndef MSTR_TESTS_SUPPORT_HOST_H
#define MSTR_TESTS_SUPPORT_HOST_H

#include "base/clock.h"
#include "plugin/host.h"
#include "plugin/instance.h"

#include "sdk/host.h"

/* A call without a context: every service but http and log may be asked. */
static inline void test_call_init(struct call *call, int64_t timeout, mstr_cancel *cancel)
{
    const struct limits limits = {clock_monotonic() + timeout, cancel};
    host = &host_table;
    call_init(call, NULL, &limits);
}

#endif
