/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading what was told as JSON, and making instances, while memory runs out: that must be told as it is, never as
 * JSON that is not well-formed, and nothing may be left behind.
 */
#ifndef MSTR_TESTS_UNIT_MEMORY_H
#define MSTR_TESTS_UNIT_MEMORY_H

#include "base/json.h"
#include "sdk/host.h"

#include <mstr/provider.h>

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

/* The same of making an instance on the fake host and ending it, but that libraries may do without. Twice, for what
 * is made but once. */
static inline void assert_made_whole_or_not_at_all(enum mstr_code (*create)(const struct mstr_instance *instance,
                                                                            void **self, struct mstr_error *error),
                                                   void (*destroy)(void *self), const char *service)
{
    for (int round = 0; round < 2; round++) {
        bool failed = true;
        for (long at = 1; failed; at++) {
            void *self = NULL;
            const struct mstr_instance *of = fake_host_instance(service);
            long held = allocator_held();
            struct mstr_error *error = host->error_new();
            allocator_fail(at, false);
            enum mstr_code code = create(of, &self, error);
            failed = allocator_succeed();
            assert_true(code == MSTR_OK || (failed && code == MSTR_E_MEMORY));
            if (code == MSTR_OK) {
                destroy(self);
            }
            host->error_free(error);
            assert_true(round == 0 || allocator_held() <= held);
        }
    }
}

#endif
