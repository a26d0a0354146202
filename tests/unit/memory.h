/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading what was told as JSON while memory runs out: that must be told as it is, never as JSON that is not
 * well-formed.
 */
#ifndef MSTR_TESTS_UNIT_MEMORY_H
#define MSTR_TESTS_UNIT_MEMORY_H

#include "base/json.h"
#include "sdk/host.h"

#include "support/allocator.h"
#include "support/fake_host.h"
#include "support/unit.h"

/* Each of its allocations fails in turn, until none does any more. */
static inline void assert_tells_memory(enum mstr_code (*read)(const char *text, size_t length,
                                                              struct mstr_error *error),
                                       const char *text)
{
    enum mstr_code code = MSTR_E_MEMORY;
    for (long at = 1; code != MSTR_OK; at++) {
        struct mstr_error *error = host->error_new();
        allocator_fail(at, false);
        code = read(text, strlen(text), error);
        bool failed = allocator_succeed();
        assert_int_equal(code, failed ? MSTR_E_MEMORY : MSTR_OK);
        assert_string_equal(host->error_message(error), failed ? "out of memory" : "");
        host->error_free(error);
    }
}

#endif
